package locale

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// Told are the texts that a node, or a look at a home, says with arguments, and that the page and the command
// show alike.
type Told struct {
	Warning WarningTexts   `toml:"warning"`
	Value   ToldValueTexts `toml:"value"`
	Found   FoundTexts     `toml:"found"`
	Fix     FixTexts       `toml:"fix"`
}

// Told is what a node says of itself in the language of c.
func (c *Catalog) Told() *Told { return &c.written.Told }

// Span is a stretch of a sentence with its values filled in.
type Span struct {
	Text string
	// Value says that the text comes out of no catalog: a name, an amount, a time. It is set apart.
	Value bool
	// At is the moment that a value stands for; zero for another value. A page may write it as it writes all
	// moments. Clock says that the time of the day matters too.
	At    time.Time
	Clock bool
	// English says that the text is the node's own English, because this program has no words for it.
	English bool
}

// Found is one thing that a look at a home says, by the name of its text.
type Found struct {
	Code      string // the key of a text of FoundTexts, and of one of FixTexts where there is something to do
	Arguments []*valisev1.WarningArgument
	// Warning fills the place of that name.
	Warning *valisev1.StandingWarning
	// Why and Detail fill the place "why": in English the detail, which exists in English only; in every
	// other language the sentence of the reason. Detail may be empty.
	Why    valisev1.Reason
	Detail string
}

// Standing are the warnings of a node; those of one that gives only sentences have no value and stay English.
// docs/protocol.md §12.3
func Standing(standing []*valisev1.StandingWarning, sentences ...string) []*valisev1.StandingWarning {
	if len(standing) > 0 {
		return standing
	}
	for _, text := range sentences {
		if text != "" {
			standing = append(standing, &valisev1.StandingWarning{Text: text})
		}
	}
	return standing
}

// Warning is what a node warns of, as of now, in the language of c: it says how far a day to come is. A value
// that this version does not know, or with other arguments, is told in the English of the node.
// docs/protocol.md §12.3
func (c *Catalog) Warning(w *valisev1.StandingWarning, now time.Time) []Span {
	if text, known := Named(c.written.Told.Warning, WarningName(w.GetWarning())); known {
		if spans, whole := (&filler{c: c, now: now, arguments: w.GetArguments()}).fill(text); whole {
			return spans
		}
	}
	return []Span{{Text: w.GetText(), English: c.language != English, Value: true}}
}

// WarningName is the name of a warning in lower case, as its text has it.
func WarningName(w valisev1.Warning) string {
	return strings.ToLower(strings.TrimPrefix(w.String(), "WARNING_"))
}

// Found is what a look at a home says, and what to do about it; the latter is empty where nothing is. Both are
// nil for a code that c has no text for.
func (c *Catalog) Found(f Found, now time.Time) (what, fix []Span) {
	x := &filler{c: c, now: now, arguments: f.Arguments, found: f}
	if text, known := Named(c.written.Told.Found, f.Code); known {
		what, _ = x.fill(text)
	}
	if text, known := Named(c.written.Told.Fix, f.Code); known {
		fix, _ = x.fill(text)
	}
	return what, fix
}

// Plain is a sentence for a terminal: what steers a screen is shown, and each value turns nothing around it.
func (c *Catalog) Plain(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		switch {
		case !s.Value:
			b.WriteString(s.Text)
		case c.language == English:
			b.WriteString(draft.Shown(s.Text))
		default:
			b.WriteString(c.language.Isolate(s.Text))
		}
	}
	return b.String()
}

// filler puts values into the places of one text.
type filler struct {
	c         *Catalog
	now       time.Time
	arguments []*valisev1.WarningArgument
	found     Found
}

func (x *filler) fill(text Text) (spans []Span, whole bool) {
	for _, p := range text.Pieces() {
		if p.Place == "" {
			spans = append(spans, Span{Text: p.Text})
			continue
		}
		value := x.place(p.Place)
		if value == nil {
			return nil, false
		}
		spans = append(spans, value...)
	}
	return spans, true
}

// place is nil where there is nothing to fill in.
func (x *filler) place(name string) []Span {
	switch {
	case name == "warning" && x.found.Warning != nil:
		return x.c.Warning(x.found.Warning, x.now)
	case name == "why" && x.c.language == English && x.found.Detail != "":
		return value(x.found.Detail)
	case name == "why":
		return []Span{{Text: x.c.Sentence(cmp.Or(x.found.Why, valisev1.Reason_REASON_INTERNAL))}} // nobody has said which
	}
	at := slices.IndexFunc(x.arguments, func(a *valisev1.WarningArgument) bool { return a.GetName() == name })
	if at < 0 {
		return nil
	}
	return x.argument(x.arguments[at])
}

func (x *filler) argument(a *valisev1.WarningArgument) []Span {
	switch v := a.GetValue().(type) {
	case *valisev1.WarningArgument_Named:
		if track, known := Named(x.c.written.Told.Value, v.Named); known && a.GetName() == "track" {
			return []Span{{Text: track.String()}}
		}
		return value(v.Named)
	case *valisev1.WarningArgument_Number:
		return value(strconv.FormatUint(v.Number, 10))
	case *valisev1.WarningArgument_Time:
		at := v.Time.AsTime().UTC()
		return []Span{{Text: at.Format("2006-01-02 15:04:05 UTC"), Value: true, At: at, Clock: true}}
	case *valisev1.WarningArgument_Day:
		return x.day(v.Day)
	case *valisev1.WarningArgument_Reason:
		return []Span{{Text: x.c.Sentence(v.Reason)}}
	case *valisev1.WarningArgument_Names:
		return x.names(v.Names)
	}
	return nil
}

func value(text string) []Span { return []Span{{Text: text, Value: true}} }

// day is a date, and how far it is while it is to come.
func (x *filler) day(t *timestamppb.Timestamp) []Span {
	at, left := t.AsTime().UTC(), t.AsTime().Sub(x.now)
	pieces := []Piece{{Place: "day"}}
	switch days := int(left / (24 * time.Hour)); {
	case days > 0:
		pieces = x.c.written.Told.Value.Days.Counted(days)
	case left > 0:
		pieces = x.c.written.Told.Value.Today.Pieces()
	}
	return withNames(pieces, []Span{{Text: at.Format(time.DateOnly), Value: true, At: at}})
}

// names are several on one line, and how many there are beyond.
func (x *filler) names(list *valisev1.WarningNames) (all []Span) {
	between := x.c.written.Command.Thread.Both.Pieces()
	for i, one := range list.GetNames() {
		if i > 0 && len(between) > 2 {
			all = append(all, Span{Text: between[1].Text})
		}
		all = append(all, Span{Text: one.GetName(), Value: true})
		if one.GetDay() != nil {
			all = append(append(append(all, Span{Text: " ("}), x.day(one.GetDay())...), Span{Text: ")"})
		}
	}
	if list.GetMore() == 0 || len(all) == 0 {
		return all
	}
	return withNames(x.c.written.Told.Value.More.Counted(int(list.GetMore())), all)
}

// withNames fills the one place that pieces have left.
func withNames(pieces []Piece, filled []Span) (all []Span) {
	for _, p := range pieces {
		if p.Place != "" {
			all = append(all, filled...)
			continue
		}
		all = append(all, Span{Text: p.Text})
	}
	return all
}
