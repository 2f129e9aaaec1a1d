package main

import (
	"time"

	"valise.example/api/locale"
	"valise.example/directory"
)

// officeWords say whether an office is open now. English has the weekday of the next turn; the other languages
// have its date, because a day of the week bends with the words around it.
func officeWords(s speech, o *directory.OfficeListing) string {
	if s.l == locale.English {
		return o.Text()
	}
	text, always := s.Directory.OfficeOpens, s.Directory.AlwaysClosed
	if o.Open {
		text, always = s.Directory.OfficeCloses, s.Directory.AlwaysOpen
	}
	left, there, now := o.Turn()
	if there.IsZero() {
		return always.String()
	}
	const minute = "2006-01-02 15:04"
	return s.say(text, "span", s.span(left), "time", s.theirs(there.Format(minute)), "now", s.theirs(now.Format(minute)))
}

// span is how long something takes, rounded up to whole minutes: none would be wrong.
func (s speech) span(d time.Duration) string {
	t := locale.Of(s.l).Page().Time
	minutes := int((d + time.Minute - 1) / time.Minute)
	days, hours := minutes/(24*60), minutes/60%24
	var parts []string
	add := func(text locale.Text, n int) {
		if n > 0 {
			parts = append(parts, s.count(text, n))
		}
	}
	add(t.Days, days)
	add(t.Hours, hours)
	if days == 0 {
		add(t.Minutes, minutes%60)
	}
	return s.joined(parts)
}
