package locale

import (
	"strconv"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// exerciseMark is the English word for an exercise, which also stands before a call in another language:
// whoever is called must not take it for operation. docs/protocol.md §12.7
const exerciseMark = "EXERCISE"

// Language is the one that c is in.
func (c *Catalog) Language() Language { return c.language }

// Review says who stands by the texts; ok is false where nobody has read all of them yet.
func (c *Catalog) Review() (review Review, ok bool) { return c.review, c.review != Review{} }

// Sentence is one sentence for r, without a full stop; empty for no reason at all. A Reason that this
// version does not know is told as INTERNAL. docs/protocol.md §10
func (c *Catalog) Sentence(r valisev1.Reason) string {
	if text := c.reason(r).Sentence; text != nil {
		return *text
	}
	return ""
}

// Hint says what can be done about r; empty where nothing general can be said. docs/protocol.md §10
func (c *Catalog) Hint(r valisev1.Reason) string {
	if text := c.reason(r).Hint; text != nil {
		return *text
	}
	return ""
}

func (c *Catalog) reason(r valisev1.Reason) writtenReason {
	if r == valisev1.Reason_REASON_UNSPECIFIED {
		return writtenReason{}
	}
	if found, ok := c.written.Reason[strings.TrimPrefix(r.String(), reasonPrefix)]; ok {
		return found
	}
	return c.written.Reason["INTERNAL"]
}

// HintLine is the line of a terminal that says what to do next.
func (c *Catalog) HintLine(hint string) string {
	return c.written.Terminal.Hint.fill(values{"hint": hint})
}

// Interrupted is told where a person or the system ended a command before its end.
func (c *Catalog) Interrupted() string { return c.written.Terminal.Interrupted.fill(nil) }

// Mistyped is told where what was typed from a printed page has a slip in a row, counted from 1.
// docs/protocol.md §9.6
func (c *Catalog) Mistyped(row int) string {
	return c.written.Terminal.Mistyped.fill(values{"row": strconv.Itoa(row)})
}

// Unproven is told where an export lacks the proof of some items, at least 1.
func (c *Catalog) Unproven(items int) string {
	return c.written.Terminal.Unproven.count(c.language, items)
}

// Attention is the text by which a person is called to the desk. It says nothing of what waits.
// docs/protocol.md §12.7
func (c *Catalog) Attention(exercise bool) string {
	return c.called(c.written.Call.Attention, exercise)
}

// AllQuiet is the text of the daily sign that the ways work. docs/protocol.md §12.7
func (c *Catalog) AllQuiet(exercise bool) string { return c.called(c.written.Call.AllQuiet, exercise) }

// ExerciseWord is the word for an exercise that stands wherever nobody must take one for operation; EXERCISE in English.
// docs/protocol.md §2.2
func (c *Catalog) ExerciseWord() string { return c.written.Call.Exercise.fill(nil) }

// called puts the word for an exercise first, in the language of whoever is called and in English.
func (c *Catalog) called(text message, exercise bool) string {
	if !exercise {
		return text.fill(nil)
	}
	mark := c.ExerciseWord()
	if mark == exerciseMark {
		return mark + " " + text.fill(nil)
	}
	return mark + " / " + c.language.Isolate(exerciseMark) + " — " + text.fill(nil)
}
