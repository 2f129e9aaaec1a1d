package directory

import (
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// BundleInfo is what a person is told of a key bundle. docs/protocol.md §8.4
type BundleInfo struct {
	Address             ident.Address
	EntryNumber, Number uint64
	// Expires is when its last sealing key ends.
	Expires time.Time
}

func (b *bundle) info() BundleInfo {
	return BundleInfo{Address: b.address, EntryNumber: b.body.GetEntryNumber(), Number: b.body.GetNumber(), Expires: b.lastUntil()}
}

var aboutBundles = subject{object: "bundle export"}

// ExportBundles makes the file that brings a manager newer key bundles than the list was published
// with: of the addresses for which of says so, as they were signed, in the order of the addresses. The
// error is a *Refusal; NO_SEALING_KEY where none is held. docs/protocol.md §8.6
func (s *Snapshot) ExportBundles(of func(ident.Address) bool) (file []byte, named []BundleInfo, err error) {
	x := &valisev1.BundleExport{}
	for _, a := range sortedAddresses(s.held.bundles) {
		if b := s.held.bundles[a]; of(a) {
			x.KeyBundles = append(x.KeyBundles, b.signed)
			named = append(named, b.info())
		}
	}
	if len(named) == 0 {
		return nil, nil, aboutBundles.refuse(valisev1.Reason_REASON_NO_SEALING_KEY, "no key bundle is held here, so there is nothing to hand over")
	}
	file, err = encode(x)
	return file, named, err
}

// parseBundleExport reads the frame; each bundle is judged by itself.
func parseBundleExport(b []byte) ([]*valisev1.SignedObject, error) {
	x := &valisev1.BundleExport{}
	if err := decode(aboutBundles, b, MaxImportSize, closed, x); err != nil {
		return nil, err
	}
	if err := obey(aboutBundles, x); err != nil {
		return nil, err
	}
	return x.GetKeyBundles(), nil
}
