package main

import "github.com/spf13/cobra"

// newHelpCommand takes the place of cobra's, which ends with 0 for a command that does not exist.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "help [COMMAND…]",
		Short:       "Help about any command",
		Annotations: documented("help about any command"),
		Args:        cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := findCommand(cmd.Root(), args)
			if err != nil {
				return err
			}
			found.InitDefaultHelpFlag() // so that --help itself is listed
			return found.Help()
		},
	}
}

// findCommand is the command that words name, or the error of a mistyped one.
func findCommand(root *cobra.Command, words []string) (*cobra.Command, error) {
	found, rest, err := root.Find(words)
	if err != nil {
		return nil, err
	}
	return found, noun(found, rest)
}
