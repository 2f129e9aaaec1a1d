package report_test

import (
	"fmt"
	"io"
	"testing"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
	"valise.example/exercise/scenario"
)

// longLines are a run of about so many lines.
func longLines(count int) []play.Line {
	lines := []play.Line{opened("XA/technical"), {Type: play.Control, Do: play.StartEx}}
	states := []string{"XA", "XB", "XC", "XD", "XE"}
	for i := 0; len(lines) < count; i++ {
		from, to := states[i%5]+"/technical", states[(i+1+i/5%4)%5]+"/technical"
		name, at := fmt.Sprintf("%s-%d", from, i/5+1), scenario.Span(i)*2*scenario.Minute
		lines = append(lines,
			play.Line{At: at, Type: play.Acted, Seat: from, To: []string{to}, Does: scenario.InquirySent, Thread: name},
			play.Line{At: at, Type: play.Acted, Seat: to, To: []string{from}, Does: scenario.Acknowledged, Thread: name},
			play.Line{At: at, Type: play.Acted, Seat: to, To: []string{from}, Does: scenario.ResponseSent, Thread: name})
	}
	return numbered(lines)
}

// BenchmarkReport makes all files of a report of 2,000 lines.
func BenchmarkReport(b *testing.B) {
	recording := recorded(b, longLines(2000))
	for b.Loop() {
		r, err := report.New(report.Input{Scenario: small(), Digest: digest, Recording: recording, File: "long.jsonl", Language: locale.Arabic})
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range r.Files() {
			if err := f.Write(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestLongRecordings come on many sheets, each small enough for a page, with a sign for every row.
func TestLongRecordings(t *testing.T) {
	page := written(t, made(t, small(), longLines(700), locale.English, ""))["report.html"]
	n := parsed(t, page)
	if figures := len(all(n, named("figure"))); figures < 30 {
		t.Errorf("only %d sheets", figures)
	}
	if problems := picturesOf(n, locale.English); len(problems) > 0 {
		t.Errorf("%d problems: %s", len(problems), problems[0])
	}
	if wrong := append(unbalanced(page), foreign(n, page)...); len(wrong) > 0 {
		t.Error(wrong)
	}
}
