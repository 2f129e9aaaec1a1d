package main

import (
	"context"
	"slices"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// call is what --file says of the call about the root of --confirm-root; nil where nothing is said. In the
// operational realm a root takes no other's place without it; a home without a list knows no other.
// docs/protocol.md §8.5
func (f *importFlags) call(p *program, realm ident.Realm, first bool) (*valisev1.ConfirmRootRequest, error) {
	switch {
	case f.log.file == "" && len(f.confirmRoots) > 0 && realm.IsOperational() && !first:
		return nil, usageHint("nothing says who was called about this root", "--file NOTE with person and detail, as for valise directory confirm")
	case f.log.file == "":
		return nil, nil
	case len(f.confirmRoots) != 1:
		return nil, usageHint("--file tells of one call about one State", "--confirm-root 'XB 12345 …' --file NOTE, or valise directory confirm for each State")
	}
	state, root, err := parseRootConfirmation(f.confirmRoots[0])
	if err != nil {
		return nil, err
	}
	return p.confirmRequest(&confirmFlags{log: f.log, fingerprint: root.Fingerprint()}, string(state))
}

// recordCall lets the record tell of the call, and the directory follow, once the list is in force: about
// a root in question, or as a first call about the one in force. The item is nil where there is nothing
// to tell, or where the list shows another root than the one that was compared.
func (p *program) recordCall(ctx context.Context, f *importFlags, book *directory.Book, own ident.State, call *valisev1.ConfirmRootRequest) (item *uint64, err error) {
	if call == nil {
		return nil, nil
	}
	if _, err := book.Reload(); err != nil {
		return nil, err
	}
	state, s := ident.State(call.GetState()), book.Snapshot()
	question := slices.IndexFunc(s.KeyChanged(), func(c directory.RootChange) bool { return c.State == state })
	root, known := s.Root(state)
	_, called := s.CalledBack(state)
	switch {
	case question >= 0 && s.KeyChanged()[question].Offered.Fingerprint() != call.GetFingerprint():
		return nil, nil // the import ends with 8
	case question >= 0:
	case state == own, !known, called && root.Fingerprint() == call.GetFingerprint():
		return nil, nil
	default:
		call.First = true
	}
	err = p.atRecord(ctx, &f.passphrase, func(d *desk) error {
		answer, err := d.directory.ConfirmRoot(ctx, call)
		if err == nil {
			n := answer.GetItem()
			item = &n
		}
		return err
	})
	return item, err
}

// showRefused lets a running node look at a file that is refused: a list that rolls its own State's entry
// back has to be told to its desk, also where a person holds it first. The node refuses it for the same
// reason, so nothing is said of that twice.
func (p *program) showRefused(ctx context.Context, dir string, b []byte) {
	if !socketStands(dir) {
		return
	}
	_ = p.atDesk(ctx, func(d *desk) error {
		_, err := d.directory.ImportDirectory(ctx, &valisev1.ImportDirectoryRequest{Bundle: b})
		return err
	})
}
