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

// newReferCommand: docs/protocol.md §5.1 has the kind; it is kept on arrival.
func newReferCommand() *cobra.Command {
	return reserved("refer", "this version sends no referrals", "name the other desk in an answer: valise inquiry answer T --file F")
}

func newNoticeCommand() *cobra.Command {
	return reserved("notice", "this version sends no notices", "to tell one State something begin a thread: valise inquiry send")
}

func newConsentCommand() *cobra.Command {
	return reserved("consent", "the command asks for no consent yet", "programs ask, decide and withdraw over the API (Reply); or ask in words: valise inquiry ask T --file F")
}
