package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"valise.example/directory"
)

var walkDay = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// walked goes through facts with what a person types, a line for each answer.
func walked(t *testing.T, facts directory.EntryFacts, typed ...string) (after directory.EntryFacts, kept []directory.EntryFacts, shown string, err error) {
	t.Helper()
	var out strings.Builder
	w := newEntryWalk(strings.NewReader(strings.Join(typed, "\n")+"\n"), &out, facts, walkDay, func(f directory.EntryFacts) error {
		kept = append(kept, f)
		return nil
	})
	err = w.run(context.Background())
	return w.facts, kept, out.String(), err
}

func enters(n int) []string { return make([]string, n) }

func answers(parts ...[]string) (all []string) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// An empty State has six questions of its own and one for each of its two tracks; a point of contact
// has one for itself and eleven for its facts.
const (
	ofState = 6
	ofPoint = 1 + 11
)

// TestWalkFillsEverything types each fact once, with slips between, and gets the entry that was meant.
func TestWalkFillsEverything(t *testing.T) {
	typed := answers(
		[]string{"fr Aulne", "~en Alder", ""},
		[]string{"?", "Ministry of Foreign Affairs of Alder", "NV/2026/0001", "1 March", "2026-03-01", "tomorrow", "2026-03-01", "2026-09-01"},
		[]string{"", "+"}, // no diplomatic one; a technical one
		[]string{"", "robot", "entity", "fr CERT national", "~en National CERT", "", "A. Example", "en Duty officer", ""},
		[]string{"999", "", "+99900000001", "", "desk@cert.example", "", "French", "", "fr", "sw", "", "office hours", "Africa/Alder", "Africa/Cairo", "Sun-Thu 8-16", "", "Sun-Thu 08:00-16:00", "", "policy", ""},
		[]string{"legal", "technical", ""}, enters(4), []string{"+99900000002", ""}, enters(6), []string{""}, // one further, by telephone
		[]string{"yes"},
	)
	after, kept, shown, err := walked(t, directory.EntryFacts{State: "XA"}, typed...)
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	want := directory.EntryFacts{
		State: "XA", NominatingAuthority: "Ministry of Foreign Affairs of Alder", NoteVerbale: "NV/2026/0001", NoteVerbaleDate: "2026-03-01",
		ValidFrom: walkDay.Truncate(24 * time.Hour), ReviewBy: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
		Names: []directory.TextFact{{Language: "fr", Text: "Aulne"}, {Language: "en", Text: "Alder", Courtesy: true}},
		Points: []directory.PointFacts{
			{
				Track: "technical", Type: "entity", Name: "A. Example", Telephones: []string{"+99900000001"}, Emails: []string{"desk@cert.example"},
				Languages: []string{"fr", "sw"}, Hours: "office hours", TimeZone: "Africa/Cairo", Open: []string{"Sun-Thu 08:00-16:00"}, Labels: []string{"policy"},
				Entity:      []directory.TextFact{{Language: "fr", Text: "CERT national"}, {Language: "en", Text: "National CERT", Courtesy: true}},
				Designation: []directory.TextFact{{Language: "en", Text: "Duty officer"}},
			},
			{Track: "technical", Further: true, Telephones: []string{"+99900000002"}},
		},
	}
	if diff := cmp.Diff(want, after, cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff(after, kept[len(kept)-1], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what was kept last: %s", diff)
	}
	for _, words := range []string{"Who nominated", "no date", "E.164", "BCP 47", "IANA", "no opening time", "no such track", "Alder [en, unofficial]", "(Sun 16:00 there", "there is no diplomatic point of contact", "A-7a-iii", "B-1b"} {
		if !strings.Contains(shown, words) {
			t.Errorf("%q was not said:\n%s", words, shown)
		}
	}
	back, err := directory.ParseEntryTOML(directory.EntryTOML(after))
	if err != nil || cmp.Diff(after, back, cmpopts.EquateEmpty()) != "" {
		t.Errorf("as TOML it is another entry: %v", err)
	}
}

// TestWalkKeepsAndLeavesOut: Enter keeps everything, - takes one fact or one point of contact away.
func TestWalkKeepsAndLeavesOut(t *testing.T) {
	facts := directory.EntryFacts{State: "XA", NoteVerbale: "NV/1", Points: []directory.PointFacts{
		{Track: "diplomatic", Telephones: []string{"+99900000001", "+99900000002"}}, {Track: "technical", Hours: "always"}, {Track: "technical", Further: true, Name: "B. Example"},
	}}
	all := answers(enters(ofState), enters(3*ofPoint), []string{""})
	after, _, shown, err := walked(t, facts, append(all, "yes")...)
	if err != nil || cmp.Diff(facts, after) != "" {
		t.Fatalf("%v: %s\n%s", err, cmp.Diff(facts, after), shown)
	}
	typed := answers([]string{"", "", "-"}, enters(ofState-3), []string{"", "", "", "", "", "-"}, enters(ofPoint-6), []string{"-"}, []string{"-"}, []string{"", "yes"})
	after, _, shown, err = walked(t, facts, typed...)
	want := directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "diplomatic"}}}
	if diff := cmp.Diff(want, after, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Fatalf("%v: %s\n%s", err, diff, shown)
	}
}

// TestWalkThatStops: at every question the person leaves, the input ends, or they say no at the end; what
// they had typed is kept, and nothing counts as their yes.
func TestWalkThatStops(t *testing.T) {
	for name, last := range map[string][]string{
		"they leave": {"!"}, "the input ends": nil, "they say no": append(enters(ofState-3+1+1+1), "no"),
		"they leave within a list": {"", "", "", "", "+", "", "", "", "", "", "+99900000001", "!", "desk@cert.example"},
	} {
		typed := append([]string{"en Alder", "", "Ministry", "NV/1"}, last...)
		after, kept, shown, err := walked(t, directory.EntryFacts{State: "XA"}, typed...)
		if !errors.Is(err, errStopped) {
			t.Fatalf("%s: %v\n%s", name, err, shown)
		}
		held := kept[len(kept)-1]
		if held.NoteVerbale != "NV/1" || held.Names[0].Text != "Alder" || cmp.Diff(after, held, cmpopts.EquateEmpty()) != "" {
			t.Errorf("%s: kept is %+v", name, held)
		}
		if strings.Contains(name, "list") && (len(held.Points) != 1 || len(held.Points[0].Telephones) != 1 || len(held.Points[0].Emails) != 0) {
			t.Errorf("%s: the first of the list is lost, or it went on: %+v", name, held.Points)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	hanging, writer := io.Pipe()
	w := newEntryWalk(hanging, io.Discard, directory.EntryFacts{State: "XA"}, walkDay, nil)
	if err := w.run(ctx); !errors.Is(err, errStopped) {
		t.Errorf("a signal: %v", err)
	}
	writer.Close()
}

// TestWalkDoesNotEndWithWhatCannotBeSigned: a slip that stands in the file already is told at the end.
func TestWalkDoesNotEndWithWhatCannotBeSigned(t *testing.T) {
	facts := directory.EntryFacts{State: "XA", Points: []directory.PointFacts{{Track: "technical", Telephones: []string{"call us"}}}}
	once := answers(enters(ofState), []string{""}, enters(ofPoint), []string{""})
	typed := answers(once, enters(ofState), []string{"", "", "", "", "", ""}, []string{"+99900000001", ""}, enters(ofPoint-6), []string{"", "yes"})
	after, _, shown, err := walked(t, facts, typed...)
	if err != nil || after.Points[0].Telephones[0] != "+99900000001" || !strings.Contains(shown, "cannot be signed") {
		t.Fatalf("%v, %+v\n%s", err, after, shown)
	}
}

// TestWalkChangesTheFileOnlyAtItsEnd: stopped, taken up again, and saved, in a root's folder.
func TestWalkChangesTheFileOnlyAtItsEnd(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "root")
	if exit, _, stderr := runMain("key", "ceremony", "--home", dir, "--state", "XA", "--realm", "exercise:walk-00112233445566778899aabbccddeeff", "--json"); exit != exitDone {
		t.Fatal(stderr)
	}
	entry := filepath.Join(dir, directory.EntryFile)
	made, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	walk := func(typed ...string) error {
		var out, errs strings.Builder
		p := newProgram(strings.NewReader(""), &out, &errs, nil)
		p.home, p.now = dir, func() time.Time { return walkDay }
		r, err := p.rootFolder()
		if err != nil {
			t.Fatal(err)
		}
		facts, err := r.folder.Facts()
		if err != nil {
			t.Fatal(err)
		}
		return p.walkEntry(t.Context(), r, facts, strings.NewReader(strings.Join(typed, "\n")+"\n"))
	}
	if err := walk("en Alder", "", "!"); err == nil || explain(err).exit != exitUsage {
		t.Fatalf("stopped: %v", err)
	}
	if now, _ := os.ReadFile(entry); string(now) != string(made) {
		t.Fatal("a walk that was stopped changed the entry")
	}
	if err := walk(answers([]string{""}, enters(ofState), enters(2*ofPoint), []string{"", "yes"})...); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(entry)
	if facts, bad := directory.ParseEntryTOML(now); err != nil || bad != nil || len(facts.Names) != 1 || facts.Names[0].Text != "Alder" {
		t.Fatalf("%v, %v:\n%s", err, bad, now)
	}
	if before, err := os.ReadFile(filepath.Join(dir, entryBeforeFile)); err != nil || string(before) != string(made) {
		t.Errorf("the entry before is not kept: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, entryEditFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was typed still lies there: %v", err)
	}
}
