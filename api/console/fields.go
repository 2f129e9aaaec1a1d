package console

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"valise.example/api/locale"
)

// sort is what a field takes.
type sort int

const (
	line     sort = iota // one line of text
	words                // running text
	list                 // a list, one in each line
	choice               // one of several
	several              // any of several
	moment               // date, time and zone
	estimate             // when an answer may come: by, within, in words, or not said
)

// field is one key of a draft on a form. Its label is the text of its key in FieldTexts, without the
// numbers in it.
type field struct {
	key     string // as api/draft writes it: "narrative", "interim_contact.name", "answer[2].text"
	is      sort
	options []option
	must    bool   // one has to be chosen: the contract has no way to leave it out
	cites   bool   // messages of the thread are chosen, which the form puts in by itself: a draft knows no digests
	absent  bool   // may say why it has no value. A-10b
	start   string // what stands there at first
	asked   string // answer: the question, a peer's or our own words
	heads   string // key of a heading that stands before it; empty: none
	rows    *rows  // it stands for all rows of a table; nil: for itself
	step    int    // on which page of the form it stands; 0: the form has one
}

// option is one of a choice: its value in the draft, and its text by key; a label that is never translated
// has no text of ours.
type option struct {
	value, text string
	cite        *cited // a message that it stands for; nil: none
}

// inputs are the names of what the form of a field sends.
func (f field) inputs() []string {
	names := []string{f.key}
	switch f.is {
	case moment:
		names = []string{f.key + ".date", f.key + ".time", f.key + ".zone"}
	case several:
		names = nil
		for _, o := range f.options {
			names = append(names, f.key+"."+o.value)
		}
	case estimate:
		names = append(names, f.key+".date", f.key+".time", f.key+".zone", f.key+".number", f.key+".unit", f.key+".words")
	}
	if f.absent {
		names = append(names, f.key+".absent")
	}
	return names
}

// value is what a field says as api/draft reads it; nil where it says nothing.
func (f field) value(w *writing, here *time.Location, t *locale.WriteTexts) (any, *fault) {
	if why := w.values[f.key+".absent"]; f.absent && (why == "unknown" || why == "withheld" || why == "not_applicable") {
		return map[string]any{why: true}, nil
	}
	said := strings.TrimSpace(w.values[f.key])
	switch f.is {
	case moment:
		return f.moment(w, here, t)
	case estimate:
		return f.estimate(w, said, here, t)
	case list:
		return f.list(said), nil
	case several:
		return f.any(w), nil
	case choice:
		if said == "true" || said == "false" {
			return said == "true", nil
		}
	}
	if said == "" {
		return nil, nil
	}
	return said, nil
}

func (f field) list(said string) any {
	var all []any
	for entry := range strings.SplitSeq(said, "\n") {
		if entry = strings.TrimSpace(entry); entry != "" {
			all = append(all, entry)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// any are the values that were chosen.
func (f field) any(w *writing) any {
	var all []string
	for _, o := range f.options {
		if w.values[f.key+"."+o.value] != "" {
			all = append(all, o.value)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// moment reads a date, a time and whose clock shows it. An hour that a clock leaves out is none.
func (f field) moment(w *writing, here *time.Location, t *locale.WriteTexts) (any, *fault) {
	date, clock, zone := strings.TrimSpace(w.values[f.key+".date"]), strings.TrimSpace(w.values[f.key+".time"]), time.UTC
	if date == "" && clock == "" {
		return nil, nil
	}
	if w.values[f.key+".zone"] == "here" {
		zone = here
	}
	const form = "2006-01-02 15:04"
	at, err := time.ParseInLocation(form, date+" "+clock, zone)
	if err != nil || at.Format(form) != date+" "+clock {
		return nil, &fault{Field: f.key, Text: t.Fault.BadTime}
	}
	return at.Format(time.RFC3339), nil
}

// estimate reads how the officer wishes to say when. R-2
func (f field) estimate(w *writing, said string, here *time.Location, t *locale.WriteTexts) (any, *fault) {
	switch said {
	case "", "none":
		return nil, nil
	case "by":
		v, wrong := f.moment(w, here, t)
		if v == nil && wrong == nil {
			wrong = &fault{Field: f.key, Text: t.Fault.BadTime}
		}
		return v, wrong
	case "within":
		n, err := strconv.Atoi(strings.TrimSpace(w.values[f.key+".number"]))
		if err != nil || n < 1 || n > 3650 {
			return nil, &fault{Field: f.key, Text: t.Fault.BadNumber}
		}
		if w.values[f.key+".unit"] == "days" {
			return fmt.Sprintf("P%dD", n), nil
		}
		return fmt.Sprintf("PT%dH", n), nil
	case "words":
		if text := strings.TrimSpace(w.values[f.key+".words"]); text != "" {
			return text, nil
		}
		return nil, &fault{Field: f.key, Text: t.Fault.Missing}
	}
	if _, err := time.Parse(time.RFC3339, said); err != nil {
		return nil, &fault{Field: f.key, Text: t.Fault.BadTime}
	}
	return said, nil
}

// set puts a value of a draft back into the inputs of its field, for what is written anew.
func (f field) set(w *writing, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, why := range []string{"unknown", "withheld", "not_applicable"} {
			if v[why] == true && f.absent {
				w.values[f.key+".absent"] = why
			}
		}
	case bool:
		w.values[f.key] = strconv.FormatBool(v)
	case []string:
		if f.is == several {
			for _, value := range v {
				w.values[f.key+"."+value] = "on"
			}
			return
		}
		w.values[f.key] = strings.Join(v, "\n")
	case string:
		f.setText(w, v)
	}
}

var (
	inHours = regexp.MustCompile(`^PT(\d{1,4})H$`)
	inDays  = regexp.MustCompile(`^P(\d{1,4})D$`)
)

func (f field) setText(w *writing, v string) {
	at, err := time.Parse(time.RFC3339, v)
	switch {
	case f.is == moment && err == nil:
		at = at.UTC()
		w.values[f.key+".date"], w.values[f.key+".time"], w.values[f.key+".zone"] = at.Format(time.DateOnly), at.Format("15:04"), "utc"
	case f.is == estimate && err != nil && inHours.MatchString(v):
		w.values[f.key], w.values[f.key+".number"], w.values[f.key+".unit"] = "within", inHours.FindStringSubmatch(v)[1], "hours"
	case f.is == estimate && err != nil && inDays.MatchString(v):
		w.values[f.key], w.values[f.key+".number"], w.values[f.key+".unit"] = "within", inDays.FindStringSubmatch(v)[1], "days"
	case f.is == estimate && err != nil:
		w.values[f.key], w.values[f.key+".words"] = "words", v
	default:
		w.values[f.key] = v
	}
}
