package main

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

func newKeyRotateCommand(p *program) *cobra.Command {
	var (
		signing    bool
		passphrase secret
	)
	cmd := &cobra.Command{
		Use:   "rotate [--signing]",
		Short: "Make the next sealing key of every POC of a node at once, or the next signing key",
		Annotations: documented("makes the next sealing key of every POC of a node at once, or with `--signing` the next signing key; while the node runs (a node_admin) and when it does not",
			`{"keys":[{"address","use","key_id","from","until","current","revoked_since","waits_for","ran_hours","dates_of"}]}`),
		Long: `A node that runs makes a sealing key every week by itself and tells its peers; this makes one
now, as after a theft. A signing key speaks only once the State's entry names it:

  valise key rotate --signing --home NODEHOME
  valise key show --home NODEHOME --json > node.keys
  valise directory entry sign --home ROOT --node-keys node.keys --out S
  valise directory entry export --home NODEHOME --entry S --out F      (F goes to the manager)

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runKeyRotate(cmd.Context(), signing, &passphrase) },
	}
	cmd.Flags().BoolVar(&signing, "signing", false, "signing keys instead of sealing keys")
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runKeyRotate(ctx context.Context, signing bool, passphrase *secret) error {
	keys, err := p.rotate(ctx, signing, passphrase)
	if err != nil {
		return err
	}
	objects, lines := []object{}, []string{}
	for _, k := range keys {
		objects, lines = append(objects, keyObject(k)), append(lines, "made "+k.GetAddress()+" "+keyUse(k)+" "+k.GetKeyId())
	}
	if signing {
		p.tell("next: valise key show --json, and the State's root signs the entry with it")
	}
	return p.result(object{"keys": objects}, lines...)
}

// rotate asks the node where one runs, and else makes the keys in the folder itself.
func (p *program) rotate(ctx context.Context, signing bool, passphrase *secret) (keys []*valisev1.KeyStatus, err error) {
	if _, _, err := p.lookFor(placeNode, "home of a node", "a node has signing and sealing keys; valise key ceremony makes a root"); err != nil {
		return nil, err
	}
	d, err := p.connect(ctx)
	if err == nil {
		defer d.close()
		out, err := d.node.RotateKeys(ctx, &valisev1.RotateKeysRequest{Signing: signing})
		return out.GetKeys(), err
	}
	if !passing(err) {
		return nil, err
	}
	home, err := p.openOffline(passphrase)
	if err != nil {
		return nil, err
	}
	record, err := home.OpenRecord(node.OpenConfig{Logger: p.logger(), Now: p.now, Rand: rand.Reader})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	return home.RotateClosed(ctx, record, signing)
}
