package report

import (
	"slices"
	"strconv"

	"valise.example/exercise/scenario"
)

// Places of the times to acknowledge, in pixels.
const (
	timesFrom   = 200
	timesTo     = 690
	timesTop    = 44
	timeRow     = 16 // of one layer of signs
	timeGap     = 14 // between rows
	mostLayers  = 6  // of signs that would lie upon each other
	mostStrips  = 24 // of one sheet
	timeRadius  = 5
	timeSpacing = 2*timeRadius + 2
)

// strip is one row of the picture: a seat by its name, or all others without names.
type strip struct {
	label string
	waits []wait
	named bool
}

// strips are one for each seat in the order of the scenario; for one State its own, and one for all others together.
func (r *Report) strips() (all []strip) {
	bySeat, used := map[string][]wait{}, map[string]bool{}
	for _, w := range r.ownWaits() {
		bySeat[w.seat] = append(bySeat[w.seat], w)
		used[w.seat] = true
	}
	for _, seat := range r.lanesOf(used) {
		all = append(all, strip{theirs(seat), bySeat[seat], true})
	}
	if others := r.otherWaits(); !r.forControl() && len(others) > 0 {
		all = append(all, strip{r.words.Picture.OtherStates.String(), others, false})
	}
	return all
}

func (r *Report) times() (pictures []*picture) {
	all := r.strips()
	longest := scenario.Span(0)
	for _, s := range all {
		for _, w := range s.waits {
			longest = max(longest, w.took)
		}
	}
	sheets := (len(all) + mostStrips - 1) / mostStrips
	for i := range sheets {
		some := all[i*mostStrips : min(len(all), (i+1)*mostStrips)]
		p := &picture{Key: "c" + strconv.Itoa(i+1), Title: r.sheetTitle(r.words.Picture.Times.String(), i, sheets), Text: r.words.Picture.TimesText.String()}
		r.drawTimes(p, some, longest)
		p.Table = r.timesTable(p.Title, some)
		pictures = append(pictures, p)
	}
	return pictures
}

// layers puts each time on the first layer on which it has room; beyond the last one they lie upon each other.
func layers(s logScale, waits []wait) (layer []int, rows int) {
	order := make([]int, len(waits))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return s.at(waits[a].took) - s.at(waits[b].took) })
	layer, rows = make([]int, len(waits)), 1
	var last []int
	for _, i := range order {
		x := s.at(waits[i].took)
		at := slices.IndexFunc(last, func(l int) bool { return x-l >= timeSpacing })
		switch {
		case at >= 0:
			last[at] = x
		case len(last) < mostLayers:
			at, last = len(last), append(last, x)
		default:
			at = mostLayers - 1
			last[at] = x
		}
		layer[i], rows = at, max(rows, at+1)
	}
	return layer, rows
}

func (r *Report) drawTimes(p *picture, strips []strip, longest scenario.Span) {
	c := &canvas{mirrored: r.mirrored()}
	s := newLogScale(timesFrom, timesTo, longest)
	y := timesTop
	type placed struct {
		strip
		layer []int
		top   int
	}
	var rows []placed
	for _, one := range strips {
		layer, n := layers(s, one.waits)
		rows = append(rows, placed{one, layer, y})
		y += n*timeRow + timeGap
	}
	for _, t := range s.marks() {
		c.text(s.at(t), 26, 60, smallType, "middle", r.words.duration(t))
		c.line(s.at(t), 32, s.at(t), y, "grid")
	}
	for _, one := range rows {
		c.text(2, one.top+timeRow/2+4, timesFrom-12, typeSize, "start", r.words.language.Isolate(one.label))
		height := 0
		for i, w := range one.waits {
			class := "fill"
			switch {
			case !one.named:
				class = "grey"
			case r.forControl():
				class = "open"
			}
			height = max(height, one.layer[i])
			c.circle(s.at(w.took), one.top+one.layer[i]*timeRow+timeRow/2, timeRadius, class, r.markOfWait(w, one.strip))
		}
		if m, some := median(one.waits); some {
			c.line(s.at(m), one.top-4, s.at(m), one.top+(height+1)*timeRow+4, "median")
		}
	}
	p.Width, p.Height, p.Shapes = pageWidth, r.timesLegend(c, y+legendSteps/2)+6, c.shapes
}

func (r *Report) markOfWait(w wait, s strip) mark {
	m := mark{title: s.label + " · " + r.words.duration(w.took), at: strconv.FormatInt(int64(w.took), 10), sign: "time"}
	if s.named {
		m.line = lineNumber(w.line)
	}
	return m
}

func (r *Report) timesLegend(c *canvas, y int) int {
	t := &r.words.Legend
	entries := []legendEntry{{t.Seat.String(), func(x, y int) { c.circle(x+20, y, timeRadius, "open", mark{}) }}}
	if !r.forControl() {
		entries = []legendEntry{
			{t.Own.String(), func(x, y int) { c.circle(x+20, y, timeRadius, "fill", mark{}) }},
			{t.Others.String(), func(x, y int) { c.circle(x+20, y, timeRadius, "grey", mark{}) }},
		}
	}
	entries = append(entries, legendEntry{t.Median.String(), func(x, y int) { c.line(x+20, y-7, x+20, y+7, "median") }})
	return drawLegend(c, y+4, entries)
}

// timesTable has every time of the picture. Those of others have neither seat nor thread nor line.
func (r *Report) timesTable(title string, strips []strip) *table {
	l := &r.words.Label
	t := &table{Caption: r.words.say(r.words.Picture.Table, "picture", title), Head: texts(l.Seat, l.After, l.Thread, l.Line, l.Remark)}
	for _, s := range strips {
		m, _ := median(s.waits)
		for i, w := range s.waits {
			remark := ""
			if i == 0 {
				remark = r.words.say(r.words.Picture.MedianOfTimes, "duration", r.words.duration(m))
			}
			x := row{At: strconv.FormatInt(int64(w.took), 10), Cells: []cell{foreign(s.label), short(r.words.duration(w.took)), foreign("–"), foreign("–"), plain(remark)}}
			if s.named {
				x.Line = lineNumber(w.line)
				x.Cells[2], x.Cells[3] = r.threadOf(w), foreign(x.Line)
			}
			t.Rows = append(t.Rows, x)
		}
	}
	return t
}

func (r *Report) threadOf(w wait) cell {
	if w.thread == "" {
		return plain(r.words.Line.CheckThread.String())
	}
	return foreign(w.thread)
}
