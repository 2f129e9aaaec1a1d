package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestAttacksByProposal asks a manager to sign, for every attack by file, the list that would carry
// it: what no node takes, no manager signs, and none is asked to judge by eye.
func TestAttacksByProposal(t *testing.T) {
	oneGoroutine(t)
	base, honest := managerAtThree(t)
	want := reopen(t, base).Published()
	tried := 0
	for _, a := range slices.Concat(listAttacks(t), entryAttacks(t), factAttacks(), bundleAttacks(t), relayAttacks(t)) {
		if a.reason == valisev1.Reason_REASON_QUORUM {
			continue // a proposal waits for signatures: TestOneManagerAloneCanDoNothing
		}
		tried++
		t.Run(a.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "manager")
			must(t, os.CopyFS(dir, os.DirFS(base)))
			proposal := asProposal(t, a.forge(honest))
			_, err := reopen(t, dir).Sign(proposal, signingKey(t, "m2"), directory.ReviewOptions{})
			wantReason(t, err, a.reason)
			_, err = reopen(t, dir).Take(proposal, directory.ReviewOptions{})
			if err == nil {
				t.Fatal("it came into force")
			}
			if _, err := os.Stat(filepath.Join(dir, "signed.toml")); !os.IsNotExist(err) {
				t.Fatalf("a signature was remembered that was refused: %v", err)
			}
			again := reopen(t, dir)
			sameDirectory(t, want, again.Published())
			if s, err := again.Sign(asProposal(t, honest.bytes()), signingKey(t, "m2"), directory.ReviewOptions{}); err != nil || !s.Review.Complete {
				t.Fatalf("after the attack the honest list is refused: %v", err)
			}
		})
	}
	if tried < 90 {
		t.Fatalf("only %d attacks were tried", tried)
	}
}

// managerAtThree is the folder of one of three managers of whom two must sign, at list 3, and the
// honest edition 4 with one signature.
func managerAtThree(t *testing.T) (dir string, honest *edition) {
	keys := []*seal.SigningKey{managerKey(t), signingKey(t, "m2"), signingKey(t, "m3")}
	first := firstEdition(t)
	first.sets, first.signers = []*valisev1.SignedObject{managerSet(t, 1, 2, keys, keys...)}, keys[:2]
	dir = filepath.Join(t.TempDir(), "manager")
	_, err := directory.InitRegistry(dir, realm, first.sets[0])
	must(t, err)
	second, third, honest := laterEditions(t, first)
	for _, e := range []*edition{first, second, third} {
		_, err := reopen(t, dir).Take(e.bytes(), directory.ReviewOptions{})
		must(t, err)
	}
	honest.signers = keys[:1]
	return dir, honest
}

// asProposal hands a directory file on as a proposal of whoever signed its list.
func asProposal(t *testing.T, file []byte) []byte {
	t.Helper()
	f := &valisev1.ImportBundle{}
	decode(t, file, f)
	list := f.GetList()
	f.List = nil
	return proposalOf(t, list, f, managerKey(t))
}

func proposalOf(t *testing.T, list *valisev1.SignedObject, rest *valisev1.ImportBundle, signers ...*seal.SigningKey) []byte {
	t.Helper()
	parts := encode(t, rest)
	binding, err := seal.SignObject(realm, seal.PurposeProposal, directory.BindingOf(list, parts), signers...)
	must(t, err)
	return encode(t, &valisev1.Proposal{List: list, Parts: parts, Binding: binding})
}

// TestProposalsEditedBetweenSignatures: what one manager has signed reaches the next as it was, or
// that signature does not count.
func TestProposalsEditedBetweenSignatures(t *testing.T) {
	base, honest := managerAtThree(t)
	whole := asProposal(t, honest.bytes())
	newKey, err := seal.GenerateSealingKey()
	must(t, err)
	for _, c := range []struct {
		name  string
		edit  func(*valisev1.Proposal)
		want  valisev1.Reason
		short bool
	}{
		{name: "nothing"},
		{name: "a bit of the list", edit: func(p *valisev1.Proposal) { p.List.Object[40] ^= 1; bindAgain(p) }, want: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "a bit of a signature", edit: func(p *valisev1.Proposal) { p.List.Signatures[0].Ed25519[3] ^= 1 }, want: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "a bit of what binds", edit: func(p *valisev1.Proposal) { p.Binding.Object[3] ^= 1 }, want: valisev1.Reason_REASON_MIXED},
		{name: "half of what binds", edit: func(p *valisev1.Proposal) { p.Binding.Object = p.Binding.GetObject()[:32] }, want: valisev1.Reason_REASON_MIXED},
		{name: "a key bundle left out", edit: editParts(t, func(f *valisev1.ImportBundle) { f.KeyBundles = f.GetKeyBundles()[1:] }), want: valisev1.Reason_REASON_MIXED},
		{name: "a key bundle left out, bound again", edit: func(p *valisev1.Proposal) {
			editParts(t, func(f *valisev1.ImportBundle) { f.KeyBundles = f.GetKeyBundles()[1:] })(p)
			bindAgain(p)
		}, want: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "another reading key, bound again without a signature", edit: func(p *valisev1.Proposal) {
			editParts(t, func(f *valisev1.ImportBundle) { f.ReadingKey = newKey.Secret() })(p)
			bindAgain(p)
			p.Binding.Signatures = nil
		}, short: true},
		{name: "no binding", edit: func(p *valisev1.Proposal) { p.Binding = nil }, want: valisev1.Reason_REASON_MIXED},
		{name: "no list", edit: func(p *valisev1.Proposal) { p.List = nil }, want: valisev1.Reason_REASON_MIXED},
		{name: "two lists", edit: func(p *valisev1.Proposal) {
			editParts(t, func(f *valisev1.ImportBundle) { f.List = p.GetList() })(p)
			bindAgain(p)
		}, want: valisev1.Reason_REASON_MIXED},
		{name: "a manager set beside the list", edit: func(p *valisev1.Proposal) { p.ManagerSet = honest.sets[0] }, want: valisev1.Reason_REASON_MIXED},
		{name: "another chain of managers", edit: func(p *valisev1.Proposal) {
			thief := signingKey(t, "thief")
			editParts(t, func(f *valisev1.ImportBundle) {
				f.ManagerSets = []*valisev1.SignedObject{managerSet(t, 1, 1, []*seal.SigningKey{thief}, thief)}
			})(p)
			bindAgain(p)
			p.Binding.Signatures = nil
		}, want: valisev1.Reason_REASON_EQUIVOCATION},
		{name: "an unknown part", edit: func(p *valisev1.Proposal) { p.ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01}) }, want: valisev1.Reason_REASON_WIRE_FORM},
		{name: "strangers in all places", edit: func(p *valisev1.Proposal) { fill(t, p) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "manager")
			must(t, os.CopyFS(dir, os.DirFS(base)))
			p := &valisev1.Proposal{}
			decode(t, whole, p)
			if c.edit != nil {
				c.edit(p)
			}
			s, err := reopen(t, dir).Sign(encode(t, p), signingKey(t, "m2"), directory.ReviewOptions{})
			switch {
			case c.want != 0:
				wantReason(t, err, c.want)
			case err != nil || s.Review.Complete == c.short:
				t.Fatalf("%+v, %v", s.Review, err)
			}
			if c.short {
				_, err := reopen(t, dir).Take(s.File, directory.ReviewOptions{})
				wantReason(t, err, valisev1.Reason_REASON_QUORUM)
			}
			if reopen(t, dir).Published().Number() != 3 {
				t.Fatal("another list is in force")
			}
		})
	}
}

func bindAgain(p *valisev1.Proposal) {
	p.Binding.Object = directory.BindingOf(p.GetList(), p.GetParts())
}

func editParts(t *testing.T, change func(*valisev1.ImportBundle)) func(*valisev1.Proposal) {
	return func(p *valisev1.Proposal) {
		f := &valisev1.ImportBundle{}
		decode(t, p.GetParts(), f)
		change(f)
		p.Parts = encode(t, f)
	}
}

// fill puts signatures of nobody into every place that is left.
func fill(t *testing.T, p *valisev1.Proposal) {
	junk := proto.CloneOf(p.GetList().GetSignatures()[0])
	for i := byte(0); len(p.GetList().GetSignatures()) < seal.MaxSignatures; i++ {
		s := proto.CloneOf(junk)
		s.KeyId[0], s.KeyId[1] = i, 0xee
		p.List.Signatures = append(p.List.Signatures, s)
		p.Binding.Signatures = append(p.Binding.Signatures, s)
	}
	if len(p.GetBinding().GetSignatures()) != seal.MaxSignatures {
		t.Fatal("a place is left")
	}
}

// TestAttacksByManagerSet: sets that must not be signed, each by a manager who is asked to.
func TestAttacksByManagerSet(t *testing.T) {
	base, _ := managerAtThree(t)
	m1, m2, m3 := managerKey(t), signingKey(t, "m2"), signingKey(t, "m3")
	old := []*seal.SigningKey{m1, m2, m3}
	half := func() *valisev1.SignedObject {
		mixed := &valisev1.PublicKey{Suite: 1, Ed25519: m1.Public().Proto().GetEd25519(), Mldsa65: signingKey(t, "m4").Public().Proto().GetMldsa65()}
		return signed(t, seal.PurposeManagerSet, &valisev1.ManagerSet{Realm: string(realm), Number: 2, Threshold: 2, Managers: []*valisev1.PublicKey{m1.Public().Proto(), mixed}}, m1)
	}
	forged := managerSet(t, 2, 2, []*seal.SigningKey{m1}, m1, m2)
	forged.Signatures[0].Ed25519[0] ^= 1
	for name, c := range map[string]struct {
		set  *valisev1.SignedObject
		want valisev1.Reason
	}{
		"threshold 0":            {managerSet(t, 2, 0, nil, m1, m2), valisev1.Reason_REASON_QUORUM},
		"threshold out of reach": {managerSet(t, 2, 3, nil, m1, m2), valisev1.Reason_REASON_QUORUM},
		"one key twice":          {managerSet(t, 2, 2, nil, m1, m1), valisev1.Reason_REASON_SHARED_KEY},
		"half a key twice":       {half(), valisev1.Reason_REASON_SHARED_KEY},
		"a State's key":          {managerSet(t, 2, 2, nil, m1, m2, signingKey(t, "XA/technical")), valisev1.Reason_REASON_SHARED_KEY},
		"a State's root":         {managerSet(t, 2, 2, nil, m1, m2, signingKey(t, "root of XA")), valisev1.Reason_REASON_SHARED_KEY},
		"rollback":               {managerSet(t, 1, 1, old, m1), valisev1.Reason_REASON_EQUIVOCATION},
		"fast forward":           {managerSet(t, 3, 2, old, m1, m2), valisev1.Reason_REASON_FAST_FORWARD},
		"number 0":               {managerSet(t, 0, 2, old, m1, m2), valisev1.Reason_REASON_PAYLOAD},
		"a bad signature":        {forged, valisev1.Reason_REASON_BAD_SIGNATURE},
		"without this manager":   {managerSet(t, 2, 1, old, signingKey(t, "m4")), valisev1.Reason_REASON_NEEDS_YES},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "manager")
			must(t, os.CopyFS(dir, os.DirFS(base)))
			file := encode(t, &valisev1.Proposal{ManagerSet: c.set})
			opts := directory.ReviewOptions{TrustManagers: trustOf(t, c.set)}
			if c.want == valisev1.Reason_REASON_NEEDS_YES {
				opts = directory.ReviewOptions{}
			}
			_, err := reopen(t, dir).Sign(file, m2, opts)
			wantReason(t, err, c.want)
			if c.want != valisev1.Reason_REASON_NEEDS_YES {
				_, err = reopen(t, dir).Take(file, directory.ReviewOptions{})
				wantReason(t, err, c.want)
				if reopen(t, dir).Managers().Number != 1 {
					t.Fatal("another set is in force")
				}
			}
		})
	}
}

// trustOf are all keys of a set, as if somebody had compared them.
func trustOf(t *testing.T, set *valisev1.SignedObject) (ids []ident.KeyID) {
	t.Helper()
	body := &valisev1.ManagerSet{}
	decode(t, set.GetObject(), body)
	known := []ident.KeyID{managerKey(t).Public().ID(realm), signingKey(t, "m2").Public().ID(realm), signingKey(t, "m3").Public().ID(realm)}
	for _, m := range body.GetManagers() {
		if key, err := seal.ParsePublicKey(m); err == nil && !slices.Contains(known, key.ID(realm)) {
			ids = append(ids, key.ID(realm))
		}
	}
	return ids
}
