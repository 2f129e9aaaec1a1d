package vectors_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// objects are SignedObjects: one for each purpose, and those that must be refused.
func (m *maker) objects(t *testing.T) {
	alder, cedar, nobody := m.signing["alder-technical"], m.signing["cedar-technical"], m.signing["nobody"]
	bundle := marshal(t, m.keyBundle())
	made := func(purpose seal.Purpose, keys ...*seal.SigningKey) *valisev1.SignedObject {
		o, err := seal.SignObject(realm, purpose, bundle, keys...)
		must(t, err)
		return o
	}
	both := []string{m.keyIDOf("alder-technical").String(), m.keyIDOf("cedar-technical").String()}
	for _, purpose := range seal.Purposes()[1:] {
		m.object(t, string(purpose), string(purpose), "ok", "two signatures", marshal(t, made(purpose, alder, cedar)), both...)
	}
	const list = string(seal.PurposeList)
	m.object(t, "a-key-twice", list, "ok", "one key's signature twice counts once", marshal(t, m.changed(made(seal.PurposeList, alder, cedar), func(o *valisev1.SignedObject) {
		o.Signatures = append(o.Signatures, o.Signatures[0])
	})), both...)
	m.object(t, "a-key-of-nobody", list, "ok", "a signature of an unknown key is passed over", marshal(t, made(seal.PurposeList, nobody, alder)), both[0])
	m.object(t, "no-signature", list, "ok", "nobody signed", marshal(t, made(seal.PurposeList)))
	m.object(t, "object-changed", list, "signature", "one bit of the object", marshal(t, m.changed(made(seal.PurposeList, alder), func(o *valisev1.SignedObject) {
		o.Object = flip(o.Object, 3)
	})))
	m.object(t, "one-of-two-bad", list, "signature", "a bad signature of a known key refuses the whole", marshal(t, m.changed(made(seal.PurposeList, alder, cedar), func(o *valisev1.SignedObject) {
		o.Signatures[1].Mldsa65 = flip(o.Signatures[1].Mldsa65, 0)
	})))
	m.object(t, "suite-2", list, "signature", "suite 2", marshal(t, m.changed(made(seal.PurposeList, alder), func(o *valisev1.SignedObject) { o.Signatures[0].Suite = 2 })))
	m.object(t, "object-twice", list, "frame", "the object stands twice", join(field(1, []byte("another")), marshal(t, made(seal.PurposeList, alder))))
	m.object(t, "object-unknown-field", list, "frame", "field 9", join(marshal(t, made(seal.PurposeList, alder)), varint(9, 1)))
}

func (m *maker) changed(o *valisev1.SignedObject, change func(*valisev1.SignedObject)) *valisev1.SignedObject {
	o = proto.CloneOf(o)
	change(o)
	return o
}

func (m *maker) object(t *testing.T, name, purpose, expect, note string, b []byte, keys ...string) {
	t.Helper()
	v := vectors.Object{Name: name, File: "objects/" + name + ".signed-object", Purpose: purpose, Expect: expect, KeyIDs: keys, Note: note}
	if expect == "ok" {
		o := new(valisev1.SignedObject)
		must(t, proto.Unmarshal(b, o))
		v.Object = hexOf(o.GetObject())
	}
	if _, ok := m.files[v.File]; ok {
		t.Fatalf("two objects are called %s", name)
	}
	m.files[v.File] = b
	m.index.Objects = append(m.index.Objects, v)
}
