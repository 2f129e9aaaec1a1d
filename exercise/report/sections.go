package report

import (
	"strconv"
	"strings"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// englishMark stands beside the mark of every other language, so that whoever finds a page of it knows.
const englishMark = "EXERCISE"

// texts are headings of columns.
func texts(all ...locale.Text) []string {
	out := make([]string, len(all))
	for i, t := range all {
		out[i] = t.String()
	}
	return out
}

// document puts the report together. docs/exercises.md §8
func (r *Report) document() document {
	w := r.words
	subtitle := w.Head.ForControl.String()
	if !r.forControl() {
		subtitle = w.say(w.Head.ForState, "state", r.in.For.String())
	}
	d := document{
		Language: w.language.String(), Direction: w.language.Direction().String(), Mark: r.mark(),
		Title: w.Head.Title.String(), Exercise: w.texts(r.in.Scenario.Title), Reader: subtitle,
	}
	seen := r.seenLines()
	d.Sections = append(d.Sections, r.cover(), r.participants())
	d.Sections = append(d.Sections, r.onePage()...)
	d.Sections = append(d.Sections, r.pictures()...)
	d.Sections = append(d.Sections, r.expected(seen), r.plan(seen), r.controlled(), r.records(), r.remarks(), r.hotWash(), r.improvement(), r.annex())
	return d
}

// mark is in the language of the reader and in English, with the name of the exercise.
func (r *Report) mark() string {
	own := r.words.Head.Mark.String()
	name := theirs(r.in.Scenario.ID)
	if own == englishMark {
		return englishMark + " · " + name + " · " + englishMark
	}
	return own + " · " + r.words.language.Isolate(name) + " · " + r.words.language.Isolate(englishMark)
}

// seenLines are the numbers of the lines that have a row in the sequence.
func (r *Report) seenLines() map[uint64]bool {
	seen := map[uint64]bool{}
	for _, e := range r.eventsOf() {
		seen[e.Seq] = true
	}
	return seen
}

func (r *Report) cover() section {
	w, s, o := r.words, r.in.Scenario, r.facts.opened
	facts := &table{Caption: w.Section.Cover.String(), Rows: []row{
		{Cells: []cell{plain(w.Label.Exercise.String()), foreign(s.ID)}},
		{Cells: []cell{plain(w.Label.Kind.String()), plain(named(w.Kind, string(s.Kind)))}},
		{Cells: []cell{plain(w.Label.Start.String()), foreign(o.Start)}},
		{Cells: []cell{plain(w.Label.Length.String()), plain(w.duration(r.facts.end))}},
		{Cells: []cell{plain(w.Label.Realm.String()), foreign(o.Realm)}},
		{Cells: []cell{plain(w.Label.Seed.String()), foreign(strconv.FormatUint(o.Seed, 10))}},
		{Cells: []cell{plain(w.Label.Digest.String()), foreign(o.Digest)}},
		{Cells: []cell{plain(w.Label.Versions.String()), plain(w.say(w.Line.Versions, "recording", o.Format, "engine", strconv.Itoa(o.Engine), "report", Format))}},
		{Cells: []cell{plain(w.Label.Lines.String()), number(int(r.facts.lines))}},
	}}
	blocks := []block{{Text: w.Head.Unreal.String()}, {Text: w.Head.Against.String() + ". " + w.Head.Lead.String()}}
	if w.language == locale.Chinese {
		blocks[1].Text = w.Head.Against.String() + "。" + w.Head.Lead.String()
	}
	if !r.facts.whole {
		blocks = append(blocks, block{Text: w.Head.Cut.String()})
	}
	return section{ID: "cover", Heading: w.Section.Cover.String(), Blocks: append(blocks, block{Table: facts})}
}

// participants are all that take part. Only control's report says what each seat did.
func (r *Report) participants() section {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Participants.String(), Head: texts(l.State, l.Name, l.Part, l.Seat, l.Played, l.Asked, l.Received, l.Acknowledged)}
	for _, p := range r.in.Scenario.Participants {
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			if _, has := p.Seats[track]; !has {
				continue
			}
			seat := (ident.Address{State: p.State, Track: track}).String()
			cells := []cell{foreign(p.State.String()), foreign(p.Name), foreign(w.texts(p.Part)), foreign(seat), plain(r.playedBy(seat))}
			t.Rows = append(t.Rows, row{Cells: append(cells, r.seatCounts(seat)...)})
		}
	}
	return section{ID: "participants", Heading: w.Section.Participants.String(), Sub: true, Blocks: []block{{Table: t}}}
}

func (r *Report) playedBy(seat string) string {
	if r.facts.people[seat] {
		return r.words.Line.Person.String()
	}
	return r.words.Line.Simulated.String()
}

func (r *Report) seatCounts(seat string) []cell {
	if !r.own(seat) {
		return []cell{plain("–"), plain("–"), plain("–")}
	}
	asked, received, acknowledged := 0, 0, 0
	for _, q := range r.facts.inquiries {
		if q.from == seat {
			asked++
		}
		if q.to == seat {
			received++
		}
		if q.to == seat && q.acknowledged != nil {
			acknowledged++
		}
	}
	return []cell{number(asked), number(received), number(acknowledged)}
}

func (r *Report) onePage() []section {
	w := r.words
	met, counted := 0, 0
	for _, o := range r.objectives {
		if o.counted > 0 {
			counted++
		}
		if o.reached() == full {
			met++
		}
	}
	points := []string{w.say(w.Line.Summary, "met", strconv.Itoa(met), "counted", strconv.Itoa(counted)), w.Line.NoMedian.String(), w.Line.NoSilence.String()}
	if m, some := median(r.ownWaits()); some {
		points[1] = w.say(w.Line.MedianOf, "duration", w.duration(m))
	}
	if s := r.measures.silence; s != nil {
		points[2] = w.say(w.Line.SilenceOf, "duration", w.duration(s.took), "thread", theirs(s.thread), "seat", theirs(s.to))
	}
	if n := r.measures.unmeasured; n > 0 {
		points = append(points, w.count(w.Line.Unmeasured, n))
	}
	sections := []section{
		{ID: "page", Heading: w.Section.Page.String(), Blocks: []block{{List: points}, {Table: r.objectiveTable()}}},
		{ID: "strengths", Heading: w.Section.Strengths.String(), Sub: true, Blocks: []block{{List: r.three(r.strengths)}}},
		{ID: "gaps", Heading: w.Section.Gaps.String(), Sub: true, Blocks: []block{{List: r.three(r.gaps)}, {Text: w.Line.ByRule.String()}, {Lines: 2}}},
	}
	if !r.forControl() {
		sections = append(sections, r.spreadSection())
	}
	return sections
}

func (r *Report) three(found []finding) (all []string) {
	for _, f := range found[:min(most, len(found))] {
		all = append(all, f.text)
	}
	if len(found) < most {
		all = append(all, r.words.Line.NoFurther.String())
	}
	return all
}

func (r *Report) objectiveTable() *table {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Objectives.String(), Head: texts(l.Objective, l.Text, l.From, l.Standing, l.Met, l.Points)}
	for _, o := range r.objectives {
		t.Rows = append(t.Rows, row{Cells: []cell{
			foreign(o.ID), foreign(w.texts(o.Text)), foreign(o.From), plain(named(w.Reached, string(o.reached()))),
			foreign(strconv.Itoa(o.met) + " / " + strconv.Itoa(o.counted)), foreign(strconv.Itoa(o.points) + " / " + strconv.Itoa(o.ofPoints)),
		}})
	}
	return t
}

// spreadSection sets a State beside all others, which have no names and no order.
func (r *Report) spreadSection() section {
	w := r.words
	l := &w.Label
	t := &table{Caption: w.Section.Spread.String(), Head: texts(l.Measure, l.Own, l.Lowest, l.Middle, l.Highest)}
	add := func(name string, s spread, say func(scenario.Span) string) {
		cells := []cell{plain(name), plain("–"), plain("–"), plain("–"), plain("–")}
		if s.own != nil {
			cells[1] = plain(say(*s.own))
		}
		if !s.few {
			cells[2], cells[3], cells[4] = plain(say(s.lowest)), plain(say(s.middle)), plain(say(s.highest))
		}
		t.Rows = append(t.Rows, row{Cells: cells})
	}
	median, share := r.spreadOf(r.medianOf), r.spreadOf(r.shareOf)
	add(w.Label.Median.String(), median, w.duration)
	add(w.Label.MetShare.String(), share, func(s scenario.Span) string { return strconv.FormatInt(int64(s), 10) })
	blocks := []block{{Table: t}}
	if median.few || share.few {
		blocks = append(blocks, block{Text: w.Line.TooFew.String()})
	}
	return section{ID: "spread", Heading: w.Section.Spread.String(), Sub: true, Blocks: blocks}
}

func (r *Report) pictures() []section {
	w := r.words
	parts := []struct {
		id       string
		heading  locale.Text
		pictures []*picture
		under    string
	}{
		{"sequence", w.Section.Sequence, r.sequence(), ""},
		{"timeline", w.Section.Timeline, r.timeline(), w.Line.Bare.String()},
		{"times", w.Section.Times, r.times(), ""},
	}
	var sections []section
	for _, p := range parts {
		s := section{ID: p.id, Heading: p.heading.String()}
		for _, one := range p.pictures {
			s.Blocks = append(s.Blocks, block{Picture: one})
		}
		if len(p.pictures) == 0 {
			s.Blocks = append(s.Blocks, block{Text: w.Head.NothingHere.String()})
		} else if p.under != "" {
			s.Blocks = append(s.Blocks, block{Text: p.under})
		}
		sections = append(sections, s)
	}
	return sections
}

// orNothing is a table, or a sentence where it has no rows.
func (r *Report) orNothing(t *table) block {
	if len(t.Rows) == 0 {
		return block{Text: r.words.Head.NothingHere.String()}
	}
	return block{Table: t}
}

func (r *Report) annex() section {
	w := r.words
	t := &table{Caption: w.Section.Annex.String(), Rows: []row{
		{Cells: []cell{plain(w.Label.Hash.String()), foreign(r.in.Recording.Hash)}},
		{Cells: []cell{plain(w.Label.Verify.String()), foreign("valise exercise verify " + shellWord(r.in.File))}},
	}}
	return section{ID: "annex", Heading: w.Section.Annex.String(), Blocks: []block{{Text: w.Line.VerifyHow.String()}, {Table: t}}}
}

// shellWord is a file's name as one word of a shell.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") == "" && s[0] != '-' {
		return s
	}
	return "'" + strings.ReplaceAll(theirs(s), "'", `'\''`) + "'"
}

// of is whether an expectation is one of the reader's by a seat; control's are all.
func (r *Report) mine(e expectation) bool { return r.forControl() || e.of(r.in.For) }

// waivedOr is why something was waived, or what a person wrote of it, where the reader may see that.
func (r *Report) waivedOr(e expectation) string {
	if !r.mine(e) || e.outcome != play.Waived {
		return ""
	}
	return e.text
}
