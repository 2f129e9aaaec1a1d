package main

import (
	"fmt"
	"strings"
	"time"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// recordingKeys are the keys of what names a recording, as docs/cli.md shows them.
const recordingKeys = `"scenario","digest","seed","engine","lines","hash"`

// timelineObject is the form of a line of a recording, as docs/cli.md shows it.
const timelineObject = `{"line":{}}; ` + "a line as the recording has it, docs/exercises.md §7"

// timelineLine tells a line of a recording to people, with the mark of the exercise that nobody can cut off by
// copying one; empty where it tells them nothing. What people wrote is shown, and steers no screen.
func timelineLine(scenario string, l play.Line) string {
	tell := map[play.LineType]func(play.Line) string{
		play.Opened: toldOpened, play.Control: toldControl, play.Injected: toldInject, play.Acted: toldAct, play.Refused: toldRefused, play.Result: toldResult,
		play.Judged: toldJudgement, play.Noted: toldNote, play.Compared: toldComparison,
	}[l.Type]
	if tell == nil {
		return ""
	}
	return clean("[EXERCISE " + scenario + "] " + l.At.Clock() + "  " + tell(l))
}

func toldOpened(l play.Line) string {
	return fmt.Sprintf("%s, seed %d, clock %s, realm %s", l.Scenario, l.Seed, l.Start, l.Realm)
}

func toldControl(l play.Line) string {
	word := strings.ToUpper(words(string(l.Do)))
	switch {
	case l.Do == play.JumpTo:
		return word + " to " + scenario.Span(l.Value).Clock()
	case l.Do == play.Speed && l.Value == 0:
		return word + " auto"
	case l.Do == play.Speed:
		return fmt.Sprintf("%s %d", word, l.Value)
	case l.Do == play.RealEvent && l.Seat != "":
		return word + ", raised by " + l.Seat
	default:
		return strings.TrimSpace(word + " " + l.Inject)
	}
}

func toldInject(l play.Line) string {
	if l.Cause == play.BySkip {
		return l.Inject + " will not come"
	}
	return l.Inject + " reaches " + strings.Join(l.To, ", ")
}

func toldAct(l play.Line) string {
	line := l.Seat + " " + string(l.Does)
	if len(l.To) > 0 {
		line += " to " + strings.Join(l.To, ", ")
	}
	var more []string
	if l.Thread != "" {
		more = append(more, "thread "+l.Thread)
	}
	if l.Inject != "" {
		more = append(more, "upon "+l.Inject)
	}
	if l.Person {
		more = append(more, "a person")
	}
	if l.Breaks != "" {
		more = append(more, words(string(l.Breaks)))
	}
	if len(more) > 0 {
		line += " (" + strings.Join(more, ", ") + ")"
	}
	return line
}

// toldRefused: the rule is named, and nothing of what it was.
func toldRefused(l play.Line) string {
	line := "the node of " + l.Seat + " refused " + words(string(l.Breaks))
	if len(l.To) > 0 {
		line += " towards " + strings.Join(l.To, ", ")
	}
	return line
}

func toldResult(l play.Line) string {
	line := l.Expectation + " " + words(string(l.Outcome))
	if l.After != nil {
		line += " after " + (time.Duration(*l.After) * time.Millisecond).Round(time.Second).String()
	}
	if l.Text != "" {
		line += ": " + l.Text
	}
	return line
}

func toldJudgement(l play.Line) string {
	return strings.TrimSuffix(l.Expectation+" judged "+string(l.Grade)+": "+l.Text, ": ")
}

func toldNote(l play.Line) string {
	about := strings.TrimSpace(l.Seat + " " + l.Expectation)
	if about != "" {
		about = " on " + about
	}
	return "note" + about + ": " + l.Text
}

func toldComparison(l play.Line) string {
	if l.Agree != nil && *l.Agree {
		return "records agree: " + strings.Join(l.Seats, ", ")
	}
	return "records differ: " + strings.Join(l.Seats, ", ")
}

// tellLine prints a line of a recording.
func (p *program) tellLine(scenario string, l play.Line) error {
	if told := timelineLine(scenario, l); p.json || told != "" {
		return p.result(object{"line": l}, told)
	}
	return nil
}
