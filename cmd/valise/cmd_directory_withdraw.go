package main

import (
	"github.com/spf13/cobra"

	"valise.example/proto/ident"
)

func newDirectoryWithdrawCommand(p *program) *cobra.Command {
	var relay string
	cmd := &cobra.Command{
		Use:   "withdraw STATE",
		Short: "Let a State leave, or take a relay off, with the next list",
		Annotations: documented("STATE leaves with the next list, its records stay readable with everyone; or `--relay NAME`; nothing leaves before publish",
			`{"withdrawn","state"}`,
			`{"withdrawn","name"}`+"; of a relay"),
		Args: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == cmd.Flags().Changed("relay") {
				return usageHint("name one State, or a relay with --relay", "valise directory withdraw XB")
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error { return p.runDirectoryWithdraw(args, relay) },
	}
	cmd.Flags().StringVar(&relay, "relay", "", "name on the card of a relay")
	return cmd
}

func (p *program) runDirectoryWithdraw(args []string, relay string) error {
	registry, _, err := p.registry()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		if err := registry.WithdrawRelay(relay); err != nil {
			return err
		}
		p.tell("next: valise directory publish")
		return p.result(object{"withdrawn": "relay", "name": relay}, "the relay leaves with the next list")
	}
	state, err := ident.ParseState(args[0])
	if err != nil {
		return usage(err.Error())
	}
	if err := registry.Withdraw(state, p.now()); err != nil {
		return err
	}
	p.tell("next: valise directory publish")
	return p.result(object{"withdrawn": "entry", "state": state}, state.String()+" leaves with the next list")
}
