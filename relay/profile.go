package relay

import (
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Names on the server. docs/protocol.md §7.8
const (
	relayAccount = "RELAY" // holds every stream; only the relay's own admin logs in to it
	consumerName = "owner"
	streamPrefix = "MB_"
	nodePrefix   = "NODE_" // each connection key has an account of its own
	inboxPrefix  = "_IN."
)

// Limits that keep one connection from exhausting the relay. docs/protocol.md §7.7
const (
	maxPending      = 32 << 20 // bytes that wait for a slow reader before it is cut off
	maxSubscription = 16
	maxConnections  = 4 // of one connection key
)

// maxQueued is how many messages a server lets wait for one stream, unless it is told otherwise.
const maxQueued = 100_000

const (
	pullBatch     = 128
	pullExpires   = 20 * time.Second
	pullHeartbeat = 4 * time.Second
	maxUnacked    = 1024
)

func streamName(mailbox string) string { return streamPrefix + mailbox }

// Subjects that a node uses for its own mailbox. The server maps them to the API of the one
// stream and consumer, so that no node has any subject of that API. docs/protocol.md §7.8
func nextSubject(mailbox string) string  { return "box." + mailbox + ".next" }
func infoSubject(mailbox string) string  { return "box." + mailbox + ".info" }
func purgeSubject(mailbox string) string { return "box." + mailbox + ".purge" }

// ackPrefix begins the reply subject of each mail of a mailbox, and of nothing else.
func ackPrefix(mailbox string) string {
	return "$JS.ACK." + streamName(mailbox) + "." + consumerName + "."
}

func inboxOf(nkey string) string { return inboxPrefix + nkey }

// streamConfig is the one stream of a mailbox. docs/protocol.md §7.8
//
// One message a subject together with DiscardNew (and not DiscardNewPerSubject) has the wanted
// effect: a second message on a subject replaces the first, also in a full stream, and a full
// stream refuses a new subject instead of pushing out an old message.
//
// Which slots there are is held by the allow-lists, slot by slot. The stream takes any: naming
// them here as well would make the server compare every slot of every mailbox with every other,
// and a subject transform that folds names into so many leaves out the names "*" and ">".
//
// In a cluster the server counts what it has not stored yet as if each took a place of its own, also a
// second message on a subject: without room for those, a box whose slots are all taken refuses to
// have any of them written again.
func streamConfig(mailbox string, maxMessages int64, replicas int) jetstream.StreamConfig {
	if replicas > 1 {
		maxMessages += maxQueued
	}
	return jetstream.StreamConfig{
		Name:              streamName(mailbox),
		Subjects:          []string{"v1." + mailbox + ".*.*"},
		Retention:         jetstream.LimitsPolicy,
		Storage:           jetstream.FileStorage,
		Discard:           jetstream.DiscardNew,
		MaxMsgsPerSubject: 1,
		MaxMsgs:           maxMessages,
		MaxBytes:          -1, // JetStream would reserve it. docs/protocol.md §7.8
		MaxMsgSize:        MaxEnvelope,
		MaxAge:            MaxAge,
		MaxConsumers:      1,
		Duplicates:        100 * time.Millisecond, // the least: nobody uses Nats-Msg-Id
		Replicas:          replicas,
		DenyDelete:        true,
	}
}

// consumerConfig is the only consumer of a mailbox; the relay makes it, a node cannot.
func consumerConfig() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:            consumerName,
		DeliverPolicy:      jetstream.DeliverAllPolicy,
		AckPolicy:          jetstream.AckExplicitPolicy,
		AckWait:            redeliverAfter,
		MaxDeliver:         -1,
		MaxAckPending:      maxUnacked,
		MaxWaiting:         64,
		MaxRequestBatch:    256,
		MaxRequestExpires:  5 * time.Minute,
		MaxRequestMaxBytes: 64 << 20,
		ReplayPolicy:       jetstream.ReplayInstantPolicy,
	}
}

func mailboxOf(stream string) (string, bool) {
	mailbox, ok := strings.CutPrefix(stream, streamPrefix)
	return mailbox, ok && IsName(mailbox)
}
