package play

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Bounds of a recording, for writer and reader. docs/exercises.md §7
const (
	MaxLine      = 1 << 20  // bytes of a line, with its end
	MaxRecording = 64 << 20 // bytes of a file
)

// Writer writes a recording, each line with the hash of the one before it.
type Writer struct {
	to    io.Writer
	prev  [sha256.Size]byte
	next  uint64
	bytes int64
}

// NewWriter begins a recording.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Continue goes on with a recording after its last whole line, which stands in what Whole has read.
func (r *Recording) Continue(to io.Writer) *Writer {
	return &Writer{to: to, prev: r.last, next: uint64(len(r.Lines)), bytes: r.Size}
}

// Write writes one line with one call of the writer beneath. Lines come in their order, from number 0. Beyond the
// bounds of a recording nothing is written.
func (w *Writer) Write(l Line) error {
	if l.Seq != w.next {
		return fmt.Errorf("play: line %d of a recording comes in the place of line %d", l.Seq+1, w.next+1)
	}
	l.Prev = hex.EncodeToString(w.prev[:])
	line, err := encode(l)
	if err != nil {
		return err
	}
	if len(line) > MaxLine || w.bytes+int64(len(line)) > MaxRecording {
		return fmt.Errorf("play: line %d: a recording has at most %d bytes, a line of it %d", l.Seq+1, MaxRecording, MaxLine)
	}
	if _, err := w.to.Write(line); err != nil {
		return fmt.Errorf("play: writing the recording: %w", err)
	}
	w.prev, w.next, w.bytes = hashOf(line), w.next+1, w.bytes+int64(len(line))
	return nil
}

// Hash names all that is written so far: the SHA-256 of the last line, without its end, in hexadecimal digits.
func (w *Writer) Hash() string { return hex.EncodeToString(w.prev[:]) }

// encode is the one form of a line: keys in the order of the type, nothing that is empty, no blanks, one end.
func encode(l Line) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(l); err != nil {
		return nil, fmt.Errorf("play: line %d: %w", l.Seq+1, err)
	}
	return b.Bytes(), nil
}

func hashOf(line []byte) [sha256.Size]byte {
	return sha256.Sum256(bytes.TrimSuffix(line, []byte("\n")))
}
