package main

import (
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand(p *program) *cobra.Command {
	var bare bool
	cmd := &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that completes commands, flags and ids in a shell",
		Annotations: documented("SHELL is `bash`, `zsh`, `fish` or `powershell`: the script that completes commands, flags and ids",
			`{"shell","script"}`),
		Long: `SHELL is ` + strings.Join(shells, ", ") + `. For bash, with its package bash-completion:

    valise completion bash > ~/.local/share/bash-completion/completions/valise

Threads, messages and States are completed from the node in $VALISE_HOME or --home while it
runs, by their ids and codes: a title is never shown.

` + exitTable,
		ValidArgs: shells,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runCompletion(cmd.Root(), args[0], !bare)
		},
	}
	cmd.Flags().BoolVar(&bare, "no-descriptions", false, "complete without a line about each")
	return cmd
}

func (p *program) runCompletion(root *cobra.Command, shell string, described bool) (err error) {
	var script strings.Builder
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(&script, described)
	case "zsh":
		generate := root.GenZshCompletion
		if !described {
			generate = root.GenZshCompletionNoDesc
		}
		err = generate(&script)
	case "fish":
		err = root.GenFishCompletion(&script, described)
	case "powershell":
		generate := root.GenPowerShellCompletionWithDesc
		if !described {
			generate = root.GenPowerShellCompletion
		}
		err = generate(&script)
	}
	if err != nil {
		return err
	}
	return p.data(object{"shell": shell, "script": script.String()}, strings.TrimSuffix(script.String(), "\n"))
}
