package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	valisev1 "valise.example/proto/valise/v1"
)

// AdminConfig is how to reach a running relay as its own admin.
type AdminConfig struct {
	Address  string // host:port
	TLSKey   []byte // SHA-256 of the relay's TLS key, 32 bytes; an admin never connects without
	Seed     []byte // nkey seed of the admin, ASCII
	Replicas int    // copies of each stream: 1, or 3 in a cluster; 0 means 1
}

// Applied counts what Apply changed.
type Applied struct {
	Made, Changed, Removed int
}

// Apply brings the mailboxes of a running nats-server into line with a Roster: makes streams
// and consumers that are missing, corrects those that differ, removes empty ones that the
// Roster no longer names. Applying the same Roster again changes nothing. The server must have
// been configured by Config or Accounts. docs/protocol.md §7.8
func Apply(ctx context.Context, c AdminConfig, r *valisev1.Roster) (Applied, error) {
	if err := CheckRoster(r); err != nil {
		return Applied{}, err
	}
	nc, err := dialAdmin(c)
	if err != nil {
		return Applied{}, err
	}
	defer closeAndWait(nc)
	return applyRoster(ctx, nc, r, max(c.Replicas, 1))
}

func dialAdmin(c AdminConfig) (*nats.Conn, error) {
	if len(c.TLSKey) != 32 {
		return nil, errors.New("relay: an admin does not connect without the relay's TLS key")
	}
	login, _, err := nkeyLogin(c.Seed)
	if err != nil {
		return nil, err
	}
	watch := &tlsWatch{pin: c.TLSKey}
	nc, err := nats.Connect("tls://"+c.Address, login, nats.NoReconnect(), nats.Secure(watch.config()), nats.TLSHandshakeFirst(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		return nil, fmt.Errorf("relay: connect as admin: %w", err)
	}
	return nc, nil
}

// closeAndWait returns when the connection's goroutines have been told to end.
func closeAndWait(nc *nats.Conn) {
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	if nc.IsClosed() {
		return
	}
	nc.Close()
	<-closed
}

func applyRoster(ctx context.Context, nc *nats.Conn, r *valisev1.Roster, replicas int) (Applied, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return Applied{}, fmt.Errorf("relay: apply: %w", err)
	}
	var done Applied
	wanted := make(map[string]bool)
	for _, m := range r.GetMailboxes() {
		wanted[streamName(m.GetName())] = true
		if err := applyMailbox(ctx, js, m, replicas, &done); err != nil {
			return done, err
		}
	}
	return done, removeEmpty(ctx, js, wanted, &done)
}

func applyMailbox(ctx context.Context, js jetstream.JetStream, m *valisev1.Mailbox, replicas int, done *Applied) error {
	name := streamName(m.GetName())
	stream, err := js.Stream(ctx, name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		stream, err = js.CreateStream(ctx, streamConfig(m.GetName(), roomFor(m, nil), replicas))
		if err != nil {
			return fmt.Errorf("relay: make mailbox: %w", err)
		}
		done.Made++
	case err != nil:
		return fmt.Errorf("relay: read mailbox: %w", err)
	default:
		info, err := stream.Info(ctx, jetstream.WithSubjectFilter("v1."+m.GetName()+".>"))
		if err != nil {
			return fmt.Errorf("relay: read mailbox: %w", err)
		}
		want := streamConfig(m.GetName(), roomFor(m, info.State.Subjects), replicas)
		if differs := streamDiffers(info.Config, want); len(differs) > 0 {
			if _, err := js.UpdateStream(ctx, want); err != nil {
				return fmt.Errorf("relay: correct mailbox (%s): %w", strings.Join(differs, ", "), err)
			}
			done.Changed++
		}
	}
	return applyConsumer(ctx, stream, done)
}

func applyConsumer(ctx context.Context, stream jetstream.Stream, done *Applied) error {
	consumer, err := stream.Consumer(ctx, consumerName)
	if err == nil {
		if len(consumerDiffers(consumer.CachedInfo().Config, consumerConfig())) == 0 {
			return nil
		}
		done.Changed++
	} else if !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("relay: read consumer: %w", err)
	}
	if _, err := stream.CreateOrUpdateConsumer(ctx, consumerConfig()); err != nil {
		return fmt.Errorf("relay: make consumer: %w", err)
	}
	return nil
}

// roomFor is how many messages a box must have room for: every slot of every sender of the
// Roster, and beside them what lies there of senders that have left, so that nobody's mail is
// locked out by it. It fades with MaxAge. docs/protocol.md §7.8
func roomFor(m *valisev1.Mailbox, lying map[string]uint64) int64 {
	known := make(map[string]bool, len(m.GetSenderTokens()))
	for _, t := range m.GetSenderTokens() {
		known[t] = true
	}
	room := int64(Slots * len(known))
	for subject, n := range lying {
		if a, err := ParseSubject(subject); err != nil || !known[a.Token] {
			room += int64(n)
		}
	}
	return max(room, 1) // 0 would mean no limit
}

// removeEmpty removes mailboxes that the Roster no longer names once nothing lies in them.
func removeEmpty(ctx context.Context, js jetstream.JetStream, wanted map[string]bool, done *Applied) error {
	list := js.ListStreams(ctx)
	for info := range list.Info() {
		if _, ours := mailboxOf(info.Config.Name); !ours || wanted[info.Config.Name] || info.State.Msgs > 0 {
			continue
		}
		if err := js.DeleteStream(ctx, info.Config.Name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("relay: remove mailbox: %w", err)
		}
		done.Removed++
	}
	if err := list.Err(); err != nil {
		return fmt.Errorf("relay: list mailboxes: %w", err)
	}
	return nil
}

// streamDiffers names what in a stream is not as the profile wants it. docs/protocol.md §7.8
func streamDiffers(is, want jetstream.StreamConfig) []string {
	var d differences
	d.check("subjects", slices.Equal(is.Subjects, want.Subjects))
	d.check("retention", is.Retention == want.Retention)
	d.check("storage", is.Storage == want.Storage)
	d.check("discard", is.Discard == want.Discard && !is.DiscardNewPerSubject)
	d.check("max_msgs_per_subject", is.MaxMsgsPerSubject == want.MaxMsgsPerSubject)
	d.check("max_msgs", is.MaxMsgs == want.MaxMsgs)
	d.check("max_bytes", is.MaxBytes == want.MaxBytes)
	d.check("max_msg_size", is.MaxMsgSize == want.MaxMsgSize)
	d.check("max_age", is.MaxAge == want.MaxAge)
	d.check("max_consumers", is.MaxConsumers == want.MaxConsumers)
	d.check("duplicates", is.Duplicates == want.Duplicates)
	d.check("replicas", is.Replicas == want.Replicas)
	d.check("deny_delete", is.DenyDelete)
	d.check("deny_purge", !is.DenyPurge)
	d.check("no_ack", !is.NoAck)
	d.check("sealed", !is.Sealed)
	d.check("rollup", !is.AllowRollup)
	d.check("direct get", is.AllowDirect == want.AllowDirect && !is.MirrorDirect)
	d.check("message ttl", !is.AllowMsgTTL)
	d.check("schedules", !is.AllowMsgSchedules)
	d.check("atomic publish", !is.AllowAtomicPublish)
	d.check("counters", !is.AllowMsgCounter)
	d.check("batches", !is.AllowBatchPublish)
	d.check("persistence", is.PersistMode == jetstream.DefaultPersistMode)
	d.check("mirror or sources", is.Mirror == nil && len(is.Sources) == 0)
	d.check("republish or transform", is.RePublish == nil && is.SubjectTransform == nil)
	return d
}

// consumerDiffers names what in a consumer is not as the profile wants it.
func consumerDiffers(is, want jetstream.ConsumerConfig) []string {
	var d differences
	d.check("ack_policy", is.AckPolicy == want.AckPolicy)
	d.check("ack_wait", is.AckWait == want.AckWait)
	d.check("deliver_policy", is.DeliverPolicy == want.DeliverPolicy)
	d.check("max_deliver", is.MaxDeliver == want.MaxDeliver)
	d.check("max_ack_pending", is.MaxAckPending == want.MaxAckPending)
	d.check("max_waiting", is.MaxWaiting == want.MaxWaiting)
	d.check("max_request", is.MaxRequestBatch == want.MaxRequestBatch && is.MaxRequestExpires == want.MaxRequestExpires &&
		is.MaxRequestMaxBytes == want.MaxRequestMaxBytes)
	d.check("filter", is.FilterSubject == "" && len(is.FilterSubjects) == 0)
	d.check("headers_only", !is.HeadersOnly)
	return d
}

type differences []string

func (d *differences) check(what string, same bool) {
	if !same {
		*d = append(*d, what)
	}
}
