package report_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// anyLines are a run of the small scenario in which anything may have happened, in any number.
func anyLines(t *rapid.T) []play.Line {
	lines := []play.Line{opened("XA/technical"), {Type: play.Control, Do: play.StartEx}}
	at := scenario.Span(0)
	seats := []string{"XA/technical", "XB/technical", "XC/technical", "XD/technical", "XE/technical", "XA/diplomatic", "XB/diplomatic"}
	threads := []thread{}
	for range rapid.IntRange(0, 90).Draw(t, "events") {
		at += scenario.Span(rapid.Int64Range(0, int64(2*scenario.Hour)).Draw(t, "later"))
		seq := uint64(len(lines))
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			from, to := rapid.SampledFrom(seats).Draw(t, "from"), rapid.SampledFrom(seats).Draw(t, "to")
			name := fmt.Sprintf("%s-%d", from, len(threads)+1)
			threads = append(threads, thread{name, from, to})
			lines = append(lines, play.Line{At: at, Type: play.Acted, Seat: from, To: []string{to}, Does: scenario.InquirySent, Thread: name, Person: rapid.Bool().Draw(t, "person")})
		case 1, 2:
			if len(threads) == 0 {
				continue
			}
			on := rapid.SampledFrom(threads).Draw(t, "thread")
			does := rapid.SampledFrom([]scenario.Act{scenario.Acknowledged, scenario.HoldingSent, scenario.ResponseSent, scenario.Declined, scenario.Closed}).Draw(t, "does")
			lines = append(lines, play.Line{At: at, Type: play.Acted, Seat: on.to, To: []string{on.from}, Does: does, Thread: on.name, Person: rapid.Bool().Draw(t, "person")})
		case 3:
			lines = append(lines, play.Line{At: at, Type: play.Injected, Inject: "I02", To: seats[:rapid.IntRange(0, len(seats)).Draw(t, "reached")], Cause: play.ByTime})
		case 4:
			l := play.Line{At: at, Type: play.Result, Expectation: rapid.SampledFrom([]string{"E01", "E02", "E03", "E04", "E09"}).Draw(t, "expectation"), Outcome: rapid.SampledFrom([]play.Outcome{play.Met, play.Missed, play.Late}).Draw(t, "outcome")}
			if before := lines[seq-1]; l.Outcome != play.Missed && before.Type == play.Acted {
				l.By, l.After = new(seq-1), new(rapid.Int64Range(0, int64(at)).Draw(t, "after")) // may be longer than to the act
			}
			lines = append(lines, l)
		default:
			l := play.Line{At: at, Type: play.Control, Do: rapid.SampledFrom([]play.Command{play.Pause, play.JumpTo, play.RealEvent}).Draw(t, "do")}
			if l.Do == play.JumpTo {
				l.Value = int64(at) + rapid.Int64Range(1, int64(8*scenario.Hour)).Draw(t, "jump")
			}
			lines = append(lines, l)
		}
	}
	return numbered(lines)
}

type thread struct{ name, from, to string }

// sign is what a picture draws, or what a row of its table says.
type sign struct{ sign, line, at string }

// signs of a drawing, each with where it stands.
func signs(svg *html.Node) (found []sign, places []int) {
	for _, n := range all(svg, func(n *html.Node) bool { return attribute(n, "data-sign") != "" }) {
		found = append(found, sign{attribute(n, "data-sign"), attribute(n, "data-line"), attribute(n, "data-at")})
		places = append(places, middleOf(n))
	}
	return found, places
}

// middleOf is where a sign stands from the left: the tip of a triangle, the middle of all else.
func middleOf(n *html.Node) int {
	number := func(name string) int { v, _ := strconv.Atoi(attribute(n, name)); return v }
	switch n.Data {
	case "rect":
		return number("x") + number("width")/2
	case "circle":
		return number("cx")
	case "path":
		at := strings.LastIndexAny(strings.TrimSuffix(attribute(n, "d"), "Z"), "ML")
		x, _, _ := strings.Cut(attribute(n, "d")[at+1:], " ")
		v, _ := strconv.Atoi(x)
		if strings.Count(attribute(n, "d"), "L") == 3 { // a diamond ends below its middle
			return v
		}
		return v
	}
	return number("x1")
}

func cells(row *html.Node) (texts []string) {
	for _, c := range all(row, func(n *html.Node) bool { return n.Data == "td" || n.Data == "th" }) {
		texts = append(texts, strings.NewReplacer("\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "").Replace(text(c)))
	}
	return texts
}

// clockOf is a moment as people read it, from milliseconds in digits.
func clockOf(at string) string {
	n, _ := strconv.ParseInt(at, 10, 64)
	return scenario.Span(n).Clock()
}

// TestPicturesAreTheirTables: whatever happened, each picture draws what its table says and nothing else, at places in the
// order of the times; from right to left in Arabic.
func TestPicturesAreTheirTables(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := anyLines(rt)
		l := rapid.SampledFrom([]locale.Language{locale.English, locale.Arabic, locale.Chinese}).Draw(rt, "language")
		reader := rapid.SampledFrom([]ident.State{"", "XA", "XB"}).Draw(rt, "reader")
		page := written(t, made(t, small(), lines, l, reader))["report.html"]
		for _, problem := range picturesOf(parsed(t, page), l) {
			rt.Error(problem)
		}
	})
}

func picturesOf(n *html.Node, l locale.Language) (problems []string) {
	for _, figure := range all(n, named("figure")) {
		svg, rows := all(figure, named("svg"))[0], all(all(figure, named("tbody"))[0], named("tr"))
		drawn, places := signs(svg)
		name := attribute(svg, "id")
		switch name[len("picture-")] {
		case 'a':
			problems = append(problems, sequenceIs(drawn, rows)...)
		case 'b':
			problems = append(problems, append(timelineIs(drawn, rows), inOrder(drawn, places, l)...)...)
		default:
			problems = append(problems, append(timesAre(drawn, rows), inOrder(drawn, places, l)...)...)
		}
		for i, p := range problems {
			problems[i] = name + ": " + strings.TrimPrefix(p, name+": ")
		}
		for _, x := range places {
			if x < 0 || x > 720 {
				problems = append(problems, fmt.Sprintf("%s: a sign at %d lies outside", name, x))
			}
		}
	}
	return problems
}

// inOrder: what is later stands further along, or at the same place.
func inOrder(drawn []sign, places []int, l locale.Language) (problems []string) {
	order := make([]int, len(drawn))
	for i := range order {
		order[i] = i
	}
	moment := func(i int) int64 { n, _ := strconv.ParseInt(drawn[i].at, 10, 64); return n }
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(moment(a), moment(b)) })
	for i := 1; i < len(order); i++ {
		step := places[order[i]] - places[order[i-1]]
		if l.Direction() == locale.RightToLeft {
			step = -step
		}
		if step < -1 { // a bar's end has a width of its own
			problems = append(problems, fmt.Sprintf("%v stands before %v", drawn[order[i]], drawn[order[i-1]]))
		}
	}
	return problems
}

func sequenceIs(drawn []sign, rows []*html.Node) (problems []string) {
	if len(drawn) != len(rows) {
		return []string{fmt.Sprintf("%d signs for %d rows", len(drawn), len(rows))}
	}
	for i, row := range rows {
		c := cells(row)
		if drawn[i].line != c[0] || clockOf(drawn[i].at) != c[1] || attribute(row, "data-at") != drawn[i].at {
			problems = append(problems, fmt.Sprintf("it draws %v for %q", drawn[i], c))
		}
	}
	return problems
}

// timelineIs takes each row apart into the signs that it must have.
func timelineIs(drawn []sign, rows []*html.Node) (problems []string) {
	next := 0
	take := func(name, cell string) {
		if strings.HasPrefix(cell, "–") {
			return
		}
		at := slices.IndexFunc(drawn[next:], func(s sign) bool { return s.sign == name })
		if at < 0 || !strings.HasPrefix(cell, clockOf(drawn[next+at].at)) {
			problems = append(problems, fmt.Sprintf("it does not draw %s %q", name, cell))
		}
	}
	for i, row := range rows {
		c := cells(row)
		take("sent", c[3])
		take("acknowledged", c[4])
		take("holding", c[5])
		take("answered", c[6])
		end := next + 1
		for end < len(drawn) && drawn[end].sign != "sent" {
			end++
		}
		wanted := strings.Count(c[7], "T+")
		for _, cell := range c[4:7] {
			if !strings.HasPrefix(cell, "–") {
				wanted++
			}
		}
		if end-next-1 != wanted {
			problems = append(problems, fmt.Sprintf("row %d has %d signs in the place of %d", i, end-next-1, wanted))
		}
		for _, s := range drawn[min(next, len(drawn)):min(end, len(drawn))] {
			if s.sign == "due" && !strings.Contains(c[7], clockOf(s.at)) {
				problems = append(problems, fmt.Sprintf("deadline %v is not in %q", s, c[7]))
			}
		}
		next = min(end, len(drawn))
	}
	if next != len(drawn) {
		problems = append(problems, "it draws more than the table has")
	}
	return problems
}

func timesAre(drawn []sign, rows []*html.Node) (problems []string) {
	var want []sign
	for _, row := range rows {
		want = append(want, sign{"time", attribute(row, "data-line"), attribute(row, "data-at")})
	}
	if !slices.Equal(drawn, want) {
		problems = append(problems, fmt.Sprintf("it draws %v for %v", drawn, want))
	}
	return problems
}

// TestNothingIsCut: all signs and letters of a drawing lie within it, and no two letters of a column of it upon each
// other, in every language.
func TestNothingIsCut(t *testing.T) {
	for _, l := range locale.Languages() {
		n := parsed(t, written(t, smallReport(t, l, ""))["report.html"])
		for _, svg := range all(n, named("svg")) {
			var width, height, zero int
			if _, err := fmt.Sscan(attribute(svg, "viewBox"), &zero, &zero, &width, &height); err != nil {
				t.Fatal(err)
			}
			if height > 880 {
				t.Errorf("%s %s is %d high: it does not fit a page", l, attribute(svg, "id"), height)
			}
			for _, x := range all(svg, named("text")) {
				across, _ := strconv.Atoi(attribute(x, "x"))
				down, _ := strconv.Atoi(attribute(x, "y"))
				if across < 0 || across > width || down < 8 || down > height {
					t.Errorf("%s %s: %q at %d, %d", l, attribute(svg, "id"), text(x), across, down)
				}
			}
		}
	}
}
