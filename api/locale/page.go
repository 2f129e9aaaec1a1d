package locale

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
)

// Page is every text of the web page, by the part of it that says them. A field is a text; its tag
// "places" lists what the program fills into it, separated by commas, and "count" among them means that
// the text has plural forms.
type Page struct {
	Frame  FrameTexts  `toml:"frame"`
	Words  WordTexts   `toml:"words"`
	Time   TimeTexts   `toml:"time"`
	Desk   DeskTexts   `toml:"desk"`
	Thread ThreadTexts `toml:"thread"`
	Sent   SentTexts   `toml:"sent"`

	Console  ConsoleTexts `toml:"console"`
	Reading  ReadingTexts `toml:"reading"`
	Label    LabelTexts   `toml:"label"`
	Value    ValueTexts   `toml:"value"`
	Mark     MarkTexts    `toml:"mark"`
	Advice   AdviceTexts  `toml:"advice"`
	Write    WriteTexts   `toml:"write"`
	New      NewTexts     `toml:"new"`
	Roles    RoleTexts    `toml:"roles"`
	Node     NodeTexts    `toml:"node"`
	Contacts ContactTexts `toml:"contacts"`
	Ours     HomeTexts    `toml:"ours"`
	Record   RecordTexts  `toml:"record"`
	Help     HelpTexts    `toml:"help"`

	Paper    PaperTexts    `toml:"paper"`
	Exercise ExerciseTexts `toml:"exercise"`
	Control  ControlTexts  `toml:"control"`
}

// Text is one text of a page in one language.
type Text struct {
	message
	language Language
}

// UnmarshalTOML takes a string, or a table with a string for each plural form.
func (t *Text) UnmarshalTOML(v any) error { return t.message.UnmarshalTOML(v) }

// String is the text where nothing is filled in.
func (t Text) String() string { return t.byForm[plural.Other] }

// Piece is a stretch of a text, or a place in it to fill.
type Piece struct {
	Text  string
	Place string // its name; empty: this is text
}

// Pieces takes the text apart at its places. Of one with plural forms it is the form that stands for all
// others.
func (t Text) Pieces() []Piece { return pieces(t.String()) }

// Has reports whether t has a place of this name to fill.
func (t Text) Has(place string) bool { return strings.Contains(t.String(), "{"+place+"}") }

// Counted is Pieces in the form for n, with n filled in as the place "count", in Western digits.
func (t Text) Counted(n int) []Piece {
	found := pieces(t.byForm[t.language.form(n)])
	for i, p := range found {
		if p.Place == "count" {
			found[i] = Piece{Text: strconv.Itoa(n)}
		}
	}
	return found
}

func pieces(text string) (found []Piece) {
	for text != "" {
		before, rest, ok := strings.Cut(text, "{")
		if before != "" {
			found = append(found, Piece{Text: before})
		}
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		found, text = append(found, Piece{Place: name}), after
	}
	return found
}

// Page is what the web page says in the language of c.
func (c *Catalog) Page() *Page { return &c.written.Page }

// textSlots finds every text of a struct by its fields, under a key: what has no place in the struct can
// stand in no catalog.
func textSlots(under string, texts any, l Language) (found []slot) {
	var walk func(key string, v reflect.Value)
	walk = func(key string, v reflect.Value) {
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name := key + "." + field.Tag.Get("toml")
			text, ok := reflect.TypeAssert[*Text](v.Field(i).Addr())
			if !ok {
				walk(name, v.Field(i))
				continue
			}
			text.language = l
			found = append(found, slotOf(name, &text.message, field.Tag.Get("places")))
		}
	}
	walk(under, reflect.ValueOf(texts).Elem())
	return found
}

func slotOf(key string, m *message, tag string) slot {
	s := slot{key: key, message: m}
	for name := range strings.SplitSeq(tag, ",") {
		switch name {
		case "":
		case "count":
			s.counted = true
		default:
			s.values = append(s.values, name)
		}
	}
	return s
}

// Find is the text of p by its key, "desk.title"; for tests and tools of translators, which read keys.
func (p *Page) Find(key string) (Text, error) {
	for _, s := range textSlots("page", p, English) {
		if s.key == "page."+key {
			return Text{message: *s.message}, nil
		}
	}
	return Text{}, fmt.Errorf("locale: no text of the page is called %.60q", key)
}
