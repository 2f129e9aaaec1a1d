package play

import "valise.example/exercise/scenario"

// Engine is the version of the rules of play. A recording of another one is read and not replayed.
const Engine = 1

// RecordingFormat is the first line's word for what follows. docs/exercises.md §7
const RecordingFormat = "recording/v1"

// LineType says what a line of a recording tells.
type LineType string

// The types. docs/exercises.md §7
const (
	Opened   LineType = "opened"   // first: scenario, seed, engine, exercise start
	Control  LineType = "control"  // the clock, or an inject by hand, or REAL EVENT
	Injected LineType = "injected" // a piece of the story reached seats
	Acted    LineType = "acted"    // a seat did something
	Refused  LineType = "refused"  // a node did not let a person do what must not happen
	Result   LineType = "result"   // what became of an expectation
	Judged   LineType = "judged"   // what a person says of one
	Noted    LineType = "noted"    // an evaluator's or controller's note
	Compared LineType = "compared" // the records of two seats at ENDEX
	Ended    LineType = "ended"    // last: how many lines there are before it
)

// Line is one line of a recording: a JSON object of one line, its keys in this order, without what is empty. It
// names ids of the scenario and exercise time; never a key, a port, a folder, a person or wall time, so that two
// runs can be compared byte by byte. docs/exercises.md §7
type Line struct {
	Seq  uint64        `json:"seq"` // from 0
	At   scenario.Span `json:"at"`  // exercise time since STARTEX
	Type LineType      `json:"type"`

	// Opened.
	Format   string   `json:"format,omitempty"`
	Scenario string   `json:"scenario,omitempty"`
	Digest   string   `json:"digest,omitempty"` // SHA-256 of the scenario's file, hex
	Seed     uint64   `json:"seed,omitempty"`
	Engine   int      `json:"engine,omitempty"`
	Start    string   `json:"start,omitempty"`   // RFC 3339, by the clock of the exercise
	Realm    string   `json:"realm,omitempty"`   // its 32 hex digits come from seed and digest
	Persons  []string `json:"persons,omitempty"` // human seats that people have in this run, sorted; stand-ins play the others

	// Control.
	Do    Command `json:"do,omitempty"`
	Value int64   `json:"value,omitempty"` // rate of a speed, 0 for auto; target of a jump

	// Injected; and what a command of control, an act or a result is about.
	Inject string   `json:"inject,omitempty"`
	To     []string `json:"to,omitempty"`
	Cause  Cause    `json:"cause,omitempty"`

	// Acted, Refused; of a note the seat that it is about, of a real event that which raised it.
	Seat   string          `json:"seat,omitempty"`
	Does   scenario.Act    `json:"does,omitempty"`
	Thread string          `json:"thread,omitempty"` // "XA/technical-1": the first that this seat opened
	Has    []scenario.Fact `json:"has,omitempty"`    // sorted
	Person bool            `json:"person,omitempty"` // a person did it, not a profile
	Breaks scenario.Never  `json:"breaks,omitempty"` // what must not happen, as an observer or a node saw it

	// Result, Judged.
	Expectation string  `json:"expectation,omitempty"`
	Outcome     Outcome `json:"outcome,omitempty"`
	By          *uint64 `json:"by,omitempty"`    // number (seq) of the line that decided it
	After       *int64  `json:"after,omitempty"` // milliseconds from the anchor to that act
	Grade       Grade   `json:"grade,omitempty"`
	Text        string  `json:"text,omitempty"` // words of an evaluator, or why something was waived

	// Compared.
	Seats []string `json:"seats,omitempty"`
	Agree *bool    `json:"agree,omitempty"`

	// Ended.
	Lines uint64 `json:"lines,omitempty"`

	Prev string `json:"prev"` // SHA-256 of the line before, without its end, hex; zeros in the first
}

// Command is what control does.
type Command string

// The commands. docs/exercises.md §5
const (
	StartEx   Command = "startex"
	Pause     Command = "pause"
	Resume    Command = "resume"
	Speed     Command = "speed"
	JumpTo    Command = "jump"
	Release   Command = "release"
	Hold      Command = "hold"
	Skip      Command = "skip"
	RealEvent Command = "real_event"
	StandDown Command = "stand_down"
	EndEx     Command = "endex"
)

// Cause is why an inject fired; of a command, whether the scenario or control gave it.
type Cause string

// The causes.
const (
	ByTime    Cause = "at"
	ByTrigger Cause = "when"
	ByControl Cause = "control"
	BySkip    Cause = "skipped" // it will not fire
)

// Outcome is what became of an expectation. docs/exercises.md §6
type Outcome string

// The outcomes. Late comes after Missed, when the act happens at last.
const (
	Met        Outcome = "met"
	Missed     Outcome = "missed"
	Late       Outcome = "late"
	NotReached Outcome = "not_reached" // what it counts from never happened
	NotScored  Outcome = "not_scored"  // its time fell into a jump, or was not over at ENDEX
	Waived     Outcome = "waived"
	Unjudged   Outcome = "unjudged" // a person was to judge, and nobody did
)

// Grade is a person's judgement: performed, with some challenges, with major challenges, not performed.
type Grade string

// The grades.
const (
	Performed    Grade = "P"
	SomeTrouble  Grade = "S"
	MajorTrouble Grade = "M"
	Unperformed  Grade = "U"
)
