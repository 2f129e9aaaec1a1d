package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// story is a live history in which XA sends three messages to XB in one thread, the second call
// is lost, XA's disk is saved, and all converges. Every rule is put to the test at least once.
func story() []Event {
	sent := func(place uint64, n int) Event {
		return Event{Event: Recorded, Node: "XA", Direction: Sent, Place: place, From: "XA", Message: fmt.Sprint("m", n), Digest: fmt.Sprint("d", n),
			Request: fmt.Sprint("r", n), Thread: "t", Kind: 1, Epoch: "e", Sequence: uint64(n)}
	}
	received := func(place uint64, n int) Event {
		e := sent(place, n)
		e.Node, e.Direction = "XB", Received
		return e
	}
	shown := func(node string, place uint64, n int) Event {
		return Event{Event: Shown, Node: node, Thread: "t", Place: place, From: "XA", Message: fmt.Sprint("m", n), Epoch: "e", Sequence: uint64(n)}
	}
	return []Event{
		{Event: Begin, Nodes: []string{"XA", "XB"}, Live: true, Receipts: true, Views: true},
		{Event: Invoke, Node: "XA", Request: "r1", To: "XB"},
		sent(0, 1),
		{Event: OK, Node: "XA", Request: "r1", Message: "m1", Thread: "t"},
		{Event: Invoke, Node: "XA", Request: "r2", To: "XB", Thread: "t"},
		sent(1, 2),
		{Event: Unknown, Node: "XA", Request: "r2"},
		{Event: Invoke, Node: "XA", Request: "r0", To: "XB", Thread: "t"},
		{Event: Fail, Node: "XA", Request: "r0"},
		{Event: Head, Node: "XA", Size: 2, Root: "two"},
		{Event: Invoke, Node: "XA", Request: "r3", To: "XB", Thread: "t"},
		sent(2, 3),
		{Event: OK, Node: "XA", Request: "r3", Message: "m3", Thread: "t"},
		{Event: Invoke, Node: "XA", Request: "r4", To: "XB", Thread: "t", Held: true},
		{Event: OK, Node: "XA", Request: "r4", Message: "m4", Thread: "t"},
		{Event: Withdrawn, Node: "XA", Message: "m4"},
		{Event: Saved, Node: "XA", Copy: "c"},
		received(0, 1),
		{Event: Receipt, Node: "XB", Digests: []string{"d1"}},
		{Event: Cleared, Node: "XA", To: "XB", Digest: "d1"},
		received(1, 2),
		received(2, 3),
		{Event: Receipt, Node: "XB", Digests: []string{"d2", "d3"}},
		{Event: Cleared, Node: "XA", To: "XB", Digest: "d2"},
		{Event: Cleared, Node: "XA", To: "XB", Digest: "d3"},
		{Event: Converged},
		shown("XA", 0, 1), shown("XA", 1, 2), shown("XA", 2, 3),
		shown("XB", 0, 1), shown("XB", 1, 2), shown("XB", 2, 3),
		{Event: Verified, Node: "XA", Good: true, Size: 3, Root: "three"},
		{Event: Verified, Node: "XB", Good: true, Size: 3, Root: "three"},
	}
}

// index finds the first event that matches.
func index(t *testing.T, events []Event, name Name, match func(*Event) bool) int {
	t.Helper()
	at := slices.IndexFunc(events, func(e Event) bool { return e.Event == name && match(&e) })
	if at < 0 {
		t.Fatalf("the story has no such %s", name)
	}
	return at
}

func at(node string, place uint64) func(*Event) bool {
	return func(e *Event) bool { return e.Node == node && e.Place == place }
}

func first(*Event) bool { return true }

func TestAGoodHistoryPassesEveryRule(t *testing.T) {
	report := Check(story())
	if len(report.Findings) > 0 {
		t.Fatalf("a good history: %v", report.Findings)
	}
	for _, r := range []Rule{RuleOnce, RuleTwice, RuleRefused, RuleWithdrawn, RuleOrder, RuleReceipt, RuleCleared, RuleInvented, RuleViews, RuleIdle, RuleVerify, RuleHeads} {
		if report.Passed[r] == 0 {
			t.Errorf("%s was never put to the test", r)
		}
	}
}

// TestEveryRuleBites breaks each rule in as many ways as it has, and finds it, and only it.
func TestEveryRuleBites(t *testing.T) {
	drop := func(events []Event, i int) []Event { return slices.Delete(events, i, i+1) }
	for _, c := range []struct {
		name   string
		rule   Rule
		also   []Rule // follow from it
		broken func(*testing.T, []Event) []Event
	}{
		{"an answered message never comes", RuleOnce, []Rule{RuleReceipt}, func(t *testing.T, s []Event) []Event {
			return drop(s, index(t, s, Recorded, at("XB", 2)))
		}},
		{"an answered message waits, and nothing was healed", RuleOnce, []Rule{RuleReceipt}, func(t *testing.T, s []Event) []Event {
			s = drop(s, index(t, s, Recorded, at("XB", 2)))
			return drop(s, index(t, s, Converged, first))
		}},
		{"a record has a message twice", RuleTwice, nil, func(t *testing.T, s []Event) []Event {
			again := s[index(t, s, Recorded, at("XB", 2))]
			again.Place = 3
			return slices.Insert(s, index(t, s, Converged, first), again)
		}},
		{"a record has a message under two digests", RuleTwice, []Rule{RuleInvented}, func(t *testing.T, s []Event) []Event {
			again := s[index(t, s, Recorded, at("XB", 2))]
			again.Place, again.Digest = 3, "other"
			return slices.Insert(s, index(t, s, Converged, first), again)
		}},
		{"a request is made anew after an error", RuleTwice, []Rule{RuleViews}, func(t *testing.T, s []Event) []Event {
			again := s[index(t, s, Recorded, at("XA", 1))]
			again.Place, again.Message, again.Digest, again.Sequence = 3, "m9", "d9", 4
			return slices.Insert(s, index(t, s, Converged, first), again)
		}},
		{"a view shows a message twice", RuleTwice, []Rule{RuleOrder}, func(t *testing.T, s []Event) []Event {
			again := s[index(t, s, Shown, at("XB", 2))]
			again.Place = 3
			return append(s, again)
		}},
		{"a refused request is carried out", RuleRefused, nil, func(t *testing.T, s []Event) []Event {
			s[index(t, s, Recorded, at("XA", 1))].Request = "r0"
			return s
		}},
		{"a withdrawn message comes", RuleWithdrawn, []Rule{RuleInvented, RuleViews}, func(t *testing.T, s []Event) []Event {
			came := s[index(t, s, Recorded, at("XB", 2))]
			came.Place, came.Message, came.Digest, came.Request = 3, "m4", "d4", "r4"
			return slices.Insert(s, index(t, s, Converged, first), came)
		}},
		{"sequences are shown backwards", RuleOrder, nil, func(t *testing.T, s []Event) []Event {
			i, j := index(t, s, Shown, at("XB", 0)), index(t, s, Shown, at("XB", 1))
			s[i].Place, s[j].Place = 1, 0
			return s
		}},
		{"what was asked for later is shown earlier", RuleOrder, nil, func(t *testing.T, s []Event) []Event {
			i, j := index(t, s, Shown, at("XB", 0)), index(t, s, Shown, at("XB", 2))
			s[i].Place, s[j].Place = 2, 0
			s[i].Sequence, s[j].Sequence = 3, 1
			return s
		}},
		{"a receipt leaves before the record", RuleReceipt, nil, func(t *testing.T, s []Event) []Event {
			i := index(t, s, Recorded, at("XB", 0))
			s[i], s[i+1] = s[i+1], s[i]
			return s
		}},
		{"what the relay answered clears", RuleCleared, nil, func(t *testing.T, s []Event) []Event {
			return drop(s, index(t, s, Receipt, first))
		}},
		{"a message of nobody", RuleInvented, []Rule{RuleViews}, func(t *testing.T, s []Event) []Event {
			came := s[index(t, s, Recorded, at("XB", 2))]
			came.Place, came.Message, came.Digest, came.Request = 3, "m7", "d7", ""
			return slices.Insert(s, index(t, s, Converged, first), came)
		}},
		{"a message is recorded and not shown", RuleViews, nil, func(t *testing.T, s []Event) []Event {
			return drop(s, index(t, s, Shown, at("XA", 1)))
		}},
		{"something waits after all has healed", RuleIdle, nil, func(t *testing.T, s []Event) []Event {
			return append(s, Event{Event: Waiting, Node: "XA", Message: "m3", Detail: "RELAY_DOWN"})
		}},
		{"a record is damaged", RuleVerify, nil, func(t *testing.T, s []Event) []Event {
			s[index(t, s, Verified, first)].Good = false
			return s
		}},
		{"a record is not looked at", RuleVerify, nil, func(t *testing.T, s []Event) []Event {
			return drop(s, index(t, s, Verified, first))
		}},
		{"a record has two histories", RuleHeads, nil, func(t *testing.T, s []Event) []Event {
			return append(s, Event{Event: Head, Node: "XA", Size: 2, Root: "otherwise"})
		}},
		{"a record shrinks", RuleHeads, nil, func(t *testing.T, s []Event) []Event {
			return append(s, Event{Event: Head, Node: "XA", Size: 1, Root: "one"})
		}},
		{"a place of a record is taken twice", RuleHeads, nil, func(t *testing.T, s []Event) []Event {
			i := index(t, s, Recorded, at("XA", 1))
			return slices.Insert(s, i, s[i])
		}},
	} {
		report := Check(c.broken(t, story()))
		if !slices.ContainsFunc(report.Findings, func(f Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s: %s does not find it: %v", c.name, c.rule, report.Findings)
		}
		for _, f := range report.Findings {
			if f.Rule != c.rule && !slices.Contains(c.also, f.Rule) {
				t.Errorf("%s: also found %v", c.name, f)
			}
		}
	}
}

// TestOnlyLossIsExcused: a disk that goes back excuses what no other disk held, and nothing else.
func TestOnlyLossIsExcused(t *testing.T) {
	lost := []Event{
		{Event: Begin, Nodes: []string{"XA", "XB"}, Live: true},
		{Event: Saved, Node: "XA", Copy: "c"},
		{Event: Invoke, Node: "XA", Request: "r", To: "XB"},
		{Event: OK, Node: "XA", Request: "r", Message: "m"},
		{Event: Recorded, Node: "XB", Direction: Received, Message: "m", Digest: "d", From: "XA", Request: "r"},
		{Event: WentBack, Node: "XA", Copy: "c"},
		{Event: Recorded, Node: "XA", Direction: Sent, Message: "m", Digest: "d", From: "XA", Request: "r"},
		{Event: Converged},
		{Event: Verified, Node: "XA", Good: true},
		{Event: Verified, Node: "XB", Good: true},
	}
	if report := Check(lost); len(report.Findings) > 0 {
		t.Errorf("recovered from the peer: %v", report.Findings)
	}
	nowhere := slices.Delete(slices.Clone(lost), 6, 7)
	nowhere = slices.Delete(nowhere, 4, 5)
	if report := Check(nowhere); len(report.Findings) > 0 {
		t.Errorf("no disk held it any more: %v", report.Findings)
	}
	notGivenBack := slices.Delete(slices.Clone(lost), 6, 7)
	if report := Check(notGivenBack); len(report.Findings) != 1 || report.Findings[0].Rule != RuleInvented {
		t.Errorf("the peer had it and it was not given back: %v", report.Findings)
	}
	peerToo := slices.Insert(slices.Clone(lost), 7, Event{Event: WentBack, Node: "XB", Copy: "none"})
	if report := Check(peerToo); len(report.Findings) != 1 || report.Findings[0].Rule != RuleOnce {
		t.Errorf("the sender still had it and it was not sent again: %v", report.Findings)
	}
}

// TestAMessageThatWasMadeAgain: what a home that went back made again in its next epoch is refused
// where its id is known already. Its record holds two items, and one message.
func TestAMessageThatWasMadeAgain(t *testing.T) {
	s := story()
	again := s[index(t, s, Recorded, at("XB", 2))]
	again.Place, again.Digest, again.Epoch, again.Sequence, again.Direction = 3, "other", "e2", 1, Refused
	made := again
	made.Node, made.Direction = "XA", Sent
	s = slices.Insert(s, index(t, s, Converged, first), made, again)
	if report := Check(s); len(report.Findings) > 0 {
		t.Errorf("made again and refused: %v", report.Findings)
	}
}

// TestAThreadWithoutItsInquiry: what was said in a thread whose inquiry no record has any more may
// stay unshown; where a record still has the inquiry, or no disk went back, it may not.
func TestAThreadWithoutItsInquiry(t *testing.T) {
	history := func(kind int32, back bool) []Event {
		s := []Event{
			{Event: Begin, Nodes: []string{"XA", "XB"}, Live: true, Views: true},
			{Event: Recorded, Node: "XA", Direction: Sent, Message: "m", Digest: "d", From: "XA", Thread: "t", Kind: kind},
			{Event: Converged},
			{Event: Verified, Node: "XA", Good: true},
			{Event: Verified, Node: "XB", Good: true},
		}
		if back {
			s = slices.Insert(s, 1, Event{Event: WentBack, Node: "XB", Copy: "none"})
		}
		return s
	}
	if report := Check(history(2, true)); len(report.Findings) > 0 {
		t.Errorf("the inquiry is lost: %v", report.Findings)
	}
	for _, s := range [][]Event{history(1, true), history(2, false)} {
		if report := Check(s); len(report.Findings) != 1 || report.Findings[0].Rule != RuleViews {
			t.Errorf("a message is not shown: %v", report.Findings)
		}
	}
}

// TestRecordsReadAtTheEnd: a trial with processes sees neither commits nor receipts.
func TestRecordsReadAtTheEnd(t *testing.T) {
	end := []Event{
		{Event: Begin, Nodes: []string{"XA", "XB"}},
		{Event: Invoke, Node: "XA", Request: "r", To: "XB"},
		{Event: OK, Node: "XA", Request: "r", Message: "m"},
		{Event: Converged},
		{Event: Recorded, Node: "XA", Direction: Sent, Message: "m", Digest: "d", From: "XA", Request: "r"},
		{Event: Recorded, Node: "XB", Direction: Received, Message: "m", Digest: "d", From: "XA", Request: "r"},
		{Event: Cleared, Node: "XA", To: "XB", Digest: "d"},
		{Event: Verified, Node: "XA", Good: true},
		{Event: Verified, Node: "XB", Good: true},
	}
	if report := Check(end); len(report.Findings) > 0 || report.Passed[RuleCleared] != 1 {
		t.Errorf("a good end: %v", report.Findings)
	}
	if report := Check(slices.Delete(slices.Clone(end), 5, 6)); len(report.Findings) != 2 {
		t.Errorf("cleared and not there: %v", report.Findings)
	}
}

func TestAHistoryIsReadAsItWasWritten(t *testing.T) {
	var text strings.Builder
	w := NewWriter(&text)
	for _, e := range story() {
		if err := w.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Read(strings.NewReader(text.String()))
	if err != nil || len(again) != len(story()) {
		t.Fatalf("%d events, %v", len(again), err)
	}
	if report := Check(again); len(report.Findings) > 0 {
		t.Errorf("read again: %v", report.Findings)
	}
}

func TestWhatIsNoHistoryIsSaid(t *testing.T) {
	for _, text := range []string{"", "{\n", `{"event":"begin"}` + "\n" + `{"event":"guessed"}`, `{"event":"ok"}`} {
		if _, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read as a history", text)
		}
	}
}
