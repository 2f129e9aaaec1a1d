package history

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

const longestLine = 16 << 20 // a receipt may name many digests

// ErrNoBegin tells that a history does not begin with a Begin event.
var ErrNoBegin = errors.New("a history begins with a begin event")

// Writer appends events to a history as they happen. Several goroutines may use one.
type Writer struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewWriter writes to w, one line an event. Nothing is buffered here.
func NewWriter(w io.Writer) *Writer {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &Writer{enc: enc}
}

// Add writes one event. After an error every further call gives the same error.
func (w *Writer) Add(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = w.enc.Encode(e)
	}
	return w.err
}

// Read reads a whole history. A line that is no event is an error with its number; so is a history
// that does not begin with Begin.
func Read(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), longestLine)
	for n := 1; lines.Scan(); n++ {
		e, err := readLine(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d of the history: %w", n, err)
		}
		events = append(events, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d of the history: %w", len(events)+1, err)
	}
	if len(events) == 0 || events[0].Event != Begin {
		return nil, ErrNoBegin
	}
	return events, nil
}

func readLine(line []byte) (Event, error) {
	var e Event
	if err := json.Unmarshal(line, &e); err != nil {
		return e, err
	}
	if !known[e.Event] {
		return e, fmt.Errorf("an event of no known name %q", e.Event)
	}
	return e, nil
}

var known = map[Name]bool{
	Begin: true, Invoke: true, OK: true, Fail: true, Unknown: true, Withdrawn: true, Recorded: true, Receipt: true,
	Cleared: true, Saved: true, WentBack: true, Head: true, Converged: true, Waiting: true, Shown: true, Verified: true,
}
