package relay_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"valise.example/relay"
	"valise.example/relay/relaytest"
)

// The profile, in numbers: what a server holds after Apply is what docs/protocol.md §7.8 says,
// whatever the code that made it says.
func TestProfile(t *testing.T) {
	a, b, c := relaytest.NewParty(t), relaytest.NewParty(t), relaytest.NewParty(t)
	e := startExternal(t, relaytest.RosterOf(1, a, b, c))
	stream, err := e.jetstream(t).Stream(t.Context(), "MB_"+a.Mailbox)
	if err != nil {
		t.Fatal(err)
	}
	is := stream.CachedInfo().Config
	for what, ok := range map[string]bool{
		"limits retention":        is.Retention == jetstream.LimitsPolicy,
		"files":                   is.Storage == jetstream.FileStorage,
		"discard new":             is.Discard == jetstream.DiscardNew && !is.DiscardNewPerSubject,
		"one message a subject":   is.MaxMsgsPerSubject == 1,
		"323 slots of two others": is.MaxMsgs == 2*323,
		"no max bytes":            is.MaxBytes == -1,
		"300 KiB":                 is.MaxMsgSize == 300*1024,
		"45 days":                 is.MaxAge == 45*24*time.Hour,
		"delete denied":           is.DenyDelete && !is.DenyPurge,
		"nothing beside":          !is.AllowRollup && !is.AllowDirect && !is.AllowMsgTTL && !is.AllowMsgSchedules && !is.AllowAtomicPublish && !is.AllowBatchPublish && !is.AllowMsgCounter,
		"no copies elsewhere":     is.Mirror == nil && is.Sources == nil && is.RePublish == nil && is.SubjectTransform == nil,
		"its own subjects":        slices.Equal(is.Subjects, []string{"v1." + a.Mailbox + ".*.*"}),
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	consumer, err := stream.Consumer(t.Context(), "owner")
	if err != nil {
		t.Fatal(err)
	}
	if k := consumer.CachedInfo().Config; k.AckPolicy != jetstream.AckExplicitPolicy || k.Durable != "owner" || k.DeliverSubject != "" || k.MaxDeliver != -1 {
		t.Errorf("consumer %+v", k)
	}
	if relay.Slots != 323 || relay.ReceiptBatchSlot != 320 || relay.KeyNoticeSlot != 321 || relay.CannotOpenSlot != 322 || relay.FirstPartSlot != 256 {
		t.Error("the slots are numbered otherwise")
	}
}
