package scenario

import (
	"regexp"

	"valise.example/proto/ident"
)

// Bounds of a file, so that nothing in it costs more than a person can have meant. docs/scenario.md §1
const (
	MaxFile         = 1 << 20 // bytes
	maxTitle        = 200     // bytes of a short text
	maxText         = 8000    // bytes of a text
	maxStates       = 39      // as many invented codes there are
	maxInjects      = 1000
	maxExpectations = 2000
	maxJumps        = 100
	maxObjectives   = 100
	maxProfiles     = 100
	maxQuestions    = 50 // of the hot wash
	maxBranches     = 32 // of one all or any
	maxNested       = 8  // triggers within triggers
	maxPoints       = 100
	maxRate         = 1000
	mostSeed        = 1<<53 - 1 // that every reader of JSON can hold
)

// Languages are the tags in which texts can be, in the order in which the United Nations lists them. A-7a-iv
func Languages() []string { return []string{"ar", "zh", "en", "fr", "ru", "es"} }

var (
	idPattern      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`)
	namePattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	statePattern   = regexp.MustCompile(`^[A-Z]{2}$`)
	addressPattern = regexp.MustCompile(`^[A-Z]{2}/(diplomatic|technical)$`)
	seatPattern    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	ofPattern      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}(\.sent)?$`)
	spanPattern    = regexp.MustCompile(`^([0-9]{1,7}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?$`)
	zonePattern    = regexp.MustCompile(`^(\+(0[0-9]|1[0-3]):[0-5][0-9]|\+14:00|-(0[0-9]|1[01]):[0-5][0-9]|-12:00)$`)
	wordPattern    = regexp.MustCompile(`^[A-Z][A-Z0-9 -]{2,39}$`)
)

func free(says string, most int64) *shape {
	return &shape{form: text, says: says, least: 1, most: most}
}

func by(says string, p *regexp.Regexp, example string) *shape {
	return &shape{form: text, says: says, pattern: p, example: example}
}

func id(says string) *shape { return by(says, idPattern, "I01") }

func oneOf[T ~string](says string, values ...T) *shape {
	s := &shape{form: text, says: says}
	for _, v := range values {
		s.enum = append(s.enum, string(v))
	}
	return s
}

func number(says string, least, most int64) *shape {
	return &shape{form: integer, says: says, least: least, most: most}
}

func length(says string) *shape {
	return &shape{form: span, says: says, pattern: spanPattern, example: "90s, 20m, 3h or 1h30m"}
}

func yes(says string) *shape { return &shape{form: boolean, says: says} }

func many(says string, of *shape, least, most int64) *shape {
	return &shape{form: list, says: says, of: of, least: least, most: most}
}

// texts are one text by language. docs/scenario.md §1
func texts(says string, most int64) *shape {
	s := &shape{form: table, says: says, byLang: true}
	for _, l := range Languages() {
		s.keys = append(s.keys, key{l, free("in this language", most), l == "en"})
	}
	return s
}

func address(says string) *shape {
	s := by(says, addressPattern, "XA/technical")
	s.check = func(at string) string { return realState(at[:2]) }
	return s
}

// realState: only codes that ISO 3166-1 leaves to its users can be taken for no State. docs/protocol.md §2.2
func realState(code string) string {
	if ident.State(code).IsInvented() {
		return ""
	}
	return "is no invented State: exercises have QM to QZ and XA to XZ without XK, which no State bears"
}

func clockShape() *shape {
	return &shape{form: table, says: "the exercise clock", keys: []key{
		{"start", &shape{form: moment, says: "what the clock of the exercise shows at STARTEX, in UTC"}, true},
		{"rate", number("exercise seconds a second", 1, maxRate), false},
		{"auto", number("the rate while no human seat owes anything; 0: always rate", 0, maxRate), false},
	}}
}

func habitShape(says string) *shape {
	return &shape{form: table, says: says, keys: []key{
		{"chance", number("in per cent", 0, 100), true},
		{"least", length("at the soonest"), false},
		{"mode", length("most often"), false},
		{"most", length("at the latest"), false},
	}}
}

func participantShape() *shape {
	return &shape{form: table, says: "an invented State", keys: []key{
		{"name", free("of the invented State, the same in every language", 60), true},
		{"part", texts("what it has to do with the story", maxTitle), true},
		{"zone", by("its own time", zonePattern, "+03:00"), true},
		{"seats", &shape{form: table, says: "who has the seats: human, or a profile", keys: []key{
			{"diplomatic", by("human or a profile", seatPattern, Human), false},
			{"technical", by("human or a profile", seatPattern, Human), false},
		}}, true},
	}}
}

func profileShape() *shape {
	return &shape{form: table, says: "how a simulated seat behaves", keys: []key{
		{"acknowledge", habitShape("whether and when it acknowledges"), true},
		{"estimate", length("what its holding reply promises; without it there is none"), false},
		{"answer", habitShape("whether and when it answers what it acknowledged, from arrival"), false},
		{"channel", habitShape("whether and when it accepts the preferred channel; without it with the acknowledgement"), false},
		{"opens", habitShape("whether and when it writes what an inject asks for; without it as it acknowledges"), false},
		{"does", habitShape("whether and when it does what an inject tells it to; without it as it opens"), false},
		{"stand_in", yes("plays human seats where nobody does, in dry runs and rehearsals"), false},
	}}
}

func jumpShape() *shape {
	return &shape{form: table, says: "moves the clock", keys: []key{
		{"at", length("since STARTEX"), true},
		{"to", length("since STARTEX, later than at"), true},
		{"say", texts("what players are told", maxText), true},
	}}
}
