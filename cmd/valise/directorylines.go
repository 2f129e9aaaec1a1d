package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"valise.example/directory"
)

// stateLines show all that a State says of itself, for people. A-7a
func stateLines(s directory.StateListing) []string {
	lines := []string{"", strings.TrimRight(fmt.Sprintf("%s  %s", s.State, textLine(s.Names)), " ") + fmt.Sprintf("  (entry %d)", s.EntryNumber), "  root " + s.Root.Fingerprint}
	if s.NewRoot != nil {
		lines = append(lines, "  another root waits to be confirmed: "+s.NewRoot.Fingerprint)
	}
	lines = append(lines, calledLines(s)...)
	lines = append(lines, nominationLines(s.Nominee, s.From, s.Review)...)
	for _, poc := range s.POCs {
		word := "cannot be written to now"
		if poc.Reachable {
			word = "can be written to"
		}
		lines = append(lines, fmt.Sprintf("  %-15s %s", poc.Address, word))
		lines = append(lines, factsLines(poc.FactsListing)...)
	}
	return append(lines, furtherLines(s.Further)...)
}

// entryLines show facts that nobody has signed yet, as stateLines will.
func entryLines(e directory.EntryListing) []string {
	lines := []string{strings.TrimRight(e.State+"  "+textLine(e.Names), " ")}
	lines = append(lines, nominationLines(e.Nominee, e.From, e.Review)...)
	for _, poc := range e.Points {
		lines = append(lines, "  "+e.State+"/"+poc.Track)
		lines = append(lines, factsLines(poc.FactsListing)...)
	}
	return append(lines, furtherLines(e.Further)...)
}

func nominationLines(n directory.NominationListing, from, review *time.Time) (lines []string) {
	if parts := slices.DeleteFunc([]string{n.Authority, n.NoteVerbale, n.NoteVerbaleDate}, empty); len(parts) > 0 {
		lines = append(lines, "  nominated by "+clean(strings.Join(parts, ", ")))
	}
	if from != nil {
		lines = append(lines, "  valid from "+from.Format(time.DateOnly))
	}
	if review != nil {
		lines = append(lines, "  to be looked through again by "+review.Format(time.DateOnly))
	}
	return lines
}

func furtherLines(further []directory.FurtherListing) (lines []string) {
	for _, poc := range further {
		lines = append(lines, fmt.Sprintf("  further, %s: by telephone and email only", poc.Track))
		lines = append(lines, factsLines(poc.FactsListing)...)
	}
	return lines
}

func empty(s string) bool { return s == "" }

// textLine joins a text in all its languages; an unofficial translation says that it is one. A-7a-iv
func textLine(texts []*directory.NameListing) string {
	var parts []string
	for _, t := range texts {
		part := clean(t.Text) + " [" + clean(t.Language) + "]"
		if t.Courtesy {
			part = clean(t.Text) + " [" + clean(t.Language) + ", unofficial]"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " · ")
}

func factsLines(f directory.FactsListing) (lines []string) {
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("    %-9s %s", label, text))
		}
	}
	add(f.Type, textLine(f.Entity))
	add("name", clean(f.Name))
	add("designation", textLine(f.Designation))
	add("for", clean(strings.Join(f.Labels, ", ")))
	for _, t := range f.Telephones {
		add("telephone", t)
	}
	for _, e := range f.Emails {
		add("email", clean(e))
	}
	add("languages", clean(strings.Join(f.Languages, ", ")))
	hours := []string{f.Hours}
	if f.TimeZone != "" && f.Hours+strings.Join(f.Open, "") != "" {
		hours = append(hours, strings.Join(f.Open, "; "), f.TimeZone)
	}
	add("hours", clean(strings.Join(slices.DeleteFunc(hours, empty), ", ")))
	if f.Office != nil {
		add("now", f.Office.Text())
	}
	return lines
}
