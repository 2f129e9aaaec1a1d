package conduct

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// recording is the file of a run. A line that was written is on the disk.
type recording struct {
	file   *os.File
	writer *play.Writer
	last   []byte // the line that was written last, without its end
}

// Write is for play.Writer: one line in one call.
func (r *recording) Write(line []byte) (int, error) {
	n, err := r.file.Write(line)
	if err != nil {
		return n, err
	}
	r.last = bytes.TrimSuffix(bytes.Clone(line), []byte("\n"))
	return n, r.file.Sync()
}

func (r *recording) close() error {
	if r == nil {
		return nil
	}
	return r.file.Close()
}

// openPlay begins a run, or plays again what its recording has and stands at its last moment.
func (e *Exercise) openPlay() error {
	path := filepath.Join(e.dir, RecordingFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	e.file = &recording{file: file}
	return e.readPlay()
}

func (e *Exercise) readPlay() error {
	content, err := os.ReadFile(e.file.file.Name())
	if err != nil {
		return err
	}
	if bytes.IndexByte(content, '\n') < 0 {
		// STARTEX has not come, or its first line was torn: nothing has been played.
		return e.newPlay()
	}
	r, err := play.Whole(bytes.NewReader(content))
	if err != nil {
		return err
	}
	return e.resume(r)
}

// newPlay begins before STARTEX.
func (e *Exercise) newPlay() (err error) {
	if err := e.cut(0); err != nil {
		return err
	}
	seed := e.scenario.Seed
	if e.cfg.Seed != nil {
		seed = *e.cfg.Seed
	}
	if e.play, err = play.New(e.scenario, e.digest, seed, play.Config{Persons: e.cfg.Persons}); err != nil {
		return &Error{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: strings.TrimPrefix(err.Error(), "play: "), Err: err}
	}
	if e.realm, err = play.RealmOf(e.scenario, e.digest, seed); err != nil {
		return err
	}
	e.clock = newClock(e.scenario, 0, e.wall())
	e.file.writer = play.NewWriter(e.file)
	return nil
}

// resume goes on after a crash, or after whoever conducts ended the process: at the exercise time that was reached,
// with the clock standing until it is resumed.
func (e *Exercise) resume(r *play.Recording) error {
	if err := e.cut(r.Size); err != nil {
		return err
	}
	again, extra, err := play.Recover(e.scenario, e.digest, r)
	if err != nil {
		return err
	}
	opened := r.Opened()
	realm, err := ident.ParseRealm(opened.Realm)
	if err != nil {
		return &play.Flaw{Line: 1, What: "its realm is none"}
	}
	if e.cfg.Persons, err = persons(opened.Persons); err != nil {
		return &play.Flaw{Line: 1, What: "its persons are no seats"}
	}
	e.play, e.realm, e.begun, e.file.writer = again, realm, true, r.Continue(e.file)
	at := max(r.Lines[len(r.Lines)-1].At, e.keptClock())
	// No time passes for the clock while it is told again what it was told.
	e.clock = newClock(e.scenario, at, func() int64 { return 0 })
	e.retrace(r.Lines)
	e.emit(extra)
	if !r.Complete {
		err = e.standStill(at)
	}
	e.clock.wall = e.wall()
	return err
}

// retrace takes from lines that are written what control and players can see of them, and what the clock was told.
func (e *Exercise) retrace(lines []play.Line) {
	jumped := scenario.Span(0)
	for i := range lines {
		l := &lines[i]
		e.emitted = l.Seq + 1
		e.wrote(*l)
		if l.Type != play.Control {
			continue
		}
		switch l.Do {
		case play.JumpTo:
			jumped = scenario.Span(l.Value)
		case play.StartEx, play.Pause, play.Resume, play.Speed, play.RealEvent, play.StandDown:
			_, _ = e.clock.obey(play.Order{Do: l.Do, Value: l.Value}) // it was obeyed before
		default:
		}
	}
	if jumped > e.clock.span() && !e.cfg.Lockstep {
		e.jump(jumped)
	}
}

// standStill lets the clock stand where a crash has found it running, and says so in the recording.
func (e *Exercise) standStill(at scenario.Span) error {
	if e.play.Ended() || e.clock.stands() {
		return nil
	}
	if _, err := e.clock.obey(play.Order{Do: play.Pause}); err != nil {
		return err
	}
	lines, err := e.play.Command(at, play.Order{Do: play.Pause})
	e.take(lines)
	if errors.Is(err, play.ErrEnded) {
		return nil
	}
	return err
}

func persons(list []string) (all []ident.Address, err error) {
	for _, text := range list {
		a, err := ident.ParseAddress(text)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// cut takes away a line that a crash has torn.
func (e *Exercise) cut(size int64) error {
	if err := e.file.file.Truncate(size); err != nil {
		return err
	}
	_, err := e.file.file.Seek(size, 0)
	return err
}

// wall is nanoseconds that pass evenly.
func (e *Exercise) wall() func() int64 {
	if e.cfg.Wall != nil {
		return e.cfg.Wall
	}
	began := time.Now() // has a monotonic reading, which a change of the time of day does not touch
	return func() int64 { return int64(time.Since(began)) }
}

// keptClock is the exercise time that was reached, as it was written last; 0 where nobody knows.
func (e *Exercise) keptClock() scenario.Span {
	b, err := os.ReadFile(filepath.Join(e.dir, clockFile))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil || n < 0 || n > int64(scenario.MaxSpan) {
		return 0
	}
	return scenario.Span(n)
}

// keepClock writes down how far the clock is.
func (e *Exercise) keepClock(at scenario.Span) error {
	return writeWhole(filepath.Join(e.dir, clockFile), fmt.Appendf(nil, "%d\n", at))
}

// writeWhole puts a file in its place at once, so that nobody ever reads half of it.
func writeWhole(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	err := os.Rename(path+".new", path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("conduct: the folder of the exercise is gone: %w", err)
	}
	return err
}
