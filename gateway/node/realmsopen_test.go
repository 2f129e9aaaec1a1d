package node_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// left is an envelope that a node has handed to the relay, and for whom.
type left struct {
	to       relay.Address
	envelope []byte
}

// overheard is a courier that keeps a copy of what leaves.
type overheard struct {
	relay.Courier
	all chan left
}

// Publish keeps a copy.
func (o overheard) Publish(ctx context.Context, to relay.Address, envelope []byte) (relay.Stored, error) {
	o.all <- left{to, bytes.Clone(envelope)}
	return o.Courier.Publish(ctx, to, envelope)
}

// both starts the nodes of both States; what leaves them goes to the channel as well.
func (s *side) both() (speaker, listener *node.Node, all chan left) {
	all = make(chan left, 1000)
	dial := func(ctx context.Context, c relay.DialConfig) (relay.Courier, error) {
		courier, err := s.dial(ctx, c)
		return overheard{courier, all}, err
	}
	speaker, _ = s.nodeDialling(s.speaker.State, dial)
	listener, _ = s.nodeDialling(s.listener.State, dial)
	time.Sleep(time.Second)
	return speaker, listener, all
}

// sentInError is an inquiry that arrives and that its sender takes back.
func (s *side) sentInError(speaker *node.Node) (thread, message string) {
	s.t.Helper()
	sent, err := speaker.Gateway().Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: s.listener.String(), Inquiry: inquiry("sent in error")})
	fatal(s.t, err)
	time.Sleep(prompt)
	back, err := speaker.Gateway().Retract(context.Background(), officer, &valisev1.RetractMessageRequest{Message: sent.GetMessage(), Reason: "It was for another desk."})
	fatal(s.t, err)
	if back.GetWithdrawn() {
		s.t.Fatal("it had not left, so nothing need be taken back")
	}
	time.Sleep(prompt)
	return sent.GetThread(), sent.GetMessage()
}

// TestSentInErrorInBothRealms: whoever sent something by mistake says so by a message of the contract, in
// operation and in an exercise alike; the other side keeps both and reads that it is to be disregarded. A-10
func TestSentInErrorInBothRealms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		operation, one, _ := wards(t)
		for _, s := range []*side{operation, one} {
			speaker, listener, _ := s.both()
			thread, message := s.sentInError(speaker)
			got, err := listener.Gateway().Thread(t.Context(), officer, &valisev1.GetThreadRequest{Thread: thread})
			fatal(t, err)
			all := got.GetMessages()
			if len(all) != 2 || all[0].GetMessage() != message || all[1].GetKind() != valisev1.Kind_KIND_RETRACTION {
				t.Fatalf("%s: the thread is %v", s.Realm, got)
			}
			if all[0].GetRetractedBy() != all[1].GetMessage() || got.GetThread().GetRealm() != s.Realm.String() {
				t.Errorf("%s: nobody is told that it was sent in error: %v", s.Realm, got)
			}
		}
	})
}

// TestAnEnvelopeHasOneReader: whatever leaves a node in an exercise, as in operation, lies in a mailbox of the
// peer alone, is sealed to exactly one key, and that is the peer's. Nobody who conducts an exercise can be
// among those who open it. docs/protocol.md §4.4
func TestAnEnvelopeHasOneReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		operation, one, _ := wards(t)
		for _, s := range []*side{operation, one} {
			boxes, keys := s.boxesAndKeys()
			speaker, _, all := s.both()
			s.sentInError(speaker)
			n := 0
			for ; len(all) > 0; n++ {
				x := <-all
				reader, ours := boxes[x.to.Mailbox]
				if !ours {
					t.Fatalf("%s: an envelope goes to a mailbox of nobody who takes part", s.Realm)
				}
				if stanzas := bytes.Count(x.envelope[:bytes.Index(x.envelope, []byte("\n--- "))], []byte("\n-> ")); stanzas != 1 {
					t.Errorf("%s: an envelope has %d recipients", s.Realm, stanzas)
				}
				opener := seal.Opener{
					Realm: s.Realm, Resolve: bookOf(t, s.Home(reader.State)).Snapshot().Speaker, Mine: func(a ident.Address) bool { return a == reader },
					Keys: func() []seal.HeldKey { return []seal.HeldKey{{Key: keys[reader], Address: reader}} },
				}
				if _, err := opener.Open(x.envelope); err != nil {
					t.Errorf("%s: %s does not open what lies in its mailbox: %v", s.Realm, reader, err)
				}
			}
			if n < 3 {
				t.Errorf("%s: only %d envelopes left", s.Realm, n)
			}
		}
	})
}

// boxesAndKeys is whose each mailbox is, and the sealing key of each POC, before any node has run.
func (s *side) boxesAndKeys() (map[string]ident.Address, map[ident.Address]seal.SealingKey) {
	s.t.Helper()
	boxes, keys := map[string]ident.Address{}, map[ident.Address]seal.SealingKey{}
	snapshot := bookOf(s.t, s.Home(s.speaker.State)).Snapshot()
	for _, state := range s.States {
		for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
			a := ident.Address{State: state, Track: track}
			poc, err := snapshot.Lookup(a)
			fatal(s.t, err)
			boxes[poc.Bundle.GetMailbox()] = a
			keys[a], err = seal.ReadSealingKey(s.sealingFile(a), s.Realm, nil)
			fatal(s.t, err)
		}
	}
	return boxes, keys
}
