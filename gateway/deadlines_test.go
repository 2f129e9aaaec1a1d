package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
)

var deskRule = OwnRule{
	Acknowledge: map[valisev1.Urgency]time.Duration{valisev1.Urgency_URGENCY_ROUTINE: 8 * time.Hour, valisev1.Urgency_URGENCY_URGENT: time.Hour},
	Answer:      map[valisev1.Urgency]time.Duration{valisev1.Urgency_URGENCY_ROUTINE: 48 * time.Hour},
}

func asking(by time.Duration, level valisev1.Urgency) *valisev1.Inquiry {
	q := inquiry("x")
	q.TimeSensitivity = &valisev1.TimeSensitivity{Level: level}
	if by > 0 {
		q.TimeSensitivity.NeededBy = timestamppb.New(start.Add(by))
	}
	return q
}

func within(d time.Duration) *valisev1.Estimate {
	return &valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{WithinSeconds: uint64(d / time.Second)}}
}

// told names deadlines shortly: "asked 3h", with a ! where it has passed.
func told(list []*valisev1.Deadline) string {
	var out []string
	for _, d := range list {
		passed := ""
		if d.GetPassed() {
			passed = "!"
		}
		name := strings.ToLower(strings.TrimPrefix(d.GetType().String(), "DEADLINE_TYPE_"))
		out = append(out, fmt.Sprint(name, " ", d.GetAt().AsTime().Sub(start), passed))
	}
	return strings.Join(out, ", ")
}

// What was asked, what we promised and what we set ourselves stand apart, and each ends with what
// our side does. docs/protocol.md §12.7
func TestDeadlines(t *testing.T) {
	const routine, urgent = valisev1.Urgency_URGENCY_ROUTINE, valisev1.Urgency_URGENCY_URGENT
	ack, hold := answerer(&valisev1.Acknowledgement{}), answerer(&valisev1.HoldingReply{Estimate: within(4 * time.Hour)})
	ask := asker(asking(3*time.Hour, urgent))
	for _, c := range []struct {
		name  string
		steps []step
		after time.Duration
		want  string
	}{
		{"asked, urgent", []step{ask}, 0, "asked 3h0m0s, own_acknowledge 1h0m0s"},
		{"without a level it is routine", []step{asker(inquiry("x"))}, 9 * time.Hour, "own_acknowledge 8h0m0s!, own_answer 48h0m0s"},
		{"a level without a rule", []step{asker(asking(0, valisev1.Urgency_URGENCY_PRIORITY))}, 0, ""},
		{"acknowledged", []step{ask, ack}, 2 * time.Hour, "asked 3h0m0s"},
		{"promised", []step{ask, hold}, 200 * time.Minute, "asked 3h0m0s!, promised 4h0m0s"},
		{"passed at the next moment, not at its own", []step{ask, hold}, 4 * time.Hour, "asked 3h0m0s!, promised 4h0m0s"},
		{"promised anew", []step{asker(asking(0, urgent)), hold, answerer(&valisev1.RevisedEstimate{Estimate: within(9 * time.Hour)})}, 5 * time.Hour, "promised 9h0m0s"},
		{"promised in words", []step{asker(asking(0, urgent)), hold, answerer(&valisev1.RevisedEstimate{Estimate: &valisev1.Estimate{Estimate: &valisev1.Estimate_Words{Words: "soon"}}})}, 5 * time.Hour, ""},
		{"answered", []step{ask, hold, answerer(outcome(valisev1.Outcome_OUTCOME_PARTIAL))}, 9 * time.Hour, ""},
		{"declined", []step{ask, answerer(outcome(valisev1.Outcome_OUTCOME_DECLINED))}, 9 * time.Hour, ""},
		{"closed by them", []step{ask, asker(&valisev1.Closure{})}, 9 * time.Hour, ""},
		{"closed by us and begun again", []step{asker(asking(0, routine)), answerer(&valisev1.Closure{}), asker(&valisev1.Reopen{})}, 0, "own_acknowledge 8h0m0s, own_answer 48h0m0s"},
	} {
		for _, outbound := range []bool{false, true} {
			th := view(outbound, c.steps...)
			th.Opened = timestamppb.New(start)
			want := c.want
			if outbound {
				want = "" // nothing is a peer's duty
			}
			if got := told(deadlines(th, deskRule, start.Add(c.after))); got != want {
				t.Errorf("%s, outbound %v: %q, want %q", c.name, outbound, got, want)
			}
		}
	}
}

// A notice asks nothing, so there is nothing to do by any time. A-9b s3
func TestANoticeHasNoDeadline(t *testing.T) {
	th := view(false, asker(asking(time.Hour, valisev1.Urgency_URGENCY_URGENT)))
	th.Opening, th.Opened = valisev1.Kind_KIND_VOLUNTARY_NOTICE, timestamppb.New(start)
	if got := told(deadlines(th, deskRule, start)); got != "" {
		t.Errorf("a notice has %q", got)
	}
}

// Whatever is said in whatever order: each kind at most once, none where we ask, none once our side has
// answered, and time alone changes nothing but whether it has passed.
func TestDeadlinesNeverMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outbound := rapid.Bool().Draw(t, "outbound")
		steps := []step{asker(asking(time.Duration(rapid.IntRange(0, 50).Draw(t, "asked"))*time.Hour, valisev1.Urgency(rapid.IntRange(0, 3).Draw(t, "level"))))}
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			steps = append(steps, rapid.SampledFrom([]step{
				answerer(&valisev1.Acknowledgement{}), answerer(&valisev1.HoldingReply{Estimate: within(time.Hour)}), answerer(&valisev1.RevisedEstimate{Estimate: within(7 * time.Hour)}),
				answerer(outcome(valisev1.Outcome_OUTCOME_FULL)), asker(&valisev1.Supplement{}), asker(&valisev1.Closure{}), answerer(&valisev1.Reopen{}),
			}).Draw(t, "step"))
		}
		th := view(outbound, steps...)
		th.Opened = timestamppb.New(start)
		early := deadlines(th, deskRule, start)
		late := deadlines(th, deskRule, start.AddDate(1, 0, 0))
		seen := map[valisev1.DeadlineType]bool{}
		for i, d := range early {
			if seen[d.GetType()] || d.GetPassed() || !late[i].GetPassed() || !late[i].GetAt().AsTime().Equal(d.GetAt().AsTime()) {
				t.Fatalf("%q and later %q", told(early), told(late))
			}
			seen[d.GetType()] = true
		}
		if len(early) != len(late) || len(early) > 0 && (outbound || th.GetOursDone().GetAnswered()) {
			t.Fatalf("outbound %v, answered %v: %q, %q", outbound, th.GetOursDone().GetAnswered(), told(early), told(late))
		}
		if risk, passed, ok := promise(th); ok && (!seen[valisev1.DeadlineType_DEADLINE_TYPE_PROMISED] || !risk.Before(passed) || risk.Before(start)) {
			t.Fatalf("a promise is at risk at %v and has passed at %v", risk, passed)
		}
	})
}

// An officer sees them in their own view; the peer learns of none, and nothing is sent for one.
func TestDeadlinesStayAtHome(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.g.cfg.OwnRule, xa.g.cfg.OwnRule = deskRule, deskRule
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	items := len(xa.store.items) + len(xb.store.items)
	w.now = w.now.Add(9 * time.Hour)
	w.converge()
	got := xb.thread(thread).GetThread().GetDeadlines()
	if !slices.ContainsFunc(got, func(d *valisev1.Deadline) bool {
		return d.GetType() == valisev1.DeadlineType_DEADLINE_TYPE_OWN_ACKNOWLEDGE && d.GetPassed()
	}) {
		t.Errorf("XB reads %q", told(got))
	}
	if mine := xa.thread(thread).GetThread().GetDeadlines(); len(mine) != 0 || len(xa.store.items)+len(xb.store.items) != items {
		t.Errorf("XA reads %q; %d items came", told(mine), len(xa.store.items)+len(xb.store.items)-items)
	}
}
