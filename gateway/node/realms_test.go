package node_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// crossing is one way in which a message of one realm could be made to fit into the mailbox of another.
type crossing struct {
	name string
	// make gives the Signed and to which key it is sealed.
	make func(kind valisev1.Kind, id byte) (signed []byte, to seal.Recipient)
	want valisev1.Reason
	// only says for which kinds; nil for all.
	only func(valisev1.Kind) bool
}

// honest is what a node of this realm writes, byte for byte; a kind that the realm does not have is built
// past the rule that keeps its own node from it.
func (s *side) honest(kind valisev1.Kind, id byte) []byte {
	s.t.Helper()
	h := s.header(kind, id)
	raw, err := proto.Marshal(h)
	fatal(s.t, err)
	parsed, err := seal.ParseHeader(raw)
	if s.Realm.IsOperational() && kind >= valisev1.Kind_KIND_EXERCISE_CONTROL {
		if refusalOf(err) != valisev1.Reason_REASON_WRONG_REALM {
			s.t.Fatalf("%s in operation: %v", kind, err)
		}
		return s.signed(h, s.Realm, s.Realm)
	}
	fatal(s.t, err)
	content, err := seal.NewContent(parsed, [seal.NonceSize]byte{id}, s.payload(kind))
	fatal(s.t, err)
	signed, err := seal.SignContent(s.Realm, s.key, content)
	fatal(s.t, err)
	return signed.Marshal()
}

// crossings are all ways from one realm into another, the mildest first.
func crossings(from, to *side) []crossing {
	stolen, ours := from.recipient(from.listener), to.recipient(to.listener)
	elsewhere := from.recipient(ident.Address{State: from.listener.State, Track: ident.Diplomatic})
	signer := func(same valisev1.Reason) valisev1.Reason {
		if from.speaker != to.speaker {
			return valisev1.Reason_REASON_WRONG_SIGNER
		}
		return same
	}
	// changed is a header of one realm with what an adversary changes in it, signed in our own realm.
	changed := func(s *side, change func(*valisev1.Header)) func(valisev1.Kind, byte) ([]byte, seal.Recipient) {
		return func(kind valisev1.Kind, id byte) ([]byte, seal.Recipient) {
			h := s.header(kind, id)
			change(h)
			return s.signed(h, to.Realm, to.Realm), ours
		}
	}
	honestTo := func(r seal.Recipient) func(valisev1.Kind, byte) ([]byte, seal.Recipient) {
		return func(kind valisev1.Kind, id byte) ([]byte, seal.Recipient) { return from.honest(kind, id), r }
	}
	all := []crossing{
		{name: "laid into our mailbox", make: honestTo(elsewhere), want: valisev1.Reason_REASON_CANNOT_DECRYPT},
		{name: "to a sealing key that was moved here", make: honestTo(stolen), want: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "sealed to us", make: honestTo(ours), want: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "and under the key id of our realm", make: func(kind valisev1.Kind, id byte) ([]byte, seal.Recipient) {
			return from.signed(from.header(kind, id), from.Realm, to.Realm), ours
		}, want: signer(valisev1.Reason_REASON_BAD_SIGNATURE)},
		{name: "and signed in our realm", make: changed(from, func(*valisev1.Header) {}), want: signer(valisev1.Reason_REASON_WRONG_REALM)},
		{name: "their realm between our States", make: changed(to, func(h *valisev1.Header) { h.Realm = from.Realm.String() }), want: valisev1.Reason_REASON_WRONG_REALM},
	}
	if from.listener != to.listener {
		all = append(all, crossing{name: "our realm to a State of theirs", make: changed(to, func(h *valisev1.Header) { h.To = from.listener.String() }), want: valisev1.Reason_REASON_WRONG_REALM})
	}
	if to.Realm.IsOperational() {
		all = append(all, crossing{name: "a kind of exercises between States in operation", make: changed(to, func(*valisev1.Header) {}),
			want: valisev1.Reason_REASON_WRONG_REALM, only: func(k valisev1.Kind) bool { return k >= valisev1.Kind_KIND_EXERCISE_CONTROL }})
	}
	return all
}

func refusalOf(err error) valisev1.Reason {
	if r, ok := errors.AsType[*seal.Refusal](err); ok {
		return r.Reason
	}
	return valisev1.Reason_REASON_UNSPECIFIED
}

// TestNothingCrossesRealms: a message of every kind of the contract, written in one realm and brought into
// the mailbox of a running node of another, with keys and names made to fit as far as anybody could. Each is
// refused for the reason that it has, counted, and told to the administrator without a word of it; no officer
// sees anything, and no receipt says that it came. docs/protocol.md §2.2
func TestNothingCrossesRealms(t *testing.T) {
	for name, pick := range map[string]func(operation, one, two *side) (from, to *side){
		"exercise to operation":           func(o, x, _ *side) (*side, *side) { return x, o },
		"operation to exercise":           func(o, x, _ *side) (*side, *side) { return o, x },
		"exercise to one of its own name": func(_, x, y *side) (*side, *side) { return x, y },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, to := pick(wards(t))
				to.plant(from)
				d := to.listens()
				id, refused := byte(0), 0
				for _, c := range crossings(from, to) {
					for _, kind := range kindsOfTheContract() {
						if c.only != nil && !c.only(kind) {
							continue
						}
						id = id%250 + 1
						d.crosses(c, kind, id)
						refused++
					}
				}
				if refused < 6*29 {
					t.Errorf("only %d messages were tried", refused)
				}
				d.untouched(refused)
			})
		})
	}
}

// crosses delivers one message and looks at what the node counts and logs.
func (d *desk) crosses(c crossing, kind valisev1.Kind, id byte) {
	d.t.Helper()
	before, err := d.node.Rejected()
	fatal(d.t, err)
	signed, to := c.make(kind, id)
	if !bytes.Contains(signed, []byte(rowan)) && strings.Contains("INQUIRY SUPPLEMENT RESPONSE", strings.TrimPrefix(kind.String(), "KIND_")) {
		d.t.Fatalf("%s says nothing that could come out", kind)
	}
	d.deliver(kind, signed, to)
	after, err := d.node.Rejected()
	fatal(d.t, err)
	label := strings.ToLower(strings.TrimPrefix(c.want.String(), "REASON_"))
	want := maps.Clone(before)
	want[label]++
	if !maps.Equal(want, after) {
		d.t.Errorf("%s, %s: the counts go from %v to %v, want one more %s", c.name, kind, before, after, label)
	}
	log := d.log.take()
	if strings.Count(log, "mail refused") != 1 || !strings.Contains(log, c.want.String()) {
		d.t.Errorf("%s, %s: the log says %q", c.name, kind, log)
	}
	d.discreet(log)
}

// discreet: no text, State or name of a realm's exercise stands there.
func (d *desk) discreet(log string) {
	d.t.Helper()
	for _, never := range []string{"rowan", "XA", "XB", "AA/", "ZZ/", "ward"} {
		if strings.Contains(log, never) {
			d.t.Errorf("the log tells of %s: %s", never, log)
		}
	}
}

// untouched: officers see no thread and no message, the quarantine has as many rows as came, and no
// receipt says more than that something cannot be read.
func (d *desk) untouched(refused int) {
	d.t.Helper()
	ctx := context.Background()
	threads, err := d.node.Gateway().Threads(ctx, officer, &valisev1.ListThreadsRequest{})
	fatal(d.t, err)
	if n := len(threads.GetThreads()); n > 0 {
		d.t.Errorf("%d threads are on the desk: %v", n, threads)
	}
	quarantined, page := 0, &valisev1.ListItemsRequest{PageSize: 100}
	for {
		list, err := d.node.Gateway().Items(ctx, officer, page)
		fatal(d.t, err)
		if shown, err := proto.Marshal(list); err != nil || bytes.Contains(shown, []byte("rowan")) {
			d.t.Errorf("words of another realm stand in the list of items: %v", err)
		}
		for _, row := range list.GetItems() {
			switch kind := row.GetItem().GetType(); kind {
			case valisev1.ItemType_ITEM_TYPE_QUARANTINED:
				quarantined++
			case valisev1.ItemType_ITEM_TYPE_RECEIVED, valisev1.ItemType_ITEM_TYPE_REFUSED, valisev1.ItemType_ITEM_TYPE_RECEIPT_IN:
				d.t.Errorf("an item %s came of it", kind)
			}
		}
		if page.PageToken = list.GetNextPageToken(); page.PageToken == "" {
			break
		}
	}
	if quarantined != refused {
		d.t.Errorf("%d of %d are in quarantine", quarantined, refused)
	}
	receipts := d.receipts()
	if len(receipts) == 0 {
		d.t.Error("the speaker's own node was told nothing of what was signed in its name")
	}
	for _, batch := range receipts {
		for _, c := range batch.GetChannels() {
			if c.GetMark().GetMark() > 0 || len(c.GetHeld())+len(c.GetRefused()) > 0 {
				d.t.Errorf("a receipt says that something came: %v", batch)
			}
		}
	}
}

// TestWhatIsNotKeptIsCounted: of what one peer signs and nobody can take, thirty an hour are kept as
// evidence. The rest is refused all the same, and a monitor sees all of it. P7
func TestWhatIsNotKeptIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, one, two := wards(t)
		d := two.listens()
		d.hurried = true
		const many = 70
		flood := crossings(one, two)[5]
		for i := range many {
			d.crosses(flood, valisev1.Kind_KIND_INQUIRY, byte(i+1))
		}
		rows, err := d.node.Gateway().Quarantine(context.Background())
		fatal(t, err)
		if len(rows) == 0 || len(rows) >= many {
			t.Errorf("%d of %d are kept", len(rows), many)
		}
	})
}
