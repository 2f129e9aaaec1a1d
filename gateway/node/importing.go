package node

import (
	"fmt"

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
	return &valisev1.ImportDirectoryResponse{Number: changes.ListNumber, Changes: changeLines(changes)}, nil
}

// changeLines says what an import did, a line each, for the officer who did it.
func changeLines(c directory.Changes) []string {
	if c.Unchanged {
		return []string{"nothing changed"}
	}
	var out []string
	for _, list := range []struct {
		states []ident.State
		what   string
	}{{c.Joined, "takes part"}, {c.Updated, "has a new entry"}, {c.Left, "has left; its threads stay readable"}} {
		for _, s := range list.states {
			out = append(out, fmt.Sprintf("%s %s", s, list.what))
		}
	}
	for _, k := range c.KeyChanged {
		out = append(out, fmt.Sprintf("%s shows another root key: it is not used until an officer confirms it by call-back", k.State))
	}
	for _, a := range c.NewBundles {
		out = append(out, fmt.Sprintf("%s has new sealing keys", a))
	}
	for _, n := range c.Notices {
		out = append(out, fmt.Sprintf("%s: its keys were left out (%s)", n.Address, n.Reason))
	}
	return out
}
