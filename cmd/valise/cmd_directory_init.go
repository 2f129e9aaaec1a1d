package main

import (
	"crypto/rand"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
)

type initFlags struct {
	realm               string
	threshold, managers int
	passphrase          secret
}

func newDirectoryInitCommand(p *program) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init --home DIR",
		Short: "Make the directory of a manager and print the manager's fingerprint",
		Annotations: documented("a manager's directory; `--realm`; of several managers with `--threshold` and `--managers`: a key and `manager.card` for the others",
			sheetObject,
			`{"card","key_id","fingerprint","threshold","managers"}`+"; of several managers"),
		Long: `With one manager the directory is ready. With several, each runs this on a machine of their
own with the same --threshold and --managers, hands DIR/manager.card to the others and its
fingerprint by another way; valise directory sign then makes the first set of all cards.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runDirectoryInit(&f) },
	}
	cmd.Flags().StringVar(&f.realm, "realm", ident.Operational.String(), "operational, or exercise:NAME-<32 hexadecimal digits>")
	cmd.Flags().IntVar(&f.threshold, "threshold", 1, "how many managers must sign a list")
	cmd.Flags().IntVar(&f.managers, "managers", 1, "how many managers there are")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

func (p *program) runDirectoryInit(f *initFlags) error {
	dir, err := p.ownHome()
	if err != nil {
		return err
	}
	realm, err := p.parseRealm(f.realm)
	if err != nil {
		return err
	}
	if f.threshold < 1 || f.managers < f.threshold || f.managers > 32 {
		return usageHint("that is no quorum", "--threshold 2 --managers 3: at least 1, and no more than there are managers, who are at most 32")
	}
	words, err := f.passphrase.read(p)
	if err != nil {
		return err
	}
	config := directory.ManagerConfig{Realm: realm, Passphrase: words, Rand: rand.Reader, Now: p.now()}
	if f.managers > 1 {
		return p.joinQuorum(dir, f, config)
	}
	registry, err := directory.InitManager(dir, config)
	if err != nil {
		return err
	}
	p.tell("hand this fingerprint to every State by another way than the directory file")
	return p.printManagers(realm, registry.Managers())
}

// joinQuorum makes the folder of one manager of several. docs/protocol.md §8.7
func (p *program) joinQuorum(dir string, f *initFlags, config directory.ManagerConfig) error {
	card, err := directory.JoinQuorum(dir, f.threshold, f.managers, config)
	if err != nil {
		return err
	}
	if directory.MajorityNeeded(f.threshold, f.managers) {
		p.tell("%d of %d is no majority: two lists of one number could both be signed; better is %d", f.threshold, f.managers, f.managers/2+1)
	}
	if config.Passphrase == nil {
		p.tell("the manager's key is a plain file: begin again with --passphrase-file to protect it")
	}
	file := filepath.Join(dir, directory.ManagerCardFile)
	p.tell("hand %s to the other managers, and this fingerprint by another way", file)
	return p.result(object{
		"card": file, "key_id": card.ID.String(), "fingerprint": card.ID.Fingerprint(), "threshold": f.threshold, "managers": f.managers,
	}, fmt.Sprintf("one of %d managers, %d of whom must sign", f.managers, f.threshold), "manager "+card.ID.Fingerprint())
}
