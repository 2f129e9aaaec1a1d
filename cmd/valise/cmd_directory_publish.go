package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/seal"
)

type publishFlags struct {
	validFor     time.Duration
	next         bool
	confirmRoots []string
	instead      string
	bundles      []string
	nodes        []string
	passphrase   secret
}

func newDirectoryPublishCommand(p *program) *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish [FILE]",
		Short: "Sign the next list, or take a list into force that enough managers have signed",
		Annotations: documented("one manager: signs the next list, writes `directory.import`, `relay.roster` and `relay.objects`; of several: writes `list.proposal` with this manager's signature and ends with 9; with a signed FILE: takes it into force at this manager; `--valid-for`, `--next`, `--bundles`, `--node`, `--confirm-root`, `--instead`",
			`{"number","fingerprint","file","roster","objects","need_file":[],"changes":[],`+freshObject+`}`,
			proposedObject+"; while signatures are missing",
			managersObject+"; of a manager set"),
		Long: `Where one manager is enough, the next list is signed and put into force at once. Where more
must sign, HOME/list.proposal goes to them: each runs valise directory sign, and when enough
have signed, every manager runs valise directory publish FILE, whoever proposed it. The same
FILE again changes nothing. A published directory.import is taken like a signed proposal: so
a manager who fell behind catches up.

A manager signs one list of a number and no other. If a proposal was wrong, --next proposes
a list with the number after it.

The relay takes relay.roster and relay.objects: States that hold an earlier list take this one
from it. need_file names points of contact without a live sealing key in the directory: where
their State left them without the present reading key, they need directory.import, or the list newer
key bundles of them: --bundles takes files of valise directory bundles export, --node what a node on
this machine has received from its peers. Each bundle is judged by its own signature and number;
refused_bundles names those that stay out and why, fresh_bundles those that the list now has.

Where this manager took a complete list and the others another of the same number, it can take
none of theirs. Compare by telephone the fingerprint of the list that the others have in force
(valise directory managers shows it) and give it with --instead: that list takes the place of
this one, which is kept in HOME/given-up.

` + exitTable,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && len(f.bundles)+len(f.nodes) > 0 {
				return usageHint("a signed list is taken as it is, so no key bundle can be added", "publish without FILE makes the next list")
			}
			if len(args) == 1 {
				return p.runDirectoryTake(args[0], &f)
			}
			return p.runDirectoryPublish(&f)
		},
	}
	cmd.Flags().DurationVar(&f.validFor, "valid-for", directory.DefaultListLife, "how long the list is fresh; later it is only marked")
	cmd.Flags().BoolVar(&f.next, "next", false, "pass over the number of a list that this manager signed and that is not in force")
	cmd.Flags().StringArrayVar(&f.bundles, "bundles", nil, "file of newer key bundles, also several times")
	cmd.Flags().StringArrayVar(&f.nodes, "node", nil, "home of a node whose newer key bundles of its peers the list takes, also several times")
	cmd.Flags().StringArrayVar(&f.confirmRoots, "confirm-root", nil, "with FILE: State and fingerprint of its new root, after call-back")
	cmd.Flags().StringVar(&f.instead, "instead", "", "with FILE: fingerprint of its list, as the other managers read it aloud; it takes the place of another list in force here")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

// managerKey opens the key of the manager whose folder this is.
func (p *program) managerKey(dir string, r *directory.Registry, passphrase *secret) (*seal.SigningKey, error) {
	words, err := passphrase.read(p)
	if err != nil {
		return nil, err
	}
	return seal.ReadSigningKey(filepath.Join(dir, directory.ManagerKeyFile), r.Realm(), words)
}

func (p *program) runDirectoryPublish(f *publishFlags) error {
	registry, dir, err := p.registry()
	if err != nil {
		return err
	}
	key, err := p.managerKey(dir, registry, &f.passphrase)
	if err != nil {
		return err
	}
	fresh, err := p.takeBundles(registry, f.bundles, f.nodes)
	if err != nil {
		return err
	}
	if managers := registry.Managers(); managers.Threshold > 1 {
		s, err := registry.Propose(directory.ProposeConfig{Now: p.now(), ValidFor: f.validFor, Next: f.next, Key: key})
		if err != nil {
			return proposalFailure(err)
		}
		return p.printProposed(filepath.Join(dir, directory.ListProposalFile), s.Review, fresh)
	}
	publication, err := registry.Publish(directory.PublishConfig{Now: p.now(), ValidFor: f.validFor, Signers: []*seal.SigningKey{key}})
	if err != nil {
		return proposalFailure(err)
	}
	return p.printPublication(registry, dir, publication, fresh)
}

func (p *program) printPublication(registry *directory.Registry, dir string, publication directory.Publication, fresh directory.FreshBundles) error {
	file, roster := filepath.Join(dir, directory.ImportFile), filepath.Join(dir, directory.RosterFile)
	out := object{
		"number": publication.Changes.ListNumber, "fingerprint": listFingerprint(registry), "file": file, "roster": roster, "objects": nil, "changes": strs(publication.Changes.Lines()),
		"need_file": addressNames(publication.NeedFile), "fresh_bundles": bundleObjects(fresh.Taken), "refused_bundles": refusedObjects(fresh.Refused),
	}
	if publication.Objects == nil {
		p.tell("give %s to every State, and %s to the relay", file, roster)
	} else {
		objects := filepath.Join(dir, directory.ObjectsFile)
		out["objects"] = objects
		p.tell("give %s and %s to the relay, and %s to every State that has no list yet", roster, objects, file)
	}
	if len(publication.NeedFile) > 0 {
		p.tell("no live sealing key is known here of %s: they need the file if the reading key is new to them", strings.Join(addressNames(publication.NeedFile), ", "))
	}
	return p.result(out, append([]string{fmt.Sprintf("published list %d", publication.Changes.ListNumber)}, publication.Changes.Lines()...)...)
}

func addressNames(all []ident.Address) []string {
	out := []string{}
	for _, a := range all {
		out = append(out, a.String())
	}
	return out
}

// runDirectoryTake puts what others have signed into force here. docs/protocol.md §8.7
func (p *program) runDirectoryTake(file string, f *publishFlags) error {
	registry, dir, err := p.registry()
	if err != nil {
		return err
	}
	b, err := p.readInput(file, directory.MaxProposalSize)
	if err != nil {
		return err
	}
	options := directory.ReviewOptions{}
	if options.ConfirmRoots, err = parseRootConfirmations(f.confirmRoots); err != nil {
		return err
	}
	if f.instead != "" {
		if options.Instead, err = ident.ParseFingerprint(f.instead); err != nil {
			return usage(err.Error())
		}
	}
	taken, err := registry.Take(b, options)
	if err != nil {
		return proposalFailure(err)
	}
	if !taken.Review.ManagerSet {
		if options.Instead != (ident.KeyID{}) {
			p.tell("%s", clean(taken.Review.Lines[0]))
		}
		return p.printPublication(registry, dir, taken.Publication, directory.FreshBundles{})
	}
	p.tell("the next list is made under this set: valise directory publish")
	return p.printManagerSet(registry)
}

// listFingerprint is what managers read to each other of the list in force; empty while there is none.
// docs/protocol.md §8.7
func listFingerprint(registry *directory.Registry) string {
	list := registry.Published()
	if list.Number() == 0 {
		return ""
	}
	return ident.KeyID(list.Hash()).Fingerprint()
}
