package report

import (
	"strconv"
	"strings"

	"valise.example/api/draft"
	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// words are the texts of a report in the language of its reader.
type words struct {
	*locale.Report
	kinds    locale.KindTexts
	language locale.Language
}

func wordsOf(l locale.Language) *words {
	c := locale.Of(l)
	return &words{c.Report(), c.Vocabulary().Kind, c.Language()}
}

// say fills a text: values are a name and what stands there, by turns. A value that runs against the language is
// isolated, so that it turns nothing around it.
func (w *words) say(t locale.Text, values ...string) string { return w.fill(t.Pieces(), values) }

// count is say in the plural form for n.
func (w *words) count(t locale.Text, n int, values ...string) string {
	return w.fill(t.Counted(n), values)
}

func (w *words) fill(pieces []locale.Piece, values []string) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
		for i := 0; p.Place != "" && i+1 < len(values); i += 2 {
			if values[i] == p.Place {
				b.WriteString(w.alone(values[i+1]))
				break
			}
		}
	}
	return b.String()
}

// alone is a value that turns nothing around it. One that is put together of others keeps the direction of the
// language; theirs has taken what could end an isolate out of all that people wrote.
func (w *words) alone(value string) string {
	if strings.ContainsAny(value, isolates) {
		return w.language.Line(value)
	}
	return w.language.Isolate(value)
}

// isolates are the characters with which a text is set apart.
const isolates = "\u2066\u2067\u2068\u2069"

// pair is what something is called, and what is said of it.
func (w *words) pair(name, said string) string {
	switch w.language {
	case locale.Chinese:
		return name + "：" + said
	case locale.French:
		return name + "\u00a0: " + said
	default:
		return name + ": " + said
	}
}

// theirs is what a person wrote or a file names, on one line: shown and never obeyed.
func theirs(text string) string { return strings.Join(strings.Fields(draft.Shown(text)), " ") }

// texts are those of a scenario in the language of the reader.
func (w *words) texts(t scenario.Texts) string { return theirs(t.In(w.language.String())) }

// duration is a length of time in its two largest units, cut off: "2 h 15 min".
func (w *words) duration(s scenario.Span) string {
	s = max(s, 0)
	hours, minutes, seconds := int(s/scenario.Hour), int(s/scenario.Minute%60), int(s/scenario.Second%60)
	var units []string
	if hours > 0 {
		units = append(units, w.count(w.Time.Hours, hours))
	}
	if minutes > 0 {
		units = append(units, w.count(w.Time.Minutes, minutes))
	}
	if hours == 0 && (seconds > 0 || minutes == 0) {
		units = append(units, w.count(w.Time.Seconds, seconds))
	}
	return strings.Join(units, " ")
}

// kindOf are the acts that are named as the kind of message which carries them.
var kindOf = map[scenario.Act]string{
	scenario.InquirySent: "inquiry", scenario.NoticeSent: "voluntary_notice", scenario.Acknowledged: "acknowledgement",
	scenario.HoldingSent: "holding_reply", scenario.EstimateSent: "revised_estimate", scenario.ResponseSent: "response",
	scenario.QuestionSent: "clarification_request", scenario.SupplementSent: "supplement", scenario.ChannelProposed: "channel_proposal",
	scenario.AgencyNamed: "agency_nomination", scenario.Referred: "referral", scenario.CorrectionSent: "correction",
	scenario.SentInError: "retraction", scenario.ConsentRequested: "consent_request", scenario.ConsentDecided: "consent_decision",
	scenario.ConsentWithdrawn: "consent_withdrawal",
	scenario.Closed:           "closure", scenario.Reopened: "reopen",
}

// act names what a seat did; an act of a later version by its own name.
func (w *words) act(a scenario.Act) string {
	if t, known := locale.Named(w.kinds, kindOf[a]); known {
		return t.String()
	}
	return named(w.Act, string(a))
}

// named is the text of a value by its name; the name itself where this version has no text for it.
func named(texts any, name string) string {
	if t, known := locale.Named(texts, strings.NewReplacer(".", "_", "-", "_").Replace(name)); known {
		return t.String()
	}
	return theirs(name)
}

func (w *words) facts(list []scenario.Fact) string {
	all := make([]string, len(list))
	for i, f := range list {
		all[i] = named(w.Fact, string(f))
	}
	return w.list(all)
}

// list puts texts beside each other. Chinese and Arabic have marks of their own.
func (w *words) list(all []string) string {
	switch w.language {
	case locale.Chinese:
		return strings.Join(all, "、")
	case locale.Arabic:
		return strings.Join(all, "، ")
	default:
		return strings.Join(all, ", ")
	}
}

// outcome is the result of an expectation in words; of a graded one the judgement.
func (w *words) outcome(e expectation) string {
	if e.outcome == judged {
		return w.grade(e.grade)
	}
	return named(w.Outcome, string(e.outcome))
}

func (w *words) grade(g play.Grade) string {
	switch g {
	case play.Performed:
		return w.Grade.Performed.String()
	case play.SomeTrouble:
		return w.Grade.Some.String()
	case play.MajorTrouble:
		return w.Grade.Major.String()
	case play.Unperformed:
		return w.Grade.Not.String()
	default:
		return theirs(string(g))
	}
}

// control names what control did.
func (w *words) control(l play.Line) string {
	inject := theirs(l.Inject)
	switch l.Do {
	case play.StartEx:
		return w.Control.Startex.String()
	case play.Pause:
		return w.Control.Pause.String()
	case play.Resume:
		return w.Control.Resume.String()
	case play.Speed:
		if l.Value == 0 {
			return w.Control.Auto.String()
		}
		return w.say(w.Control.Speed, "rate", strconv.FormatInt(l.Value, 10))
	case play.JumpTo:
		return w.say(w.Control.Jump, "time", scenario.Span(l.Value).Clock())
	case play.Release:
		return w.say(w.Control.Release, "inject", inject)
	case play.Hold:
		return w.say(w.Control.Hold, "inject", inject)
	case play.Skip:
		return w.say(w.Control.Skip, "inject", inject)
	case play.RealEvent:
		return w.Control.RealEvent.String()
	case play.StandDown:
		return w.Control.StandDown.String()
	case play.EndEx:
		return w.Control.Endex.String()
	default:
		return theirs(string(l.Do))
	}
}

// what is an expectation in words: of whom, and what.
func (w *words) what(e expectation) string {
	switch {
	case e.Never != "":
		return named(w.Kept, string(e.Never))
	case len(e.Judge) > 0:
		return w.texts(e.Judge)
	}
	what := w.act(e.Does)
	if len(e.Has) > 0 {
		what += " " + w.say(w.Line.Has, "facts", w.facts(e.Has))
	}
	return what
}

// of is whose act is expected, and to whom.
func (w *words) of(e expectation) string {
	seats := e.seats()
	switch {
	case len(seats) == 2:
		return w.say(w.Line.Each, "first", seats[0], "second", seats[1])
	case len(seats) == 0:
		return ""
	case e.To.IsZero():
		return w.language.Isolate(seats[0])
	}
	return w.arrow(seats[0], e.To.String())
}

// arrow is from whom something goes to whom. It points the way that the language runs.
func (w *words) arrow(from, to string) string {
	sign := " → "
	if w.language.Direction() == locale.RightToLeft {
		sign = " ← "
	}
	return w.language.Isolate(theirs(from)) + sign + w.language.Isolate(theirs(to))
}
