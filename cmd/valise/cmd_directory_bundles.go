package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// bundleObject is what scripts are told of a key bundle.
const bundleObject = `{"address","entry_number","number","expires"}`

func newDirectoryBundlesCommand(p *program) *cobra.Command {
	return nounCommand("bundles", "Key bundles that are newer than those of the list",
		newDirectoryBundlesExportCommand(p),
	)
}

func newDirectoryBundlesExportCommand(p *program) *cobra.Command {
	var (
		peers bool
		out   string
	)
	cmd := &cobra.Command{
		Use:   "export --home NODEHOME --out F [--peers]",
		Short: "Hand the manager the newest key bundles of a node between two entries",
		Annotations: documented("at a node, while it runs and when it does not: the newest key bundles of its POCs in one file for the manager, `--out`; with `--peers` also those that it has received from its peers",
			`{"file","bundles":[`+bundleObject+`]}`),
		Long: `A node tells its peers of new sealing keys every week, and the list keeps those of the day when the
entry was admitted. Once they have ended, the manager cannot hand a State the next reading key over
the relay. F brings the manager newer ones:

  valise directory publish --home MANAGER --bundles F

Nothing secret is in F. Each bundle carries the signature of its point of contact, so F may come by any
way and from anybody who holds it. No key of the node is opened.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryBundlesExport(out, peers) },
	}
	cmd.Flags().BoolVar(&peers, "peers", false, "also what this node has received from its peers")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	mustHave(cmd, "out")
	return cmd
}

func (p *program) runDirectoryBundlesExport(out string, peers bool) error {
	book, config, _, err := p.nodeBook()
	if err != nil {
		return err
	}
	file, named, err := book.Snapshot().ExportBundles(func(a ident.Address) bool { return peers || a.State == config.State })
	if err != nil {
		return err
	}
	if err := p.writeNew(out, file); err != nil {
		return err
	}
	for _, b := range named {
		if !p.now().Before(b.Expires) {
			p.tell("the keys of %s have ended: a node that runs makes new ones by itself", b.Address)
		}
	}
	p.tell("give %s to the manager: valise directory publish --bundles %s", out, out)
	lines := []string{}
	for _, b := range named {
		lines = append(lines, bundleLine(b))
	}
	return p.result(object{"file": out, "bundles": bundleObjects(named)}, lines...)
}

func bundleLine(b directory.BundleInfo) string {
	return fmt.Sprintf("%s has bundle %d, whose keys end %s", b.Address, b.Number, b.Expires.UTC().Format(time.RFC3339))
}

func bundleObjects(all []directory.BundleInfo) []object {
	out := []object{}
	for _, b := range all {
		out = append(out, object{"address": b.Address.String(), "entry_number": b.EntryNumber, "number": b.Number, "expires": b.Expires.UTC().Format(time.RFC3339)})
	}
	return out
}

// freshObject is what scripts are told of the bundles that came with a list.
const freshObject = `"fresh_bundles":[` + bundleObject + `],"refused_bundles":[{"state","address","reason","message"}]`

// takeBundles reads --bundles and --node and puts what is newer beside the admitted entries.
// docs/protocol.md §8.6
func (p *program) takeBundles(registry *directory.Registry, files []string, nodes []string) (directory.FreshBundles, error) {
	var offers []directory.BundleOffer
	for _, name := range files {
		b, err := p.readInput(name, directory.MaxImportSize)
		if err != nil {
			return directory.FreshBundles{}, err
		}
		offers = append(offers, directory.BundleOffer{File: b})
	}
	for _, home := range nodes {
		b, err := bundlesOfNode(home)
		if err != nil {
			return directory.FreshBundles{}, err
		}
		offers = append(offers, directory.BundleOffer{File: b, NewerOnly: true})
	}
	if len(offers) == 0 {
		return directory.FreshBundles{}, nil
	}
	fresh, err := registry.TakeBundles(offers, p.now())
	if err != nil {
		return fresh, err
	}
	for _, r := range fresh.Refused {
		whose := "one that names no point of contact"
		if !r.Address.IsZero() {
			whose = "the one of " + r.Address.String()
		}
		p.tell("a key bundle stays out, %s: %s (%s)", whose, clean(r.Detail), reasonName(r.Reason))
	}
	return fresh, nil
}

// bundlesOfNode is everything that the node in a home has received and made.
func bundlesOfNode(home string) ([]byte, error) {
	config, err := nodeConfig(home)
	if err != nil {
		return nil, err
	}
	book, err := bookIn(home, config)
	if err != nil {
		return nil, err
	}
	file, _, err := book.Snapshot().ExportBundles(func(ident.Address) bool { return true })
	return file, err
}

func refusedObjects(all []directory.RefusedBundle) []object {
	out := []object{}
	for _, r := range all {
		o := object{"state": string(r.Address.State), "address": "", "reason": reasonName(r.Reason), "message": clean(r.Detail)}
		if !r.Address.IsZero() {
			o["address"] = r.Address.String()
		}
		out = append(out, o)
	}
	return out
}
