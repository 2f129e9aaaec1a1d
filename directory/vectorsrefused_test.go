package directory_test

import (
	"slices"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// allAttacks are the tables of attacks by file.
func allAttacks(t *testing.T) []attack {
	return slices.Concat(listAttacks(t), setAttacks(t), entryAttacks(t), factAttacks(), bundleAttacks(t), fileAttacks(), relayAttacks(t))
}

// notHere are the attacks of the tables that have no vector, and why.
func notHere() []vectors.DirectoryNotHere {
	return []vectors.DirectoryNotHere{
		{Name: "file/too large", Why: "64 MiB and a byte: too large to be kept here; whatever is longer is TOO_LARGE before it is read"},
		{Name: "proposal", Why: "what a manager must not sign (§8.7) depends on what that manager signed before; a list that it would carry is here as a file"},
	}
}

func isHere(name string) bool {
	return !slices.ContainsFunc(notHere(), func(n vectors.DirectoryNotHere) bool { return n.Name == name })
}

// refused makes one file of every attack of the tables, against a reader at list 3.
func (m *bench) refused(t *testing.T) {
	honest := m.chain["four"]
	for _, a := range allAttacks(t) {
		if !isHere(a.name) {
			continue
		}
		reason, known := whyRefused[a.name]
		if !known {
			t.Fatalf("nobody says why %s is refused", a.name)
		}
		seeded(t, a.name, func(t *testing.T) {
			honest.t = t
			m.file(t, vectors.DirectoryFile{
				Name: a.name, Before: upTo("three"), Outcome: vectors.Outcome{Reason: a.reason.String(), Why: reason.why, Source: reason.source},
			}, a.forge(honest))
		})
	}
	m.twoFaults(t)
	m.afterTheQuorum(t)
}

// afterTheQuorum are files that come to a reader under the manager set of two of three.
func (m *bench) afterTheQuorum(t *testing.T) {
	for _, c := range []struct {
		name    string
		signers []string
		reason  valisev1.Reason
		why     string
	}{
		{"quorum/one of two", []string{"m2"}, valisev1.Reason_REASON_QUORUM, "one of three signed, two must"},
		{"quorum/one and a stranger", []string{"m3", "stranger"}, valisev1.Reason_REASON_QUORUM, "a signature of nobody's counts for nothing"},
		{"quorum/the managers before", []string{"manager", "m4"}, valisev1.Reason_REASON_QUORUM, "who could sign alone under the set before cannot any more"},
	} {
		seeded(t, c.name, func(t *testing.T) {
			m.chain["seven"].t = t
			e := m.chain["seven"].next()
			e.signers = nil
			for _, s := range c.signers {
				e.signers = append(e.signers, signingKey(t, s))
			}
			m.file(t, vectors.DirectoryFile{Name: c.name, Before: upTo("seven"), Outcome: vectors.Outcome{
				Reason: c.reason.String(), Why: c.why, Source: "docs/protocol.md §8.3",
			}}, encode(t, m.withKey(e, "reading-2")))
		})
	}
	seeded(t, "quorum/an earlier manager set", func(t *testing.T) {
		m.chain["seven"].t = t
		e := m.chain["seven"].next()
		e.sets, e.signers, e.list.ManagerSet = e.sets[:1], []*seal.SigningKey{managerKey(t)}, 1
		m.file(t, vectors.DirectoryFile{Name: "quorum/an earlier manager set", Before: upTo("seven"), Outcome: vectors.Outcome{
			Reason: valisev1.Reason_REASON_ROLLBACK.String(), Why: "the file ends with set 1, set 2 is in force", Source: "docs/protocol.md §8.8",
		}}, encode(t, m.withKey(e, "reading-2")))
	})
	seeded(t, "list/a State that came back vanishes", func(t *testing.T) {
		e := m.comeBack(t)
		e.list.Tombstones = nil
		m.file(t, vectors.DirectoryFile{Name: "list/a State comes back and its tombstone is gone", Before: upTo("three"), Outcome: vectors.Outcome{
			Reason: valisev1.Reason_REASON_TOMBSTONE.String(), Why: "a tombstone stays, also of a State that came back", Source: "docs/protocol.md §8.3",
		}}, encode(t, m.withKey(e, "reading-2")))
	})
}

// notices are bundles that come to a reader at list 1 with a KeyNotice.
func (m *bench) notices(t *testing.T) {
	first := m.chain["one"]
	for _, a := range noticeAttacks(t, uint64(start.Unix())) {
		name := "notice/" + a.name
		if !isHere(name) {
			continue
		}
		seeded(t, name, func(t *testing.T) {
			first.t = t
			book := m.book(t, upTo("one"))
			o := a.forge(first)
			row := vectors.DirectoryNotice{Name: name, Before: upTo("one"), File: m.lay("directory/objects/", ".signed-object", encode(t, o))}
			reason, known := whyRefused[name]
			if !known {
				t.Fatalf("nobody says what becomes of %s", name)
			}
			row.Outcome = vectors.Outcome{Expect: "refused", Reason: a.want.String(), Why: reason.why, Source: reason.source}
			_, err := book.LearnBundle(o)
			if a.want == 0 {
				must(t, err)
				row.Expect, row.Reason, row.InForce = "ok", "", inForce(t, book.Snapshot())
			} else {
				wantReason(t, err, a.want)
			}
			m.index.Notices = append(m.index.Notices, row)
		})
	}
}

// TestVectorsOfEveryAttack: each attack of the tables, by file, by notice and at a relay, has a vector
// or says why it has none, and what is said of none that does not exist.
func TestVectorsOfEveryAttack(t *testing.T) {
	index := loadVectors(t)
	here := map[string]bool{}
	for _, v := range index.Files {
		here[v.Name] = true
	}
	for _, v := range index.Notices {
		here[v.Name] = true
	}
	for _, v := range index.Relays {
		here[v.Name] = true
	}
	for _, v := range index.NotHere {
		if here[v.Name] || v.Why == "" {
			t.Errorf("%s is there, or nobody says why not", v.Name)
		}
		here[v.Name] = true
	}
	var all []string
	for _, a := range allAttacks(t) {
		all = append(all, a.name)
	}
	for _, a := range noticeAttacks(t, 1) {
		all = append(all, "notice/"+a.name)
	}
	all = append(all, relayAttackNames(t)...)
	for _, name := range all {
		if !here[name] {
			t.Errorf("there is no vector of %s", name)
		}
	}
	for name, reason := range whyRefused {
		if !slices.Contains(all, name) || reason.why == "" || reason.source == "" {
			t.Errorf("%s is no attack, or nobody says why it is refused", name)
		}
	}
}

// TestVectorsOfEveryReason: what a directory can be refused for is refused in a vector.
func TestVectorsOfEveryReason(t *testing.T) {
	seen := map[string]bool{}
	index := loadVectors(t)
	for _, v := range index.Files {
		seen[v.Reason] = true
	}
	for _, v := range index.Relays {
		seen[v.Reason] = true
	}
	for _, want := range []valisev1.Reason{
		valisev1.Reason_REASON_ROLLBACK, valisev1.Reason_REASON_EQUIVOCATION, valisev1.Reason_REASON_FAST_FORWARD, valisev1.Reason_REASON_QUORUM,
		valisev1.Reason_REASON_TOMBSTONE, valisev1.Reason_REASON_SHARED_KEY, valisev1.Reason_REASON_MIXED, valisev1.Reason_REASON_VALIDITY,
		valisev1.Reason_REASON_KEY_CHANGED, valisev1.Reason_REASON_PAYLOAD, valisev1.Reason_REASON_BAD_TEXT, valisev1.Reason_REASON_WIRE_FORM,
		valisev1.Reason_REASON_FRAME, valisev1.Reason_REASON_TOO_LARGE, valisev1.Reason_REASON_WRONG_REALM, valisev1.Reason_REASON_BAD_SIGNATURE,
		valisev1.Reason_REASON_UNKNOWN_KEY, valisev1.Reason_REASON_REVOKED_KEY, valisev1.Reason_REASON_PART_MISSING, valisev1.Reason_REASON_PART_DAMAGED,
		valisev1.Reason_REASON_CANNOT_DECRYPT, valisev1.Reason_REASON_NOT_FOUND,
	} {
		if !seen[want.String()] {
			t.Errorf("no vector is refused as %s", want)
		}
	}
}

func loadVectors(t *testing.T) vectors.Directory {
	t.Helper()
	if *update {
		t.Skip("this binary embeds the vectors from before the update")
	}
	index, err := vectors.LoadDirectory()
	must(t, err)
	return index
}
