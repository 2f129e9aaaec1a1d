package node

import (
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/relay"
)

// offer brings envelopes of one sender, so many a second, and returns how many were let in.
func offer(c *customs, from time.Time, slot, size, perSecond, seconds int) (in int, end time.Time) {
	envelope := make([]byte, size)
	for second := range seconds {
		for i := range perSecond {
			at := from.Add(time.Duration(second)*time.Second + time.Duration(i)*time.Second/time.Duration(perSecond))
			if ok, _, _, _ := c.admit(c.list, relay.Mail{Envelope: envelope, Slot: slot}, at); ok {
				in++
			}
			end = at
		}
	}
	return in, end
}

func emptyBook(t *testing.T) *directory.Snapshot {
	t.Helper()
	book, err := directory.Open(t.TempDir(), "exercise:lab-00112233445566778899aabbccddeeff")
	if err != nil {
		t.Fatal(err)
	}
	return book.Snapshot()
}

var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// What a peer may lawfully send is never held up by the quota of a home that has none of its own.
// docs/protocol.md §7.7
func TestLawfulMailIsNeverOverTheDefaultQuota(t *testing.T) {
	const message, part = 16_700, 262_500
	for name, c := range map[string]struct{ slot, size, perSecond, seconds int }{
		"10,000 messages after an absence, at once": {0, message, 10_000, 1},
		"64 senders for ten minutes":                {0, message, 2_000, 600},
		"thirty attachments of 64 MiB at once":      {256, part, 30 * 274, 1},
		"attachments at 50 MB/s for five minutes":   {256, part, 200, 300},
		"a receipt for every message":               {320, message, 2_000, 60},
	} {
		if in, _ := offer(newEmptyCustoms(t, DefaultQuota()), morning, c.slot, c.size, c.perSecond, c.seconds); in != c.perSecond*c.seconds {
			t.Errorf("%s: only %d of %d were let in", name, in, c.perSecond*c.seconds)
		}
	}
}

// A flood gets what the bucket holds and what time brings, by number and by bytes; what a peer's
// receipts may cost is another matter, and a clock that jumps back brings nothing.
func TestAFloodIsHeldToItsBucket(t *testing.T) {
	q := Quota{Envelopes: 400, EnvelopesPerSecond: 10, Bytes: 64 << 20, BytesPerSecond: 1 << 20}
	c := newEmptyCustoms(t, q)
	in, end := offer(c, morning, 0, 1000, 1000, 10)
	if in < 400 || in > 400+10*10 {
		t.Errorf("%d small envelopes were let in", in)
	}
	if ok, _, until, _ := c.admit(c.list, relay.Mail{Envelope: make([]byte, 1000)}, end); ok || until.Sub(end) < shortestBusy {
		t.Errorf("an empty bucket: %v, busy for %v", ok, until.Sub(end))
	}
	if receipts, _ := offer(c, end, 320, 1000, 100, 1); receipts != 100 {
		t.Errorf("with its messages over, only %d receipts of a peer were let in", receipts)
	}
	if ok, _, _, _ := c.admit(c.list, relay.Mail{Envelope: make([]byte, 1000)}, end.Add(-time.Hour)); ok {
		t.Error("a clock that went back filled the bucket")
	}
	large, _ := offer(newEmptyCustoms(t, q), morning, 256, 262_500, 300, 2)
	if bytes := large * 262_500; bytes > 64<<20+2<<20 {
		t.Errorf("%d bytes of parts were let in", bytes)
	}
}

func newEmptyCustoms(t *testing.T, q Quota) *customs {
	c := newCustoms(q)
	c.list, c.senders = emptyBook(t), map[string]ident.Address{}
	return c
}

// A disk has a reserve at every size.
func TestTheReserveFitsTheDisk(t *testing.T) {
	const mib, gib, tib = 1 << 20, 1 << 30, 1 << 40
	for _, c := range []struct{ total, reserve, last uint64 }{
		{6 * mib, 2 * mib, 1 * mib},
		{16 * mib, 2 * mib, 1 * mib},
		{100 * mib, 10 * mib, 3 * mib},
		{32 * gib, 32 * gib / 10, 32 * gib / 100 * 3},
		{4 * tib, 10 * gib, 3 * gib},
	} {
		reserve, last := reserveOf(c.total), lastOf(c.total)
		if reserve/mib != c.reserve/mib || last/mib != c.last/mib {
			t.Errorf("of %d MiB %d and %d are kept, want %d and %d", c.total/mib, reserve/mib, last/mib, c.reserve/mib, c.last/mib)
		}
	}
}
