package relay_test

import (
	"slices"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

// someObjects is a good file of a head and two pieces.
func someObjects() *valisev1.RelayObjects {
	return &valisev1.RelayObjects{Realm: "exercise:lab-00112233445566778899aabbccddeeff", Number: 7, Objects: []*valisev1.RelayObject{
		{Name: strings.Repeat("a", 26), Data: []byte{1}},
		{Name: relay.HeadObject, Data: []byte{2, 3}},
		{Name: strings.Repeat("z", 26), Data: make([]byte, relay.MaxEnvelope)},
	}}
}

func objectBytes(t testing.TB, o *valisev1.RelayObjects) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// badObjects breaks one rule each.
func badObjects(t testing.TB) map[string][]byte {
	t.Helper()
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1)
	bad := map[string][]byte{"no protobuf": {0xff}, "nothing": nil}
	for name, change := range map[string]func(*valisev1.RelayObjects){
		"no realm":             func(o *valisev1.RelayObjects) { o.Realm = "" },
		"no realm in its form": func(o *valisev1.RelayObjects) { o.Realm = "elsewhere" },
		"no number":            func(o *valisev1.RelayObjects) { o.Number = 0 },
		"no objects":           func(o *valisev1.RelayObjects) { o.Objects = nil },
		"no head":              func(o *valisev1.RelayObjects) { o.Objects = o.Objects[:1] },
		"an unknown field":     func(o *valisev1.RelayObjects) { o.ProtoReflect().SetUnknown(unknown) },
		"an unknown field of an object": func(o *valisev1.RelayObjects) {
			o.Objects[1].ProtoReflect().SetUnknown(unknown)
		},
		"an empty object":   func(o *valisev1.RelayObjects) { o.Objects[0].Data = nil },
		"a large object":    func(o *valisev1.RelayObjects) { o.Objects[2].Data = append(o.Objects[2].Data, 0) },
		"a name of nothing": func(o *valisev1.RelayObjects) { o.Objects[0].Name = "" },
		"a wildcard":        func(o *valisev1.RelayObjects) { o.Objects[0].Name = "*" },
		"a name in capitals": func(o *valisev1.RelayObjects) {
			o.Objects[0].Name = strings.Repeat("A", 26)
		},
		"one name twice": func(o *valisev1.RelayObjects) { o.Objects = append(o.Objects[:2:2], o.Objects[1:]...) },
		"another order":  func(o *valisev1.RelayObjects) { o.Objects[0], o.Objects[2] = o.Objects[2], o.Objects[0] },
		"too many": func(o *valisev1.RelayObjects) {
			o.Objects = nil
			for n := range relay.MaxObjects + 1 {
				name := []byte(strings.Repeat("a", 26))
				for i, left := 25, n; left > 0; i, left = i-1, left/26 {
					name[i] = byte('a' + left%26)
				}
				o.Objects = append(o.Objects, &valisev1.RelayObject{Name: string(name), Data: []byte{1}})
			}
			o.Objects[len(o.Objects)-1].Name = relay.HeadObject
		},
	} {
		o := someObjects()
		change(o)
		bad[name] = objectBytes(t, o)
	}
	return bad
}

// TestParseObjects: a file of objects is taken whole or not at all. docs/protocol.md §8.6
func TestParseObjects(t *testing.T) {
	if o, err := relay.ParseObjects(objectBytes(t, someObjects())); err != nil || !proto.Equal(o, someObjects()) {
		t.Fatalf("a good file: %v", err)
	}
	for name, b := range badObjects(t) {
		if _, err := relay.ParseObjects(b); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := relay.CheckObjects(nil); err == nil {
		t.Error("no objects at all were taken")
	}
}

// FuzzParseObjects: no bytes crash it; what is taken keeps the rules of the contract, has a head, each name
// once and in order, and comes back the same from the bytes that it is written as.
func FuzzParseObjects(f *testing.F) {
	for _, b := range badObjects(f) {
		if len(b) < 1<<16 {
			f.Add(b)
		}
	}
	small := someObjects()
	small.Objects[2].Data = []byte{4}
	honest := objectBytes(f, small)
	f.Add(honest)
	f.Add(honest[:len(honest)-1])
	f.Add(slices.Concat(honest, honest))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := relay.ParseObjects(b)
		if err != nil {
			return
		}
		if err := protovalidate.Validate(o); err != nil {
			t.Fatalf("a file was taken that breaks the contract: %v", err)
		}
		head, last := false, ""
		for _, x := range o.GetObjects() {
			if x.GetName() <= last {
				t.Fatalf("%q stands after %q", x.GetName(), last)
			}
			last, head = x.GetName(), head || x.GetName() == "head"
		}
		again, err := relay.ParseObjects(objectBytes(t, o))
		if err != nil || !head || !proto.Equal(o, again) {
			t.Fatalf("taken with a head: %v, and from its own bytes: %v", head, err)
		}
	})
}
