package console

import (
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// warned is one warning of the node for its reader.
type warned struct {
	Grade   grade
	Words   template.HTML
	English bool // the page has no words for it, and shows those of the node
}

// pressing are the warnings that do not wait until somebody looks: something stands still, or somebody
// may act in the name of a State.
var pressing = map[valisev1.Warning]bool{
	valisev1.Warning_WARNING_NO_DIRECTORY:     true,
	valisev1.Warning_WARNING_DISK_RESERVE:     true,
	valisev1.Warning_WARNING_DISK_LAST:        true,
	valisev1.Warning_WARNING_RELAY_KEY_OTHER:  true,
	valisev1.Warning_WARNING_RECORD_REOPENS:   true,
	valisev1.Warning_WARNING_COPY_RUNS:        true,
	valisev1.Warning_WARNING_ROOT_IN_QUESTION: true,
	valisev1.Warning_WARNING_ROOT_DENIED:      true,
	valisev1.Warning_WARNING_SPLIT_VIEW:       true,
	valisev1.Warning_WARNING_OWN_OTHER_ROOT:   true,
	valisev1.Warning_WARNING_OWN_REMOVED:      true,
	valisev1.Warning_WARNING_OWN_ROLLED_BACK:  true,
	valisev1.Warning_WARNING_OWN_OTHER_BUNDLE: true,
	valisev1.Warning_WARNING_NOT_AS_WRITTEN:   true,
}

// warned puts warnings of the node into the words of the reader. docs/protocol.md §12.3
func (v *visit) warned(list []*valisev1.StandingWarning, now time.Time) (all []warned) {
	for _, w := range list {
		one := warned{Grade: watch}
		if pressing[w.GetWarning()] {
			one.Grade = bad
		}
		var b strings.Builder
		for _, s := range v.catalog.Warning(w, now) {
			b.WriteString(string(v.spanOf(s)))
			one.English = one.English || s.English
		}
		one.Words = template.HTML(b.String()) //nolint:gosec // each stretch is escaped
		all = append(all, one)
	}
	return all
}

// spanOf sets what comes out of no catalog apart. What has no letter, such as a date, runs from left to right.
func (v *visit) spanOf(s locale.Span) template.HTML {
	switch {
	case !s.At.IsZero():
		return v.dayOf(s)
	case !s.Value:
		return template.HTML(template.HTMLEscapeString(s.Text)) //nolint:gosec // escaped
	case strings.IndexFunc(s.Text, unicode.IsLetter) < 0:
		return template.HTML(`<bdi dir="ltr">` + escaped(s.Text) + `</bdi>`) //nolint:gosec // escaped
	}
	return peerText(s.Text)
}

// dayOf is a day within a sentence as pages write days, by UTC, with the time where that matters.
func (v *visit) dayOf(s locale.Span) template.HTML {
	t := v.t.Time
	month := template.HTML(template.HTMLEscapeString(t.Month(int(s.At.Month())))) //nolint:gosec // escaped
	words, err := fill(t.Day.Pieces(), []any{"day", strconv.Itoa(s.At.Day()), "month", month, "year", strconv.Itoa(s.At.Year())})
	if err == nil && s.Clock {
		words, err = fill(t.UTC.Pieces(), []any{"date", words, "clock", clock(s.At)})
	}
	if err != nil {
		return peerText(s.Text)
	}
	return template.HTML(`<time datetime="` + s.At.Format(time.RFC3339) + `">` + string(words) + `</time>`) //nolint:gosec // made of escaped parts
}

// anyEnglish reports whether one of them is in the English of the node.
func anyEnglish(list []warned) bool {
	for _, w := range list {
		if w.English {
			return true
		}
	}
	return false
}
