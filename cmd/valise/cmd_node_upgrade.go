package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

func newNodeUpgradeCommand(p *program) *cobra.Command {
	return nounCommand("upgrade", "Whether this version can use a home, and what it would do to it",
		newNodeUpgradeCheckCommand(p))
}

func newNodeUpgradeCheckCommand(p *program) *cobra.Command {
	var passphrase secret
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Which versions the home has, which this binary reads and writes, and whether it can use it; changes nothing",
		Annotations: documented("which versions home, record, configuration and keys have, which this binary reads and writes, and whether it can use them; works while a node runs, also one of another version, and when none does; changes nothing; ends with 4 if anything is too new",
			`{"home","version","can_open","verdict","parts":[{"part","reads":[],"writes","has","verdict","detail"}],"steps":[],"backup"}`+
				"; `verdict` is `same`, `migrates`, `too_new`, `unreadable` or `not_read`; `backup` is the folder for the backup before the first step"),
		Long: `Run it with the new binary before the node is stopped, and again when it is.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeUpgradeCheck(cmd.Context(), &passphrase) },
	}
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runNodeUpgradeCheck(ctx context.Context, passphrase *secret) error {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	config := node.UpgradeConfig{Dir: home, Now: p.now}
	if config.Passphrase, err = passphrase.read(p); err != nil {
		return err
	}
	// A node that does not let us in is looked at from outside like one that does not run.
	if status, err := p.nodeStatus(ctx); err == nil {
		config.Running = status
	}
	report, err := node.CheckUpgrade(config)
	if err != nil {
		return err
	}
	if err := p.printUpgrade(home, report); err != nil {
		return err
	}
	switch report.Why {
	case valisev1.Reason_REASON_UNSPECIFIED:
		return nil
	case valisev1.Reason_REASON_HOME_IN_USE:
		return refuse(report.Why, "the record is in use and its node does not say which form it has", "ask as an officer of the node, or when it does not run")
	}
	return refuse(report.Why, "this version cannot use the home", "")
}

// verdictWords are the verdicts as people read them.
var verdictWords = map[node.Verdict]string{
	node.Same: "can be used as it is", node.Migrates: "is led forward at the next start", node.TooNew: "is too new",
	node.Unreadable: "cannot be used", node.NotRead: "was not read",
}

func (p *program) printUpgrade(home string, r node.UpgradeReport) error {
	version, _ := builtFrom()
	parts, lines := []object{}, []string{}
	for _, part := range r.Parts {
		parts = append(parts, object{"part": part.Name, "reads": part.Reads, "writes": part.Writes, "has": orNull(part.Has), "verdict": part.Verdict, "detail": part.Detail})
		has := part.Has
		if has == "" {
			has = "-"
		}
		line := fmt.Sprintf("%-13s  has %-2s  this version reads %s, writes %s: %s", part.Name, has, strings.Join(part.Reads, ", "), part.Writes, verdictWords[part.Verdict])
		if part.Detail != "" {
			line += "; " + part.Detail
		}
		lines = append(lines, line)
	}
	backup := ""
	if len(r.Steps) > 0 {
		backup = home + "/" + node.BeforeUpgradeFolder
		lines = append(lines, "first  a backup of the home as it is, in "+backup)
	}
	for _, step := range r.Steps {
		lines = append(lines, "then  "+step)
	}
	return p.result(object{
		"home": home, "version": version, "can_open": r.Why == valisev1.Reason_REASON_UNSPECIFIED, "verdict": r.Verdict,
		"parts": parts, "steps": append([]string{}, r.Steps...), "backup": orNull(backup),
	}, lines...)
}

// orNull is a text, or null where there is none.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
