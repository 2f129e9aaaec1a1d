package gateway

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func plain(d time.Duration) time.Duration { return d }

func testEntry(n uint64) entry {
	return entry{
		digest: ident.Digest{byte(n), byte(n >> 8), 1}, channel: channel{from: xaTech, to: xbTech, epoch: 7}, sequence: n, slot: int(n - 1),
	}
}

func openToAll(Pair) bool { return true }

// TestTwoClocks writes down when a message goes out that is answered each time and never
// receipted, and one that is never answered.
func TestTwoClocks(t *testing.T) {
	for _, c := range []struct {
		name     string
		answered bool
		want     []time.Duration
	}{
		{"no receipt", true, []time.Duration{
			0, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour,
		}},
		{"no answer", false, []time.Duration{
			0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, 64 * time.Second, 128 * time.Second, 256 * time.Second, 300 * time.Second, 300 * time.Second,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, now := newSchedule(plain), start
			s.add(testEntry(1), now)
			for i, want := range c.want {
				next, ok := s.wake()
				if !ok || next.Sub(now) != want {
					t.Fatalf("publication %d comes after %v, want %v", i+1, next.Sub(now), want)
				}
				now = next
				if got := s.due(now, openToAll); len(got) != 1 {
					t.Fatalf("%d publications are due", len(got))
				}
				if c.answered {
					s.answered(testEntry(1).digest, 0, now)
				} else {
					s.notSent(testEntry(1).digest, valisev1.Reason_REASON_RELAY_DOWN, now)
				}
			}
		})
	}
}

// TestAnAnswerEndsNoOtherReason: what left under a key that the peer has lost, or with a signature
// that counts no more, goes out again although the relay's answer to that comes later.
func TestAnAnswerEndsNoOtherReason(t *testing.T) {
	for _, c := range []struct {
		name  string
		cause func(s *schedule, now time.Time)
	}{
		{"another key", func(s *schedule, now time.Time) { s.rerouted(now, func(Pair) string { return "new" }) }},
		{"signed again", func(s *schedule, now time.Time) { s.again(testEntry(1).digest, now) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, now := newSchedule(plain), start
			s.add(testEntry(1), now)
			s.due(now, openToAll)
			s.byDigest[testEntry(1).digest].route = "old"
			c.cause(s, now)
			s.answered(testEntry(1).digest, 1, now)
			if got := s.due(now, openToAll); len(got) != 1 {
				t.Fatalf("%d publications are due", len(got))
			}
			s.byDigest[testEntry(1).digest].route = "new"
			s.answered(testEntry(1).digest, 2, now)
			if got := s.due(now.Add(time.Minute), openToAll); len(got) != 0 {
				t.Fatal("it goes out for ever")
			}
		})
	}
}

func TestReconnectSendsTheLowestOnly(t *testing.T) {
	s, now := newSchedule(plain), start
	for n := uint64(1); n <= 5; n++ {
		s.add(testEntry(n), now)
	}
	for _, e := range s.due(now, openToAll) {
		if e.sequence != 5 {
			s.answered(e.digest, 0, now)
		}
	}
	now = now.Add(5 * time.Minute)
	s.reconnected(now)
	got := s.due(now, openToAll)
	if len(got) != 2 || got[0].sequence != 1 || got[1].sequence != 5 {
		t.Fatalf("on reconnect %v go out; want the lowest, and the one the relay never answered", got)
	}
	s.relayLost(now)
	if got := s.due(now, openToAll); len(got) != 5 {
		t.Fatalf("to a relay that lost its mail %d go out, want all", len(got))
	}
}

func TestLyingRelayIsNotFollowedForEver(t *testing.T) {
	s, now := newSchedule(plain), start
	s.add(testEntry(1), now)
	count := 0
	for range 3600 {
		for _, e := range s.due(now, openToAll) {
			count++
			s.answered(e.digest, 1, now)
			s.relayLost(now)
		}
		now = now.Add(time.Second)
	}
	if count > 62 {
		t.Fatalf("a relay that always says it lost its mail got %d publications in an hour", count)
	}
}

func TestBatchThatDoesNotShowANumber(t *testing.T) {
	s, now := newSchedule(plain), start
	for n := uint64(1); n <= 3; n++ {
		s.add(testEntry(n), now)
	}
	for _, e := range s.due(now, openToAll) {
		s.answered(e.digest, 0, now)
	}
	c := testEntry(1).channel
	s.showMissing(missing{channel: c}, now.Add(time.Second))
	if got := s.due(now.Add(time.Second), openToAll); len(got) != 0 {
		t.Fatalf("what may still be under way went out again: %v", got)
	}
	s.showMissing(missing{channel: c, held: 3}, now.Add(time.Second))
	if got := s.due(now.Add(time.Second), openToAll); len(got) != 0 {
		t.Fatalf("what a later number may just have overtaken went out again: %v", got)
	}
	now = now.Add(overtaking)
	got := s.due(now, openToAll)
	if len(got) != 2 {
		t.Fatalf("%d numbers below a held one went out, want 2", len(got))
	}
	for _, e := range got {
		s.answered(e.digest, 0, now)
	}
	s.showMissing(missing{channel: c, held: 3}, now.Add(10*time.Minute))
	if got := s.due(now.Add(10*time.Minute), openToAll); len(got) != 1 {
		t.Fatalf("%d went out; each number at most once in 15 minutes, and number 3 was never asked for", len(got))
	}
	s.setBusy(Pair{Ours: xaTech, Peer: xbTech}, now.Add(time.Hour), now)
	s.showMissing(missing{channel: c, held: 3}, now.Add(20*time.Minute))
	if got := s.due(now.Add(20*time.Minute), openToAll); len(got) != 0 {
		t.Fatalf("a busy peer was sent %d", len(got))
	}
}

func TestWaitingForAKeyOrABusyPeerIsNoFailure(t *testing.T) {
	s, now := newSchedule(plain), start
	s.add(testEntry(1), now)
	none := func(Pair) bool { return false }
	if got := s.due(now, none); len(got) != 0 || s.byDigest[testEntry(1).digest].reason != valisev1.Reason_REASON_NO_SEALING_KEY {
		t.Fatal("a message left without a key")
	}
	if s.byDigest[testEntry(1).digest].attempts != 0 {
		t.Fatal("waiting for a key counts as a publication")
	}
	s.keyCame(now, openToAll)
	if got := s.due(now, openToAll); len(got) != 1 {
		t.Fatal("the key came, but nothing leaves")
	}
}

// TestThirtyDaysAway: at most 40 publications a message, whatever link and clock do meanwhile.
func TestThirtyDaysAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := newSchedule(func(d time.Duration) time.Duration {
			return d + time.Duration(rapid.Int64Range(0, int64(d/10)).Draw(t, "jitter"))
		}), start
		messages := rapid.Uint64Range(1, 5).Draw(t, "messages")
		for n := uint64(1); n <= messages; n++ {
			s.add(testEntry(n), now)
		}
		flap := time.Duration(rapid.IntRange(1, 2000).Draw(t, "flap")) * time.Minute
		count := map[uint64]int{}
		next := now
		for now.Before(start.AddDate(0, 0, 30)) {
			for _, e := range s.due(now, openToAll) {
				count[e.sequence]++
				s.answered(e.digest, 0, now)
			}
			if !now.Before(next) {
				s.reconnected(now)
				next = now.Add(flap)
			}
			wake, _ := s.wake()
			now = wake
			if next.Before(now) {
				now = next
			}
		}
		for n, c := range count {
			if c > 40 {
				t.Fatalf("message %d went out %d times", n, c)
			}
			if c < 30 {
				t.Fatalf("message %d went out only %d times", n, c)
			}
		}
	})
}

func TestScheduleIsBounded(t *testing.T) {
	s, now := newSchedule(plain), start
	for n := uint64(1); n <= 256; n++ {
		s.add(testEntry(n), now)
	}
	if got := s.due(now, openToAll); len(got) != atOnce {
		t.Fatalf("%d publications at once, want %d", len(got), atOnce)
	}
	for n := uint64(1); n <= 256; n++ {
		s.remove(testEntry(n).digest)
	}
	if _, ok := s.wake(); ok || len(s.lanes)+len(s.byKey)+len(s.byDigest) != 0 {
		t.Fatal("something stays after all is covered")
	}
}

func TestReceiptQueue(t *testing.T) {
	q, p, now := newReceiptQueue(), Pair{Ours: xaTech, Peer: xbTech}, start
	q.due(p, now)
	if got := q.take(now, plain); len(got) != 1 {
		t.Fatal("no receipt is due")
	}
	if got := q.take(now, plain); len(got) != 0 {
		t.Fatal("the same receipt came twice at once")
	}
	if got := q.take(now.Add(time.Second), plain); len(got) != 1 {
		t.Fatal("a receipt that did not leave never comes again")
	}
	before := q.pairs[p].generation
	q.due(p, now)
	q.left(p, before, now)
	if got := q.take(now, plain); len(got) != 1 {
		t.Fatal("what came while a receipt was leaving is never told")
	}
	q.left(p, q.pairs[p].generation, now)
	q.repeat(p, now)
	if got := q.take(now, plain); len(got) != 1 {
		t.Fatal("a duplicate causes no receipt")
	}
	q.left(p, q.pairs[p].generation, now)
	q.repeat(p, now.Add(10*time.Second))
	if got := q.take(now.Add(59*time.Second), plain); len(got) != 0 {
		t.Fatal("duplicates cause more than one receipt a minute")
	}
	if got := q.take(now.Add(60*time.Second), plain); len(got) != 1 {
		t.Fatal("the receipt of the second duplicate never comes")
	}
}

// TestARepeatNeverWaitsForMoreThanAMinute: a link that flaps asks for a receipt each time, and
// receipts that have news go in between. What then comes twice has its answer within a minute.
func TestARepeatNeverWaitsForMoreThanAMinute(t *testing.T) {
	q, p, now := newReceiptQueue(), Pair{Ours: xaTech, Peer: xbTech}, start
	leave := func() bool {
		left := len(q.take(now, plain)) == 1
		q.left(p, q.pair(p).generation, now)
		return left
	}
	for range 20 {
		q.repeat(p, now)
		now = now.Add(time.Second)
		q.due(p, now)
		if !leave() {
			t.Fatal("news waits")
		}
	}
	q.repeat(p, now)
	if now = now.Add(duplicateReceipt); !leave() {
		t.Error("a receipt that was asked for does not leave within a minute")
	}
	now = now.Add(-24 * time.Hour) // the clock is put back
	q.repeat(p, now)
	if now = now.Add(duplicateReceipt); !leave() {
		t.Error("a clock that was put back holds a receipt up")
	}
}

func TestLimitsAreBounds(t *testing.T) {
	l, now := newLimits(), start
	taken := 0
	for i := range 100_000 {
		if l.envelope([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, now.Add(time.Duration(i)*100*time.Millisecond)) {
			taken++
		}
	}
	if hours := 100_000 / 10 / 3600; taken > (hours+1)*unattributedAnHour || len(l.seen) > envelopesKnown || len(l.ring) > envelopesKnown {
		t.Fatalf("%d envelopes were written down, %d are remembered", taken, len(l.seen))
	}
	if l = newLimits(); !l.envelope([32]byte{1}, now) || l.envelope([32]byte{1}, now) {
		t.Fatal("the same envelope was written down twice")
	}
	p := Pair{Ours: xaTech, Peer: xbTech}
	if !l.hint(p, now) || l.hint(p, now.Add(59*time.Minute)) || !l.hint(p, now.Add(time.Hour)) {
		t.Fatal("hints are not one an hour")
	}
}
