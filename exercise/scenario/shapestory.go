package scenario

import "slices"

func acts() []Act {
	return []Act{InquirySent, NoticeSent, Acknowledged, HoldingSent, EstimateSent, ResponseSent, Declined, QuestionSent,
		SupplementSent, ChannelProposed, ChannelAgreed, AgencyNamed, Referred, CorrectionSent, SentInError,
		ConsentRequested, ConsentDecided, ConsentWithdrawn, Closed, Reopened, CheckAnswered, CallLogged, RealEventRaised}
}

// TellableActs are those that an inject can tell a simulated seat to do. An inquiry has a key of its own (opens), and a
// communication check is answered when somebody asks. docs/scenario.md §5
func TellableActs() []Act {
	return slices.DeleteFunc(acts(), func(a Act) bool { return a == InquirySent || a == CheckAnswered })
}

// needsThread reports whether an act is done on a thread that somebody has begun.
func (a Act) needsThread() bool { return a != NoticeSent && a != RealEventRaised }

// Known reports whether a scenario can speak of an act. docs/scenario.md §8
func (a Act) Known() bool { return slices.Contains(acts(), a) }

func factsOf() []Fact {
	return []Fact{Contact, Nature, TimeSensitivity, NeededBy, PreferredChannel, LeadAgency, Questions, EstimateGiven, Attachment, Translation}
}

// triggerShape is a condition of conditions; how deep they go is bounded by the reader. docs/scenario.md §5
func triggerShape() *shape {
	s := &shape{form: table, ref: "trigger", says: "one condition", one: []string{"event", "met", "missed", "all", "any", "not"}}
	s.keys = []key{
		{"event", oneOf("an act of a seat", acts()...), false},
		{"from", address("whose act; without it anybody's"), false},
		{"to", address("towards whom; without it anybody"), false},
		{"met", id("an expectation that has been met"), false},
		{"missed", id("an expectation that has been missed"), false},
		{"all", many("all of these", s, 1, maxBranches), false},
		{"any", many("any of these", s, 1, maxBranches), false},
		{"not", s, false},
	}
	return s
}

func injectShape() *shape {
	return &shape{form: table, says: "a piece of the story that reaches seats, once", one: []string{"at", "when", "manual"}, keys: []key{
		{"id", id("names it in this file"), true},
		{"at", length("since STARTEX"), false},
		{"when", triggerShape(), false},
		{"manual", yes("only control releases it"), false},
		{"delay", length("after the condition has come true"), false},
		{"to", &shape{form: list, says: "the seats that it reaches", of: address("a seat"), least: 1, most: 2 * maxStates, unique: true}, true},
		{"as", texts("who is played", maxTitle), true},
		{"how", oneOf("how it reaches them", Note, Press, Phone, SealedCard, File), true},
		{"text", texts("what they read", maxText), true},
		{"opens", &shape{form: table, says: "the inquiry that a simulated seat writes after it", keys: []key{
			{"from", address("who writes; without it each simulated seat that is reached"), false},
			{"to", address("to whom"), true},
			{"incident_of", id("the inject whose incident this is too"), false},
		}}, false},
		{"does", &shape{form: table, says: "what each simulated seat that it reaches does after it", keys: []key{
			{"acts", &shape{form: list, says: "in this order", of: oneOf("an act", TellableActs()...), least: 1, most: int64(len(TellableActs())), unique: true}, true},
			{"on", id("the inject on the thread of whose message that is done"), false},
			{"to", address("to whom a notice goes"), false},
		}}, false},
		{"unscored", yes("does not belong to what is scored"), false},
	}}
}

func expectShape() *shape {
	return &shape{form: table, says: "what is hoped for", one: []string{"does", "never", "judge"}, keys: []key{
		{"id", id("names it in this file"), true},
		{"objective", id("which objective it shows"), true},
		{"who", address("whose act"), false},
		{"does", oneOf("the act", acts()...), false},
		{"to", address("towards whom"), false},
		{"pair", &shape{form: list, says: "two seats in the place of who and to", of: address("a seat"), least: 2, most: 2, unique: true}, false},
		{"within", length("how long it may take"), false},
		{"of", by("from when: an inject, the message that it caused (I06.sent), an expectation that was met; without it STARTEX", ofPattern, "I06.sent"), false},
		{"has", &shape{form: list, says: "what the message must have", of: oneOf("a fact", factsOf()...), least: 1, most: int64(len(factsOf())), unique: true}, false},
		{"never", oneOf("what must not happen", CrossTrack, RecordMismatch, ThirdParty), false},
		{"judge", texts("what a person judges", maxTitle), false},
		{"points", number("what it counts", 0, maxPoints), false},
		{"unscored", yes("is shown and does not count"), false},
	}}
}

// fileShape is the whole file. docs/scenario.md §1
func fileShape() *shape {
	objective := &shape{form: table, says: "what the exercise is for", keys: []key{
		{"text", texts("the objective", maxTitle), true},
		{"from", free("where it comes from: A-10 s4, or words", maxTitle), true},
	}}
	state := statePattern
	return &shape{form: table, says: "an exercise of Valise", keys: []key{
		{"valise", oneOf("the version of this format", Format), true},
		{"id", by("names the scenario and the realm", namePattern, "lantern-ward"), true},
		{"title", texts("for people", maxTitle), true},
		{"kind", oneOf("how much is played", CommunicationCheck, Drill, Tabletop, Functional), true},
		{"languages", &shape{form: list, says: "in which every text is; without it English alone", of: oneOf("a language", Languages()...), least: 1, most: 6, unique: true}, false},
		{"seed", &shape{form: integer, says: "of all draws, unless another is given", most: mostSeed}, false},
		{"end", length("ENDEX, since STARTEX"), true},
		{"clock", clockShape(), true},
		{"mark", &shape{form: table, says: "how players tell the exercise from reality", keys: []key{
			{"codeword", by("spoken at STARTEX and ENDEX", wordPattern, "LANTERN"), true},
			{"real_event", texts("the stop word; without it REAL EVENT", 60), false},
		}}, true},
		{"objectives", &shape{form: named, says: "by their ids", pattern: idPattern, example: "O1", of: objective, most: maxObjectives}, false},
		{"participants", &shape{form: named, says: "by their codes", pattern: state, example: "XA", of: participantShape(), least: 1, most: maxStates, check: realState}, true},
		{"profiles", &shape{form: named, says: "by their names", pattern: seatPattern, example: "steady", of: profileShape(), most: maxProfiles}, false},
		{"inject", many("the story", injectShape(), 0, maxInjects), false},
		{"jump", many("moves of the clock", jumpShape(), 0, maxJumps), false},
		{"expect", many("what is hoped for", expectShape(), 0, maxExpectations), false},
		{"hot_wash", many("questions to everybody after ENDEX", texts("a question", maxTitle), 0, maxQuestions), false},
	}}
}
