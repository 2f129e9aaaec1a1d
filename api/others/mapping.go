package others

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// MaxMapping is how many bytes a mapping may have.
const MaxMapping = 64 << 10

// Mapping says how the file of another body is read: which directory it is, and which column holds what.
//
type Mapping struct {
	// ID is the short name in this home: 2 to 32 of a-z, 0-9 and "-", a letter first.
	ID string `toml:"id"`
	// Name is what people call the directory.
	Name string `toml:"name"`
	// Agreed says by which agreement of its contributors it is used here; may be empty. A-12c
	Agreed string `toml:"agreed"`
	// Members are the codes of States that belong to the body. A-12a
	Members []string `toml:"members"`
	// Separator stands between cells; "," where it is empty.
	Separator string `toml:"separator"`
	// Several stands between the values of one cell, beside a line break; empty: nothing does.
	Several string `toml:"several"`
	// None are values that mean that nothing is said, in whatever letters.
	None []string `toml:"none"`
	// Track is that of every contact, where no column says it. A-9
	Track string `toml:"track"`
	// Columns are the titles of the columns that are read.
	Columns Columns `toml:"columns"`
	// States are codes by the words of the file.
	States map[string]string `toml:"states"`
	// Tracks are tracks by the words of the file.
	Tracks map[string]string `toml:"tracks"`
}

// Columns name the columns of each field: one, or several of which those that say something are taken in
// their order. A-7a
type Columns struct {
	State       Titles `toml:"state"`
	Track       Titles `toml:"track"`
	Entity      Titles `toml:"entity"`
	Institution Titles `toml:"institution"`
	Name        Titles `toml:"name"`
	Designation Titles `toml:"designation"`
	Telephone   Titles `toml:"telephone"`
	Email       Titles `toml:"email"`
	Languages   Titles `toml:"languages"`
	Hours       Titles `toml:"hours"`
	Notes       Titles `toml:"notes"`
}

// Titles are titles of columns: in TOML a string, or a list of strings.
type Titles []string

// UnmarshalTOML takes a string or a list of them.
func (t *Titles) UnmarshalTOML(v any) error {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			return fmt.Errorf("want the title of a column, or a list of titles")
		}
		*t = append(*t, tidy(s))
	}
	return nil
}

// ParseMapping reads a mapping strictly: an unknown key, or a known one in other letters, is an error with
// its line. States are held against the realm. The error is a *draft.Error with BAD_IMPORT, BAD_TEXT or
// WRONG_REALM.
func ParseMapping(b []byte, realm ident.Realm) (Mapping, error) {
	if len(b) > MaxMapping {
		return Mapping{}, badMapping(0, "it has %d bytes, at most %d are read", len(b), MaxMapping)
	}
	var m Mapping
	meta, err := toml.NewDecoder(bytes.NewReader(b)).Decode(&m)
	if err != nil {
		return Mapping{}, plainTOML(err)
	}
	if key := unknownKey(meta); key != nil {
		return Mapping{}, badMapping(tomlkey.Line(b, key...), "a mapping has no key %.60q", key.String())
	}
	for _, check := range []func(ident.Realm) error{m.checkNames, m.checkForm, m.checkWords, m.checkColumns} {
		if err := check(realm); err != nil {
			return Mapping{}, err
		}
	}
	return m, nil
}

func badMapping(line int, format string, args ...any) error {
	detail := "the mapping: " + fmt.Sprintf(format, args...)
	if line > 0 {
		detail = fmt.Sprintf("the mapping, line %d: %s", line, fmt.Sprintf(format, args...))
	}
	return &draft.Error{Reason: valisev1.Reason_REASON_BAD_IMPORT, Detail: detail}
}

var (
	identifier = regexp.MustCompile(`^[a-z][a-z0-9-]{1,31}$`)
	mappingKey = regexp.MustCompile(`^[a-z]+$`)
	lineNumber = regexp.MustCompile(`line (\d+)`)
)

// unknownKey finds a key that a mapping does not have, or that is written in other letters: the decoder
// would take either. Keys of states and tracks are words of the file.
func unknownKey(meta toml.MetaData) toml.Key {
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return unknown[0]
	}
	for _, key := range meta.Keys() {
		words := len(key) == 2 && (key[0] == "states" || key[0] == "tracks")
		if !words && !mappingKey.MatchString(key[len(key)-1]) {
			return key
		}
	}
	return nil
}

// plainTOML keeps what the parser says and its line, without the text around it.
func plainTOML(err error) error {
	if p, ok := err.(toml.ParseError); ok { //nolint:errorlint // the decoder gives exactly this
		if draft.CheckLine(p.Message) != nil { // it repeats what stands there
			return badMapping(p.Position.Line, "is no TOML")
		}
		return badMapping(p.Position.Line, "%.200s", p.Message)
	}
	line := 0
	if found := lineNumber.FindStringSubmatch(err.Error()); found != nil {
		_, _ = fmt.Sscan(found[1], &line)
	}
	return badMapping(line, "a value has the wrong type")
}

func (m *Mapping) checkNames(realm ident.Realm) error {
	m.Name, m.Agreed = tidy(m.Name), tidy(m.Agreed)
	switch {
	case !identifier.MatchString(m.ID):
		return badMapping(0, `id is the short name: 2 to 32 of a-z, 0-9 and "-", a letter first`)
	case m.Name == "" || len(m.Name) > 200:
		return badMapping(0, "name has 1 to 200 bytes")
	case len(m.Agreed) > 300:
		return badMapping(0, "agreed has at most 300 bytes")
	case len(m.Members) > 512:
		return badMapping(0, "members names more than 512 States")
	}
	seen := map[string]bool{}
	for _, code := range m.Members {
		if err := checkState(code, realm); err != nil {
			return located("the mapping, members", err)
		}
		if seen[code] {
			return badMapping(0, "members names %s twice", code)
		}
		seen[code] = true
	}
	return nil
}

func (m *Mapping) checkForm(ident.Realm) error {
	if m.Separator == "" {
		m.Separator = ","
	}
	if r, n := utf8.DecodeRuneInString(m.Separator); n != len(m.Separator) || r == utf8.RuneError || strings.ContainsRune("\"\r\n\x00", r) {
		return badMapping(0, "separator is one character, and no quotation mark or line break")
	}
	if m.Several = strings.TrimSpace(m.Several); strings.ContainsAny(m.Several, "+@") {
		return badMapping(0, "several would cut telephone numbers or email addresses")
	}
	if m.Track != "" && (m.Track != ident.Diplomatic.String() && m.Track != ident.Technical.String()) {
		return badMapping(0, "track is diplomatic or technical")
	}
	if m.Track != "" && len(m.Columns.Track) > 0 {
		return badMapping(0, "track is said for every contact, so no column can say it too")
	}
	return nil
}

func (m *Mapping) checkWords(realm ident.Realm) error {
	for i, s := range m.None {
		m.None[i] = tidy(s)
	}
	states, tracks := map[string]string{}, map[string]string{}
	for word, code := range m.States {
		if err := checkState(code, realm); err != nil {
			return located("the mapping, states", err)
		}
		states[tidy(word)] = code
	}
	for word, track := range m.Tracks {
		if track != ident.Diplomatic.String() && track != ident.Technical.String() {
			return badMapping(0, "tracks: %.40q is neither diplomatic nor technical", track)
		}
		tracks[tidy(word)] = track
	}
	if len(states) != len(m.States) || len(tracks) != len(m.Tracks) {
		return badMapping(0, "a word stands twice in states or tracks, with other blanks")
	}
	m.States, m.Tracks = states, tracks
	for _, text := range slices.Concat([]string{m.Name, m.Agreed}, m.None) {
		if err := draft.CheckLine(text); err != nil {
			return located("the mapping", err)
		}
	}
	return nil
}

func (m *Mapping) checkColumns(ident.Realm) error {
	if len(m.Columns.State) != 1 || len(m.Columns.Track) > 1 {
		return badMapping(0, "columns names one column for state, and at most one for track")
	}
	seen := map[string]bool{}
	for _, f := range m.Columns.all() {
		for _, title := range f {
			if title == "" || seen[title] {
				return badMapping(0, "columns names a column without a title, or %.40q twice", title)
			}
			seen[title] = true
		}
	}
	if len(seen) < len(m.Columns.State)+len(m.Columns.Track)+1 {
		return badMapping(0, "columns names nothing that says how anybody is reached")
	}
	return nil
}

func (c Columns) all() []Titles {
	return []Titles{c.State, c.Track, c.Entity, c.Institution, c.Name, c.Designation, c.Telephone, c.Email, c.Languages, c.Hours, c.Notes}
}
