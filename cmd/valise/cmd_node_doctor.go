package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

func newNodeDoctorCommand(p *program) *cobra.Command {
	var passphrase secret
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Name what is wrong with a home and what to do; ends with 1 if anything is, 7 if its record is damaged",
		Annotations: documented("names what is wrong with a home and what to do, while the node runs and when it does not; ends with 1 if anything is, with 7 if its record is damaged",
			`{"ok","findings":[{"level","what","fix","code"}]}`+"; `level` is `ok`, `warn` or `bad`, `code` names what was found"),
		Long: `Works while the node runs and when it does not; it changes nothing and shows no content. The
whole record is checked by valise record verify.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeDoctor(cmd.Context(), &passphrase) },
	}
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runNodeDoctor(ctx context.Context, passphrase *secret) error {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	config := node.DoctorConfig{Dir: home, Now: p.now}
	if config.Passphrase, err = passphrase.read(p); err != nil {
		return err
	}
	// A node that does not let us in is looked at from outside like one that does not run.
	if status, err := p.nodeStatus(ctx); err == nil {
		config.Running = status
	}
	findings, err := node.Doctor(ctx, config)
	if err != nil {
		return err
	}
	list, reason := []object{}, valisev1.Reason_REASON_UNSPECIFIED
	for _, f := range findings {
		list = append(list, object{"level": f.Level, "what": f.What, "fix": f.Fix, "code": f.Found.Code})
		switch {
		case f.Integrity:
			reason = valisev1.Reason_REASON_RECORD_DAMAGED
		case f.Level == node.Bad && reason == valisev1.Reason_REASON_UNSPECIFIED:
			reason = valisev1.Reason_REASON_INTERNAL
		}
	}
	if err := p.result(object{"ok": reason == valisev1.Reason_REASON_UNSPECIFIED, "findings": list}, p.speech().findings(findings, p.now())...); err != nil {
		return err
	}
	if reason != valisev1.Reason_REASON_UNSPECIFIED {
		return ended(reason)
	}
	return nil
}

// findings are what doctor found in the language of the reader, the level first. What is said of the very case
// exists in English only, and in another language follows on a line of its own.
func (s speech) findings(list []node.Finding, now time.Time) (lines []string) {
	catalog, widest := locale.Of(s.l), 4
	for _, level := range []node.Level{node.Good, node.Warn, node.Bad} {
		widest = max(widest, cells(s.level(level)))
	}
	for _, f := range list {
		what, fix := catalog.Found(f.Found, now)
		level := s.level(f.Level)
		lines = append(lines, s.line(level+strings.Repeat(" ", widest-cells(level)+2)+catalog.Plain(what)))
		margin := strings.Repeat(" ", widest+2)
		if f.Found.Detail != "" && s.l != locale.English {
			lines = append(lines, margin+s.theirs(f.Found.Detail))
		}
		if len(fix) > 0 {
			lines = append(lines, margin+s.line(s.say(s.Doctor.Fix, "fix", catalog.Plain(fix))))
		}
	}
	return lines
}

func (s speech) level(l node.Level) string { return s.word(s.Doctor, string(l)) }
