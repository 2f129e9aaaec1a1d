package gateway

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// Nothing is said on an inquiry that can still be withdrawn: the peer would refuse what comes
// before its inquiry, and a withdrawal would strand it.
func TestNothingOvertakesAHeldInquiry(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	s, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x"), Options: &valisev1.SendOptions{UndoSeconds: 10}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: s.GetThread(), Payload: payloadOf(&valisev1.Supplement{Narrative: "more"})})
	if e, ok := errors.AsType[*Error](err); !ok || e.Reason != valisev1.Reason_REASON_NOT_IN_THIS_STATE {
		t.Errorf("a reply to an inquiry that can still be withdrawn: %v", err)
	}
	w.tick(time.Minute)
	w.converge()
	for _, it := range xb.itemsOf(valisev1.ItemType_ITEM_TYPE_REFUSED) {
		t.Errorf("XB refused %v: %v", it.GetKind(), it.GetReason())
	}
}

// A message that leaves at once waits for one before it in its thread that is held. P3
func TestNothingOvertakesAHeldReply(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	s := xa.inquire(xbTech, "x")
	w.converge()
	r := func(text string, undo uint32) {
		if _, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{Thread: s.GetThread(), Payload: payloadOf(&valisev1.Supplement{Narrative: text}), Options: &valisev1.SendOptions{UndoSeconds: undo}}); err != nil {
			t.Fatal(err)
		}
	}
	r("A", 10)
	r("B", 0)
	w.tick(time.Minute)
	w.converge()
	var got string
	for _, m := range xb.thread(s.GetThread()).GetMessages() {
		got += m.GetPayload().GetSupplement().GetNarrative()
	}
	if got != "AB" {
		t.Errorf("sent AB, the peer reads %s", got)
	}
}

// A sender that looked while a message was being withdrawn is woken when it is decided.
func TestRetractWakesTheSender(t *testing.T) {
	for _, who := range []Actor{officer, {Name: "d2", Roles: []valisev1.Role{valisev1.Role_ROLE_DRAFTER}}} {
		w := newWorld(t)
		xa := w.homes["XA"]
		var g *Gateway
		asleep := false
		cfg := xa.config()
		cfg.Changed = func() { // the sender's loop: look, hand out, sleep until Wake
			if g == nil {
				return
			}
			g.Due(w.now)
			_, ok := g.Wake(w.now)
			asleep = !ok
		}
		var err error
		if g, err = New(context.Background(), cfg); err != nil {
			t.Fatal(err)
		}
		xa.link = false
		s, err := g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x")})
		if err != nil {
			t.Fatal(err)
		}
		xa.link = true // the loop is about to see it; Retract comes first
		_, err = g.Retract(context.Background(), who, &valisev1.RetractMessageRequest{Message: s.GetMessage()})
		due, ok := g.Wake(w.now)
		if err == nil && asleep && ok && !due.After(w.now) {
			t.Errorf("%s: the loop sleeps, but something is due (retract: %v)", who.Name, err)
		}
	}
}

// A key that was revoked while the node was off does not keep mail waiting for ever.
func TestSignedAgainAfterStart(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	sent := xa.inquire(xbTech, "x")
	w.settle()
	old, fresh := xa.keys[xaTech], mustKey("a new key of XA")
	keys := keyring{}
	maps.Copy(keys, xa.keys)
	keys[xaTech] = fresh
	xa.keys = keys
	for _, h := range []*home{xa, xb} {
		h.dir.who[old.Public().ID(realm)] = seal.Speaker{Key: old.Public(), Address: xaTech, RevokedSince: w.now}
		h.dir.who[fresh.Public().ID(realm)] = seal.Speaker{Key: fresh.Public(), Address: xaTech}
	}
	xa.start() // the node restarts with new key and new directory, as it must to read the key
	xb.setLink(true)
	for range 30 {
		w.tick(24 * time.Hour)
	}
	list, _ := xb.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{})
	if len(list.GetThreads()) == 0 {
		t.Errorf("30 days later %v is still signed with the revoked key", sent.GetMessage())
	}
}

// BUSY that is taken back lets mail go at once.
func TestBusyEndsWhenThePeerSaysSo(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: 9, Number: 1, BusyUntil: timestamppb.New(start.Add(20 * time.Hour))}))
	xa.inquire(xbTech, "x")
	w.homes["XB"].setLink(false)
	w.tick(time.Minute)
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: 9, Number: 2}))
	w.tick(10 * time.Minute)
	if len(w.relay.box[xbTech]) == 0 {
		next, _ := xa.g.Wake(w.now)
		t.Errorf("the peer is no longer busy, but the message waits until %v: %v", next.Sub(start), xa.outbox())
	}
}

// Failures before the first answer do not lengthen the second clock after a restart.
func TestRestartKeepsTheSecondClock(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	xa.inquire(xbTech, "x")
	for range 12 { // the relay refuses for a while: about half an hour
		for _, p := range xa.g.Due(w.now) {
			xa.g.NotSent(p.Digest, valisev1.Reason_REASON_RELAY_DOWN, w.now)
		}
		w.now, _ = xa.g.Wake(w.now)
	}
	for _, p := range xa.g.Due(w.now) {
		if err := xa.g.Left(context.Background(), p.Digest, w.relay.publish(p)); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := xa.g.Wake(w.now)
	xa.start()
	after, _ := xa.g.Wake(w.now)
	if after.Sub(w.now) > 20*time.Minute {
		t.Errorf("without a restart it goes out again in %v, after one in %v", before.Sub(w.now), after.Sub(w.now))
	}
}

// One mailbox whose relay never answers leaves every other peer its turn.
func TestASilentMailboxStarvesNobody(t *testing.T) {
	s := newSchedule(func(d time.Duration) time.Duration { return d })
	now := start
	for i := range 256 {
		s.add(entry{digest: ident.Digest{1, byte(i)}, sequence: uint64(i + 1), channel: channel{from: xaTech, to: xbTech, epoch: 1}}, now)
	}
	s.add(entry{digest: ident.Digest{2}, sequence: 1, channel: channel{from: xaTech, to: xcTech, epoch: 1}}, now)
	for now.Before(start.Add(7 * 24 * time.Hour)) {
		out := s.due(now, func(Pair) bool { return true })
		for _, e := range out {
			if e.channel.to == xcTech {
				return
			}
		}
		// 8 publishers, 15 s each without an answer
		now = now.Add(time.Duration((len(out)+7)/8) * 15 * time.Second)
		for _, e := range out {
			s.notSent(e.digest, valisev1.Reason_REASON_RELAY_DOWN, now)
		}
		if len(out) == 0 {
			now = now.Add(time.Second)
		}
	}
	t.Errorf("a week later XC's message has not left")
}

// After a restore, a receipt for numbers that never had a slot here clears them.
func TestReceiptBeyondGrantedSlots(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xb.setLink(false)
	for range 260 {
		xa.inquire(xbTech, "x")
	}
	backup := xa.store.backup()
	xb.setLink(true)
	w.converge()
	xa.store = backup
	xa.start()
	if err := xa.g.BeginEpoch(context.Background()); err != nil {
		t.Fatal(err)
	}
	xa.inquire(xbTech, "after the restore")
	xa.post()
	xb.fetch()
	xb.post()
	for {
		b, ok := w.relay.pop(xaTech, 0)
		if !ok {
			break
		}
		if _, err := xa.take(b.pub.Signed); err != nil {
			t.Fatalf("the receipt is refused for ever: %v; outbox %d", err, len(xa.outbox()))
		}
	}
}

// The Void of a withdrawn inquiry shows the peer no thread.
func TestAWithdrawnInquiryShowsNoThread(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	xa.setLink(false)
	sent := xa.inquire(xbTech, "x")
	if _, err := xa.g.Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage()}); err != nil {
		t.Fatal(err)
	}
	xa.setLink(true)
	w.converge()
	list, _ := xb.g.Threads(context.Background(), officer, &valisev1.ListThreadsRequest{})
	for _, th := range list.GetThreads() {
		t.Errorf("XB's officer sees %v", th)
	}
}

// A batch with every refusal that a window can hold keeps the rules of the contract.
func TestOurOwnBatchKeepsTheContract(t *testing.T) {
	ch := &valisev1.InboundChannel{Mark: &valisev1.ChannelMark{Epoch: 1}}
	take := func(n uint64) {
		ch, _ = takeArrival(ch, arrival{sequence: n, digest: ident.Digest{byte(n), byte(n >> 8), 1}}, valisev1.Reason_REASON_UNSUPPORTED)
	}
	for n := uint64(1); n <= 256; n++ {
		take(n)
	}
	for n := uint64(258); n <= 512; n++ {
		take(n)
	}
	b := &valisev1.ReceiptBatch{Epoch: 9, Number: 1, Channels: []*valisev1.ChannelReceipt{{Mark: ch.Mark, Held: ch.Held, Refused: ch.Refused}}}
	xa := newWorld(t).homes["XA"]
	if _, flaw := checkPayload(xa.g.validator, b); flaw != nil {
		t.Errorf("our own batch with %d refusals breaks the contract: %v", len(ch.Refused), flaw.err())
	}
}

// One message of a peer never makes thousands of items. P7
func TestAcknowledgementDoesNotAmplify(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	sent := xa.inquire(xbTech, "x")
	line := ownChannel(xa, xbTech, 1)
	d := line.Mark.Digest
	line.Refused = []*valisev1.RefusedDigest{{Sequence: 1, Digest: d, Reason: valisev1.Reason_REASON_UNSUPPORTED}}
	xa.mustTake(receiptFrom(t, xbTech, xaTech, &valisev1.ReceiptBatch{Epoch: 9, Number: 1, Channels: []*valisev1.ChannelReceipt{line}}))
	f := newForger(t)
	f.from, f.to = xbTech, xaTech
	h := f.header(valisev1.Kind_KIND_ACKNOWLEDGEMENT, 1, 1)
	id, _ := ident.ParseThreadID(sent.GetThread())
	h.Thread = id
	ack := &valisev1.Acknowledgement{Preamble: f.inquiryPayload().Preamble}
	ack.Preamble.Notes = notes.References(valisev1.Kind_KIND_ACKNOWLEDGEMENT)
	for range 2048 {
		ack.Messages = append(ack.Messages, d)
	}
	before := len(xa.store.items)
	e := xa.mustTake(f.sign(h, ack))
	if n := len(xa.store.items) - before; n > 10 {
		t.Errorf("one message of the peer made %d items (%v)", n, e.Reason)
	}
}

// Ids of a hostile peer that begin alike cost no more than a few hundred.
func TestIDsThatBeginAlikeAreBounded(t *testing.T) {
	w := newWorld(t)
	xb := w.homes["XB"]
	err := xb.g.update(context.Background(), "test", func(wk *work) error {
		for i := range 1000 {
			id := [16]byte{0: 7, 14: byte(i >> 8), 15: byte(i)}
			if err := wk.addPrefix(prefixMessage, named{id: id, from: xaTech}); err != nil {
				return err
			}
		}
		b, err := wk.row(tablePrefix, prefixGroup(prefixMessage, []byte{7, 0, 0, 0}), 0)
		if len(b) > 8<<10 {
			t.Errorf("1,000 ids that begin alike fill a row of %d bytes", len(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A clock that goes back does not hold a message for longer than was asked.
func TestClockBackWhileHeld(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	if _, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x"), Options: &valisev1.SendOptions{UndoSeconds: 10}}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(-time.Hour)
	next, ok := xa.g.Wake(w.now)
	if ok && next.Sub(w.now) > time.Minute {
		t.Errorf("held for 10 s, waits %v", next.Sub(w.now))
	}
	xa.start()
	if next, ok = xa.g.Wake(w.now); ok && next.Sub(w.now) > time.Minute {
		t.Errorf("held for 10 s, waits %v after a restart", next.Sub(w.now))
	}
}

// A refused message with a used thread sequence does not take the place of the accepted one.
func TestATwinTakesNobodysPlace(t *testing.T) {
	w := newWorld(t)
	xb, f := w.homes["XB"], newForger(t)
	first := f.inquiry(1)
	gap := f.inquiry(2)
	twin := f.sign(f.header(valisev1.Kind_KIND_SUPPLEMENT, 1, 5), &valisev1.Supplement{Narrative: "twin"})
	good := f.sign(f.header(valisev1.Kind_KIND_CLOSURE, 1, 5), &valisev1.Closure{})
	for _, m := range [][]byte{first, good, twin, gap} {
		xb.mustTake(m)
	}
	if s := xb.thread(ident.ThreadID{1, 1}.String()).GetThread().GetState(); s != stateClosedByPeer {
		t.Errorf("the closure was received and is not applied: %v", s)
	}
	assertReplay(t, xb)
}

// backup is the store as a backup of it would be.
func (s *memStore) backup() *memStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newMemStore()
	c.items, c.pruned = slices.Clone(s.items), maps.Clone(s.pruned)
	maps.Copy(c.keys, s.keys)
	for k, r := range s.rows {
		c.rows[k] = &rowSet{order: slices.Clone(r.order), values: maps.Clone(r.values)}
	}
	return c
}

// A relay that refused for hours must not cost a message its probes when the link comes back:
// they are what finds out that the relay was wiped.
func TestFailuresCostNoProbes(t *testing.T) {
	for _, restart := range []bool{false, true} {
		w := newWorld(t)
		xa := w.homes["XA"]
		w.homes["XB"].setLink(false)
		sent := xa.inquire(xbTech, "x")
		for range 40 {
			for _, p := range xa.g.Due(w.now) {
				xa.g.NotSent(p.Digest, valisev1.Reason_REASON_RELAY_DOWN, w.now)
			}
			w.now, _ = xa.g.Wake(w.now)
		}
		for _, p := range xa.g.Due(w.now) {
			if err := xa.g.Left(context.Background(), p.Digest, w.relay.publish(p)); err != nil {
				t.Fatal(err)
			}
		}
		if restart {
			xa.start()
		}
		xa.g.LinkChanged(true, false, w.now)
		if due := xa.g.Due(w.now); len(due) != 1 || due[0].MessageID.String() != sent.GetMessage() {
			t.Errorf("restart %v: %d go out when the link comes back, want the lowest", restart, len(due))
		}
	}
}

// A node that is started again and again asks no more of the relay than one that runs.
func TestRestartsGiveNoProbes(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	w.homes["XB"].setLink(false)
	xa.inquire(xbTech, "x")
	out := 0
	for range 30 * 24 {
		xa.start()
		xa.g.LinkChanged(true, false, w.now)
		for _, p := range xa.g.Due(w.now) {
			out++
			if err := xa.g.Left(context.Background(), p.Digest, w.relay.publish(p)); err != nil {
				t.Fatal(err)
			}
		}
		w.now = w.now.Add(time.Hour)
	}
	if out > 40 {
		t.Errorf("a month of restarts costs %d publications of one message, want at most 40", out)
	}
}

// TestNothingOvertakesWhatIsHeld: the undo time of a message is long over, but nobody has released
// it yet. What is written meanwhile waits behind it. P3
func TestNothingOvertakesWhatIsHeld(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	if _, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
		Thread: thread, Payload: payloadOf(&valisev1.Supplement{Narrative: "first"}), Options: &valisev1.SendOptions{UndoSeconds: 10},
	}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	xa.reply(thread, &valisev1.Supplement{Narrative: "second"})
	w.converge()
	var said []string
	for _, m := range xb.thread(thread).GetMessages()[1:] {
		said = append(said, m.GetPayload().GetSupplement().GetNarrative())
	}
	if !slices.Equal(said, []string{"first", "second"}) {
		t.Fatalf("the peer reads %q", said)
	}
	assertPromises(t, w)
}

// TestAHeldMessageOfAWrongClock: a message was held while the clock was years ahead. What is held
// behind it once the clock is right does not wait for years. P3
func TestAHeldMessageOfAWrongClock(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	undo := func(text string) {
		t.Helper()
		if _, err := xa.g.Reply(context.Background(), officer, &valisev1.ReplyRequest{
			Thread: thread, Payload: payloadOf(&valisev1.Supplement{Narrative: text}), Options: &valisev1.SendOptions{UndoSeconds: 10},
		}); err != nil {
			t.Fatal(err)
		}
	}
	right := w.now
	w.now = right.AddDate(3, 0, 0)
	undo("first")
	w.now = right
	xa.start()
	undo("second")
	w.now = right.Add(time.Minute)
	w.settle()
	if got := len(xb.thread(thread).GetMessages()); got != 3 {
		t.Fatalf("%d of 3 messages a minute later", got)
	}
}
