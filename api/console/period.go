package console

import (
	"net/url"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
)

// period is from when until when, as a form has it: the end itself is not in it.
type period struct {
	Since, Until string // as a browser sends a moment, by UTC
	BadSince     bool   // is no moment
	BadUntil     bool
	BadSpan      bool // the end is not after the beginning
	since, until *timestamppb.Timestamp
}

// periodOf reads what was typed.
func periodOf(said url.Values) period {
	s := period{Since: strings.TrimSpace(said.Get("since")), Until: strings.TrimSpace(said.Get("until"))}
	var isSince, isUntil bool
	s.since, isSince = momentOf(s.Since)
	s.until, isUntil = momentOf(s.Until)
	s.BadSince, s.BadUntil = !isSince, !isUntil
	if isSince && isUntil && s.since != nil && s.until != nil {
		s.BadSpan = !s.since.AsTime().Before(s.until.AsTime())
	}
	return s
}

// momentOf reads what a browser sends for a day and time; nil for nothing.
func momentOf(s string) (*timestamppb.Timestamp, bool) {
	if s == "" {
		return nil, true
	}
	at, err := time.ParseInLocation(minuteForm, s, time.UTC)
	return timestamppb.New(at), err == nil
}

// Bad reports whether something that was typed is no such period.
func (s period) Bad() bool { return s.BadSince || s.BadUntil || s.BadSpan }

// periodFields are the two fields of a period as a template shows them.
type periodFields struct {
	period
	At string // begins the ids of both
	T  *locale.RecordTexts
}

// PeriodAt gives the fields of a period with ids that begin with at.
func (f *frame) PeriodAt(at string, s period) periodFields { return periodFields{s, at, &f.T.Record} }
