package ident

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Sizes of what stands on paper. docs/protocol.md §9.6
const (
	rowBytes   = 8
	rowDigits  = 2 * (rowBytes + checkBytes)
	checkBytes = 2

	digestRows = 4
	pageRows   = 5

	// MaxPageSize is the largest size of a record that a Page can tell.
	MaxPageSize = 1<<40 - 1
)

// Page is what a printed page of a thread carries. docs/protocol.md §9.6
type Page struct {
	// Size is how many items the record had, at most MaxPageSize.
	Size uint64
	// Record tells records apart; see RecordTag.
	Record [2]byte
	// Thread is the first byte of the thread's id.
	Thread byte
	// Digest is P.
	Digest Digest
}

// Mistyped says that what was typed from paper is not what was printed.
type Mistyped struct {
	// Row is the first row in which it is not, from 1.
	Row int
}

// Error names the row.
func (m *Mistyped) Error() string { return fmt.Sprintf("ident: row %d is mistyped", m.Row) }

// RecordTag tells the record of one State in one realm from nearly every other. docs/protocol.md §9.6
func RecordTag(realm Realm, state State) [2]byte {
	b := []byte("valise/v1/paper-record\x00")
	for _, s := range []string{string(realm), string(state)} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	sum := sha256.Sum256(b)
	return [2]byte(sum[:2])
}

// Rows are the lines that are printed of a page. docs/protocol.md §9.6
func (p Page) Rows() []string {
	var b [pageRows * rowBytes]byte
	binary.BigEndian.PutUint64(b[:8], p.Size<<24)
	copy(b[5:], p.Record[:])
	b[7] = p.Thread
	copy(b[8:], p.Digest[:])
	return printRows(b[:])
}

// String is Rows, one a line.
func (p Page) String() string { return strings.Join(p.Rows(), "\n") }

// Rows are the lines that are printed of the digest of one message. docs/protocol.md §9.6
func (d Digest) Rows() []string { return printRows(d[:]) }

func printRows(b []byte) []string {
	rows := make([]string, len(b)/rowBytes)
	for i := range rows {
		row := b[i*rowBytes:][:rowBytes]
		digits := strings.ToUpper(hex.EncodeToString(append(append([]byte{}, row...), checkGroup(len(rows), i+1, row)...)))
		groups := make([]string, 0, len(digits)/4)
		for ; digits != ""; digits = digits[4:] {
			groups = append(groups, digits[:4])
		}
		rows[i] = strings.Join(groups, " ")
	}
	return rows
}

// checkGroup stands at the end of a row, and depends on which row of how many it is: CRC-16 with the
// polynomial 0x1021, begun with 0xffff. Whatever is wrong within one group changes it, and so does the
// row's place. docs/protocol.md §9.6
func checkGroup(rows, row int, b []byte) []byte {
	crc := uint16(0xffff)
	for _, x := range append([]byte{byte(rows), byte(row)}, b...) {
		crc ^= uint16(x) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			crc <<= 1
			if carry {
				crc ^= 0x1021
			}
		}
	}
	return binary.BigEndian.AppendUint16(nil, crc)
}

// ParsePaper reads what somebody typed from paper: the rows of a page, the rows of one digest, or a
// digest of 64 digits without check groups; page is nil where it is a digest. Blanks, hyphens and
// case do not matter. The error is a *Mistyped. docs/protocol.md §9.6
func ParsePaper(s string) (page *Page, d Digest, err error) {
	digits, odd := typedDigits(s)
	if odd < 0 && len(digits) == 2*len(d) {
		_, err := hex.Decode(d[:], digits)
		return nil, d, err
	}
	b, err := readRows(digits, odd)
	if err != nil {
		return nil, Digest{}, err
	}
	if len(b) == len(d) {
		return nil, Digest(b), nil
	}
	return &Page{
		Size: binary.BigEndian.Uint64(b[:8]) >> 24, Record: [2]byte(b[5:7]), Thread: b[7], Digest: Digest(b[8:]),
	}, Digest{}, nil
}

// typedDigits leaves out what does not matter. odd is the place of the first character that is no
// digit at all, which stays as it is; -1 for none.
func typedDigits(s string) (digits []byte, odd int) {
	odd = -1
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '-':
			continue
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F':
			digits = append(digits, byte(r))
			continue
		}
		if odd < 0 {
			odd = len(digits)
		}
		digits = append(digits, 'x')
	}
	return digits, odd
}

// readRows checks each row. Where there are neither so many digits as a page has nor as a digest has,
// the first row that is wrong as one of the nearer of the two is named.
func readRows(digits []byte, odd int) ([]byte, error) {
	rows := digestRows
	if 2*len(digits) > (digestRows+pageRows)*rowDigits {
		rows = pageRows
	}
	var out []byte
	for i := range rows {
		if len(digits) < (i+1)*rowDigits || odd >= 0 && odd < (i+1)*rowDigits {
			return nil, &Mistyped{Row: i + 1}
		}
		b, err := hex.DecodeString(string(digits[i*rowDigits:][:rowDigits]))
		if err != nil || string(b[rowBytes:]) != string(checkGroup(rows, i+1, b[:rowBytes])) {
			return nil, &Mistyped{Row: i + 1}
		}
		out = append(out, b[:rowBytes]...)
	}
	if len(digits) > rows*rowDigits {
		return nil, &Mistyped{Row: rows + 1}
	}
	return out, nil
}

// MistypedRow is the row that an error of ParsePaper names; 0 for any other error.
func MistypedRow(err error) int {
	if m, ok := errors.AsType[*Mistyped](err); ok {
		return m.Row
	}
	return 0
}
