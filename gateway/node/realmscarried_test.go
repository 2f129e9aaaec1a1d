package node_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// carries is an honest message of our realm with a payload of the speaker's choice.
func (d *desk) carries(kind valisev1.Kind, m proto.Message, id byte) (log string) {
	d.t.Helper()
	raw, err := proto.Marshal(d.header(kind, id))
	fatal(d.t, err)
	h, err := seal.ParseHeader(raw)
	fatal(d.t, err)
	payload, err := proto.Marshal(m)
	fatal(d.t, err)
	content, err := seal.NewContent(h, [seal.NonceSize]byte{id}, payload)
	fatal(d.t, err)
	signed, err := seal.SignContent(d.Realm, d.key, content)
	fatal(d.t, err)
	d.log.take()
	d.deliver(kind, signed.Marshal(), d.recipient(d.listener))
	return d.log.take()
}

// TestNothingIsCarriedAcross: a State of ours that takes part in another realm as well wraps what was signed
// there into an honest message of ours. The wrapping arrives, and what is in it is nobody's word here.
// docs/protocol.md §7.6, §8.4
func TestNothingIsCarriedAcross(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		operation, one, two := wards(t)
		for _, pair := range [][2]*side{{one, operation}, {operation, one}, {one, two}} {
			from, to := pair[0], pair[1]
			before, err := bookOf(t, to.Home(to.listener.State)).Snapshot().Lookup(to.speaker)
			fatal(t, err)
			d := to.listens()
			poc, err := bookOf(t, from.Home(from.speaker.State)).Snapshot().Lookup(from.speaker)
			fatal(t, err)
			poc.Bundle.Number += 1000
			bundle, err := seal.SignObject(from.Realm, seal.PurposeKeyBundle, mustMarshal(t, poc.Bundle), from.key)
			fatal(t, err)
			said, why := "key bundle refused", "WRONG_REALM"
			if from.speaker != to.speaker { // it names a POC that nobody here is
				said, why = "mail refused", "PAYLOAD"
			}
			log := d.carries(valisev1.Kind_KIND_KEY_NOTICE, &valisev1.KeyNotice{Bundle: bundle}, 1)
			if !strings.Contains(log, said) || !strings.Contains(log, why) {
				t.Errorf("%s: keys of another realm: the log says %q", to.Realm, log)
			}
			d.discreet(log)
			after, err := bookOf(t, to.Home(to.listener.State)).Snapshot().Lookup(to.speaker)
			fatal(t, err)
			if !proto.Equal(before.Bundle, after.Bundle) {
				t.Errorf("%s: keys of another realm are in force", to.Realm)
			}
			d.discreet(d.carries(valisev1.Kind_KIND_RETURN, &valisev1.Return{Signed: from.honest(valisev1.Kind_KIND_INQUIRY, 9)}, 2))
			counts, err := d.node.Rejected()
			fatal(t, err)
			if counts["unknown_key"] != 1 || counts[strings.ToLower(why)] != 1 {
				t.Errorf("%s: what came back from another realm is counted as %v", to.Realm, counts)
			}
			threads, err := d.node.Gateway().Threads(t.Context(), officer, &valisev1.ListThreadsRequest{})
			fatal(t, err)
			if len(threads.GetThreads()) > 0 {
				t.Errorf("%s: a thread of another realm is on the desk", to.Realm)
			}
		}
	})
}
