package console

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// What is kept of what is being written. It is in memory alone and ends with the process.
const (
	mostWritings = 64
	mostWritten  = 1 << 20 // bytes of one
)

// writing is one message that is being written, and after it was sent where it went. Handlers work on a
// copy and put it back.
type writing struct {
	id        string
	form      string // name of the form
	thread    string
	peer      string            // address of the POC it goes to
	ours      string            // address it goes from
	about     string            // message that it is about; empty: none
	revises   string            // draft of the node that it is written in the place of; empty: none
	had       []string          // names of the files of that draft: the node takes each for one message, so they are brought again
	cites     []option          // messages of the thread that there are to choose
	kept      []kept            // what that draft says and the form has no field for
	unlisted  map[string]string // what it chose that the form does not offer, by its key
	third     string            // who could have got what a consent let go that ends with it
	asked     []string
	values    map[string]string
	rows      map[string]int // how many are shown of what stands there several times, by its table
	files     []*valisev1.Attachment
	revision  int
	to        []string         // all whom it goes to, where it begins threads; the first is peer
	follows   string           // thread whose referral it takes up; empty: none. A-9 s2
	at        int              // step that was written on last
	pasted    string           // draft that could not be read
	each      []*valisev1.Sent // what it became where it went to several States
	refused   *refusal         // what the node said of it; nil: nothing
	refusedAt int              // revision of which it said so
	tried     bool             // the officer wished to go on: what is wrong is told
	sent      string           // message that it became
	undone    string           // message that it was before that was undone, or draft in which that is written on
	touched   time.Time
}

func (w *writing) size() (n int) {
	n = len(w.pasted)
	for name, value := range w.values {
		n += len(name) + len(value)
	}
	return n
}

// clone shares nothing with w that changes.
func (w *writing) clone() *writing {
	c := *w
	c.values, c.rows = maps.Clone(w.values), maps.Clone(w.rows)
	c.to, c.each, c.files = slices.Clone(w.to), slices.Clone(w.each), nil
	for _, f := range w.files {
		c.files = append(c.files, proto.CloneOf(f))
	}
	return &c
}

// writings are all that is being written at this desk. They outlive a session, and the one that nobody has
// touched for longest gives way.
type writings struct {
	mu  sync.Mutex
	all []*writing
	// askers are who asked last from each of our desks, as the form has them.
	askers map[string]map[string]string
}

func (s *writings) find(id string) *writing {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		if w.id == id {
			return w.clone()
		}
	}
	return nil
}

// sentAs finds the one that became a message, also where that was undone.
func (s *writings) sentAs(message string) *writing {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.all {
		if w.sent == message || w.undone == message {
			return w.clone()
		}
	}
	return nil
}

// put keeps w in the place of what has its id; false where it is too long.
func (s *writings) put(w *writing, now time.Time) bool {
	if w.size() > mostWritten {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.touched = now
	for i, old := range s.all {
		if old.id == w.id {
			s.all[i] = w.clone()
			return true
		}
	}
	if len(s.all) >= mostWritings {
		oldest := 0
		for i, old := range s.all {
			if old.touched.Before(s.all[oldest].touched) {
				oldest = i
			}
		}
		s.all = append(s.all[:oldest], s.all[oldest+1:]...)
	}
	s.all = append(s.all, w.clone())
	return true
}

func (s *writings) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.all {
		if w.id == id {
			s.all = append(s.all[:i], s.all[i+1:]...)
			return
		}
	}
}

// unfinished are those that were not sent, the newest first.
func (s *writings) unfinished() (found []*writing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range slices.Backward(s.all) {
		if w.sent == "" {
			found = append(found, w.clone())
		}
	}
	return found
}

// take puts what a form says into the fields that the draft has; nothing else of the form is looked at.
func (w *writing) take(said func(string) string) { w.takeStep(0, said) }

// takeStep is take for the fields of one page.
func (w *writing) takeStep(step int, said func(string) string) {
	for _, f := range w.fields() {
		if f.step != step {
			continue
		}
		for _, name := range f.inputs() {
			w.values[name] = strings.ReplaceAll(said(name), "\r\n", "\n")
		}
	}
	w.revision++
}

// ID names the draft in paths.
func (w *writing) ID() string { return w.id }

// FormName is the name of its form.
func (w *writing) FormName() string { return w.form }

// To is whom it goes to.
func (w *writing) To() string { return w.peer }

// From is the address that it goes from.
func (w *writing) From() string { return w.ours }

// Thread is where it belongs.
func (w *writing) Thread() string { return w.thread }

// Sent is the message that it became; empty: not yet.
func (w *writing) Sent() string { return w.sent }

// Files are those that leave with it.
func (w *writing) Files() []*valisev1.Attachment { return w.files }

// Revises reports whether it is written in the place of a draft of the node.
func (w *writing) Revises() bool { return w.revises != "" }

// Touched is when anything of it last changed.
func (w *writing) Touched() time.Time { return w.touched }

// Writing is what is written, for the parts of a page that stand on several.
func (w *writing) Writing() *writing { return w }
