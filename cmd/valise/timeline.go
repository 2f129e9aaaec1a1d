package main

import (
	"valise.example/exercise/play"
	"valise.example/exercise/telling"
	"valise.example/proto/ident"
)

// recordingKeys are the keys of what names a recording, as docs/cli.md shows them.
const recordingKeys = `"scenario","digest","seed","engine","lines","hash"`

// timelineObject is the form of a line of a recording, as docs/cli.md shows it.
const timelineObject = `{"line":{}}; ` + "a line as the recording has it, docs/exercises.md §7"

// timelineLine tells a line of a recording to people in their language. States are called by their codes, which the
// flags take.
func (p *program) timelineLine(l play.Line) string {
	language := p.catalog().Language()
	return l.At.Clock() + "  " + language.Line(telling.In(language, nil).Line(l))
}

// speaksForRecording says that what is told from now on was play of a recorded exercise.
func (p *program) speaksForRecording(r *play.Recording) {
	first := r.Opened()
	if realm, err := ident.ParseRealm(first.Realm); err == nil {
		p.speaksFor(realm)
		return
	}
	p.speaksOf(first.Scenario)
}

// tellLine prints a line of a recording.
func (p *program) tellLine(l play.Line) error {
	return p.result(object{"line": l}, p.timelineLine(l))
}
