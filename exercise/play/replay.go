package play

import (
	"bytes"
	"errors"
	"fmt"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// Why a recording is not replayed.
var (
	ErrEngine   = errors.New("play: the recording is of another version of the rules of play: it can be read, and not replayed")
	ErrScenario = errors.New("play: the recording is of another scenario, or of another version of this one")
)

// Difference is the first line at which a recording and its replay part.
type Difference struct {
	Line     int    // from 1, as editors count
	Recorded string // the line as it is recorded; empty: the recording has none
	Replayed string // the line as it comes out; empty: none does
	Why      string // where what a person did cannot have been done: the refusal
}

func (d *Difference) Error() string {
	switch {
	case d.Why != "":
		return fmt.Sprintf("play: line %d cannot have happened: %s", d.Line, d.Why)
	case d.Replayed == "":
		return fmt.Sprintf("play: line %d does not come out of a replay", d.Line)
	case d.Recorded == "":
		return fmt.Sprintf("play: line %d of a replay is missing", d.Line)
	default:
		return fmt.Sprintf("play: line %d comes out differently: %s", d.Line, bytes.TrimSpace([]byte(d.Replayed)))
	}
}

// Verify plays a whole recording again, with what control and people did out of it, and holds every line against
// what comes out, byte for byte. The digest is that of the scenario's file. A *Difference names the first line that is
// another; ErrEngine and ErrScenario say that nothing was played. docs/exercises.md §7
func Verify(s *scenario.Scenario, digest string, r *Recording) error {
	again, err := replay(s, digest, r)
	if err != nil {
		return err
	}
	if len(again.extra) > 0 {
		return again.differs(encoded(again.extra[0]), "")
	}
	return nil
}

// Recover plays an unfinished recording again and gives back the run at its last moment, to go on with. Lines of that
// moment that are not recorded come with it, and are to be performed and written first. Errors are those of Verify.
func Recover(s *scenario.Scenario, digest string, r *Recording) (*Play, []Line, error) {
	again, err := replay(s, digest, r)
	if err != nil {
		return nil, nil, err
	}
	return again.play, again.extra, nil
}

// replayed is a run that follows a recording.
type replayed struct {
	play      *Play
	recording *Recording
	checked   int    // lines so far that came out the same
	extra     []Line // that came out beyond the last one recorded
}

func replay(s *scenario.Scenario, digest string, r *Recording) (*replayed, error) {
	opened := r.Opened()
	if !r.ThisEngine() {
		return nil, ErrEngine
	}
	if opened.Digest != digest {
		return nil, ErrScenario
	}
	persons, err := addresses(opened.Persons)
	if err != nil {
		return nil, &Difference{Line: 1, Why: err.Error()}
	}
	p, err := New(s, digest, opened.Seed, Config{Persons: persons})
	if err != nil {
		return nil, &Difference{Line: 1, Why: err.Error()}
	}
	again := &replayed{play: p, recording: r}
	for _, line := range r.Lines {
		if err := again.follow(line); err != nil {
			return nil, err
		}
	}
	return again, again.rest()
}

// follow puts in what a line says that people did, if it does.
func (r *replayed) follow(line Line) error {
	put := input(line)
	if put == nil {
		return nil
	}
	if line.Type == Compared {
		if err := r.check(r.play.Advance(line.At)); err != nil {
			return err
		}
	}
	lines, refused := put(r.play, line)
	if err := r.check(lines); err != nil {
		return err
	}
	if refused != nil {
		return &Difference{Line: int(line.Seq) + 1, Why: refused.Error()}
	}
	return nil
}

// rest plays what follows the last thing that people did.
func (r *replayed) rest() error {
	last := r.recording.Lines[len(r.recording.Lines)-1]
	if err := r.check(r.play.Advance(last.At)); err != nil {
		return err
	}
	if r.play.Ended() && (r.recording.Complete || r.checked < len(r.recording.Lines)) {
		lines, err := r.play.Finish()
		if err != nil {
			return err
		}
		if err := r.check(lines); err != nil {
			return err
		}
	}
	if r.checked < len(r.recording.Lines) {
		return r.differs(nil, "")
	}
	return nil
}

// check holds lines that came out against those recorded.
func (r *replayed) check(lines []Line) error {
	for _, line := range lines {
		if r.checked == len(r.recording.Lines) {
			r.extra = append(r.extra, line)
			continue
		}
		line.Prev = r.recording.Lines[r.checked].Prev
		if came := encoded(line); !bytes.Equal(came, r.recording.raw[r.checked]) {
			return r.differs(came, "")
		}
		r.checked++
	}
	return nil
}

func (r *replayed) differs(came []byte, why string) *Difference {
	d := &Difference{Line: r.checked + 1, Replayed: string(came), Why: why}
	if r.checked < len(r.recording.raw) {
		d.Recorded = string(r.recording.raw[r.checked])
	}
	return d
}

// encoded is a line of our own: it always has a form.
func encoded(l Line) []byte {
	line, err := encode(l)
	if err != nil {
		return nil
	}
	return line
}

// input is how what a line tells is put in again; nil where it follows from the rest.
func input(l Line) func(*Play, Line) ([]Line, error) {
	switch {
	case l.Type == Acted && l.Person:
		return putAct
	case l.Type == Refused:
		return putRefused
	case l.Type == Control && l.Cause == ByControl:
		return func(p *Play, l Line) ([]Line, error) {
			return p.Command(l.At, Order{Do: l.Do, Value: l.Value, Inject: l.Inject, Seat: l.Seat})
		}
	case l.Type == Noted:
		return putNote
	case l.Type == Judged:
		return func(p *Play, l Line) ([]Line, error) { return p.Judge(l.At, l.Expectation, l.Grade, l.Text) }
	case l.Type == Result && l.Outcome == Waived:
		return func(p *Play, l Line) ([]Line, error) { return p.Waive(l.At, l.Expectation, l.Text) }
	case l.Type == Compared:
		return putCompared
	}
	return nil
}

func putAct(p *Play, l Line) ([]Line, error) {
	a, err := actOf(l)
	if err != nil {
		return nil, err
	}
	return p.Act(l.At, a)
}

func putNote(p *Play, l Line) ([]Line, error) {
	r := Remark{Expectation: l.Expectation, Text: l.Text}
	if l.Seat != "" {
		var err error
		if r.Seat, err = ident.ParseAddress(l.Seat); err != nil {
			return nil, err
		}
	}
	return p.Note(l.At, r)
}

func putCompared(p *Play, l Line) ([]Line, error) {
	pair, err := addresses(l.Seats)
	if err != nil {
		return nil, err
	}
	if len(pair) != 2 || l.Agree == nil {
		return nil, fmt.Errorf("%w: it compares no two seats", ErrRefused)
	}
	return p.Compared([2]ident.Address(pair), *l.Agree)
}

func addresses(list []string) (all []ident.Address, err error) {
	for _, s := range list {
		a, err := ident.ParseAddress(s)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
