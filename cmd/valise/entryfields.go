package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"valise.example/directory"
)

// entryField is one fact that the walk through an entry asks for.
type entryField struct {
	// title says which fact, source the paragraph that names it, help how it is written.
	title, source, help string
	// several says that a list is asked for, a line for each value.
	several bool
	get     func(f *directory.EntryFacts) []string
	// set takes what was typed; none leaves the fact out.
	set func(f *directory.EntryFacts, values []string) error
}

// stateFields are the facts of the State itself. A-7a-iv, A-7d, A-8
var stateFields = []entryField{
	textsField("Name of the State", "A-7a-iv", "As the State writes it, in any official language of the United Nations.",
		func(f *directory.EntryFacts) *[]directory.TextFact { return &f.Names }),
	lineField("Nominating authority", "A-7d", "Who nominated the points of contact, for example a ministry.",
		func(f *directory.EntryFacts) *string { return &f.NominatingAuthority }),
	lineField("Note verbale", "A-7d", "Its reference.",
		func(f *directory.EntryFacts) *string { return &f.NoteVerbale }),
	lineField("Date of the note verbale", "A-7d", "YYYY-MM-DD, for example 2026-03-01.",
		func(f *directory.EntryFacts) *string { return &f.NoteVerbaleDate }),
	dateField("Valid from", "A-7d", func(f *directory.EntryFacts) *time.Time { return &f.ValidFrom }),
	dateField("To be looked through again by", "A-8", func(f *directory.EntryFacts) *time.Time { return &f.ReviewBy }),
}

// pointFields are the facts of point of contact n. A-7a
func pointFields(n int) []entryField {
	at := func(f *directory.EntryFacts) *directory.PointFacts { return &f.Points[n] }
	return []entryField{
		lineField("Entity or person", "A-7a-ii", "The word entity (a desk with shifts) or person.",
			func(f *directory.EntryFacts) *string { return &at(f).Type }),
		textsField("Institution", "A-7a-iii", "The authorized national entity, in any official language of the United Nations.",
			func(f *directory.EntryFacts) *[]directory.TextFact { return &at(f).Entity }),
		lineField("Name of the representative", "A-7a-iii", "Where applicable.",
			func(f *directory.EntryFacts) *string { return &at(f).Name }),
		textsField("Designation of the representative", "A-7a-iii", "Where applicable, for example Duty officer.",
			func(f *directory.EntryFacts) *[]directory.TextFact { return &at(f).Designation }),
		linesField("Telephones", "A-7a-iii", "E.164: a plus and 7 to 15 digits with nothing between. The first is called first.",
			func(f *directory.EntryFacts) *[]string { return &at(f).Telephones }),
		linesField("Emails", "A-7a-iii", "For example desk@cert.example.",
			func(f *directory.EntryFacts) *[]string { return &at(f).Emails }),
		linesField("Operational languages", "A-7a-iii", "BCP 47, any language: en, fr, sw, zh-Hans.",
			func(f *directory.EntryFacts) *[]string { return &at(f).Languages }),
		lineField("Hours in words", "A-7a-iii", "For example: office hours, and a watch at night.",
			func(f *directory.EntryFacts) *string { return &at(f).Hours }),
		lineField("Time zone", "A-7a-iii", "Its name in the IANA table: Africa/Cairo, Etc/UTC.",
			func(f *directory.EntryFacts) *string { return &at(f).TimeZone }),
		linesField("Hours for machines", "docs/protocol.md §8.1", "In that zone, so that others see whether the office is open now: Sun-Thu 08:00-16:00, Sat 22:00-06:00, or always.",
			func(f *directory.EntryFacts) *[]string { return &at(f).Open }),
		linesField("Labels", "B-1b", "Room for policy, legal and others.",
			func(f *directory.EntryFacts) *[]string { return &at(f).Labels }),
	}
}

func lineField(title, source, help string, at func(*directory.EntryFacts) *string) entryField {
	return entryField{
		title: title, source: source, help: help,
		get: func(f *directory.EntryFacts) []string {
			if *at(f) == "" {
				return nil
			}
			return []string{*at(f)}
		},
		set: func(f *directory.EntryFacts, values []string) error {
			*at(f) = strings.Join(values, " ")
			return nil
		},
	}
}

func linesField(title, source, help string, at func(*directory.EntryFacts) *[]string) entryField {
	return entryField{
		title: title, source: source, help: help, several: true,
		get: func(f *directory.EntryFacts) []string { return *at(f) },
		set: func(f *directory.EntryFacts, values []string) error {
			*at(f) = values
			return nil
		},
	}
}

func dateField(title, source string, at func(*directory.EntryFacts) *time.Time) entryField {
	return entryField{
		title: title, source: source, help: "YYYY-MM-DD, or RFC 3339 with a zone.",
		get: func(f *directory.EntryFacts) []string {
			if at(f).IsZero() {
				return nil
			}
			return []string{at(f).UTC().Format(time.RFC3339)}
		},
		set: func(f *directory.EntryFacts, values []string) (err error) {
			*at(f) = time.Time{}
			if len(values) == 0 {
				return nil
			}
			if *at(f), err = time.Parse(time.DateOnly, values[0]); err == nil {
				return nil
			}
			if *at(f), err = time.Parse(time.RFC3339, values[0]); err != nil {
				return errors.New("this is no date: write YYYY-MM-DD")
			}
			*at(f) = at(f).UTC()
			return nil
		},
	}
}

// unofficial stands before the language of a courtesy translation, as it is typed. A-7a-iv
const unofficial = "~"

func textsField(title, source, help string, at func(*directory.EntryFacts) *[]directory.TextFact) entryField {
	return entryField{
		title: title, source: source, several: true,
		help: help + " A line for each: the language, a blank, the text, as in: fr Aulne. An unofficial translation has ~ before it: ~en Alder.",
		get: func(f *directory.EntryFacts) (values []string) {
			for _, t := range *at(f) {
				mark := ""
				if t.Courtesy {
					mark = unofficial
				}
				values = append(values, mark+t.Language+" "+t.Text)
			}
			return values
		},
		set: func(f *directory.EntryFacts, values []string) error {
			var texts []directory.TextFact
			for _, v := range values {
				tag, text, ok := strings.Cut(v, " ")
				if !ok {
					return fmt.Errorf("want a language and a text, as in: en Alder")
				}
				bare := strings.TrimPrefix(tag, unofficial)
				texts = append(texts, directory.TextFact{Language: bare, Text: strings.TrimSpace(text), Courtesy: bare != tag})
			}
			*at(f) = texts
			return nil
		},
	}
}
