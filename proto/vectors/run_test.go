package vectors_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// node is an opener made of nothing but the index and the files.
type node struct {
	realm  ident.Realm
	opener seal.Opener
	known  map[ident.KeyID]seal.PublicKey
}

func load(t *testing.T) (vectors.Index, node) {
	t.Helper()
	if *update {
		t.Skip("this binary embeds the vectors from before the update")
	}
	index, err := vectors.Load()
	must(t, err)
	r, err := ident.ParseRealm(index.Realm)
	must(t, err)
	n := node{realm: r, known: map[ident.KeyID]seal.PublicKey{}}
	speakers := map[ident.KeyID]seal.Speaker{}
	for _, k := range index.SigningKeys {
		s := speaker(t, n.realm, k)
		if !k.Known {
			continue
		}
		speakers[s.Key.ID(n.realm)], n.known[s.Key.ID(n.realm)] = s, s.Key
	}
	mine := map[string]bool{}
	for _, a := range index.Mine {
		mine[a] = true
	}
	held := heldKeys(t, n.realm, index.SealingKeys)
	n.opener = seal.Opener{
		Realm:   n.realm,
		Keys:    func() []seal.HeldKey { return held },
		Resolve: func(id ident.KeyID) (seal.Speaker, bool) { s, ok := speakers[id]; return s, ok },
		Mine:    func(a ident.Address) bool { return mine[a.String()] },
	}
	return index, n
}

func speaker(t *testing.T, r ident.Realm, k vectors.SigningKey) seal.Speaker {
	t.Helper()
	key, err := seal.ReadSigningKey(onDisk(t, k.File), r, nil)
	must(t, err)
	p := key.Public().Proto()
	if key.Public().ID(r).String() != k.KeyID || hexOf(p.GetEd25519()) != k.Ed25519 || hexOf(p.GetMldsa65()) != k.MLDSA65 {
		t.Fatalf("the index describes another key than %s", k.File)
	}
	address, err := ident.ParseAddress(k.Address)
	must(t, err)
	s := seal.Speaker{Key: key.Public(), Address: address}
	if k.Revoked {
		s.RevokedSince = clock
	}
	return s
}

func heldKeys(t *testing.T, r ident.Realm, keys []vectors.SealingKey) []seal.HeldKey {
	t.Helper()
	var held []seal.HeldKey
	for _, k := range keys {
		key, err := seal.ReadSealingKey(onDisk(t, k.File), r, nil)
		must(t, err)
		id := key.Recipient().ID()
		if key.Recipient().String() != k.Recipient || hexOf(id[:]) != k.RecipientID {
			t.Fatalf("the index describes another key than %s", k.File)
		}
		address, err := ident.ParseAddress(k.Address)
		must(t, err)
		if k.Held {
			held = append(held, seal.HeldKey{Key: key, Address: address})
		}
	}
	return held
}

// onDisk copies an embedded key to where its permissions can be as a key file's must be.
func onDisk(t *testing.T, name string) string {
	t.Helper()
	b := read(t, name)
	path := filepath.Join(t.TempDir(), "key")
	must(t, os.WriteFile(path, b, 0o600))
	return path
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := vectors.FS.ReadFile(name)
	must(t, err)
	return b
}

// TestVectorsOpen runs every message through this implementation, as any other may.
func TestVectorsOpen(t *testing.T) {
	index, n := load(t)
	if len(index.Messages) < 150 {
		t.Errorf("%d messages", len(index.Messages))
	}
	for _, v := range index.Messages {
		t.Run(v.Name, func(t *testing.T) {
			b := read(t, v.File)
			if len(b) != v.Size {
				t.Errorf("%d bytes, the index says %d", len(b), v.Size)
			}
			opened, err := n.open(v.Layer, b)
			if v.Expect == "ok" {
				accepts(t, v, opened, err)
				return
			}
			r, ok := errors.AsType[*seal.Refusal](err)
			if !ok || opened != nil {
				t.Fatalf("accepted, want %s %s", v.Expect, v.Reason)
			}
			if string(r.Step) != v.Expect || r.Reason.String() != v.Reason {
				t.Errorf("refused at %v, want %s %s", r, v.Expect, v.Reason)
			}
			if digest := digestOf(r); digest != v.Digest {
				t.Errorf("digest %s, want %s", digest, v.Digest)
			}
		})
	}
}

func digestOf(r *seal.Refusal) string {
	if r.Digest.IsZero() {
		return ""
	}
	return r.Digest.String()
}

func (n node) open(layer string, b []byte) (*seal.Opened, error) {
	if layer == "envelope" {
		return n.opener.Open(b)
	}
	return n.opener.VerifySigned(b)
}

func accepts(t *testing.T, v vectors.Message, o *seal.Opened, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	p := new(valisev1.Header)
	must(t, proto.Unmarshal(o.Signed.Content.Header, p))
	got := v
	got.Digest, got.KeyID, got.Header = o.Digest.String(), o.Signed.KeyID.String(), headerJSON(p)
	got.HeaderSHA256, got.BodySHA256 = hash(o.Signed.Content.Header), hash(o.Signed.Content.Body)
	got.PayloadSize, got.PayloadSHA256, got.Payload = len(o.Payload), hash(o.Payload), ""
	if len(o.Payload) <= payloadInFull {
		got.Payload = hexOf(o.Payload)
	}
	got.PayloadType, got.OpenedFor, got.UnknownParts = "", "", o.UnknownParts
	if o.Message != nil {
		got.PayloadType = string(o.Message.ProtoReflect().Descriptor().FullName())
	}
	if !o.OpenedFor.IsZero() {
		got.OpenedFor = o.OpenedFor.String()
	}
	if diff := cmp.Diff(v, got); diff != "" {
		t.Errorf("the index (-) and what was opened (+):\n%s", diff)
	}
}

// TestVectorsObjects checks every object for every purpose.
func TestVectorsObjects(t *testing.T) {
	index, n := load(t)
	for _, v := range index.Objects {
		t.Run(v.Name, func(t *testing.T) {
			o, err := seal.ParseSignedObject(read(t, v.File))
			if (err != nil) != (v.Expect == "frame") {
				t.Fatalf("read: %v, want %s", err, v.Expect)
			}
			if err != nil {
				return
			}
			if v.Expect == "ok" && hexOf(o.GetObject()) != v.Object {
				t.Error("another object than the index says")
			}
			for _, purpose := range seal.Purposes()[1:] {
				n.checkObject(t, v, purpose, o)
			}
		})
	}
}

func (n node) checkObject(t *testing.T, v vectors.Object, purpose seal.Purpose, o *valisev1.SignedObject) {
	t.Helper()
	ids, err := seal.VerifyObject(n.realm, purpose, o, func(id ident.KeyID) (seal.PublicKey, bool) { k, ok := n.known[id]; return k, ok })
	var got []string
	for _, id := range ids {
		got = append(got, id.String())
	}
	switch {
	case len(o.GetSignatures()) == 0:
		if err != nil || got != nil {
			t.Errorf("unsigned, for %s: %v, %v", purpose, got, err)
		}
	case string(purpose) != v.Purpose, v.Expect == "signature":
		if err == nil {
			t.Errorf("passed for %s", purpose)
		}
	case err != nil || cmp.Diff(v.KeyIDs, got) != "":
		t.Errorf("for %s: %v, %v", purpose, got, err)
	}
}

// TestVectorsKeepTheContract: the payload of every kind's vector keeps the rules that stand in the
// contract, so that other implementations can run those too.
func TestVectorsKeepTheContract(t *testing.T) {
	index, n := load(t)
	rules, err := protovalidate.New()
	must(t, err)
	seen := map[int32]bool{}
	for _, v := range index.Messages {
		if v.Expect != "ok" || v.UnknownParts || v.PayloadSize == 0 || v.PayloadType == "" {
			continue
		}
		o, err := n.open(v.Layer, read(t, v.File))
		must(t, err)
		if err := rules.Validate(o.Message); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
		seen[v.Header.Kind] = true
	}
	for _, kind := range kinds() {
		if !seen[int32(kind)] {
			t.Errorf("no vector of %s", kind)
		}
	}
}

// TestVectorsOfEveryStep: no step of this package is without a vector, and no purpose.
func TestVectorsOfEveryStep(t *testing.T) {
	index, _ := load(t)
	count := map[string]int{}
	sizes := map[int]bool{}
	for _, v := range index.Messages {
		count[v.Expect]++
		if v.Expect == "ok" && v.Layer == "envelope" {
			sizes[v.Size] = true
		}
	}
	for _, step := range []seal.Step{
		"ok", seal.StepSize, seal.StepProfile, seal.StepDecrypt, seal.StepPadding, seal.StepFrame,
		seal.StepKey, seal.StepSignature, seal.StepWire, seal.StepHeader, seal.StepAddressee,
	} {
		if count[string(step)] < 2 {
			t.Errorf("%d vectors for %s", count[string(step)], step)
		}
	}
	if !sizes[18_043] || !sizes[67_195] || !sizes[263_851] {
		t.Errorf("sizes %v", sizes)
	}
}

// TestVectorsLockedKey: the file with a passphrase holds the same key as the plain one.
func TestVectorsLockedKey(t *testing.T) {
	load(t)
	path := onDisk(t, "keys/birch-technical.locked.key")
	if _, err := seal.ReadSealingKey(path, realm, nil); !errors.Is(err, seal.ErrPassphraseNeeded) {
		t.Errorf("%v", err)
	}
	key, err := seal.ReadSealingKey(path, realm, []byte(passphrase))
	must(t, err)
	if !bytes.Contains(read(t, "keys/birch-technical.sealing.key"), []byte(key.Secret())) {
		t.Error("another key")
	}
}
