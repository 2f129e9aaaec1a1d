package scenario

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	sinceForm = regexp.MustCompile(`^(?:[THth]?\+)?([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?$`)
	stepForm  = regexp.MustCompile(`^(?:D\+([0-9]{1,2}))?\s*(?:H\+([0-9]{1,4}))?\s*(?:M\+([0-9]{1,5}))?$`)
	dateForms = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00"}
)

var errTime = errors.New("is no time: want 1h10m, T+01:10:00, 1:10, D+0 H+1 M+10, or with start a date and time in UTC")

// moment reads the forms in which organisers write a time, as time since STARTEX. docs/scenario.md §10
func (m Mapping) moment(s string) (Span, error) {
	s = strings.TrimSuffix(strings.TrimSpace(s), " UTC")
	if span, err := ParseSpan(s); err == nil {
		return span, nil
	}
	if p := sinceForm.FindStringSubmatch(s); p != nil {
		at := Span(number64(p[1]))*Hour + Span(number64(p[2]))*Minute + Span(number64(p[3]))*Second
		if m.Clock && !strings.Contains(s, "+") {
			return m.ofDay(at)
		}
		return within(at)
	}
	if p := stepForm.FindStringSubmatch(s); p != nil && s != "" {
		return within(Span(number64(p[1]))*24*Hour + Span(number64(p[2]))*Hour + Span(number64(p[3]))*Minute)
	}
	for _, form := range dateForms {
		at, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if m.Start.IsZero() {
			return 0, errors.New("is a date, and the mapping does not say what the clock shows at STARTEX")
		}
		if at.Before(m.Start) {
			return 0, errors.New("is before STARTEX")
		}
		return within(Span(at.Sub(m.Start).Milliseconds()))
	}
	return 0, errTime
}

// ofDay is a time of day on the day of STARTEX, or on the next where it has passed by then.
func (m Mapping) ofDay(at Span) (Span, error) {
	if at >= 24*Hour {
		return 0, errTime
	}
	start := Span(m.Start.UTC().Sub(m.Start.UTC().Truncate(24 * time.Hour)).Milliseconds())
	if at < start {
		at += 24 * Hour
	}
	return at - start, nil
}

func within(at Span) (Span, error) {
	if at > MaxSpan {
		return 0, errors.New("is later than any scenario lasts")
	}
	return at, nil
}

// number64 reads digits that a pattern has bounded; nothing is 0.
func number64(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
