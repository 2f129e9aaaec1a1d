package main

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// object is one line of --json: its keys are a stable contract, fields are only ever added.
type object map[string]any

// result prints the verb's result: one JSON object that says its realm, or the lines a person reads, each
// with the mark of an exercise.
func (p *program) result(o object, lines ...string) error { return p.resultOf(o, lines...) }

// resultOf is result for what another room already shaped for JSON.
func (p *program) resultOf(o any, lines ...string) error {
	marked := make([]string, len(lines))
	for i, line := range lines {
		marked[i] = p.marked(line)
	}
	return p.print(o, marked)
}

// data is result where the lines are what another program takes as it is, and a mark in it would break: what
// plainData names, and no more.
func (p *program) data(o object, lines ...string) error { return p.print(o, lines) }

func (p *program) print(o any, lines []string) error {
	if !p.json {
		for _, line := range lines {
			if _, err := fmt.Fprintln(p.out, line); err != nil {
				return err
			}
		}
		return nil
	}
	line, err := p.withRealm(o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", line)
	return err
}

// tell speaks to the person at the terminal; scripts never read it.
func (p *program) tell(format string, args ...any) {
	if !p.json {
		fmt.Fprintf(p.people(), format+"\n", args...)
	}
}

// stamp writes a time as every --json object does: RFC 3339 in UTC, or null.
func stamp(t *timestamppb.Timestamp) any {
	if t == nil || !t.IsValid() || t.AsTime().Unix() == 0 {
		return nil
	}
	return t.AsTime().UTC().Format(time.RFC3339Nano)
}

// clock writes a time for people.
func clock(t *timestamppb.Timestamp) string {
	if t == nil || !t.IsValid() {
		return "–"
	}
	return t.AsTime().UTC().Format("2006-01-02 15:04:05 UTC")
}

func reasonName(r valisev1.Reason) string { return strings.TrimPrefix(r.String(), "REASON_") }

func kindName(k valisev1.Kind) string { return lowerName(k.String(), "KIND_") }

func stateName(s valisev1.ThreadState) string { return lowerName(s.String(), "THREAD_STATE_") }

func stageName(s valisev1.Stage) string { return lowerName(s.String(), "STAGE_") }

func itemTypeName(t valisev1.ItemType) string { return lowerName(t.String(), "ITEM_TYPE_") }

func roleName(r valisev1.Role) string { return lowerName(r.String(), "ROLE_") }

func markName(m valisev1.Mark) string { return lowerName(m.String(), "MARK_") }

// lowerName is the name of an enum value as --json says it; "" for none.
func lowerName(name, prefix string) string {
	short := strings.ToLower(strings.TrimPrefix(name, prefix))
	if short == "unspecified" {
		return ""
	}
	return short
}

// deliveryName is null for what is not ours, as inbound messages are.
func deliveryName(d valisev1.Delivery) any {
	if d == valisev1.Delivery_DELIVERY_UNSPECIFIED {
		return nil
	}
	return lowerName(d.String(), "DELIVERY_")
}

// reasonOrNull is null where there is nothing to say.
func reasonOrNull(r valisev1.Reason) any {
	if r == valisev1.Reason_REASON_UNSPECIFIED {
		return nil
	}
	return reasonName(r)
}

func direction(outbound bool) string {
	if outbound {
		return "out"
	}
	return "in"
}

// deliveryWords say who did what, never "sent" or "delivered". A-10 s4
func deliveryWords(s speech, d valisev1.Delivery, peer string) string {
	text, ok := s.Delivery.Of(d)
	if !ok {
		return s.theirs(words(lowerName(d.String(), "DELIVERY_")))
	}
	return s.say(text, "peer", s.theirs(peer))
}

// strs keeps an empty list an empty list in JSON; null would break scripts.
func strs(list []string) []string { return listOf(list) }

func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// clean makes a peer's or officer's text safe for a terminal: what would steer it, or hide or turn
// text, is shown and never obeyed.
func clean(s string) string { return draft.Shown(s) }
