package main

import (
	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

// reserved is a verb of the contract that this version does not have. Whoever tries it is told
// so instead of being told that there is no such word; help does not offer it.
func reserved(use, message, hint string) *cobra.Command {
	return &cobra.Command{
		Use: use, Hidden: true, DisableFlagParsing: true,
		Short: message,
		RunE: func(*cobra.Command, []string) error {
			return refuse(valisev1.Reason_REASON_UNIMPLEMENTED, message, hint)
		},
	}
}

func newConsentCommand() *cobra.Command {
	return reserved("consent", "the command asks for no consent yet", "programs ask, decide and withdraw over the API (Reply); or ask in words: valise inquiry ask T --file F")
}
