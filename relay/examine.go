package relay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	valisev1 "valise.example/proto/valise/v1"
)

// Examine looks at a running nats-server that Config and Apply were used on, and compares its
// mailboxes with the Roster and the profile. docs/protocol.md §7.8
func Examine(ctx context.Context, c AdminConfig, r *valisev1.Roster) ([]Finding, error) {
	if err := CheckRoster(r); err != nil {
		return nil, err
	}
	nc, err := dialAdmin(c)
	if err != nil {
		return nil, err
	}
	defer closeAndWait(nc)
	var f findings
	checkTLS(&f, nc.ConnectedAddr())
	if isOldServer(nc.ConnectedServerVersion()) {
		f.add(Unsafe, "run nats-server 2.15 or later", "the server is older than 2.15")
	}
	replicas := max(c.Replicas, 1)
	examineServer(ctx, nc, r, replicas, &f)
	err = examine(ctx, nc, r, replicas, &f)
	return f, err
}

// examineServer looks at what the server says of itself: what it takes, how many it is, and what
// room it gives. docs/protocol.md §7.8
func examineServer(ctx context.Context, nc *nats.Conn, r *valisev1.Roster, replicas int, f *findings) {
	if nc.MaxPayload() < MaxEnvelope {
		f.add(Unsafe, fmt.Sprintf("set max_payload: %d", MaxEnvelope), "the largest envelopes are refused")
	}
	if cluster := nc.ConnectedClusterName(); cluster != "" && replicas < clusterReplicas {
		f.add(Unsafe, fmt.Sprintf("run relay apply --replicas %d", clusterReplicas), "the server is one of a cluster, and each mailbox has %d of its disks: with that disk it is lost", replicas)
	} else if cluster == "" && replicas > 1 {
		f.add(Unsafe, "give every server the cluster block that relay config --cluster-listen writes", "the server stands alone and cannot keep %d copies", replicas)
	}
	need := worstBytes(r)
	f.fine("at worst, with every slot full, the mailboxes take %s on each of %d servers; %s", inBytes(need), replicas, memoryOf(r))
	js, err := jetstream.New(nc)
	if err != nil {
		return
	}
	account, err := js.AccountInfo(ctx)
	if err != nil {
		f.add(Unsafe, "look at the server's log", "JetStream cannot be asked for its limits")
		return
	}
	if room := account.Limits.MaxStore; room >= 0 && uint64(room) < need*uint64(replicas) {
		f.add(Caution, "raise or remove the account's storage limit", "the server gives the mailboxes %s: senders wait when it is used up", inBytes(uint64(room)))
	}
}

// clusterReplicas is how many copies survive the loss of any one.
const clusterReplicas = 3

// examine compares streams and consumers with the profile.
func examine(ctx context.Context, nc *nats.Conn, r *valisev1.Roster, replicas int, f *findings) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("relay: examine: %w", err)
	}
	const fix = "restart the relay or run relay apply; find out who changed it"
	before := len(*f)
	for _, m := range r.GetMailboxes() {
		differs, err := examineMailbox(ctx, js, m, replicas)
		if err != nil {
			return err
		}
		if len(differs) > 0 {
			f.add(Unsafe, fix, "a mailbox is not as the profile asks: %s", strings.Join(differs, ", "))
		}
	}
	if len(*f) == before && len(r.GetMailboxes()) > 0 {
		f.fine("all %d mailboxes are as the profile asks", len(r.GetMailboxes()))
	}
	return examineStrays(ctx, js, r, f)
}

func examineMailbox(ctx context.Context, js jetstream.JetStream, m *valisev1.Mailbox, replicas int) ([]string, error) {
	stream, err := js.Stream(ctx, streamName(m.GetName()))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return []string{"it is missing"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("relay: examine: %w", err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter("v1."+m.GetName()+".>"))
	if err != nil {
		return nil, fmt.Errorf("relay: examine: %w", err)
	}
	// Mail of senders that left fades, so the room for it may be more than is needed now.
	want := streamConfig(m.GetName(), roomFor(m, info.State.Subjects), replicas)
	want.MaxMsgs = max(want.MaxMsgs, min(info.Config.MaxMsgs, want.MaxMsgs+Slots*maxRosterRows))
	differs := streamDiffers(info.Config, want)
	consumer, err := stream.Consumer(ctx, consumerName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return append(differs, "its consumer is missing"), nil
	}
	if err != nil {
		return nil, fmt.Errorf("relay: examine: %w", err)
	}
	return append(differs, consumerDiffers(consumer.CachedInfo().Config, consumerConfig())...), nil
}

func examineStrays(ctx context.Context, js jetstream.JetStream, r *valisev1.Roster, f *findings) error {
	wanted := make(map[string]bool)
	for _, m := range r.GetMailboxes() {
		wanted[streamName(m.GetName())] = true
	}
	fading, foreign := 0, 0
	list := js.ListStreams(ctx)
	for info := range list.Info() {
		if info.Config.Name == objectsStream {
			if differs := streamDiffers(info.Config, objectsConfig(0, info.Config.Replicas)); len(differs) > 0 {
				f.add(Unsafe, "restart the relay or run relay apply; find out who changed it", "the directory's objects are not kept as the profile asks: %s", strings.Join(differs, ", "))
			}
		} else if _, ours := mailboxOf(info.Config.Name); !ours {
			foreign++
		} else if !wanted[info.Config.Name] {
			fading++
		}
	}
	if err := list.Err(); err != nil {
		return fmt.Errorf("relay: examine: %w", err)
	}
	if foreign > 0 {
		f.add(Unsafe, "remove them, or give them a server of their own", "%d streams on the server are no mailboxes", foreign)
	}
	if fading > 0 {
		f.fine("%d mailboxes that the roster no longer names hold mail until it is %d days old", fading, int(MaxAge/(24*time.Hour)))
	}
	return nil
}
