package directory_test

import (
	"testing"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func FuzzProposal(f *testing.F) {
	first := firstEdition(f)
	file := first.file()
	list := file.GetList()
	file.List = nil
	parts := encode(f, file)
	binding, err := seal.SignObject(realm, seal.PurposeProposal, directory.BindingOf(list, parts), managerKey(f))
	if err != nil {
		f.Fatal(err)
	}
	badBytes(f, encode(f, &valisev1.Proposal{List: list, Parts: parts, Binding: binding}))
	f.Add(encode(f, &valisev1.Proposal{ManagerSet: first.sets[0]}))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := directory.ParseProposal(b)
		refusedOrFine(t, err)
	})
}

func FuzzManagerCard(f *testing.F) {
	card, err := directory.FormatManagerCard(realm, managerKey(f).Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(card)
	f.Add(card[:len(card)-4])
	f.Add([]byte("# nothing\nrealm = 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := directory.ParseManagerCard(realm, b)
		refusedOrFine(t, err)
		if err != nil {
			return
		}
		if again, err := directory.FormatManagerCard(realm, c.Key); err != nil || directory.LooksLikeManagerCard(again) != directory.LooksLikeManagerCard(b) {
			t.Fatalf("a card that is taken is no card: %v", err)
		}
	})
}
