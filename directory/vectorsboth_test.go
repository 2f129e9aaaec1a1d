package directory_test

import (
	"fmt"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
)

// ofEachStep has attacks in the order of the steps at which they are refused. docs/protocol.md §8.8
var ofEachStep = []string{
	"file/unknown part", "set/threshold 0", "set/not signed by the old one", "list/one bit", "list/no validity", "list/of another manager set",
	"list/a tombstone vanishes", "file/reading key of another kind", "entry/twice", "bundle/46 days", "entry/root of another State as the next", "bundle/signed by its other desk",
}

// and makes both attacks on one file: what is changed before the signatures, what after.
func (a attack) and(b attack) attack {
	twice := func(f, g func(*edition)) func(*edition) {
		return func(e *edition) {
			for _, change := range []func(*edition){f, g} {
				if change != nil {
					change(e)
				}
			}
		}
	}
	return attack{
		parts: twice(a.parts, b.parts), list: twice(a.list, b.list),
		file: func(e *edition, f *valisev1.ImportBundle) {
			for _, change := range []func(*edition, *valisev1.ImportBundle){a.file, b.file} {
				if change != nil {
					change(e, f)
				}
			}
		},
		bytes: func(file []byte) []byte {
			for _, change := range []func([]byte) []byte{a.bytes, b.bytes} {
				if change != nil {
					file = change(file)
				}
			}
			return file
		},
	}
}

// twoFaults are files that break two rules: the step that comes first has the word.
func (m *bench) twoFaults(t *testing.T) {
	attacks := map[string]attack{}
	for _, a := range allAttacks(t) {
		attacks[a.name] = a
	}
	honest := m.chain["four"]
	for i, earlier := range ofEachStep {
		for _, later := range ofEachStep[i+1:] {
			a, b := attacks[earlier], attacks[later]
			if a.reason == b.reason {
				continue // it would not show which of them was seen
			}
			name := fmt.Sprintf("both/%s, and %s", earlier, later)
			seeded(t, name, func(t *testing.T) {
				honest.t = t
				m.file(t, vectors.DirectoryFile{Name: name, Before: upTo("three"), Outcome: vectors.Outcome{
					Reason: a.reason.String(), Source: "docs/protocol.md §8.8", Why: "of two faults the one that is seen at the earlier step is told",
				}}, b.and(a).forge(honest))
			})
		}
	}
}
