package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/directory"
)

func newKeyRevokeCommand(p *program) *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "revoke KEY --home ROOT --since T",
		Short: "Say in the State's root folder since when a signing key may have been in other hands",
		Annotations: documented("in the State's root folder: since when a signing key may have been in other hands, `--since`; earlier each time, never later; the next entry tells it",
			`{"address","key_id","fingerprint","revoked_since","changed","left"}`),
		Long: `KEY is a key id as valise key show prints it, or its first eight digits or more. What peers
recorded before T stays as it is; what they recorded from T on is marked; what they first see
after the news is refused, and the node signs again what waits. The State's entry carries the news:

  valise key revoke KEY --home ROOT --since 2032-01-15T12:00:00Z
  valise directory entry sign --home ROOT --node-keys node.keys --out S      (and export, admit, publish)

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runKeyRevoke(args[0], since) },
	}
	cmd.Flags().StringVar(&since, "since", "", "RFC 3339 time, 2032-01-15T12:00:00Z")
	mustHave(cmd, "since")
	return cmd
}

func (p *program) runKeyRevoke(key, sinceText string) error {
	since, err := time.Parse(time.RFC3339, sinceText)
	if err != nil {
		return usageHint("--since is no time", "want RFC 3339: --since 2032-01-15T12:00:00Z")
	}
	r, err := p.rootFolder()
	if err != nil {
		return err
	}
	revoked, err := r.sheet.Revoke(strings.ToLower(key), since, p.now())
	if err != nil {
		return err
	}
	if revoked.Changed {
		if err := directory.WriteKeySheet(r.dir, r.sheet); err != nil {
			return err
		}
	}
	if revoked.Left == 0 {
		p.tell("no key is left that speaks for %s: at the node, valise key rotate --signing", revoked.Key.Address)
	}
	p.tell("next: valise directory entry sign, export, and the manager admits and publishes")
	k := revoked.Key
	return p.result(object{
		"address": k.Address.String(), "key_id": k.ID.String(), "fingerprint": k.ID.Fingerprint(),
		"revoked_since": k.RevokedSince.Format(time.RFC3339), "changed": revoked.Changed, "left": revoked.Left,
	}, fmt.Sprintf("%s: key %s is revoked since %s", k.Address, k.ID, k.RevokedSince.Format(time.RFC3339)))
}
