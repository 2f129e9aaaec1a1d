package report

import (
	"slices"
	"strconv"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

// Places of the timeline, in pixels.
const (
	barsFrom   = 200
	barsTo     = 700
	barsTop    = 44
	barRow     = 42
	mostBars   = 16 // of one sheet
	halfBar    = 6
	triangleAt = 9 // above the middle of a bar
)

// bars are the inquiries that the reader sees: all, or those of own threads.
func (r *Report) bars() (all []*inquiry) {
	for _, q := range r.facts.inquiries {
		if r.own(q.from) || r.own(q.to) {
			all = append(all, q)
		}
	}
	return all
}

// due are the deadlines of an inquiry that the reader sees.
func (r *Report) due(q *inquiry) (all []deadline) {
	for _, d := range q.deadlines {
		if slices.ContainsFunc(r.expectations, func(e expectation) bool { return e.ID == d.expectation && (r.forControl() || e.of(r.in.For)) }) {
			all = append(all, d)
		}
	}
	return all
}

func (r *Report) timeline() (pictures []*picture) {
	bars := r.bars()
	sheets := (len(bars) + mostBars - 1) / mostBars
	end := r.lastOf(bars)
	for i := range sheets {
		some := bars[i*mostBars : min(len(bars), (i+1)*mostBars)]
		p := &picture{Key: "b" + strconv.Itoa(i+1), Title: r.sheetTitle(r.words.Picture.Timeline.String(), i, sheets), Text: r.words.Picture.TimelineText.String()}
		r.drawTimeline(p, some, end)
		p.Table = r.timelineTable(p.Title, some)
		pictures = append(pictures, p)
	}
	return pictures
}

// lastOf is where the timeline ends: a little after the last that is drawn, or the end of the exercise.
func (r *Report) lastOf(bars []*inquiry) (last scenario.Span) {
	for _, q := range bars {
		last = max(last, q.sent.At)
		for _, l := range []*play.Line{q.acknowledged, q.holding, q.answered} {
			if l != nil {
				last = max(last, l.At)
			}
		}
		for _, d := range r.due(q) {
			last = max(last, d.at)
		}
	}
	return min(last+last/12+scenario.Minute, max(r.facts.end, last))
}

func (r *Report) drawTimeline(p *picture, bars []*inquiry, end scenario.Span) {
	c := &canvas{mirrored: r.mirrored()}
	s := newScale(barsFrom, barsTo, end, r.facts.jumps)
	bottom := barsTop + len(bars)*barRow
	for _, t := range s.marks() {
		c.text(s.at(t), 26, 56, smallType, "middle", shortClock(t))
		c.line(s.at(t), 32, s.at(t), bottom, "grid")
	}
	for _, j := range s.jumps {
		c.hatch(s.at(j.from), 32, max(2, s.at(j.to)-s.at(j.from)), bottom-32)
	}
	for _, l := range r.facts.control {
		if (l.Do == play.Pause || l.Do == play.RealEvent) && l.At <= end {
			c.line(s.at(l.At), 32, s.at(l.At), bottom, "dotted")
		}
	}
	for i, q := range bars {
		r.drawBar(c, s, q, barsTop+i*barRow+barRow/2+4)
	}
	p.Width, p.Height, p.Shapes = pageWidth, r.timelineLegend(c, bottom+legendSteps)+6, c.shapes
}

// shortClock is a moment without its seconds.
func shortClock(t scenario.Span) string {
	clock := t.Clock()
	return clock[:len(clock)-3]
}

func (r *Report) drawBar(c *canvas, s scale, q *inquiry, y int) {
	c.text(2, y-4, barsFrom-12, typeSize, "start", r.words.language.Isolate(theirs(q.sent.Thread)))
	c.text(2, y+9, barsFrom-12, smallType, "start", r.words.arrow(q.from, q.to))
	start, answered := s.at(q.sent.At), s.at(s.end)
	if q.answered != nil {
		answered = s.at(q.answered.At)
	}
	acknowledged := answered
	if q.acknowledged != nil {
		acknowledged = s.at(q.acknowledged.At)
	}
	c.rect(start, y-halfBar, max(1, acknowledged-start), 2*halfBar, "open", mark{})
	if answered > acknowledged {
		c.rect(acknowledged, y-halfBar/2, answered-acknowledged, halfBar, "full", mark{})
	}
	if q.answered == nil {
		c.path("fill", mark{}, answered+7, y, answered, y-5, answered, y+5)
	}
	c.rect(start-1, y-halfBar-2, 3, 2*halfBar+4, "fill", r.markOf(&q.sent, "sent"))
	if q.acknowledged != nil {
		c.circle(acknowledged, y, 5, "open", r.markOf(q.acknowledged, "acknowledged"))
	}
	if q.holding != nil {
		c.diamond(s.at(q.holding.At), y+11, 4, "open", r.markOf(q.holding, "holding"))
	}
	if q.answered != nil {
		c.rect(answered-5, y-5, 10, 10, "fill", r.markOf(q.answered, "answered"))
	}
	r.drawDeadlines(c, s, q, y)
}

func (r *Report) drawDeadlines(c *canvas, s scale, q *inquiry, y int) {
	free := barsFrom - 40
	for _, d := range r.due(q) {
		x, class := s.at(d.at), "open"
		if d.outcome != play.Met {
			class = "fill"
		}
		m := mark{
			title: theirs(d.expectation) + " · " + d.at.Clock() + " · " + named(r.words.Outcome, string(d.outcome)),
			line:  lineNumber(d.line), at: strconv.FormatInt(int64(d.at), 10), sign: "due",
		}
		c.triangle(x, y-triangleAt+1, 5, class, m)
		id := theirs(d.expectation)
		if wide := widthOf(id, smallType); x+8 >= free && x+10+wide < pageWidth {
			c.text(x+8, y-triangleAt, wide+4, smallType, "start", id)
			free = x + 14 + wide
		}
	}
}

// markOf is what a sign tells of an act.
func (r *Report) markOf(l *play.Line, sign string) mark {
	return mark{
		title: lineNumber(l.Seq) + " · " + l.At.Clock() + " · " + theirs(l.Seat) + " · " + r.words.act(l.Does),
		line:  lineNumber(l.Seq), at: strconv.FormatInt(int64(l.At), 10), sign: sign,
	}
}

func (r *Report) timelineLegend(c *canvas, y int) int {
	t := &r.words.Legend
	entries := []legendEntry{
		{t.Sent.String(), func(x, y int) { c.rect(x+19, y-7, 3, 14, "fill", mark{}) }},
		{t.Waiting.String(), func(x, y int) { c.rect(x, y-6, 40, 12, "open", mark{}) }},
		{t.Acknowledged.String(), func(x, y int) { c.circle(x+20, y, 5, "open", mark{}) }},
		{t.Working.String(), func(x, y int) { c.rect(x, y-3, 40, 6, "full", mark{}) }},
		{t.Answered.String(), func(x, y int) { c.rect(x+15, y-5, 10, 10, "fill", mark{}) }},
		{t.Holding.String(), func(x, y int) { c.diamond(x+20, y, 4, "open", mark{}) }},
		{t.Open.String(), func(x, y int) { c.path("fill", mark{}, x+24, y, x+17, y-5, x+17, y+5) }},
		{t.DueMet.String(), func(x, y int) { c.triangle(x+20, y+5, 5, "open", mark{}) }},
		{t.DueMissed.String(), func(x, y int) { c.triangle(x+20, y+5, 5, "fill", mark{}) }},
		{t.Jump.String(), func(x, y int) { c.hatch(x, y-6, 40, 12) }},
		{t.Pause.String(), func(x, y int) { c.line(x+20, y-7, x+20, y+7, "dotted") }},
	}
	return drawLegend(c, y, entries)
}

func (r *Report) timelineTable(title string, bars []*inquiry) *table {
	l := &r.words.Label
	t := &table{Caption: r.words.say(r.words.Picture.Table, "picture", title), Head: texts(l.Thread, l.Sender, l.To, l.Sent, l.Acknowledged, l.Holding, l.Answered, l.Deadlines)}
	for _, q := range bars {
		var dues []string
		for _, d := range r.due(q) {
			dues = append(dues, theirs(d.expectation)+" "+r.words.language.Isolate(d.at.Clock())+" "+named(r.words.Outcome, string(d.outcome)))
		}
		t.Rows = append(t.Rows, row{Line: lineNumber(q.sent.Seq), Cells: []cell{
			foreign(q.sent.Thread), foreign(q.from), foreign(q.to), foreign(q.sent.At.Clock()),
			r.since(q, q.acknowledged), r.since(q, q.holding), r.since(q, q.answered), plain(r.words.list(dues)),
		}})
	}
	return t
}

// since is when something came, and how long after the inquiry.
func (r *Report) since(q *inquiry, l *play.Line) cell {
	if l == nil {
		return plain("–")
	}
	text := r.words.language.Isolate(l.At.Clock()) + " (" + r.words.duration(l.At-q.sent.At) + ")"
	if l == q.acknowledged && r.acrossJump(q.sent.At, l) {
		text += " – " + r.words.Line.GapWait.String()
	}
	return plain(text)
}

// mirrored reports whether the language runs from right to left.
func (r *Report) mirrored() bool { return r.words.language.Direction().String() == "rtl" }
