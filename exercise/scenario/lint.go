package scenario

import (
	"cmp"
	"fmt"
	"slices"

	"valise.example/proto/tomlkey"
)

// Severity says whether a scenario can be played with what was found.
type Severity string

// The severities. A scenario with an error is not played; a warning is for its writer to judge.
const (
	Fault   Severity = "error"
	Warning Severity = "warning"
)

// Code names a rule of Lint. The list only grows. docs/scenario.md §9
type Code string

// The rules. docs/scenario.md §9
const (
	BadForm        Code = "form"             // it cannot be read at all
	DuplicateID    Code = "duplicate_id"     // two parts of the story with one name
	UnknownID      Code = "unknown_id"       // names what is not there
	MissingSeat    Code = "missing_seat"     // no participant has this seat
	MissingProfile Code = "missing_profile"  // a seat names a profile that is not there
	StandIn        Code = "stand_in"         // none or several play human seats in a dry run
	Unused         Code = "unused"           // defined, and nothing refers to it
	Cycle          Code = "cycle"            // waits for itself
	Unreachable    Code = "unreachable"      // its condition can never come true
	AlwaysTrue     Code = "always_true"      // its condition is true at STARTEX
	AfterEnd       Code = "after_end"        // later than ENDEX
	NeverMet       Code = "never_met"        // nobody can do what is hoped for
	CrossTracks    Code = "cross_track"      // from one track to the other, or to oneself
	JumpOverlap    Code = "jump_overlap"     // two jumps over one time
	InJump         Code = "in_jump"          // lies in a jump, so that it is not played or scored
	NoObjective    Code = "no_objective"     // an exercise for nothing
	Points         Code = "points"           // what is scored counts for nothing, or the reverse
	KindRule       Code = "kind"             // does not belong into an exercise of this kind
	MissingText    Code = "missing_language" // a text is not there in a listed language
	ExtraText      Code = "extra_language"   // a text is there in a language that is not listed
	RealState      Code = "real_state"       // names a State or territory
	RoutableHost   Code = "routable_address" // an address on which something can answer
	LiveDomain     Code = "live_domain"      // a name that somebody can have registered
	RealMail       Code = "real_email"       // an address at which somebody can get mail
	NotADrill      Code = "not_a_drill"      // says that this is real
	HiddenText     Code = "hidden_character" // turns, hides or steers text
	Secret         Code = "secret"           // looks like a key or a password
)

// Finding is one thing that Lint says of a scenario.
type Finding struct {
	Line     int // from 1; 0 where no line is to blame
	Severity Severity
	Code     Code
	Key      string // "inject[2].to"
	Reason   string // repeats at most 40 characters of the file
	Hint     string
}

// linter looks at one scenario and notes what it finds.
type linter struct {
	*Scenario
	outline tomlkey.Outline
	found   []Finding
	injects map[string]int // index by id; of two the first
	expects map[string]int
	early   map[string]Span // what soonest has found
}

// Lint looks at what holds a scenario together and at what could be taken for reality. Data is the file that s
// was read from; it gives the lines. The findings stand in the order of the file; the same file always gives the
// same. docs/scenario.md §9
func Lint(s *Scenario, data []byte) []Finding {
	tree, _, outline, err := decode(s.ID, data)
	if err != nil {
		return []Finding{formFinding(err)}
	}
	l := &linter{Scenario: s, outline: outline, injects: map[string]int{}, expects: map[string]int{}, early: map[string]Span{}}
	l.ids()
	l.seats()
	l.kind()
	l.aims()
	l.story()
	l.times()
	l.hopes()
	l.words(tree)
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(l.found)
}

// Check is Parse and Lint in one: everything that is wrong with the form of a file, or, where it can be read,
// the scenario and what Lint finds. docs/scenario.md §9
func Check(name string, data []byte) (*Scenario, []Finding) {
	s, errs := read(name, data)
	if s != nil {
		return s, Lint(s, data)
	}
	found := make([]Finding, len(errs))
	for i, e := range errs {
		found[i] = formFinding(e)
	}
	return nil, found
}

// Playable reports whether nothing that was found is an error.
func Playable(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return f.Severity == Fault })
}

func formFinding(e *Error) Finding {
	return Finding{Line: e.Line, Severity: Fault, Code: BadForm, Key: e.Key, Reason: e.Reason, Hint: e.Hint}
}

func (l *linter) note(severity Severity, code Code, path, hint, reason string, args ...any) {
	l.found = append(l.found, Finding{
		Line: l.outline.At(path), Severity: severity, Code: code, Key: path, Hint: hint, Reason: fmt.Sprintf(reason, args...),
	})
}

func (l *linter) fault(code Code, path, hint, reason string, args ...any) {
	l.note(Fault, code, path, hint, reason, args...)
}

func (l *linter) warn(code Code, path, hint, reason string, args ...any) {
	l.note(Warning, code, path, hint, reason, args...)
}

func injectAt(i int) string { return tomlkey.Index("inject", i) }

func expectAt(i int) string { return tomlkey.Index("expect", i) }
