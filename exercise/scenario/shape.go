package scenario

import "regexp"

// form is what a value of the file is.
type form int

// The forms. docs/scenario.md §1
const (
	table   form = iota // fixed keys
	named               // a table whose keys are names that the organiser gives
	list                // of one shape
	text                // by a pattern, or one of a list, or free
	integer             // from least to most
	boolean
	moment // date and time in UTC
	span   // a length of exercise time
)

// shape is what may stand at one place of the file. Parse reads by it and Schema is made from it, so that
// neither takes what the other refuses. docs/scenario.md §1
type shape struct {
	form    form
	says    string         // what it means, for the schema
	ref     string         // its name in the schema, where it holds itself
	keys    []key          // of a table, in the order in which people write them
	byLang  bool           // one text by language
	one     []string       // of the keys of a table exactly one is there
	pattern *regexp.Regexp // of a text, or of the names of a named table
	example string         // what the pattern takes
	of      *shape         // of a named table or a list
	enum    []string
	least   int64               // of an integer, of the length of a list or of the bytes of a text
	most    int64               // a seed is larger than an int of 32 bits
	unique  bool                // no element of a list twice
	check   func(string) string // what is wrong with a text that its pattern takes; empty for nothing
}

// key is one key of a table.
type key struct {
	name   string
	shape  *shape
	needed bool
}

func (s *shape) key(name string) (key, bool) {
	for _, k := range s.keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

func (s *shape) names() []string {
	out := make([]string, len(s.keys))
	for i, k := range s.keys {
		out[i] = k.name
	}
	return out
}
