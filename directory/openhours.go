package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without a table of zones must read the same hours

	valisev1 "valise.example/proto/valise/v1"
)

// maxOpenLines is how many lines the hours of an office have. docs/protocol.md §8.1
const maxOpenLines = 14

// openHours are the spans of a week in which an office is open, as its entry says them.
type openHours struct{ spans []openSpan }

// openSpan begins on one day and ends on the same or the next. Minutes count from midnight; until is
// not before from, and more than a day's where the span passes midnight.
type openSpan struct {
	day         time.Weekday
	from, until int
}

const dayMinutes = 24 * 60

var weekDays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// parseOpen reads lines such as "Sun-Thu 08:00-16:00", "Mon,Wed 22:00-06:00" and "always".
// docs/protocol.md §8.1
func parseOpen(lines []string) (openHours, error) {
	var h openHours
	if len(lines) > maxOpenLines {
		return h, fmt.Errorf("more than %d lines of opening hours", maxOpenLines)
	}
	for _, line := range lines {
		if line == "always" {
			line = "Sun-Sat 00:00-24:00"
		}
		days, times, ok := strings.Cut(line, " ")
		if !ok {
			return openHours{}, badOpen(line)
		}
		from, until, err := parseSpan(times)
		if err != nil {
			return openHours{}, badOpen(line)
		}
		list, err := parseDays(days)
		if err != nil {
			return openHours{}, badOpen(line)
		}
		for _, d := range list {
			h.spans = append(h.spans, openSpan{d, from, until})
		}
	}
	return h, nil
}

func badOpen(line string) error {
	return fmt.Errorf("%.64q is no opening time: want days and times such as \"Sun-Thu 08:00-16:00\", \"Sat 22:00-06:00\", or \"always\"", line)
}

// parseDays reads "Sun-Thu", "Mon,Wed" or both together, each day once. A week may end on any day.
func parseDays(s string) (days []time.Weekday, err error) {
	for part := range strings.SplitSeq(s, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		a, b := slices.Index(weekDays, first), slices.Index(weekDays, last)
		if a < 0 || b < 0 || isRange && a == b {
			return nil, strconv.ErrSyntax
		}
		for d := a; ; d = (d + 1) % 7 {
			if slices.Contains(days, time.Weekday(d)) {
				return nil, strconv.ErrSyntax
			}
			days = append(days, time.Weekday(d))
			if d == b {
				break
			}
		}
	}
	return days, nil
}

// parseSpan reads "08:00-16:00"; an end that is not after the beginning is on the next day.
func parseSpan(s string) (from, until int, err error) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, strconv.ErrSyntax
	}
	if from, err = parseMinute(a); err != nil || from == dayMinutes {
		return 0, 0, strconv.ErrSyntax
	}
	if until, err = parseMinute(b); err != nil || until == from {
		return 0, 0, strconv.ErrSyntax
	}
	if until < from {
		until += dayMinutes
	}
	return from, until, nil
}

// parseMinute reads exactly five characters, 00:00 to 24:00.
func parseMinute(s string) (int, error) {
	if len(s) != 5 || s[2] != ':' {
		return 0, strconv.ErrSyntax
	}
	h, err := strconv.ParseUint(s[:2], 10, 8)
	if err != nil {
		return 0, err
	}
	m, err := strconv.ParseUint(s[3:], 10, 8)
	if err != nil || m > 59 || h*60+m > dayMinutes {
		return 0, strconv.ErrSyntax
	}
	return int(h*60 + m), nil
}

// at says whether the office is open and when that changes next; a zero time where it never does.
func (h openHours) at(now time.Time, zone *time.Location) (open bool, changes time.Time) {
	horizon := now.AddDate(0, 0, 8)
	for _, s := range h.around(now.In(zone)) {
		switch {
		case !s.until.After(now):
			continue
		case s.from.After(now):
			return false, s.from.UTC()
		case s.until.After(horizon):
			return true, time.Time{} // the spans of a week meet: it never closes
		}
		return true, s.until.UTC()
	}
	return false, time.Time{}
}

// occurrence is one opening of an office.
type occurrence struct{ from, until time.Time }

// around are the openings from a day before to ten days after, in order, those that meet as one. The
// offset of each end is that of its own day, so that a change to summer time moves neither.
func (h openHours) around(local time.Time) (all []occurrence) {
	y, m, d := local.Date()
	for ahead := -1; ahead <= 10; ahead++ {
		day := time.Date(y, m, d+ahead, 12, 0, 0, 0, local.Location())
		for _, s := range h.spans {
			if s.day == day.Weekday() {
				all = append(all, occurrence{
					time.Date(y, m, d+ahead, 0, s.from, 0, 0, local.Location()),
					time.Date(y, m, d+ahead, 0, s.until, 0, 0, local.Location()),
				})
			}
		}
	}
	slices.SortFunc(all, func(a, b occurrence) int { return a.from.Compare(b.from) })
	merged := all[:0]
	for _, o := range all {
		if last := len(merged) - 1; last >= 0 && !o.from.After(merged[last].until) {
			if o.until.After(merged[last].until) {
				merged[last].until = o.until
			}
			continue
		}
		merged = append(merged, o)
	}
	return merged
}

// OfficeNow says whether the office of a point of contact is open at a time, by the hours of its entry;
// nil where the entry does not say it for machines, or in no way that this node reads: what another
// State signed is never refused for it. A-7a-iii, docs/protocol.md §8.1
func OfficeNow(p *valisev1.PointOfContact, now time.Time) *OfficeListing {
	if len(p.GetOpen()) == 0 {
		return nil
	}
	h, err := parseOpen(p.GetOpen())
	if err != nil {
		return nil
	}
	zone, err := loadZone(p.GetTimeZone())
	if err != nil {
		return nil
	}
	open, changes := h.at(now, zone)
	return &OfficeListing{Open: open, Changes: optional(changes, !changes.IsZero()), zone: zone, now: now}
}

// loadZone takes names of the IANA table only: "Local" would be another zone on every machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%.64q is no name of the IANA table of time zones", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%.64q is no name of the IANA table of time zones", name)
	}
	return zone, nil
}

// OfficeListing is how an office stands by the hours of its entry.
type OfficeListing struct {
	Open bool `json:"open"`
	// Changes is when it closes or opens next; nil: never.
	Changes *time.Time `json:"changes,omitempty"`

	zone *time.Location
	now  time.Time
}

// Text says it in English for people, with the time there.
func (o *OfficeListing) Text() string {
	word, turn := "office closed", "opens"
	if o.Open {
		word, turn = "office open", "closes"
	}
	if o.Changes == nil {
		return word + " at all times"
	}
	left, there, now := o.Turn()
	return fmt.Sprintf("%s, %s in %s (%s there; it is %s there now)", word, turn, spanText(left), there.Format("Mon 15:04"), now.Format("Mon 15:04"))
}

// Turn is how long it is until the office closes or opens next, when that is and what time it is now, both by
// the clocks there; all are zero where it never does. A-7a-iii
func (o *OfficeListing) Turn() (left time.Duration, there, now time.Time) {
	if o.Changes == nil {
		return 0, time.Time{}, time.Time{}
	}
	return o.Changes.Sub(o.now), o.Changes.In(o.zone), o.now.In(o.zone)
}

// spanText rounds up to whole minutes: "opens in 0 min" would be wrong.
func spanText(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch days, hours := minutes/dayMinutes, minutes/60%24; {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes%60)
	}
	return fmt.Sprintf("%d min", minutes)
}
