package node

import (
	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// ImportConfig is what the importer knows from outside the file.
type ImportConfig struct {
	// TrustManagers are the managers' fingerprints, from a sheet that came by another way; needed
	// for the first import unless Confirm answers for them.
	TrustManagers []ident.KeyID
	Confirm       func(directory.ManagerInfo) error
	// ConfirmRoots names new roots that an officer confirmed by call-back. docs/protocol.md §8.5
	ConfirmRoots map[ident.State]ident.KeyID
}

// Import takes a directory file into the home's book. A running node takes it up by itself.
func (h *Home) Import(file []byte, c ImportConfig) (*valisev1.ImportDirectoryResponse, error) {
	book, err := h.Directory()
	if err != nil {
		return nil, err
	}
	changes, err := book.Import(file, directory.ImportOptions{TrustManagers: c.TrustManagers, Confirm: c.Confirm, ConfirmRoots: c.ConfirmRoots})
	if err != nil {
		return nil, err
	}
	return &valisev1.ImportDirectoryResponse{Number: changes.ListNumber, Changes: changes.Lines()}, nil
}
