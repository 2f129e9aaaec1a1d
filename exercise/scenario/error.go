package scenario

import (
	"cmp"
	"fmt"
	"slices"
)

// Error says what cannot be read in a scenario, where, and what would be read. docs/scenario.md §1
type Error struct {
	File   string // as it was named to Parse
	Line   int    // from 1; 0 where no line is to blame
	Key    string // "inject[2].to"; empty where the whole is meant
	Reason string // repeats at most 40 characters of the file
	Hint   string // empty where the reason says it

	missing bool // what is not there; a slip in its name is told first
}

// Error is one line for people, without the hint.
func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Key != "" {
		at += ": " + e.Key
	}
	return at + ": " + e.Reason
}

// byLine puts what is wrong in the order of the file, so that it is mended from the top; what is missing comes
// after it.
func byLine(errs []*Error) {
	slices.SortStableFunc(errs, func(a, b *Error) int {
		if a.missing != b.missing {
			if b.missing {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reason, b.Reason))
	})
}
