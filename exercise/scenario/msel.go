package scenario

import (
	"slices"
	"time"
)

// MappingFormat is the value of the key `valise` of every mapping. docs/scenario.md §10
const MappingFormat = "msel-map/v1"

// Mapping says how the list of injects (MSEL, master scenario events list) of an organiser's spreadsheet is read.
// docs/scenario.md §10
type Mapping struct {
	Language  string            // of the texts in it
	Separator rune              // between cells
	Several   string            // between the seats of one cell
	Clock     bool              // times of day are of the exercise clock; otherwise since STARTEX
	Start     time.Time         // what that clock shows at STARTEX; zero: no dates and times of day are read
	Columns   map[string]string // title of the column of each field
	Seats     map[string]string // addresses by the words of the list
	How       map[string]string // ways by the words of the list
}

// field is one column of the list as this program writes it.
type field struct{ name, title, says string }

// fields are the columns in the order in which they are written. What is derived is written and never read.
var fields = []field{
	{"id", "No.", "names the inject"},
	{"time", "Time", "since STARTEX, or by the clock"},
	{"clock", "Clock", "derived: what the clock of the exercise shows"},
	{"when", "When", "the condition, or manual"},
	{"delay", "Delay", "after the condition"},
	{"how", "Delivery", "how it reaches the seats"},
	{"as", "From", "who is played"},
	{"to", "To", "the seats"},
	{"text", "Text", "what they read"},
	{"opens_from", "Opens from", "who writes after it"},
	{"opens_to", "Opens to", "to whom"},
	{"incident_of", "Incident of", "the inject whose incident this is too"},
	{"scored", "Scored", "yes or no"},
	{"expected", "Expected action", "derived: the expectations that count from it"},
	{"objectives", "Objectives", "derived: what they show"},
}

var derived = []string{"clock", "expected", "objectives"}

// DefaultMapping reads what WriteMSEL writes in a language.
func DefaultMapping(language string) Mapping {
	m := Mapping{Language: language, Separator: ',', Several: ";", Columns: map[string]string{}}
	for _, f := range fields {
		if !slices.Contains(derived, f.name) {
			m.Columns[f.name] = f.title
		}
	}
	return m
}

func mappingShape() *shape {
	columns := &shape{form: table, says: "the titles of the columns"}
	for _, f := range fields {
		if !slices.Contains(derived, f.name) {
			columns.keys = append(columns.keys, key{f.name, free(f.says, maxTitle), f.name == "id"})
		}
	}
	anyWord := &shape{form: named, of: address("a seat"), most: 200}
	ways := &shape{form: named, of: oneOf("a way", Note, Press, Phone, SealedCard, File), most: 200}
	return &shape{form: table, says: "how a list of injects is read", keys: []key{
		{"valise", oneOf("the version of this format", MappingFormat), true},
		{"language", oneOf("of the texts", Languages()...), true},
		{"separator", oneOf("between cells", ",", ";", "\t"), false},
		{"several", free("between the seats of one cell", 3), false},
		{"clock", yes("times of day are of the exercise clock"), false},
		{"start", &shape{form: moment, says: "what that clock shows at STARTEX"}, false},
		{"columns", columns, true},
		{"seats", anyWord, false},
		{"how", ways, false},
	}}
}

// ParseMapping reads a mapping strictly. The error is always *Error. docs/scenario.md §10
func ParseMapping(name string, data []byte) (Mapping, error) {
	tree, _, outline, err := decode(name, data)
	if err != nil {
		return Mapping{}, err
	}
	r := &reader{file: name, outline: outline}
	r.value("", tree, mappingShape(), 0)
	in := node(tree)
	if in.yes("clock") && !in.has("start") {
		r.wrong("clock", "add start = 2030-03-05T05:30:00Z", "wants to know what the clock shows at STARTEX")
	}
	if len(r.errs) > 0 {
		byLine(r.errs)
		return Mapping{}, r.errs[0]
	}
	m := Mapping{
		Language: in.text("language"), Separator: ',', Several: ";", Clock: in.yes("clock"),
		Columns: in.wordsBy("columns"), Seats: in.wordsBy("seats"), How: in.wordsBy("how"),
	}
	m.Start, _ = in["start"].(time.Time)
	if s := in.text("separator"); s != "" {
		m.Separator = rune(s[0])
	}
	if s := in.text("several"); s != "" {
		m.Several = s
	}
	return m, nil
}

func (n node) wordsBy(key string) map[string]string {
	out, in := map[string]string{}, n.table(key)
	for name := range in {
		out[name] = in.text(name)
	}
	return out
}
