package main

import (
	"valise.example/exercise/play"
	"valise.example/exercise/telling"
)

// recordingKeys are the keys of what names a recording, as docs/cli.md shows them.
const recordingKeys = `"scenario","digest","seed","engine","lines","hash"`

// timelineObject is the form of a line of a recording, as docs/cli.md shows it.
const timelineObject = `{"line":{}}; ` + "a line as the recording has it, docs/exercises.md §7"

// timelineLine tells a line of a recording to people in their language, with the mark of the exercise that nobody can
// cut off by copying one. States are called by their codes, which the flags take.
func (p *program) timelineLine(scenario string, l play.Line) string {
	language := p.catalog().Language()
	return exerciseMark(clean(scenario)) + " " + l.At.Clock() + "  " + language.Line(telling.In(language, nil).Line(l))
}

// tellLine prints a line of a recording.
func (p *program) tellLine(scenario string, l play.Line) error {
	return p.result(object{"line": l}, p.timelineLine(scenario, l))
}
