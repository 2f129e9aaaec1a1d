package telling

import (
	"strings"

	"valise.example/api/draft"
	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// Teller tells in one language.
type Teller struct {
	report   *locale.Report
	kinds    locale.KindTexts
	language locale.Language
	tracks   map[string]locale.Text
	exercise *locale.ExerciseTexts
	names    map[string]string
	hopes    map[string]string // what expectations hope for, by their ids
}

// In tells in a language. Names are those of States by their codes; a State that has none there is called by its code.
func In(l locale.Language, names map[string]string) *Teller {
	c := locale.Of(l)
	page := c.Page()
	return &Teller{
		report: c.Report(), kinds: c.Vocabulary().Kind, language: c.Language(), exercise: &page.Exercise, names: names,
		tracks: map[string]locale.Text{"diplomatic": page.Words.Track.Diplomatic, "technical": page.Words.Track.Technical},
	}
}

// Hoping tells of expectations also what they hope for, which is given by their ids, in the language of t.
func (t *Teller) Hoping(hopes map[string]string) *Teller {
	other := *t
	other.hopes = hopes
	return &other
}

// Theirs is what a person wrote or a file names, on one line.
func Theirs(text string) string { return strings.Join(strings.Fields(draft.Shown(text)), " ") }

// Named is the text of a value by its name; the name itself where this version has no text for it.
func Named(texts any, name string) string {
	if t, known := locale.Named(texts, key(name)); known {
		return t.String()
	}
	return Theirs(name)
}

// key is a name of a scenario or a recording as catalogs spell it.
func key(name string) string { return strings.NewReplacer(".", "_", "-", "_").Replace(name) }

// kindOf are the acts that are named as the kind of message which carries them.
var kindOf = map[scenario.Act]string{
	scenario.InquirySent: "inquiry", scenario.NoticeSent: "voluntary_notice", scenario.Acknowledged: "acknowledgement",
	scenario.HoldingSent: "holding_reply", scenario.EstimateSent: "revised_estimate", scenario.ResponseSent: "response",
	scenario.QuestionSent: "clarification_request", scenario.SupplementSent: "supplement", scenario.ChannelProposed: "channel_proposal",
	scenario.AgencyNamed: "agency_nomination", scenario.Referred: "referral", scenario.CorrectionSent: "correction",
	scenario.SentInError: "retraction", scenario.ConsentRequested: "consent_request", scenario.ConsentDecided: "consent_decision",
	scenario.ConsentWithdrawn: "consent_withdrawal", scenario.Closed: "closure", scenario.Reopened: "reopen",
}

// Act names what a seat does: behind a label, in a list, in a table.
func (t *Teller) Act(a scenario.Act) string {
	if text, known := locale.Named(t.kinds, kindOf[a]); known {
		return text.String()
	}
	return Named(t.report.Act, string(a))
}

// Never says of what must not happen that it did not; empty for what is none of that.
func (t *Teller) Never(n scenario.Never) string {
	if text, known := locale.Named(t.report.Kept, key(string(n))); known {
		return text.String()
	}
	return ""
}

// did says that a seat did an act, behind its name.
func (t *Teller) did(a scenario.Act, to string) string {
	if text, known := locale.Named(t.report.Did, key(string(a))); known {
		return text.Say("to", to)
	}
	return Theirs(string(a))
}

// Facts are what a message has.
func (t *Teller) Facts(list []scenario.Fact) string {
	all := make([]string, len(list))
	for i, f := range list {
		all[i] = Named(t.report.Fact, string(f))
	}
	return t.List(all)
}

// List puts texts beside each other. Chinese and Arabic have marks of their own.
func (t *Teller) List(all []string) string {
	switch t.language {
	case locale.Chinese:
		return strings.Join(all, "、")
	case locale.Arabic:
		return strings.Join(all, "، ")
	default:
		return strings.Join(all, ", ")
	}
}

// Pair is what something is called, and what is said of it.
func (t *Teller) Pair(name, said string) string {
	switch t.language {
	case locale.Chinese:
		return name + "：" + said
	case locale.French:
		return name + "\u00a0: " + said
	default:
		return name + ": " + said
	}
}

// Duration is a length of time in its two largest units, cut off: "2 h 15 min".
func (t *Teller) Duration(s scenario.Span) string {
	s = max(s, 0)
	units := &t.report.Time
	hours, minutes, seconds := int(s/scenario.Hour), int(s/scenario.Minute%60), int(s/scenario.Second%60)
	var all []string
	if hours > 0 {
		all = append(all, units.Hours.SayCount(hours))
	}
	if minutes > 0 {
		all = append(all, units.Minutes.SayCount(minutes))
	}
	if hours == 0 && (seconds > 0 || minutes == 0) {
		all = append(all, units.Seconds.SayCount(seconds))
	}
	return strings.Join(all, " ")
}

// Grade is a person's judgement in words.
func (t *Teller) Grade(g play.Grade) string {
	grades := &t.report.Grade
	switch g {
	case play.Performed:
		return grades.Performed.String()
	case play.SomeTrouble:
		return grades.Some.String()
	case play.MajorTrouble:
		return grades.Major.String()
	case play.Unperformed:
		return grades.Not.String()
	default:
		return Theirs(string(g))
	}
}

// Seat is one by the name of its State and its track; what is no seat, as it is.
func (t *Teller) Seat(address string) string {
	state, track, is := strings.Cut(address, "/")
	text, known := t.tracks[track]
	if !is || !known {
		return Theirs(address)
	}
	if name := t.names[state]; name != "" {
		state = name
	}
	return t.report.Told.Seat.Say("state", Theirs(state), "track", text.String())
}

func (t *Teller) seats(addresses []string) string {
	all := make([]string, len(addresses))
	for i, a := range addresses {
		all[i] = t.language.Line(t.Seat(a))
	}
	switch t.language {
	case locale.Chinese:
		return strings.Join(all, "、")
	case locale.Arabic:
		return strings.Join(all, "؛ ")
	default:
		return strings.Join(all, "; ") // there is a comma in the name of each
	}
}

// expectation is one by its id, with what it hopes for where that is known.
func (t *Teller) expectation(id string) string {
	if hope := t.hopes[id]; hope != "" {
		return t.report.Told.More.Say("said", Theirs(id), "more", hope)
	}
	return Theirs(id)
}

// Owes is an act that is hoped of a seat, towards another or, where to is empty, anybody.
func (t *Teller) Owes(seat string, does scenario.Act, to string) string {
	if to == "" {
		return t.report.Told.Owes.Say("seat", t.Seat(seat), "act", t.Act(does))
	}
	return t.report.Told.OwesTo.Say("seat", t.Seat(seat), "act", t.Act(does), "to", t.Seat(to))
}

// Raiser names who raised a REAL EVENT: a seat, an evaluator, an observer, and else control.
func (t *Teller) Raiser(seat string) string {
	if strings.Contains(seat, "/") {
		return t.Seat(seat)
	}
	return t.exercise.Raiser(seat).String()
}
