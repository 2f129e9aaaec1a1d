//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"
)

// tryImages records what a node asks of its disk, and opens what a power failure could have left
// of it at every moment.
func tryImages(s settings, t *tally) {
	dir, err := os.MkdirTemp(s.dir, "images-")
	if !t.check(err, "a folder") {
		return
	}
	defer os.RemoveAll(dir)
	exchange, err := recordExchange(s, dir)
	if !t.check(err, "record an exchange") {
		return
	}
	made, err := recordMade(s, dir)
	if !t.check(err, "record a new home, a backup and a restored home") {
		return
	}
	all := int64(0)
	for _, r := range made { // what is open at once is less, and there are fewer
		all += countImages(s, t, r, s.images/20)
	}
	all += countImages(s, t, exchange, s.images-int(all))
	if all < int64(s.images) {
		t.fail("%d different images, want %d", all, s.images)
	}
	t.say("%d different crash images were opened", all)
	for _, r := range append(made, exchange) {
		t.caught(lieInImages(s, r), r.what+" on a disk that does not hear fsync")
	}
}

// recording is a log as a file.
type recording struct {
	file    string
	what    string
	changes int
	points  int // with something open
}

func save(dir, what string, l imageLog) (recording, error) {
	r := recording{file: filepath.Join(dir, what+".log"), what: what, changes: len(l.Ops)}
	disk, err := readBase(l.Base, l.Inodes, false)
	if err != nil {
		return r, err
	}
	for _, o := range l.Ops {
		disk.step(o)
		if writes, names := disk.open(); writes+names > 0 {
			r.points++
		}
	}
	f, err := os.Create(r.file)
	if err != nil {
		return r, err
	}
	return r, errors.Join(gob.NewEncoder(f).Encode(l), f.Close())
}

// recordExchange plays exchanges with XB's home behind a layer and XB's promises in its log: what
// an officer was told is durable, and what XA knows as received.
func recordExchange(s settings, dir string) (recording, error) {
	w, err := newShown(s.dir, xb)
	if err != nil {
		return recording{}, err
	}
	defer w.end()
	keep, err := keepLab(w.world, dir, "exchange")
	if err != nil {
		return recording{}, err
	}
	base := filepath.Join(dir, "exchange-base")
	if err := command("cp", "-a", filepath.Dir(w.plain), base); err != nil {
		return recording{}, err
	}
	inodes, err := numbers(filepath.Dir(w.plain))
	if err != nil {
		return recording{}, err
	}
	w.marks[xb] = filepath.Join(filepath.Dir(w.seen), markFile)
	w.layer.start()
	if err := w.openSeen(fault{}); err != nil {
		return recording{}, err
	}
	for n := range 7 {
		story := w.full(fmt.Sprintf("full-%d", n))
		if n > 0 {
			story = w.counted(fmt.Sprintf("counted-%d", n))
		}
		story.settled = func(message string) { w.layer.done(op{Kind: opMark, Mark: message}) }
		if trouble := story.play(healthy); trouble != nil {
			return recording{}, trouble
		}
	}
	if err := w.nodes[xb].close(); err != nil {
		return recording{}, err
	}
	return save(dir, "an exchange", imageLog{Lab: keep, Base: base, Kind: ofRecord, Inodes: inodes, Ops: w.layer.stop()})
}

// keepLab copies what images need of a lab that ends with its recording.
func keepLab(w *world, dir, name string) (string, error) {
	if err := layEditions(w.lab); err != nil {
		return "", err
	}
	kept := filepath.Join(dir, name, "l")
	if err := os.MkdirAll(kept, 0o700); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "directory-*"))
	if err != nil {
		return "", err
	}
	return kept, errors.Join(
		command(append([]string{"cp", "-a", "-t", filepath.Dir(kept)}, files...)...),
		command("cp", "-a", "-t", kept, filepath.Join(w.lab.Dir, "lab.toml"), w.lab.DirectoryHome()),
	)
}

// recordMade makes a home, a backup of another and a home from that, each behind a layer.
func recordMade(s settings, dir string) ([]recording, error) {
	w, err := newWorld(s.dir)
	if err != nil {
		return nil, err
	}
	defer w.end()
	keep, err := keepLab(w, dir, "made")
	if err != nil {
		return nil, err
	}
	backup := filepath.Join(w.dir, "backup")
	if err := backUp(w.lab.Home(xb), backup); err != nil {
		return nil, err
	}
	var out []recording
	for _, m := range []struct {
		what, kind string
		role       []string
	}{
		{"a new home", ofHome, []string{"init", w.lab.Dir}},
		{"a backup", ofBackup, []string{"backup", w.lab.Home(xb)}},
		{"a restored home", ofHome, []string{"restore", backup}},
	} {
		ops, err := recordRole(w, m.role)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.what, err)
		}
		base := filepath.Join(dir, m.what)
		if err := os.Mkdir(base, 0o700); err != nil {
			return nil, err
		}
		r, err := save(dir, m.what, imageLog{Lab: keep, Base: base, Kind: m.kind, Ops: ops})
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// recordRole writes down what a process asks of the disk on which it makes something.
func recordRole(w *world, role []string) ([]op, error) {
	dir, err := os.MkdirTemp(w.dir, "made-")
	if err != nil {
		return nil, err
	}
	backing, point := filepath.Join(dir, "b"), filepath.Join(dir, "m")
	if err := errors.Join(os.Mkdir(backing, 0o700), os.Mkdir(point, 0o700)); err != nil {
		return nil, err
	}
	l, err := mount(backing, point)
	if err != nil {
		return nil, err
	}
	l.start()
	c, err := start(nil, slices.Concat(role, []string{filepath.Join(point, "home"), filepath.Join(point, markFile)})...)
	if err == nil {
		<-c.gone
		err = l.unmount()
	}
	if err == nil && !c.cmd.ProcessState.Success() {
		err = fmt.Errorf("%w: %s: %s", errGone, c.cmd.ProcessState, c.said)
	}
	return l.stop(), err
}

// countImages opens the images of a recording in as many processes as there are processors.
func countImages(s settings, t *tally, r recording, images int) int64 {
	var (
		work   sync.WaitGroup
		mu     sync.Mutex
		opened int64
	)
	workers := runtime.NumCPU()
	// Not every moment has as many: the others give some more.
	enough := images*7/4/max(r.points, 1) + 1
	for share := range workers {
		work.Go(func() {
			n, wrong := openImages(s, imageTask{Log: r.file, Seed: s.seed, Share: share, Of: workers, Enough: enough, Tries: 5 * enough})
			for _, text := range wrong {
				t.fail("%s: %s", r.what, text)
			}
			mu.Lock()
			opened += n
			mu.Unlock()
			for range n - int64(len(wrong)) {
				t.pass()
			}
		})
	}
	work.Wait()
	t.say("%s: %d changes, %d moments with something open, %d different images", r.what, r.changes, r.points, opened)
	return opened
}

// openImages runs one process after the other until every image of a task was come to.
func openImages(s settings, task imageTask) (opened int64, wrong []string) {
	dir, err := os.MkdirTemp(s.dir, "image-")
	if err != nil {
		return 0, []string{err.Error()}
	}
	defer os.RemoveAll(dir)
	task.Scratch, task.Progress = filepath.Join(dir, "scratch"), filepath.Join(dir, "progress")
	for range 1000 {
		before := task.After
		n, bad, end := oneImageProcess(&task)
		opened, wrong = opened+n, append(wrong, bad...)
		if end == nil {
			return opened, wrong
		}
		wrong = append(wrong, fmt.Sprintf("image %d ended the process that opened it: %v", task.After, end))
		opened += task.After - before
		if task.After == before {
			break // it ends before it comes to any
		}
		if task.Deaf {
			break
		}
	}
	return opened, wrong
}

// oneImageProcess runs one process; after an early end task.After is the image that it ended at.
func oneImageProcess(task *imageTask) (opened int64, wrong []string, end error) {
	c, err := start([]string{"VALISE_STORE_SELF=limited", "GOTRACEBACK=single"}, "images")
	if err != nil {
		return 0, nil, err
	}
	input, err := json.Marshal(task)
	if err != nil {
		return 0, nil, err
	}
	if _, err := c.in.Write(append(input, '\n')); err != nil {
		return 0, nil, err
	}
	last := int64(-1)
	for {
		select {
		case v := <-c.answers:
			if v.Wrong != "" {
				wrong = append(wrong, v.Wrong)
				continue
			}
			<-c.gone
			return v.Images, wrong, nil
		case <-c.gone:
			select {
			case v := <-c.answers:
				if v.Wrong == "" {
					return v.Images, wrong, nil
				}
				wrong = append(wrong, v.Wrong)
				continue
			default:
			}
			task.After = progress(task.Progress)
			return 0, wrong, fmt.Errorf("%s: %s", c.cmd.ProcessState, c.said)
		case <-time.After(patience):
			at := progress(task.Progress)
			if at == last {
				_ = c.cmd.Process.Kill() // one image keeps it busy for ever
			}
			last = at
		}
	}
}

func progress(name string) int64 {
	b, err := os.ReadFile(name)
	if err != nil || len(bytes.TrimSpace(b)) == 0 || len(b) < 8 {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// lieInImages takes every fsync for unheard and says whether any image shows it. It begins with
// the last moment, at which everything has been promised, and goes on to the others until one
// shows it: before a promise a disk may have lost all.
func lieInImages(s settings, r recording) bool {
	shares := max(r.changes/20, 1)
	for k := range shares {
		share := (r.changes - 1 - k) % shares
		_, wrong := openImages(s, imageTask{Log: r.file, Seed: s.seed, Share: share, Of: shares, Enough: 20, Tries: 40, Deaf: true})
		if len(wrong) > 0 {
			return true
		}
	}
	return false
}
