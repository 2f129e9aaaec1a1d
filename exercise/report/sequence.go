package report

import (
	"cmp"
	"slices"
	"strconv"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// quietFrom is from when on a stretch without an event is folded.
const quietFrom = 30 * scenario.Minute

// Bounds of one sheet of the sequence, so that it fits a printed page.
const (
	mostRows  = 28
	mostLanes = 14
)

// event is one row of the sequence.
type event struct {
	play.Line
	to     []string      // seats that it reaches and the reader sees
	label  string        // what happened
	remark string        // what it decided
	quiet  scenario.Span // before it, without an event; 0: not worth folding
}

// eventsOf are what happened, in order, as far as the reader sees it: own seats, and the other side of own threads.
func (r *Report) eventsOf() []event {
	var all []event
	for _, l := range r.facts.acts {
		if r.own(l.Seat) || r.own(recipient(l)) && recipient(l) != "" {
			e := event{Line: l, to: l.To[:min(1, len(l.To))], label: r.words.act(l.Does)}
			if l.Breaks != "" && r.own(l.Seat) {
				e.remark = named(r.words.Never, string(l.Breaks))
			}
			all = append(all, e)
		}
	}
	for _, l := range r.facts.refused {
		if r.own(l.Seat) {
			all = append(all, event{Line: l, to: l.To[:min(1, len(l.To))], label: named(r.words.Never, string(l.Breaks))})
		}
	}
	for _, l := range r.facts.injected {
		if to := r.ownOf(l.To); len(to) > 0 || r.forControl() {
			all = append(all, event{Line: l, to: to, label: r.injectLabel(l)})
		}
	}
	for _, l := range r.facts.control {
		if l.Do == play.Release || l.Do == play.Hold || l.Do == play.Skip {
			continue // what comes of it is an event of its own, and the inject may be another State's
		}
		if !r.own(l.Seat) {
			l.Seat = "" // who raised REAL EVENT
		}
		all = append(all, event{Line: l, label: r.words.control(l)})
	}
	for _, l := range r.facts.missed {
		if i := slices.IndexFunc(r.expectations, func(e expectation) bool { return e.ID == l.Expectation && e.Never == "" }); i >= 0 {
			seats := r.expectations[i].seats()
			all = append(all, event{Line: l, to: seats, label: r.missedLabel(r.expectations[i])})
		}
	}
	slices.SortStableFunc(all, func(a, b event) int { return cmp.Compare(a.Seq, b.Seq) })
	r.decided(all)
	for i := 1; i < len(all); i++ {
		if gap := all[i].At - all[i-1].At - r.facts.jumped(all[i-1].At, all[i].At); gap >= quietFrom {
			all[i].quiet = gap
		}
	}
	return all
}

func (r *Report) ownOf(seats []string) (own []string) {
	for _, s := range seats {
		if r.own(s) {
			own = append(own, s)
		}
	}
	return own
}

func (r *Report) injectLabel(l play.Line) string {
	if l.Cause == play.BySkip {
		return r.words.pair(theirs(l.Inject), r.words.Cause.Skipped.String())
	}
	for i := range r.in.Scenario.Injects {
		if in := &r.in.Scenario.Injects[i]; in.ID == l.Inject {
			return r.words.pair(named(r.words.How, string(in.How)), r.words.language.Isolate(r.words.texts(in.As)))
		}
	}
	return theirs(l.Inject)
}

func (r *Report) missedLabel(e expectation) string {
	return r.words.pair(theirs(e.ID), r.words.Outcome.Missed.String()) + " (" + r.words.act(e.Does) + ")"
}

// decided writes beside each act which expectation it decided.
func (r *Report) decided(events []event) {
	at := map[uint64]*event{}
	for i := range events {
		at[events[i].Seq] = &events[i]
	}
	for _, e := range r.expectations {
		if e.by == nil || at[*e.by] == nil || e.outcome == play.NotScored || !e.of(r.in.For) && !r.forControl() {
			continue
		}
		remark := theirs(e.ID) + " " + r.words.outcome(e)
		if x := at[*e.by]; x.remark == "" {
			x.remark = remark
		} else {
			x.remark = r.words.list([]string{x.remark, remark})
		}
	}
}

// seats of an event: whose lanes it needs.
func (e event) seats() []string {
	all := slices.Clone(e.to)
	if e.Seat != "" {
		all = append([]string{e.Seat}, all...)
	}
	return all[:min(len(all), mostLanes)]
}

// lanesOf orders seats as the scenario has its participants; who stands in none comes last.
func (r *Report) lanesOf(used map[string]bool) (lanes []string) {
	for _, p := range r.in.Scenario.Participants {
		for _, t := range []ident.Track{ident.Diplomatic, ident.Technical} {
			if seat := (ident.Address{State: p.State, Track: t}).String(); used[seat] {
				lanes = append(lanes, seat)
			}
		}
	}
	var others []string
	for seat := range used {
		if !slices.Contains(lanes, seat) {
			others = append(others, seat)
		}
	}
	slices.Sort(others)
	return append(lanes, others...)
}

// sheet is as many events as fit on one page.
type sheet struct {
	events []event
	lanes  []string
}

// sheetsOf cuts events into sheets. Where all seats have room, each sheet has all of them, in the same places.
func (r *Report) sheetsOf(events []event) (sheets []sheet) {
	all := map[string]bool{}
	for _, e := range events {
		for _, s := range e.seats() {
			all[s] = true
		}
	}
	start, rows, used := 0, 0, map[string]bool{}
	cut := func(end int) {
		if end == start {
			return
		}
		if len(all) <= mostLanes {
			used = all
		}
		sheets = append(sheets, sheet{events[start:end], r.lanesOf(used)})
		start, rows, used = end, 0, map[string]bool{}
	}
	for i, e := range events {
		needs := 1
		if e.quiet > 0 {
			needs = 2
		}
		more := 0
		for _, s := range e.seats() {
			if !used[s] {
				more++
			}
		}
		if rows+needs > mostRows || len(all) > mostLanes && len(used)+more > mostLanes {
			cut(i)
		}
		rows += needs
		for _, s := range e.seats() {
			used[s] = true
		}
	}
	cut(len(events))
	return sheets
}

func (r *Report) sequence() (pictures []*picture) {
	sheets := r.sheetsOf(r.eventsOf())
	for i, s := range sheets {
		p := &picture{Key: "a" + strconv.Itoa(i+1), Title: r.sheetTitle(r.words.Picture.Sequence.String(), i, len(sheets))}
		p.Text = r.words.Picture.SequenceText.String() + " · " + r.words.count(r.words.Picture.Rows, len(s.events))
		r.drawSequence(p, s, i == 0)
		p.Table = r.sequenceTable(p.Title, s.events)
		pictures = append(pictures, p)
	}
	return pictures
}

func (r *Report) sheetTitle(title string, sheet, sheets int) string {
	if sheets < 2 {
		return title
	}
	return r.words.say(r.words.Picture.Sheet, "title", title, "sheet", strconv.Itoa(sheet+1), "sheets", strconv.Itoa(sheets))
}

func (r *Report) sequenceTable(title string, events []event) *table {
	l := &r.words.Label
	t := &table{Caption: r.words.say(r.words.Picture.Table, "picture", title), Head: texts(l.Line, l.Time, l.Sender, l.To, l.What, l.Thread, l.Remark)}
	for _, e := range events {
		from, to := e.Seat, r.words.list(e.to)
		if e.Type == play.Injected {
			from = e.Inject
		}
		t.Rows = append(t.Rows, row{
			ID: "line-" + lineNumber(e.Seq), Line: lineNumber(e.Seq), At: strconv.FormatInt(int64(e.At), 10),
			Cells: []cell{foreign(lineNumber(e.Seq)), foreign(e.At.Clock()), foreign(from), foreign(to), plain(e.label), foreign(e.Thread), plain(e.remark)},
		})
	}
	return t
}
