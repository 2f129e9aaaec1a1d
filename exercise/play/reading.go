package play

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Recording is one that was read and whose chain holds.
type Recording struct {
	Lines    []Line
	Complete bool   // its last line is there
	Size     int64  // bytes of its whole lines
	Hash     string // SHA-256 of the last line without its end, hex: names the recording
	raw      [][]byte
	last     [sha256.Size]byte
}

// Opened is the first line.
func (r *Recording) Opened() Line { return r.Lines[0] }

// ThisEngine reports whether this version of the rules of play made the recording, and so can play it again.
func (r *Recording) ThisEngine() bool { return r.Opened().Engine == Engine }

// Flaw is the first thing that is wrong with a recording.
type Flaw struct {
	Line int    // from 1, as editors count
	What string // lower case, no full stop
}

func (f *Flaw) Error() string { return fmt.Sprintf("play: line %d: %s", f.Line, f.What) }

// Read reads a whole recording and verifies its chain. What is wrong comes as a *Flaw that names the first bad line;
// errors of the reader come as they are. docs/exercises.md §7
func Read(from io.Reader) (*Recording, error) {
	r, err := Whole(from)
	if err != nil {
		return nil, err
	}
	if !r.Complete {
		return nil, &Flaw{len(r.Lines) + 1, "the recording stops here, without its last line"}
	}
	return r, nil
}

// Whole reads what is whole of a recording that may be unfinished, as a crash leaves it: a torn last line is left
// out. Size says where to go on.
func Whole(from io.Reader) (*Recording, error) {
	raw, err := split(from)
	if err != nil {
		return nil, err
	}
	r := &Recording{raw: raw}
	for i := range raw {
		if flaw := r.take(i); flaw != nil {
			return nil, flaw
		}
	}
	if len(r.Lines) == 0 {
		return nil, &Flaw{1, "there is no whole line"}
	}
	r.Hash = hex.EncodeToString(r.last[:])
	return r, nil
}

// split cuts a recording into its whole lines, within bounds.
func split(from io.Reader) (lines [][]byte, err error) {
	b, total := bufio.NewReaderSize(from, 64<<10), 0
	for {
		line, err := readLine(b)
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if errors.Is(err, errTooLong) {
			return nil, &Flaw{len(lines) + 1, fmt.Sprintf("longer than %d bytes", MaxLine)}
		}
		if err != nil {
			return nil, fmt.Errorf("play: reading the recording: %w", err)
		}
		if total += len(line); total > MaxRecording {
			return nil, &Flaw{len(lines) + 1, fmt.Sprintf("the recording is longer than %d bytes", MaxRecording)}
		}
		lines = append(lines, line)
	}
}

var errTooLong = errors.New("play: the line is too long")

// readLine reads one line with its end; io.EOF where none is whole.
func readLine(b *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := b.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > MaxLine:
			return nil, errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, err
		default:
			return line, nil
		}
	}
}

// take checks the line at a place and adds it.
func (r *Recording) take(place int) *Flaw {
	number, raw := place+1, r.raw[place]
	if r.Complete {
		return &Flaw{number, "it comes after the last line"}
	}
	line, flaw := r.parse(number, raw)
	if flaw != nil {
		return flaw
	}
	if line.Seq != uint64(place) {
		return &Flaw{number, fmt.Sprintf("seq is %d and not %d: a line was dropped, doubled or moved", line.Seq, place)}
	}
	if line.Prev != hex.EncodeToString(r.last[:]) {
		return r.broken(place)
	}
	if flaw := r.inPlace(number, line); flaw != nil {
		return flaw
	}
	r.Lines, r.last, r.Size = append(r.Lines, line), hashOf(raw), r.Size+int64(len(raw))
	r.Complete = line.Type == Ended
	return nil
}

// parse reads one line. What this engine has written has one form only, so that no byte of it can be another; of
// another engine's lines, keys that are not known here are passed over.
func (r *Recording) parse(number int, raw []byte) (Line, *Flaw) {
	var line Line
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(&line); err != nil {
		return line, &Flaw{number, fmt.Sprintf("it is no line of a recording: %v", err)}
	}
	if number == 1 && (line.Type != Opened || line.Format != RecordingFormat) {
		return line, &Flaw{number, fmt.Sprintf("it is not the first line of a recording: type %.20q, format %.20q", line.Type, line.Format)}
	}
	if line.Type == "" {
		return line, &Flaw{number, "it has no type"}
	}
	engine := line.Engine
	if number > 1 {
		engine = r.Opened().Engine
	}
	if engine != Engine {
		return line, nil
	}
	if !slices.Contains(types, line.Type) {
		return line, &Flaw{number, fmt.Sprintf("%.20q is no type of line", line.Type)}
	}
	form, err := encode(line)
	if err != nil || !bytes.Equal(form, raw) {
		return line, &Flaw{number, "it is not in the form in which recordings are written"}
	}
	return line, nil
}

// types are those that this engine writes.
var types = []LineType{Opened, Control, Injected, Acted, Refused, Result, Judged, Noted, Compared, Ended}

// broken names the line at which the chain breaks. If the line after the break is the one that its own successor
// follows, it is whole and the one before it was changed.
func (r *Recording) broken(place int) *Flaw {
	const changed = "it was changed: the chain of hashes breaks here"
	if place == 0 {
		return &Flaw{1, "prev of the first line is 64 zeros"}
	}
	if place+1 < len(r.raw) {
		var next Line
		sum := hashOf(r.raw[place])
		if json.Unmarshal(r.raw[place+1], &next) == nil && next.Prev != hex.EncodeToString(sum[:]) {
			return &Flaw{place + 1, changed}
		}
	}
	return &Flaw{place, changed}
}

// inPlace holds a line against those before it.
func (r *Recording) inPlace(number int, line Line) *Flaw {
	if number == 1 {
		if line.At != 0 {
			return &Flaw{number, "the first line is of STARTEX, at 0"}
		}
		return nil
	}
	before := r.Lines[len(r.Lines)-1].At
	switch {
	case line.Type == Opened:
		return &Flaw{number, "a recording is opened once"}
	case line.At < before:
		return &Flaw{number, fmt.Sprintf("it goes back in time, from %d to %d", before, line.At)}
	case line.Type == Ended && (line.Lines != line.Seq || line.At != before):
		return &Flaw{number, "the last line says how many there are before it, at their time"}
	}
	return nil
}
