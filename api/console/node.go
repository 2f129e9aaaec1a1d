package console

import (
	"html/template"
	"net/http"
	"time"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// grade says how much something needs a person.
type grade int

const (
	good grade = iota
	watch
	bad
)

// How the grades are drawn: by shape, besides word and colour.
var (
	gradeNames  = [...]string{"good", "watch", "bad"}
	gradeShapes = [...]string{"●", "▲", "■"}
)

// Class is the name of the grade in the style sheet.
func (g grade) Class() string { return gradeNames[g] }

// Shape tells the grades apart without colour.
func (g grade) Shape() string { return gradeShapes[g] }

// Word names a grade.
func (p *nodePage) Word(g grade) locale.Text {
	return [...]locale.Text{p.T.Node.Good, p.T.Node.Watch, p.T.Node.Bad}[g]
}

// nodeLine is one part of the node: how it stands, what was last, what comes next.
type nodeLine struct {
	Name            locale.Text
	Grade           grade
	How, Last, Next template.HTML
}

type nodePage struct {
	*frame
	Lines    []nodeLine
	Worst    grade
	Stopped  time.Time // since when nothing is sent; zero: it sends
	Refuses  string    // why the node takes nothing; empty: it does
	Warnings []warned
}

// AnyEnglish reports whether a warning is in the English of the node.
func (p *nodePage) AnyEnglish() bool { return anyEnglish(p.Warnings) }

// All sums up the lines.
func (p *nodePage) All() locale.Text {
	return [...]locale.Text{p.T.Node.AllGood, p.T.Node.AllWatch, p.T.Node.AllBad}[p.Worst]
}

// node tells how the node does, for everybody: nothing of what was said is in it. docs/protocol.md §12.3
func (v *visit) node() error {
	s, err := v.nodeStatus()
	if err != nil {
		return err
	}
	p := &nodePage{frame: v.inner(v.t.Frame.Node, "node"), Warnings: v.warned(locale.Standing(s.GetStanding(), s.GetWarnings()...), s.GetNow().AsTime())}
	r := &nodeReader{f: p.frame, s: s}
	for _, line := range []func(*nodeReader) nodeLine{
		(*nodeReader).link, (*nodeReader).outbox, (*nodeReader).quarantine, (*nodeReader).gaps, (*nodeReader).trust,
		(*nodeReader).directory, (*nodeReader).keys, (*nodeReader).backup, (*nodeReader).verified, (*nodeReader).clock, (*nodeReader).calls,
	} {
		p.Lines = append(p.Lines, line(r))
	}
	if r.err != nil {
		return r.err
	}
	for _, line := range p.Lines {
		p.Worst = max(p.Worst, line.Grade)
	}
	for _, w := range p.Warnings {
		p.Worst = max(p.Worst, w.Grade)
	}
	if s.GetSendingStopped() != nil {
		p.Stopped, p.Worst = s.GetSendingStopped().AsTime(), bad
	}
	if why := s.GetNotAccepting(); why != valisev1.Reason_REASON_UNSPECIFIED {
		p.Refuses, p.Worst = v.catalog.Sentence(why), bad
	}
	v.show(http.StatusOK, "node", p)
	return nil
}
