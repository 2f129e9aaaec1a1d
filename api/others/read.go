package others

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Bounds of what is read. P7
const (
	// MaxTable is how many bytes a file of another body may have.
	MaxTable = 4 << 20
	// MaxContacts is how many contacts a directory may have.
	MaxContacts = 5000
	// maxPerState is how many contacts one State may have in it: a person looks at all of them.
	maxPerState = 32
	// maxDirectory is how many bytes a directory may have as it goes to a node.
	maxDirectory = 1_000_000
)

// Result is what was read of a file.
type Result struct {
	Directory *valisev1.OtherDirectory
	// LeftOut is how many rows say nothing but a State and perhaps a track.
	LeftOut int
	// WithoutTrack is how many contacts have a word for what they are that the mapping does not translate,
	// or none.
	WithoutTrack int
}

// Read reads the CSV file of another body by its mapping: all of it, or nothing. Rows are counted from 1
// with the header, as a spreadsheet shows them. The error is a *draft.Error with BAD_IMPORT, BAD_TEXT or
// WRONG_REALM; it names row and column of the first faults, and never what a cell holds. A-12
func Read(table, mapping []byte, realm ident.Realm) (Result, error) {
	m, err := ParseMapping(mapping, realm)
	if err != nil {
		return Result{}, err
	}
	if len(table) > MaxTable {
		return Result{}, badTable("it has %d bytes, at most %d are read", len(table), MaxTable)
	}
	text := bytes.TrimPrefix(table, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return Result{}, &draft.Error{Reason: valisev1.Reason_REASON_BAD_TEXT, Detail: "the file is not UTF-8: save it as CSV in UTF-8"}
	}
	r := reader{mapping: m, realm: realm, perState: map[string]int{}}
	if err := eachRow(text, m.Separator, r.row); err != nil {
		return Result{}, err
	}
	if err := r.faults.err(); err != nil {
		return Result{}, err
	}
	if len(r.contacts) == 0 {
		return Result{}, badTable("it has no contact")
	}
	tableHash, mappingHash := sha256.Sum256(table), sha256.Sum256(mapping)
	r.result.Directory = &valisev1.OtherDirectory{
		Id: m.ID, Name: m.Name, Agreed: m.Agreed, Members: slices.Sorted(slices.Values(m.Members)),
		TableHash: tableHash[:], MappingHash: mappingHash[:], Contacts: r.contacts,
	}
	if n := proto.Size(r.result.Directory); n > maxDirectory {
		return Result{}, badTable("what is read of it has %d bytes, at most %d are kept: leave columns out", n, maxDirectory)
	}
	return r.result, Check(r.result.Directory, realm)
}

func badTable(format string, args ...any) error {
	return &draft.Error{Reason: valisev1.Reason_REASON_BAD_IMPORT, Detail: "the file: " + fmt.Sprintf(format, args...)}
}

// eachRow gives the rows as a spreadsheet counts them; the reader itself passes over empty lines.
func eachRow(text []byte, separator string, visit func(row int, cells []string) error) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, _ = utf8.DecodeRuneInString(separator)
	for row := 1; ; row++ {
		row += emptyLines(text[r.InputOffset():])
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			return badRow(row, broken.Err)
		}
		if err != nil {
			return err
		}
		if err := visit(row, cells); err != nil {
			return err
		}
	}
}

func emptyLines(rest []byte) (n int) {
	for {
		after, found := bytes.CutPrefix(rest, []byte("\r\n"))
		if !found {
			after, found = bytes.CutPrefix(rest, []byte("\n"))
		}
		if !found {
			return n
		}
		rest = after
		n++
	}
}

func badRow(row int, why error) error {
	if errors.Is(why, csv.ErrFieldCount) {
		return badTable("row %d has another number of cells than the first: is the separator right", row)
	}
	return badTable("row %d: a quotation mark stands where none may", row)
}

// reader makes contacts of rows.
type reader struct {
	mapping  Mapping
	realm    ident.Realm
	at       map[string]int // column by its title; nil before the header
	contacts []*valisev1.OtherContact
	perState map[string]int
	result   Result
	faults   faults
}

func (r *reader) row(row int, cells []string) error {
	if r.at == nil {
		return r.header(row, cells)
	}
	if !slices.ContainsFunc(cells, func(s string) bool { return tidy(s) != "" }) {
		return nil // a spreadsheet writes what was once filled in
	}
	if len(r.contacts) == MaxContacts {
		return badTable("it has more than %d contacts", MaxContacts)
	}
	c := r.contact(line{mapping: &r.mapping, at: r.at, row: row, cells: cells, faults: &r.faults})
	if saysNothing(c) {
		r.result.LeftOut++
		return nil
	}
	if r.perState[c.State]++; r.perState[c.State] == maxPerState+1 && c.State != "" {
		r.faults.add(row, "", valisev1.Reason_REASON_BAD_IMPORT, "is one more contact of a State than the %d that are kept", maxPerState)
	}
	if c.Track == "" {
		r.result.WithoutTrack++
	}
	r.contacts = append(r.contacts, c)
	return nil
}

func (r *reader) header(row int, cells []string) error {
	r.at = map[string]int{}
	twice := map[string]bool{}
	for i, cell := range cells {
		title := tidy(cell)
		if _, there := r.at[title]; there {
			twice[title] = true
		}
		r.at[title] = i
	}
	for _, titles := range r.mapping.Columns.all() {
		for _, title := range titles {
			if _, there := r.at[title]; !there {
				return badTable("row %d has no column %.40q, which the mapping names: is the separator right", row, title)
			}
			if twice[title] {
				return badTable("row %d has two columns %.40q", row, title)
			}
		}
	}
	return nil
}

func (r *reader) contact(l line) *valisev1.OtherContact {
	columns := r.mapping.Columns
	c := &valisev1.OtherContact{
		Row: uint32(l.row), State: l.state(columns.State[0], r.realm), Track: r.mapping.Track,
		Entity: l.text(columns.Entity, 500), Institution: l.text(columns.Institution, 500),
		Name: l.text(columns.Name, 200), Designation: l.text(columns.Designation, 500),
		Telephones: l.list(columns.Telephone, 8, telephone), Emails: l.list(columns.Email, 8, email),
		Languages: l.list(columns.Languages, 24, languageWord), Hours: l.text(columns.Hours, 200), Notes: l.text(columns.Notes, 1000),
	}
	if len(columns.Track) > 0 {
		c.Label = l.text(columns.Track, 200)
		c.Track = r.mapping.trackOf(c.Label)
	}
	return c
}

// saysNothing: a State that named nobody there still has its row in many files.
func saysNothing(c *valisev1.OtherContact) bool {
	return c.Entity+c.Institution+c.Name+c.Designation+c.Hours+c.Notes == "" && len(c.Telephones)+len(c.Emails)+len(c.Languages) == 0
}
