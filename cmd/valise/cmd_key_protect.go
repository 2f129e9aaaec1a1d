package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
)

type protectFlags struct {
	identity, recipients string
	off                  bool
	passphrase           secret
}

func newKeyProtectCommand(p *program) *cobra.Command {
	var f protectFlags
	cmd := &cobra.Command{
		Use:   "protect --home NODEHOME --identity-file F | --off",
		Short: "Let an age plugin open the record key, a token for example, from the next start on",
		Annotations: documented("the record key is opened by an age plugin from the next start on: `--identity-file`, and `--recipients-file` for a second token; `--off` takes that back",
			`{"plugin","recipients"}`),
		Long: `F is an identity file of an age plugin, one line AGE-PLUGIN-…; age-plugin-NAME must be on
the PATH. The key is written for it, opened by it once, and only then takes the place of the one
before. --recipients-file has further recipients, one a line, each of whom opens the key alone:
without one a lost token is a lost record. A secret that the plugin asks for is answered with the
passphrase of the keys.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runKeyProtect(&f) },
	}
	cmd.Flags().StringVar(&f.identity, "identity-file", "", "identity file of an age plugin")
	cmd.Flags().StringVar(&f.recipients, "recipients-file", "", "file with further recipients, one a line")
	cmd.Flags().BoolVar(&f.off, "off", false, "write the key as the node's other keys are, without a plugin")
	addPassphraseFlags(cmd, &f.passphrase)
	return cmd
}

func (p *program) runKeyProtect(f *protectFlags) error {
	if f.off == (f.identity != "") || f.off && f.recipients != "" {
		return usageHint("either --identity-file, or --off alone", "valise key protect --home NODEHOME --identity-file F")
	}
	dir, _, err := p.lookFor(placeNode, "home of a node", "a node has a record key")
	if err != nil {
		return err
	}
	var c node.RecordTokenConfig
	if c.Passphrase, err = f.passphrase.read(p); err != nil {
		return err
	}
	if f.identity != "" {
		if c.Identity, err = p.readText(f.identity); err != nil {
			return err
		}
	}
	if f.recipients != "" {
		if c.Recipients, err = p.readText(f.recipients); err != nil {
			return err
		}
	}
	token, err := node.ProtectRecordKey(dir, c)
	if err != nil {
		return err
	}
	line := "the record key needs no plugin"
	if token.Plugin != "" {
		line = fmt.Sprintf("the record key is opened by the age plugin %s; %d recipients can open it", clean(token.Plugin), token.Recipients)
	}
	if token.Recipients == 1 {
		p.tell("one token alone opens it: without a second recipient, a lost token is a lost record")
	}
	return p.result(object{"plugin": token.Plugin, "recipients": token.Recipients}, line)
}
