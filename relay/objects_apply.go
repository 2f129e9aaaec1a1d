package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	valisev1 "valise.example/proto/valise/v1"
)

// Reasons to refuse objects that are well formed.
var (
	errObjectsRealm = errors.New("another realm than this relay's")
	errObjectsLower = errors.New("a lower number than the one in force")
)

// numberKey is where the stream remembers which objects are in force.
const numberKey = "valise-number"

// objectsUnderWay is how many objects are on their way to the stream at once.
const objectsUnderWay = 64

// objectsConfig is the one stream of objects: the newest of each name, no age, no end but the count.
// Both the objects in force and those that take their place have room. docs/protocol.md §7.8
func objectsConfig(number uint64, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              objectsStream,
		Subjects:          []string{objectPrefix + "*"},
		Retention:         jetstream.LimitsPolicy,
		Storage:           jetstream.FileStorage,
		Discard:           jetstream.DiscardNew,
		MaxMsgsPerSubject: 1,
		MaxMsgs:           2 * MaxObjects,
		MaxBytes:          -1, // JetStream would reserve it. docs/protocol.md §7.8
		MaxMsgSize:        MaxEnvelope,
		MaxConsumers:      1,
		Duplicates:        100 * time.Millisecond,
		Replicas:          replicas,
		DenyDelete:        true,
		AllowDirect:       true, // how a node asks for one
		Metadata:          map[string]string{numberKey: strconv.FormatUint(number, 10)},
	}
}

// ApplyObjects brings the objects of a running nats-server into line with a file: those in force are
// replaced, the head last, and then taken away. The same file again changes nothing; a lower number
// is refused. docs/protocol.md §8.6
func ApplyObjects(ctx context.Context, c AdminConfig, o *valisev1.RelayObjects) (changed bool, err error) {
	if err := CheckObjects(o); err != nil {
		return false, err
	}
	nc, err := dialAdmin(c)
	if err != nil {
		return false, err
	}
	defer closeAndWait(nc)
	return applyObjects(ctx, nc, o, max(c.Replicas, 1))
}

func applyObjects(ctx context.Context, nc *nats.Conn, o *valisev1.RelayObjects, replicas int) (changed bool, err error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(objectsUnderWay))
	if err != nil {
		return false, fmt.Errorf("relay: apply objects: %w", err)
	}
	stream, err := objectsStreamFor(ctx, js, o.GetNumber(), replicas)
	if err != nil {
		return false, err
	}
	lying, err := objectNames(ctx, stream)
	if err != nil {
		return false, err
	}
	head, err := stream.GetLastMsgForSubject(ctx, headSubject)
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, fmt.Errorf("relay: read objects: %w", err)
	}
	// The head is written last and sealed anew each time: where it is the same, all of it is, but for
	// what the disk has lost.
	same := head != nil && bytes.Equal(head.Data, headOf(o))
	missing := slices.DeleteFunc(slices.Clone(o.GetObjects()), func(x *valisev1.RelayObject) bool {
		return x.GetName() == HeadObject || same && lying[x.GetName()]
	})
	first, err := layObjects(ctx, js, missing)
	if err != nil || same {
		return len(missing) > 0, err
	}
	ack, err := js.Publish(ctx, headSubject, headOf(o))
	if err != nil {
		return true, fmt.Errorf("relay: write the head of the objects: %w", err)
	}
	if first == 0 {
		first = ack.Sequence
	}
	// All that is in force came after first.
	if err := stream.Purge(ctx, jetstream.WithPurgeSequence(first)); err != nil {
		return true, fmt.Errorf("relay: take away objects of before: %w", err)
	}
	return true, nil
}

// objectsStreamFor makes the stream or corrects it. Its number is durable before any object of it is.
func objectsStreamFor(ctx context.Context, js jetstream.JetStream, number uint64, replicas int) (jetstream.Stream, error) {
	want := objectsConfig(number, replicas)
	stream, err := js.Stream(ctx, objectsStream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if stream, err = js.CreateStream(ctx, want); err != nil {
			return nil, fmt.Errorf("relay: make the stream of objects: %w", err)
		}
		return stream, nil
	}
	if err != nil {
		return nil, fmt.Errorf("relay: read the stream of objects: %w", err)
	}
	is := stream.CachedInfo().Config
	held, err := strconv.ParseUint(is.Metadata[numberKey], 10, 64)
	if err == nil && number < held {
		return nil, errObjectsLower
	}
	if differs := streamDiffers(is, want); len(differs) > 0 || held != number {
		if stream, err = js.UpdateStream(ctx, want); err != nil {
			return nil, fmt.Errorf("relay: correct the stream of objects (%s): %w", strings.Join(differs, ", "), err)
		}
	}
	return stream, nil
}

func objectNames(ctx context.Context, stream jetstream.Stream) (map[string]bool, error) {
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(objectPrefix+"*"))
	if err != nil {
		return nil, fmt.Errorf("relay: read objects: %w", err)
	}
	names := make(map[string]bool, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		names[strings.TrimPrefix(subject, objectPrefix)] = true
	}
	return names, nil
}

// layObjects writes objects side by side and gives the lowest sequence, 0 where there are none.
func layObjects(ctx context.Context, js jetstream.JetStream, objects []*valisev1.RelayObject) (first uint64, err error) {
	var acks []jetstream.PubAckFuture
	for _, x := range objects {
		ack, err := js.PublishAsync(objectPrefix+x.GetName(), x.GetData(), jetstream.WithStallWait(answerTimeout))
		if err != nil {
			return 0, fmt.Errorf("relay: write an object: %w", err)
		}
		acks = append(acks, ack)
	}
	for _, ack := range acks {
		select {
		case a := <-ack.Ok():
			if first == 0 || a.Sequence < first {
				first = a.Sequence
			}
		case err := <-ack.Err():
			return 0, fmt.Errorf("relay: write an object: %w", err)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return first, nil
}

func headOf(o *valisev1.RelayObjects) []byte {
	for _, x := range o.GetObjects() {
		if x.GetName() == HeadObject {
			return x.GetData()
		}
	}
	return nil
}
