package node_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// rowan stands in every text of every message, so that wherever it comes out content has come out.
const rowan = "the rowan that nobody may read"

// kindsOfTheContract are all that have a number, by the contract itself.
func kindsOfTheContract() (out []valisev1.Kind) {
	values := valisev1.Kind(0).Descriptor().Values()
	for i := range values.Len() {
		if k := valisev1.Kind(values.Get(i).Number()); k != valisev1.Kind_KIND_UNSPECIFIED {
			out = append(out, k)
		}
	}
	return out
}

// filled says something in every text of a message.
func filled(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if o := f.ContainingOneof(); o != nil && m.WhichOneof(o) != nil || f.IsMap() {
			continue
		}
		switch {
		case f.Kind() == protoreflect.StringKind && f.IsList():
			m.Mutable(f).List().Append(protoreflect.ValueOfString(rowan))
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString(rowan))
		case f.Message() == nil || depth == 0 || strings.HasPrefix(string(f.Message().FullName()), "google."):
		case f.IsList():
			filled(m.Mutable(f).List().AppendMutable().Message(), depth-1)
		default:
			filled(m.Mutable(f).Message(), depth-1)
		}
	}
}

// payload is a payload of a kind, full of words.
func (s *side) payload(kind valisev1.Kind) []byte {
	s.t.Helper()
	m, ok := valisev1.NewPayload(kind)
	if !ok {
		s.t.Fatalf("the contract names %s and no payload of it", kind)
	}
	filled(m.ProtoReflect(), 2)
	b, err := proto.Marshal(m)
	fatal(s.t, err)
	return b
}

// header is that of the first message that a speaker would write to its listener.
func (s *side) header(kind valisev1.Kind, id byte) *valisev1.Header {
	h := &valisev1.Header{
		Version: seal.MajorVersion, Realm: s.Realm.String(), Kind: kind, From: s.speaker.String(), To: s.listener.String(),
		MessageId: slices.Repeat([]byte{id}, 16), Created: timestamppb.New(time.Now()),
	}
	if valisev1.IsSequenced(kind) {
		h.Epoch, h.Sequence = 7, 1
	}
	if kind == valisev1.Kind_KIND_ATTACHMENT_PART {
		h.Lane = 1
	}
	if valisev1.IsHuman(kind) {
		h.Thread, h.ThreadSequence = slices.Repeat([]byte{id}, 16), 1
	}
	return h
}

// signed is a message with this header, signed with the speaker's key in a realm and under the key id that
// the key has in another one.
func (s *side) signed(h *valisev1.Header, in, named ident.Realm) []byte {
	s.t.Helper()
	header, err := proto.MarshalOptions{Deterministic: true}.Marshal(h)
	fatal(s.t, err)
	return s.sign(seal.Content{Header: header, Body: append(make([]byte, seal.NonceSize), s.payload(h.GetKind())...)}, in, named)
}

func (s *side) sign(c seal.Content, in, named ident.Realm) []byte {
	s.t.Helper()
	sig, err := seal.Sign(in, seal.PurposeContent, c.Digest(), s.key)
	fatal(s.t, err)
	return seal.Signed{
		Suite: seal.SuiteEd25519MLDSA65, KeyID: s.key.Public().ID(named), Content: c, Ed25519: sig.GetEd25519(), MLDSA65: sig.GetMldsa65(),
	}.Marshal()
}

// desk is the listener's running node with everything that can be seen of it from outside.
type desk struct {
	*side
	node *node.Node
	way  relay.Courier // as the listener's own peer, who may write into its mailbox
	log  *locked

	mu   sync.Mutex
	sent []relay.Mail // what the node published, by slot
	next int
	// hurried: no time passes between two.
	hurried bool
}

// locked is a log that a test reads while the node writes.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a line.
func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// take gives what was written since, and forgets it.
func (l *locked) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// seen is a courier whose publications a test looks at.
type seen struct {
	relay.Courier
	desk *desk
}

// Publish is passed on and remembered.
func (c seen) Publish(ctx context.Context, to relay.Address, envelope []byte) (relay.Stored, error) {
	c.desk.mu.Lock()
	c.desk.sent = append(c.desk.sent, relay.Mail{Slot: to.Slot, Envelope: bytes.Clone(envelope)})
	c.desk.mu.Unlock()
	return c.Courier.Publish(ctx, to, envelope)
}

// listens starts the listener's node; the speaker of that realm is off.
func (s *side) listens() *desk {
	s.t.Helper()
	d := &desk{side: s, log: new(locked)}
	config := openConfig()
	config.Logger = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	x, err := node.Open(s.Home(s.listener.State), config)
	fatal(s.t, err)
	d.node = x
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		x.CarryMail(ctx, func(ctx context.Context, c relay.DialConfig) (relay.Courier, error) {
			courier, err := s.dial(ctx, c)
			return seen{courier, d}, err
		})
	})
	speaker, err := node.OpenHome(s.Home(s.speaker.State), nil)
	fatal(s.t, err)
	nkey, err := speaker.RelayNKey()
	fatal(s.t, err)
	d.way, err = s.relay.Dial(nkey)
	fatal(s.t, err)
	s.t.Cleanup(func() {
		cancel()
		work.Wait()
		if err := d.way.Close(); err != nil {
			s.t.Error(err)
		}
		if err := x.Close(); err != nil {
			s.t.Error(err)
		}
	})
	time.Sleep(time.Second)
	d.log.take()
	return d
}

// deliver puts an envelope into the listener's mailbox, into a slot for its kind, and gives the node time.
// An hour passes in between: no more than thirty of a peer are kept in one.
func (d *desk) deliver(kind valisev1.Kind, signed []byte, to seal.Recipient) {
	d.t.Helper()
	envelope, err := seal.Close(signed, to)
	fatal(d.t, err)
	if d.next++; !d.hurried && d.next%25 == 0 {
		time.Sleep(time.Hour + time.Minute)
	}
	at := relay.Address{Mailbox: d.mailbox(d.listener.State).Mailbox, Token: d.mailbox(d.speaker.State).Token, Slot: d.next % 256}
	switch kind {
	case valisev1.Kind_KIND_RECEIPT_BATCH:
		at.Slot = gateway.SlotReceipt
	case valisev1.Kind_KIND_KEY_NOTICE:
		at.Slot = gateway.SlotKeyNotice
	case valisev1.Kind_KIND_CANNOT_OPEN:
		at.Slot = gateway.SlotCannotOpen
	case valisev1.Kind_KIND_ATTACHMENT_PART:
		at.Slot = 256 + d.next%64
	}
	if _, err := d.way.Publish(context.Background(), at, envelope); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(time.Second)
}

// receipts are the receipts that the node has sent so far, opened with the speaker's keys.
func (d *desk) receipts() (out []*valisev1.ReceiptBatch) {
	d.t.Helper()
	key, err := seal.ReadSealingKey(d.sealingFile(d.speaker), d.Realm, nil)
	fatal(d.t, err)
	opener := seal.Opener{
		Realm: d.Realm, Resolve: bookOf(d.t, d.Home(d.speaker.State)).Snapshot().Speaker,
		Keys: func() []seal.HeldKey { return []seal.HeldKey{{Key: key, Address: d.speaker}} },
		Mine: func(a ident.Address) bool { return a == d.speaker },
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, x := range d.sent {
		if x.Slot != gateway.SlotReceipt {
			continue
		}
		opened, err := opener.Open(x.Envelope)
		fatal(d.t, err)
		batch, ok := opened.Message.(*valisev1.ReceiptBatch)
		if !ok {
			d.t.Fatalf("a %T lies where receipts do", opened.Message)
		}
		out = append(out, batch)
	}
	return out
}
