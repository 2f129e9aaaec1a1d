package report

import (
	"strconv"
	"strings"

	"valise.example/exercise/play"
)

// Places of the sequence, in pixels from its start.
const (
	flagAt      = 76  // flags of injects
	flagWidth   = 46  //
	lanesFrom   = 150 // the first lane
	widestLane  = 44
	lanesRoom   = 322
	rowHeight   = 22
	headHeight  = 48
	legendSteps = 17
)

// lanes are where the seats of a sheet stand.
type lanes struct {
	seats []string
	step  int
}

func newLanes(seats []string) lanes {
	return lanes{seats, min(widestLane, lanesRoom/max(1, len(seats)))}
}

func (l lanes) at(i int) int { return lanesFrom + i*l.step }

// of is the lane of a seat; false where it has none.
func (l lanes) of(seat string) (int, bool) {
	for i, s := range l.seats {
		if s == seat {
			return l.at(i), true
		}
	}
	return 0, false
}

func (l lanes) end() int { return l.at(max(0, len(l.seats)-1)) }

// labels is where what happened is written.
func (l lanes) labels() int { return max(l.end()+24, lanesFrom+100) }

// lineClass is solid for the technical track and dashed for the diplomatic one.
func lineClass(seats ...string) string {
	for _, s := range seats {
		if strings.HasSuffix(s, "/diplomatic") {
			return "dashed"
		}
	}
	return "solid"
}

func (r *Report) drawSequence(p *picture, s sheet, legend bool) {
	c := &canvas{mirrored: r.mirrored()}
	l := newLanes(s.lanes)
	height := headHeight
	for _, e := range s.events {
		height += rowHeight
		if e.quiet > 0 {
			height += rowHeight
		}
	}
	r.drawLanes(c, l, height)
	y := headHeight + rowHeight/2
	for _, e := range s.events {
		if e.quiet > 0 {
			r.drawFold(c, l, y, e)
			y += rowHeight
		}
		r.drawEvent(c, l, y, e)
		y += rowHeight
	}
	if legend {
		height = r.sequenceLegend(c, height+legendSteps)
	}
	p.Width, p.Height, p.Shapes = pageWidth, height+6, c.shapes
}

// drawLanes draws the seats: the State once over its lanes, under it a letter for each track, and a line downwards.
func (r *Report) drawLanes(c *canvas, l lanes, height int) {
	for i := 0; i < len(l.seats); {
		end := i
		for end+1 < len(l.seats) && stateOf(l.seats[end+1]) == stateOf(l.seats[i]) {
			end++
		}
		middle := (l.at(i) + l.at(end)) / 2
		c.text(middle, 14, (end-i+1)*l.step+8, typeSize, "middle", theirs(stateOf(l.seats[i])))
		c.line(l.at(i)-l.step/3, 20, l.at(end)+l.step/3, 20, "thin")
		i = end + 1
	}
	for i, seat := range l.seats {
		letter := r.words.Picture.Technical.String()
		if lineClass(seat) == "dashed" {
			letter = r.words.Picture.Diplomatic.String()
		}
		c.text(l.at(i), 34, l.step+8, smallType, "middle", letter)
		c.line(l.at(i), 40, l.at(i), height, "lane "+lineClass(seat))
	}
}

// drawFold stands for a stretch without an event.
func (r *Report) drawFold(c *canvas, l lanes, y int, e event) {
	points := []int{}
	for x, up := lanesFrom-14, true; x <= l.end()+14; x, up = x+7, !up {
		at := y + 3
		if up {
			at = y - 3
		}
		points = append(points, x, at)
	}
	c.open("thin", points...)
	c.text(l.labels(), y+4, pageWidth-l.labels(), typeSize, "start", r.words.say(r.words.Time.Quiet, "duration", r.words.duration(e.quiet)))
}

func (r *Report) drawEvent(c *canvas, l lanes, y int, e event) {
	c.text(2, y+4, flagAt-4, smallType, "start", e.At.Clock())
	label := e.label
	if e.remark != "" {
		label += " · " + e.remark
	}
	m := mark{title: lineNumber(e.Seq) + " · " + e.At.Clock() + " · " + label, line: lineNumber(e.Seq), at: strconv.FormatInt(int64(e.At), 10), sign: string(e.Type)}
	switch e.Type {
	case play.Acted:
		r.drawAct(c, l, y, e, m)
	case play.Injected:
		c.path("open", m, flagAt, y-8, flagAt+flagWidth-8, y-8, flagAt+flagWidth, y, flagAt+flagWidth-8, y+8, flagAt, y+8)
		c.text(flagAt+4, y+4, flagWidth-10, smallType, "start", theirs(e.Inject))
		for _, seat := range e.to {
			if x, has := l.of(seat); has && e.Cause != play.BySkip {
				c.triangle(x, y+5, 5, "open", mark{})
			}
		}
		if more := len(e.to) - len(e.seats()); more > 0 {
			label += " " + r.words.count(r.words.Picture.Others, more)
		}
	case play.Refused:
		if x, has := l.of(e.Seat); has {
			c.cross(x, y, 5, m)
		}
	case play.Control:
		if e.Do == play.JumpTo {
			c.hatch(lanesFrom-14, y-7, l.end()-lanesFrom+28, 14)
		}
		c.add(shape{Kind: "line", X: c.x(lanesFrom - 14), Y: y, X2: c.x(l.end() + 14), Y2: y, Class: "dotted"}, m)
	default:
		drawn := false
		for _, seat := range e.to {
			if x, has := l.of(seat); has && !drawn {
				c.cross(x, y, 5, m)
				drawn = true
			} else if has {
				c.cross(x, y, 5, mark{})
			}
		}
	}
	c.text(l.labels(), y+4, pageWidth-l.labels(), typeSize, "start", label)
}

func (r *Report) drawAct(c *canvas, l lanes, y int, e event, m mark) {
	from, has := l.of(e.Seat)
	to, reaches := l.of(recipient(e.Line))
	switch {
	case has && reaches && from != to:
		c.arrow(from, to, y, lineClass(e.Seat, recipient(e.Line)), m)
	case has:
		c.circle(from, y, 5, "fill", m)
	}
}

// sequenceLegend says what the signs mean, and gives the end of the drawing.
func (r *Report) sequenceLegend(c *canvas, y int) int {
	t := &r.words.Legend
	entries := []legendEntry{
		{t.Technical.String(), func(x, y int) { c.arrow(x, x+40, y, "solid", mark{}) }},
		{t.Diplomatic.String(), func(x, y int) { c.arrow(x, x+40, y, "dashed", mark{}) }},
		{t.Inject.String(), func(x, y int) {
			c.path("open", mark{}, x, y-6, x+18, y-6, x+24, y, x+18, y+6, x, y+6)
			c.triangle(x+34, y+5, 5, "open", mark{})
		}},
		{t.Missed.String(), func(x, y int) { c.cross(x+20, y, 5, mark{}) }},
		{t.Alone.String(), func(x, y int) { c.circle(x+20, y, 5, "fill", mark{}) }},
		{t.Jump.String(), func(x, y int) { c.hatch(x, y-6, 40, 12) }},
	}
	return drawLegend(c, y, entries)
}

// legendEntry is a sign and what it means.
type legendEntry struct {
	text string
	sign func(x, y int)
}

// drawLegend writes entries in two columns and gives the end of them.
func drawLegend(c *canvas, y int, entries []legendEntry) int {
	rows := (len(entries) + 1) / 2
	for i, e := range entries {
		x, at := 4, y+(i%rows)*legendSteps
		if i >= rows {
			x += pageWidth / 2
		}
		e.sign(x, at)
		c.text(x+50, at+4, pageWidth/2-60, smallType, "start", e.text)
	}
	return y + rows*legendSteps
}
