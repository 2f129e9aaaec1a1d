package main

import (
	"slices"
	"strings"
	"time"

	"valise.example/api/locale"
	"valise.example/directory"
)

// date is a day by UTC, as every language has it.
func (s speech) date(t time.Time) string { return s.theirs(t.Format(time.DateOnly)) }

// stateLines show all that a State says of itself, for people. A-7a
func stateLines(s speech, x directory.StateListing) []string {
	names := strings.TrimRight(s.theirs(x.State)+"  "+textLine(s, x.Names), " ")
	lines := []string{
		"", s.line(names + "  " + s.say(s.Directory.Entry, "number", decimal(x.EntryNumber))),
		"  " + s.line(s.say(s.Record.Root, "root", s.theirs(x.Root.Fingerprint))),
	}
	if x.NewRoot != nil {
		lines = append(lines, "  "+s.line(s.say(s.Directory.NewRoot, "root", s.theirs(x.NewRoot.Fingerprint))))
	}
	lines = append(lines, calledLines(s, x)...)
	lines = append(lines, nominationLines(s, x.Nominee, x.From, x.Review)...)
	for _, poc := range x.POCs {
		word := s.Directory.Unreachable
		if poc.Reachable {
			word = s.Directory.Reachable
		}
		lines = append(lines, "  "+s.fact(s.theirs(poc.Address), 15, word.String()))
		lines = append(lines, factsLines(s, poc.FactsListing)...)
	}
	return append(lines, furtherLines(s, x.Further)...)
}

// entryLines show facts that nobody has signed yet, as stateLines will.
func entryLines(s speech, e directory.EntryListing) []string {
	lines := []string{strings.TrimRight(s.theirs(e.State)+"  "+textLine(s, e.Names), " ")}
	lines = append(lines, nominationLines(s, e.Nominee, e.From, e.Review)...)
	for _, poc := range e.Points {
		lines = append(lines, "  "+s.theirs(e.State+"/"+poc.Track))
		lines = append(lines, factsLines(s, poc.FactsListing)...)
	}
	return append(lines, furtherLines(s, e.Further)...)
}

func nominationLines(s speech, n directory.NominationListing, from, review *time.Time) (lines []string) {
	if parts := slices.DeleteFunc([]string{n.Authority, n.NoteVerbale, n.NoteVerbaleDate}, empty); len(parts) > 0 {
		lines = append(lines, "  "+s.line(s.say(s.Directory.Nominated, "authority", s.theirs(strings.Join(parts, ", ")))))
	}
	if from != nil {
		lines = append(lines, "  "+s.line(s.say(s.Directory.ValidFrom, "date", s.date(*from))))
	}
	if review != nil {
		lines = append(lines, "  "+s.line(s.say(s.Directory.Review, "date", s.date(*review))))
	}
	return lines
}

func furtherLines(s speech, further []directory.FurtherListing) (lines []string) {
	for _, poc := range further {
		lines = append(lines, "  "+s.line(s.say(s.Directory.Further, "track", s.track(poc.Track))))
		lines = append(lines, factsLines(s, poc.FactsListing)...)
	}
	return lines
}

// track is the name of a track: that of the address in English, which scripts read.
func (s speech) track(name string) string {
	return s.named(locale.Of(s.l).Page().Words.Track, name)
}

func empty(s string) bool { return s == "" }

// textLine joins a text in all its languages; an unofficial translation says that it is one. A-7a-iv
func textLine(s speech, texts []*directory.NameListing) string {
	var parts []string
	for _, t := range texts {
		language := s.theirs(t.Language)
		if t.Courtesy {
			language = s.say(s.Directory.Unofficial, "language", language)
		}
		parts = append(parts, s.theirs(t.Text)+" ["+language+"]")
	}
	return strings.Join(parts, " · ")
}

func factsLines(s speech, f directory.FactsListing) (lines []string) {
	label := s.DirectoryLabel
	facts := []labelled{
		{label.Name, s.theirs(f.Name)},
		{label.Designation, textLine(s, f.Designation)},
		{label.Purpose, s.theirs(strings.Join(f.Labels, ", "))},
	}
	for _, t := range f.Telephones {
		facts = append(facts, labelled{label.Telephone, s.theirs(t)})
	}
	for _, e := range f.Emails {
		facts = append(facts, labelled{label.Email, s.theirs(e)})
	}
	facts = append(facts, labelled{label.Languages, s.theirs(strings.Join(f.Languages, ", "))})
	hours := []string{f.Hours}
	if f.TimeZone != "" && f.Hours+strings.Join(f.Open, "") != "" {
		hours = append(hours, strings.Join(f.Open, "; "), f.TimeZone)
	}
	facts = append(facts, labelled{label.Hours, s.theirs(strings.Join(slices.DeleteFunc(hours, empty), ", "))})
	if f.Office != nil {
		facts = append(facts, labelled{label.Now, officeWords(s, f.Office)})
	}
	if entity := textLine(s, f.Entity); entity != "" {
		lines = append(lines, "    "+s.fact(s.word(label, f.Type), 9, entity))
	}
	for _, fact := range facts {
		if fact.value != "" {
			lines = append(lines, "    "+s.fact(fact.label.String(), 9, fact.value))
		}
	}
	return lines
}
