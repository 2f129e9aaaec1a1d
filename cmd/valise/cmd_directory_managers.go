package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/directory"
)

// managersObject is a manager set.
const managersObject = `{"manager_set","threshold","managers":[{"key_id","fingerprint"}],"list","list_fingerprint"}`

type managersFlags struct {
	proposalFlags
	threshold   int
	add, remove []string
}

func newDirectoryManagersCommand(p *program) *cobra.Command {
	var f managersFlags
	cmd := &cobra.Command{
		Use:   "managers",
		Short: "Who the managers are; with flags, propose another manager set",
		Annotations: documented("the managers whose quorum signs the next list; with `--threshold`, `--add CARD` or `--remove FINGERPRINT` proposes the next set, which ends with 9 while signatures are missing; `--fingerprint` of whoever is added, `--give-up`, `--out`",
			managersObject,
			proposalObject+"; with flags"),
		Long: `A manager set is followed by the next only when a quorum of the old one and a quorum of the
new one have signed it with valise directory sign. So a manager whose key is lost or stolen
is removed by the others. Every manager then runs valise directory publish FILE, and the next
list is made under the new set; States learn of it with that list.

Let all managers of the new set sign where you can: who never saw a list before can then
check its fingerprints alone.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			changed := cmd.Flags().Changed
			if changed("threshold") || changed("add") || changed("remove") {
				return p.runDirectoryManagers(&f)
			}
			return p.showManagers()
		},
	}
	f.proposalFlags.add(cmd)
	cmd.Flags().IntVar(&f.threshold, "threshold", 0, "how many managers must sign from then on")
	cmd.Flags().StringArrayVar(&f.add, "add", nil, "card of a manager to add; repeat it for each")
	cmd.Flags().StringArrayVar(&f.remove, "remove", nil, "fingerprint of a manager to remove; repeat it for each")
	return cmd
}

func (p *program) showManagers() error {
	registry, _, err := p.registry()
	if err != nil {
		return err
	}
	return p.printManagerSet(registry)
}

func (p *program) printManagerSet(registry *directory.Registry) error {
	m, list := registry.Managers(), registry.Published().Number()
	lines := []string{fmt.Sprintf("manager set %d: %d of %d must sign", m.Number, m.Threshold, len(m.Managers))}
	if m.Number == 0 {
		lines = []string{"the managers have not agreed on their first set yet"}
	}
	for _, id := range m.Managers {
		lines = append(lines, "manager  "+id.Fingerprint())
	}
	if list > 0 {
		lines = append(lines, fmt.Sprintf("list %d   %s", list, listFingerprint(registry)))
	}
	return p.result(object{
		"manager_set": m.Number, "threshold": m.Threshold, "managers": keyObjects(m.Managers),
		"list": list, "list_fingerprint": listFingerprint(registry),
	}, lines...)
}

func (p *program) runDirectoryManagers(f *managersFlags) error {
	registry, dir, err := p.registry()
	if err != nil {
		return err
	}
	options, err := f.options(p)
	if err != nil {
		return err
	}
	change := directory.ManagersChange{Threshold: f.threshold}
	if change.Remove, err = parseFingerprints(f.remove); err != nil {
		return err
	}
	var files [][]byte
	for _, name := range f.add {
		b, err := p.readInput(name, directory.MaxCardSize)
		if err != nil {
			return err
		}
		files = append(files, b)
	}
	if change.Add, err = parseCards(registry.Realm(), files); err != nil {
		return err
	}
	key, err := p.managerKey(dir, registry, &f.passphrase)
	if err != nil {
		return err
	}
	s, err := registry.ProposeManagers(change, key, p.now(), options)
	if err != nil {
		return proposalFailure(err)
	}
	return p.printOwnProposal(dir, f.out, s)
}
