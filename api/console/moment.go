package console

import (
	"fmt"
	"html/template"
	"strconv"
	"time"

	"valise.example/api/locale"
)

// Moment is a time in words: by UTC with its day, and by our own clock where that is another.
func (f *frame) Moment(t time.Time) (template.HTML, error) { return f.moment(t, nil, "") }

// MomentWith is Moment with the clock of another State, for what both must keep.
func (f *frame) MomentWith(t time.Time, code string) (template.HTML, error) {
	return f.moment(t, f.v.zoneOf(code), code)
}

func (f *frame) moment(t time.Time, there *time.Location, code string) (template.HTML, error) {
	if t.IsZero() {
		return "", nil
	}
	utc := t.UTC()
	words, err := InUTC(f.T, utc)
	if err != nil {
		return "", err
	}
	if here := t.In(f.v.c.cfg.Zone); !sameClock(here, utc) {
		w, err := f.Say(f.T.Time.Here, "clock", f.clockOn(here, utc))
		if err != nil {
			return "", err
		}
		words += ` · <span class="clock">` + w + `</span>`
	}
	if there != nil && !sameClock(t.In(there), utc) {
		w, err := f.Say(f.T.Time.There, "clock", f.clockOn(t.In(there), utc), "state", f.State(code))
		if err != nil {
			return "", err
		}
		words += ` · <span class="clock">` + w + `</span>`
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, utc.Format(time.RFC3339), words)), nil //nolint:gosec // made of escaped parts
}

func sameClock(a, b time.Time) bool { _, x := a.Zone(); _, y := b.Zone(); return x == y }

// InUTC is a moment in the words of a page: its day with the day of the week, and the time of day by UTC.
func InUTC(page *locale.Page, t time.Time) (template.HTML, error) {
	return Fill(page.Time.UTC, "date", date(page, t.UTC()), "clock", clock(t.UTC()))
}

func (f *frame) date(t time.Time) template.HTML { return date(f.T, t) }

// date is a day in words, with the day of the week.
func date(page *locale.Page, t time.Time) template.HTML {
	words, err := Fill(page.Time.Date,
		"weekday", template.HTML(template.HTMLEscapeString(page.Time.Weekday(int(t.Weekday())))), //nolint:gosec // escaped
		"day", strconv.Itoa(t.Day()),
		"month", template.HTML(template.HTMLEscapeString(page.Time.Month(int(t.Month())))), //nolint:gosec // escaped
		"year", strconv.Itoa(t.Year()))
	if err != nil {
		return template.HTML(t.Format(time.DateOnly)) //nolint:gosec // digits and hyphens
	}
	return words
}

// clock is a time of day, from left to right in every language.
func clock(t time.Time) template.HTML {
	return template.HTML(`<bdi dir="ltr">` + t.Format("15:04") + `</bdi>`) //nolint:gosec // digits and a colon
}

// clockOn names the day too where it is another one than by UTC.
func (f *frame) clockOn(t, utc time.Time) template.HTML {
	if t.Day() == utc.Day() {
		return clock(t)
	}
	return clock(t) + ` ` + f.date(t)
}

// Distance says how far a moment is from now: "in 2 h 15 min".
func (f *frame) Distance(t time.Time) (template.HTML, error) {
	d := t.Sub(f.v.now).Round(time.Minute)
	if d == 0 {
		return template.HTML(template.HTMLEscapeString(f.T.Time.Now.String())), nil //nolint:gosec // escaped
	}
	text := f.T.Time.In
	if d < 0 {
		d, text = -d, f.T.Time.Ago
	}
	words, err := f.duration(d)
	if err != nil {
		return "", err
	}
	return f.Say(text, "duration", words)
}

// duration has its two largest parts.
func (f *frame) duration(d time.Duration) (template.HTML, error) {
	minutes := int(d / time.Minute)
	days, hours, rest := minutes/(24*60), minutes/60%24, minutes%60
	t := f.T.Time
	switch {
	case days > 0 && hours > 0:
		return join(f.Count(t.Days, days))(f.Count(t.Hours, hours))
	case days > 0:
		return f.Count(t.Days, days)
	case hours > 0 && rest > 0:
		return join(f.Count(t.Hours, hours))(f.Count(t.Minutes, rest))
	case hours > 0:
		return f.Count(t.Hours, hours)
	}
	return f.Count(t.Minutes, rest)
}

func join(a template.HTML, errA error) func(b template.HTML, errB error) (template.HTML, error) {
	return func(b template.HTML, errB error) (template.HTML, error) {
		if errA != nil {
			return "", errA
		}
		return a + " " + b, errB
	}
}
