package others

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// maxTold is how many faults of a file one error tells.
const maxTold = 5

// faults are what is wrong with the cells of a file, the first of them in words.
type faults struct {
	reason valisev1.Reason // of the first
	told   []string
	more   int
}

// add tells a fault by row and column; a fault of a whole row has no column.
func (f *faults) add(row int, column string, reason valisev1.Reason, format string, args ...any) {
	if len(f.told) == maxTold {
		f.more++
		return
	}
	if len(f.told) == 0 {
		f.reason = reason
	}
	at := fmt.Sprintf("row %d", row)
	if column != "" {
		at += fmt.Sprintf(", column %.40q", column)
	}
	f.told = append(f.told, at+": "+fmt.Sprintf(format, args...))
}

func (f *faults) err() error {
	if len(f.told) == 0 {
		return nil
	}
	detail := strings.Join(f.told, "; ")
	if f.more > 0 {
		detail += fmt.Sprintf("; and %d more", f.more)
	}
	return &draft.Error{Reason: f.reason, Detail: detail}
}

// tidy makes every run of blanks and line breaks one blank.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// line is one row and how it is read.
type line struct {
	mapping *Mapping
	at      map[string]int
	row     int
	cells   []string
	faults  *faults
}

func (l line) fault(column string, reason valisev1.Reason, format string, args ...any) {
	l.faults.add(l.row, column, reason, format, args...)
}

// said is the value of a cell; empty where it says that nothing is said.
func (l line) said(value string) string {
	value = tidy(value)
	if slices.ContainsFunc(l.mapping.None, func(none string) bool { return strings.EqualFold(none, value) }) {
		return ""
	}
	return value
}

// fits refuses what may not be shown, and what a spreadsheet would compute when it is copied there.
func (l line) fits(column, value string) bool {
	var bad *draft.Error
	switch err := draft.CheckLine(value); {
	case errors.As(err, &bad):
		l.fault(column, bad.Reason, "%s", bad.Detail)
		return false
	case strings.ContainsAny(value[:min(len(value), 1)], "=+-@") || strings.HasPrefix(value, "＝") || strings.HasPrefix(value, "＋") ||
		strings.HasPrefix(value, "－") || strings.HasPrefix(value, "＠"):
		l.fault(column, valisev1.Reason_REASON_BAD_IMPORT, "begins like a formula of a spreadsheet")
		return false
	}
	return true
}

// text joins what columns say; at most so many bytes.
func (l line) text(columns Titles, most int) string {
	var parts []string
	for _, column := range columns {
		value := l.said(l.cells[l.at[column]])
		if value != "" && l.fits(column, value) {
			parts = append(parts, value)
		}
	}
	whole := strings.Join(parts, " ")
	if len(whole) > most {
		l.fault(columns[0], valisev1.Reason_REASON_BAD_IMPORT, "has %d bytes, at most %d are kept", len(whole), most)
		return ""
	}
	return whole
}

// list takes each value of columns through a rule that says what is wrong with it, once.
func (l line) list(columns Titles, most int, rule func(string) (string, error)) (values []string) {
	for _, column := range columns {
		for _, piece := range l.pieces(l.cells[l.at[column]]) {
			if piece = l.said(piece); piece == "" {
				continue
			}
			value, err := rule(piece)
			switch bad := draft.CheckLine(piece); {
			case bad != nil:
				l.fits(column, piece)
			case err != nil:
				l.fault(column, valisev1.Reason_REASON_BAD_IMPORT, "%s", err)
			case !e164.MatchString(value) && !l.fits(column, value):
			case !slices.Contains(values, value):
				values = append(values, value)
			}
		}
	}
	if len(values) > most {
		l.fault(columns[0], valisev1.Reason_REASON_BAD_IMPORT, "has %d values, at most %d are kept", len(values), most)
		return nil
	}
	return values
}

// pieces are the values of one cell.
func (l line) pieces(cell string) (all []string) {
	if l.said(cell) == "" {
		return nil // "n/a" is one value, also where "/" stands between several
	}
	for part := range strings.Lines(strings.ReplaceAll(cell, "\r", "\n")) {
		if l.mapping.Several == "" {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Split(part, l.mapping.Several)...)
	}
	return all
}

func (l line) state(column string, realm ident.Realm) string {
	value := l.said(l.cells[l.at[column]])
	if value == "" {
		l.fault(column, valisev1.Reason_REASON_BAD_IMPORT, "names no State")
		return ""
	}
	code, translated := l.mapping.States[value]
	if !translated {
		code = value
	}
	var bad *draft.Error
	if err := checkState(code, realm); errors.As(err, &bad) {
		l.fault(column, bad.Reason, "%s", bad.Detail)
		return ""
	}
	return code
}

// checkState takes a code of a State that the realm admits; a principal is none. docs/protocol.md §2.2
func checkState(code string, realm ident.Realm) error {
	state, err := ident.ParseState(code)
	if err != nil || state.IsPrincipal() {
		return &draft.Error{Reason: valisev1.Reason_REASON_BAD_IMPORT, Detail: "names no State by two capital letters; [states] of the mapping translates other words"}
	}
	if !realm.Admits(state) {
		return &draft.Error{Reason: valisev1.Reason_REASON_WRONG_REALM, Detail: "names a State that has no place in this realm"}
	}
	return nil
}

// located says where something is wrong.
func located(where string, err error) error {
	var bad *draft.Error
	if !errors.As(err, &bad) {
		return err
	}
	return &draft.Error{Reason: bad.Reason, Detail: where + ": " + bad.Detail}
}

// trackOf is the track that a word of the file means; empty where nobody says it.
func (m *Mapping) trackOf(word string) string {
	if track, ok := m.Tracks[word]; ok {
		return track
	}
	if track, err := ident.ParseTrack(strings.ToLower(word)); err == nil && (track == ident.Diplomatic || track == ident.Technical) {
		return track.String()
	}
	return ""
}

var (
	e164      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	bareEmail = regexp.MustCompile(`^[^\s@<>"(),:;\\]+@[^\s@<>"(),:;\\]+$`)
	// grouping is what people write into a number so that it can be read.
	grouping = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "")
)

// telephone takes a number as people write it, and gives it in E.164. A-7a-iii
func telephone(s string) (string, error) {
	number := grouping.Replace(s)
	if strings.Contains(s, "(0)") {
		return "", errors.New("is a telephone number with (0), which is dialled within a State only: write it as it is dialled from abroad")
	}
	if !e164.MatchString(number) {
		return "", errors.New("is no telephone number in E.164: a plus and 7 to 15 digits")
	}
	return number, nil
}

func email(s string) (string, error) {
	if len(s) > 254 || !bareEmail.MatchString(s) {
		return "", errors.New("has no form of an email address")
	}
	return s, nil
}

// languageWord takes a language as the file names it: a tag or a word.
func languageWord(s string) (string, error) {
	if len(s) > 64 {
		return "", errors.New("is too long for the name of a language")
	}
	return s, nil
}
