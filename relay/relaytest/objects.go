package relaytest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// ObjectsOf are objects of a number: a head that says so, count others of random names, and the name
// that stays.
func ObjectsOf(t testing.TB, number uint64, head string, count int, stays string) *valisev1.RelayObjects {
	o := &valisev1.RelayObjects{Realm: Realm, Number: number, Objects: []*valisev1.RelayObject{
		{Name: relay.HeadObject, Data: []byte(head)}, {Name: stays, Data: []byte("for one, with " + head)},
	}}
	for range count {
		o.Objects = append(o.Objects, &valisev1.RelayObject{Name: randomName(t), Data: bytes.Repeat([]byte(head), 263_851/len(head))})
	}
	slices.SortFunc(o.Objects, func(a, b *valisev1.RelayObject) int { return strings.Compare(a.GetName(), b.GetName()) })
	return o
}

// serves waits until a courier gets exactly these objects.
func serves(t *testing.T, c relay.Courier, o *valisev1.RelayObjects) {
	t.Helper()
	for _, x := range o.GetObjects() {
		waitFor(t, "the object "+x.GetName(), func() bool {
			got, err := c.Object(t.Context(), x.GetName())
			return err == nil && bytes.Equal(got, x.GetData())
		})
	}
}

func keepsObjectsForAll(t *testing.T, w *world) {
	a, b := w.dial(t, w.a), w.dial(t, w.b)
	if _, err := a.Object(t.Context(), relay.HeadObject); !errors.Is(err, relay.ErrNoObject) {
		t.Errorf("before there are any: %v, want ErrNoObject", err)
	}
	stays := randomName(t)
	first := ObjectsOf(t, 1, "head 1", 3, stays)
	w.relay.SetObjects(t, first)
	serves(t, a, first)
	serves(t, b, first)
	if _, err := a.Object(t.Context(), randomName(t)); !errors.Is(err, relay.ErrNoObject) {
		t.Errorf("a name of nothing: %v, want ErrNoObject", err)
	}
	for _, name := range []string{"", "*", ">", "head.x", "HEAD", strings.Repeat("a", 27)} {
		if _, err := a.Object(t.Context(), name); !errors.Is(err, relay.ErrBadAddress) {
			t.Errorf("%q: %v, want ErrBadAddress", name, err)
		}
	}
	stranger := w.relay.Dial(t, NewParty(t).Seed)
	t.Cleanup(func() { stranger.Close() })
	if _, err := stranger.Object(t.Context(), relay.HeadObject); err == nil {
		t.Error("a key that is on no roster reads objects")
	}
}

func replacesObjects(t *testing.T, w *world) {
	a := w.dial(t, w.a)
	stays := randomName(t)
	first, second := ObjectsOf(t, 1, "head 1", 4, stays), ObjectsOf(t, 2, "head 2", 2, stays)
	w.relay.SetObjects(t, first)
	serves(t, a, first)
	var told atomic.Int32
	a.WatchObjects(func() { told.Add(1) })
	w.relay.SetObjects(t, second)
	waitFor(t, "the news of another head", func() bool { return told.Load() > 0 })
	serves(t, a, second)
	for _, x := range first.GetObjects() {
		if x.GetName() == relay.HeadObject || x.GetName() == stays {
			continue
		}
		waitFor(t, "the end of what was replaced", func() bool {
			_, err := a.Object(t.Context(), x.GetName())
			return errors.Is(err, relay.ErrNoObject)
		})
	}
	// The same number sealed anew is taken: only the head says what it is.
	third := ObjectsOf(t, 2, "head 2 again", 2, stays)
	w.relay.SetObjects(t, third)
	serves(t, a, third)
	w.relay.RefusesObjects(t, first)
	serves(t, a, third)
}

func keepsObjectsOverARestart(t *testing.T, w *world) {
	a := w.dial(t, w.a)
	o := ObjectsOf(t, 5, "head 5", 3, randomName(t))
	w.relay.SetObjects(t, o)
	serves(t, a, o)
	w.relay.Restart(t)
	serves(t, a, o)
	w.relay.RefusesObjects(t, ObjectsOf(t, 4, "head 4", 1, randomName(t)))
	serves(t, a, o)
	w.relay.SetObjects(t, o)
	w.relay.Wipe(t)
	serves(t, a, o)
}

// objectsAreReadOnly: who may read objects can change, list or remove none, and hears of no other
// stream by the same way.
func objectsAreReadOnly(t *testing.T, w *world, raw Raw) {
	b := w.dial(t, w.b)
	o := ObjectsOf(t, 3, "head 3", 2, randomName(t))
	w.relay.SetObjects(t, o)
	serves(t, b, o)
	x := intrude(t, raw, w.a)
	for _, subject := range []string{
		"o1.head", "o1." + o.GetObjects()[0].GetName(), "o1." + randomName(t),
		"$JS.API.DIRECT.GET.OBJECTS", "$JS.API.DIRECT.GET.OBJECTS.o1.head", "$JS.API.DIRECT.GET.MB_" + w.b.Mailbox,
		"$JS.API.STREAM.PURGE.OBJECTS", "$JS.API.STREAM.DELETE.OBJECTS", "$JS.API.STREAM.INFO.OBJECTS",
		"$JS.API.STREAM.MSG.GET.OBJECTS", "$JS.API.STREAM.MSG.DELETE.OBJECTS", "$JS.API.CONSUMER.CREATE.OBJECTS",
		"object.head.x",
	} {
		x.publish(t, &nats.Msg{Subject: subject, Reply: "_IN." + w.a.NKey + ".x", Data: []byte("{}")})
		waitFor(t, "the refusal of "+subject, x.wasRefused(subject))
	}
	// A request of more than a name is no way to more than one object.
	answer, err := x.Request("object.head", []byte(`{"batch":100,"multi_last":["o1.*"]}`), answerIn)
	if err == nil && len(answer.Data) > 0 {
		t.Errorf("a request for many was answered with %d bytes", len(answer.Data))
	}
	// Nor does the server carry its answer to where others listen.
	x.publish(t, &nats.Msg{Subject: "object.head", Reply: "o1.head"})
	x.publish(t, &nats.Msg{Subject: "object.head", Reply: slotSubject(w.b, w.a)})
	box := read(t, b, w.b.Mailbox, nil)
	send(t, w.dial(t, w.c), slot(w.b, w.c, 0), "honest")
	box.waitText(t, "honest")
	serves(t, b, o)
}

func slotSubject(to, from Party) string { return "v1." + to.Mailbox + "." + from.Token + ".7" }
