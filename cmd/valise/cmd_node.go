package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"valise.example/api/locale"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func newNodeCommand(p *program) *cobra.Command {
	return nounCommand("node", "One State's node: make it, run it, see how it does",
		newNodeBackupCommand(p),
		newNodeDoctorCommand(p),
		newNodeInitCommand(p),
		newNodeRestoreCommand(p),
		newNodeResumeCommand(p),
		newNodeRunCommand(p),
		newNodeStatusCommand(p),
		newNodeUpgradeCommand(p),
	)
}

type nodeInitFlags struct {
	state, realm, relay string
	tracks, fourEyes    []string
	undo                time.Duration
	passphrase          secret
}

func newNodeInitCommand(p *program) *cobra.Command {
	var f nodeInitFlags
	cmd := &cobra.Command{
		Use:   "init --home DIR --state XX",
		Short: "Make a home: keys, record and configuration",
		Annotations: documented("makes a home; `--state`, `--realm`, `--track`, `--four-eyes`, `--undo`, `--relay`",
			`{"home","state","realm","officer"}`),
		Long: `Makes a home in an empty folder. The realm is fixed with it and never changed. The
caller's user id becomes the officer "admin", who adds the others.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.runNodeInit(&f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.state, "state", "", "code of the State, two capital letters; or a principal such as @global")
	fs.StringVar(&f.realm, "realm", ident.Operational.String(), "operational, or exercise:NAME-<32 hexadecimal digits>")
	fs.StringSliceVar(&f.tracks, "track", []string{"diplomatic", "technical"}, "points of contact of this node")
	fs.StringVar(&f.relay, "relay", "", "host:port of the relay (default: as the directory says)")
	fs.StringSliceVar(&f.fourEyes, "four-eyes", nil, "tracks on which a second person clears every message")
	fs.DurationVar(&f.undo, "undo", node.DefaultUndo, "how long what is confirmed at a terminal or on a page can still be withdrawn")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "state")
	return cmd
}

func (p *program) runNodeInit(f *nodeInitFlags) error {
	home, err := p.ownHome()
	if err != nil {
		return err
	}
	config, err := f.config(p)
	if err != nil {
		return err
	}
	config.Dir = home
	if err := node.Init(config); err != nil {
		return err
	}
	p.tell("keys are in %s/keys and readable only by this user", home)
	p.tell("next: valise directory entry export")
	return p.result(object{"home": home, "state": config.State, "realm": config.Realm, "officer": config.FirstOfficer.GetName()},
		fmt.Sprintf("made the home of %s in %s, realm %s", config.State, home, config.Realm))
}

func (f *nodeInitFlags) config(p *program) (c node.InitConfig, err error) {
	if c.State, err = ident.ParseState(f.state); err != nil {
		return c, usage(err.Error())
	}
	if c.Realm, err = p.parseRealm(f.realm); err != nil {
		return c, err
	}
	if c.Tracks, err = parseTracks(f.tracks); err != nil {
		return c, err
	}
	if c.FourEyes, err = parseTracks(f.fourEyes); err != nil {
		return c, err
	}
	if c.Passphrase, err = f.passphrase.read(p); err != nil {
		return c, err
	}
	if c.Undo = f.undo; c.Undo < 0 || c.Undo > time.Hour {
		return c, usage("--undo is between 0s and 1h")
	}
	c.Relay, c.Now, c.Rand = f.relay, p.now, rand.Reader
	c.FirstOfficer = &valisev1.Officer{
		Name: "admin", Uids: []uint32{uint32(os.Getuid())},
		Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN},
	}
	return c, nil
}

func parseTracks(names []string) (tracks []ident.Track, err error) {
	for _, name := range names {
		track, err := ident.ParseTrack(name)
		if err != nil {
			return nil, usage(fmt.Sprintf("%q is no track: want diplomatic or technical, or manager for a principal", shorten(name)))
		}
		tracks = append(tracks, track)
	}
	return tracks, nil
}

func newNodeRunCommand(p *program) *cobra.Command {
	var passphrase secret
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve the officers and carry the mail until SIGTERM",
		Annotations: documented("serves officers and carries mail until SIGTERM",
			readyNodeObject),
		Long: `Prints "ready node XA" when the officers' door is open. The relay may come later.
Configuration is valise.toml in the home; a key it does not know is an error.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeRun(cmd.Context(), &passphrase) },
	}
	addPassphraseFlags(cmd, &passphrase)
	return cmd
}

func (p *program) runNodeRun(ctx context.Context, passphrase *secret) error {
	home, err := p.homeDir()
	if err != nil {
		return err
	}
	words, err := passphrase.read(p)
	if err != nil {
		return err
	}
	version, _ := builtFrom()
	n, err := node.Open(home, node.OpenConfig{Passphrase: words, Logger: p.logger(), Now: p.now, Rand: rand.Reader, Version: version})
	if err != nil {
		return err
	}
	stop := p.watchdog(ctx, n.Answers)
	defer stop()
	err = n.Run(ctx, func(state string) {
		p.ready(readyNode(state))
	})
	return orderly(ctx, errors.Join(err, n.Close()))
}

func newNodeStatusCommand(p *program) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Link, outbox, quarantine and gaps of the running node",
		Annotations: documented("link, outbox, quarantine, gaps, warnings; `--wait-ready 10s` ends with 0 or 6",
			nodeStatusObject),
		Long: `Says how the node does, in the language of --lang. A warning that this version has no words for, such
as one of a later node, is in English.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runNodeStatus(cmd.Context(), wait) },
	}
	cmd.Flags().DurationVar(&wait, "wait-ready", 0, "wait so long for the node to be ready (exit 6 if it is not)")
	return cmd
}

// pollReady is how often an unanswered door is knocked at.
const pollReady = 50 * time.Millisecond

func (p *program) runNodeStatus(ctx context.Context, wait time.Duration) error {
	deadline := p.now().Add(wait)
	for {
		status, err := p.nodeStatus(ctx)
		if err == nil && (wait == 0 || status.GetReady()) {
			return p.printStatus(status)
		}
		if err != nil && (wait == 0 || !passing(err)) {
			return err
		}
		if !p.now().Before(deadline) {
			return refuse(valisev1.Reason_REASON_TIMED_OUT, "the node is not ready", "its log says why")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollReady):
		}
	}
}

// passing reports an error that ends when the node comes up.
func passing(err error) bool {
	return explain(err).reason == valisev1.Reason_REASON_NODE_UNREACHABLE
}

func (p *program) nodeStatus(ctx context.Context) (status *valisev1.GetStatusResponse, err error) {
	err = p.atDesk(ctx, func(d *desk) error {
		status, err = d.node.GetStatus(ctx, &valisev1.GetStatusRequest{})
		return err
	})
	return status, err
}

// nodeStatusObject is what status prints, as docs/cli.md shows it.
const nodeStatusObject = `{"state","realm","addresses":[],"ready","not_accepting","link":{"up","since","warning"},` +
	`"outbox":[{"message","to","since","attempts","reason","kind"}],"quarantine":[{"item","recorded","reason"}],` +
	`"gaps":[{"from","mark","held"}],"directory_number","directory_stale","items","epoch","now","warnings":[],"standing":[{"warning","text","arguments":[{"name","value"}]}],` +
	`"last_backup","restore":{"backup","restored","unheard":[]},"sending_stopped",` +
	`"attention":{"last","last_quiet","unopened","passed","failing":[]},"last_verification":{"at","ok"},` +
	`"keys":[{"address","use","key_id","from","until","current","revoked_since","waits_for","ran_hours","dates_of"}],` +
	`"questions":[{"event","state","since","item","root_held","root_offered","telephones":[],"held","list_number","list_theirs","peer","fault"}],` +
	`"relayed_directory":{"looked","refused","since","number","taken"}}`

func (p *program) printStatus(s *valisev1.GetStatusResponse) error {
	outbox, quarantine, gaps, keys := []object{}, []object{}, []object{}, []object{}
	for _, r := range s.GetOutbox() {
		outbox = append(outbox, object{"message": r.GetMessage(), "to": r.GetTo(), "since": stamp(r.GetSince()), "attempts": r.GetAttempts(), "reason": reasonOrNull(r.GetReason()), "kind": kindName(r.GetKind())})
	}
	for _, r := range s.GetQuarantine() {
		quarantine = append(quarantine, object{"item": r.GetItem(), "recorded": stamp(r.GetRecorded()), "reason": reasonName(r.GetReason())})
	}
	for _, r := range s.GetGaps() {
		gaps = append(gaps, object{"from": r.GetFrom(), "mark": r.GetMark(), "held": r.GetHeld()})
	}
	for _, k := range s.GetKeys() {
		keys = append(keys, keyObject(k))
	}
	return p.result(object{
		"state": s.GetState(), "realm": s.GetRealm(), "addresses": strs(s.GetAddresses()), "ready": s.GetReady(),
		"not_accepting": reasonOrNull(s.GetNotAccepting()),
		"link":          object{"up": s.GetLink().GetUp(), "since": stamp(s.GetLink().GetSince()), "warning": s.GetLink().GetWarning()},
		"outbox":        outbox, "quarantine": quarantine, "gaps": gaps,
		"directory_number": s.GetDirectoryNumber(), "directory_stale": s.GetDirectoryStale(),
		"items": s.GetItems(), "epoch": s.GetEpoch(), "now": stamp(s.GetNow()), "warnings": strs(s.GetWarnings()), "standing": standingObjects(s.GetStanding()),
		"last_backup": stamp(s.GetLastBackup()), "restore": restoreOrNull(s.GetRestore()), "sending_stopped": stamp(s.GetSendingStopped()),
		"attention": attentionOrNull(s.GetAttention()), "last_verification": verificationOrNull(s.GetLastVerification()),
		"keys": keys, "questions": questionObjects(s.GetQuestions()), "relayed_directory": relayedOrNull(s.GetRelayedDirectory()),
	}, statusLines(p.speech(), s)...)
}

// standingObjects are the warnings by their names, for scripts.
func standingObjects(list []*valisev1.StandingWarning) []object {
	all := []object{}
	for _, w := range list {
		arguments := []object{}
		for _, a := range w.GetArguments() {
			arguments = append(arguments, object{"name": a.GetName(), "value": argumentText(a)})
		}
		all = append(all, object{"warning": locale.WarningName(w.GetWarning()), "text": w.GetText(), "arguments": arguments})
	}
	return all
}

// argumentText is an argument as a script reads it: a time in RFC 3339, a list with commas.
func argumentText(a *valisev1.WarningArgument) string {
	switch v := a.GetValue().(type) {
	case *valisev1.WarningArgument_Named:
		return v.Named
	case *valisev1.WarningArgument_Number:
		return decimal(v.Number)
	case *valisev1.WarningArgument_Time:
		return v.Time.AsTime().UTC().Format(time.RFC3339Nano)
	case *valisev1.WarningArgument_Day:
		return day(v.Day)
	case *valisev1.WarningArgument_Reason:
		return reasonName(v.Reason)
	}
	names := []string{}
	for _, n := range a.GetNames().GetNames() {
		names = append(names, n.GetName())
	}
	return strings.Join(names, ",")
}

// relayedOrNull tells how the directory comes from the relay.
func relayedOrNull(r *valisev1.RelayedDirectory) any {
	if r == nil {
		return nil
	}
	return object{
		"looked": stamp(r.GetLooked()), "refused": reasonOrNull(r.GetRefused()), "since": stamp(r.GetSince()),
		"number": r.GetNumber(), "taken": r.GetTaken(),
	}
}

// restoreOrNull tells of the restore that a home came from.
func restoreOrNull(r *valisev1.Restore) any {
	if r == nil {
		return nil
	}
	return object{"backup": stamp(r.GetBackup()), "restored": stamp(r.GetRestored()), "unheard": strs(r.GetUnheard())}
}

// verificationOrNull tells what the last look at the whole record said; null where there was none.
func verificationOrNull(v *valisev1.Verification) any {
	if v == nil {
		return nil
	}
	return object{"at": stamp(v.GetAt()), "ok": v.GetOk()}
}

// attentionOrNull tells how people are called to the desk; null where nobody is.
func attentionOrNull(a *valisev1.Attention) any {
	if a == nil {
		return nil
	}
	return object{"last": stamp(a.GetLast()), "last_quiet": stamp(a.GetLastQuiet()), "unopened": a.GetUnopened(), "passed": a.GetPassed(), "failing": strs(a.GetFailing())}
}
