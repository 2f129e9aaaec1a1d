package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

type confirmFlags struct {
	log         logFlags
	fingerprint string
	notTheirs   bool
	first       bool
	passphrase  secret
}

func newDirectoryConfirmCommand(p *program) *cobra.Command {
	var f confirmFlags
	cmd := &cobra.Command{
		Use:   "confirm STATE --fingerprint '12345 …' --file NOTE",
		Short: "Say what a call about a State's root brought, and record it",
		Annotations: documented("STATE shows another root, and an officer called it back: `--fingerprint` as it was read aloud, `--file` who was called and by which number; `--not-theirs` where the State says that the root is not its own; `--first` where nobody here had compared the root that is in force; `--means`, `--at`; while the node runs and when it does not",
			`{"item","state","root","outcome","held","own_number"}`),
		Long: `A root that was not announced is held back until somebody called the State: a duty_officer or
node_admin, by a number that was known before; valise node status names those. --file takes
TOML:

  person     = "A. Rowan, duty desk"      # who answered
  detail     = "+999 00 000 001"          # the number that was called
  read_aloud = "all sixteen groups, by them"
  note       = "…"
  source     = "note verbale 12/2032"     # where the number is from, if the old entry lacks it

What the State sent meanwhile was held, and is shown once the root is confirmed. With
--not-theirs the entry in force stays.

With --first it is about the root in force, of a State that valise directory show marks as not
called back. The same file; a number that only the State's own entry names is taken, and said
to be one.

` + exitTable,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runDirectoryConfirm(cmd.Context(), &f, args[0])
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.fingerprint, "fingerprint", "", "the new root's fingerprint, as it was read aloud")
	fs.BoolVar(&f.notTheirs, "not-theirs", false, "the State says that this root is not its own")
	fs.BoolVar(&f.first, "first", false, "a first call: the root is the one in force, and nobody here had compared it")
	fs.StringVar(&f.log.means, "means", "call", "call or meeting")
	fs.StringVar(&f.log.at, "at", "", "when, RFC 3339 (default now)")
	fs.StringVar(&f.log.file, "file", "", "who was called, and by which number, as TOML; - reads stdin")
	fs.StringVar(&f.log.requestID, "request-id", "", "makes the act unique")
	addPassphraseFlags(cmd, &f.passphrase)
	mustHave(cmd, "fingerprint", "file")
	return cmd
}

func (p *program) runDirectoryConfirm(ctx context.Context, f *confirmFlags, name string) error {
	request, err := p.confirmRequest(f, name)
	if err != nil {
		return err
	}
	return p.atRecord(ctx, &f.passphrase, func(d *desk) error {
		answer, err := d.directory.ConfirmRoot(ctx, request)
		if err != nil {
			return err
		}
		word, line := "confirmed", "the entry is in force now"
		if f.notTheirs {
			word, line = "not_theirs", "the entry before stays in force; tell the managers, and every State that you can reach"
		}
		lines, own := []string{fmt.Sprintf("%d messages were held", answer.GetHeld())}, false
		if f.first {
			line = "the root in force was compared"
			lines, own = firstCallLines(request, answer)
		}
		return p.result(object{"item": answer.GetItem(), "state": name, "root": request.GetFingerprint(), "outcome": word, "held": answer.GetHeld(), "own_number": own},
			append([]string{fmt.Sprintf("recorded as item %d: %s", answer.GetItem(), line)}, lines...)...)
	})
}

func (p *program) confirmRequest(f *confirmFlags, name string) (*valisev1.ConfirmRootRequest, error) {
	if f.first && f.notTheirs {
		return nil, usageHint("--first confirms a root and denies none", "where a State says that its root is another, tell the managers and every State that you can reach")
	}
	state, err := ident.ParseState(name)
	if err != nil {
		return nil, usage(err.Error())
	}
	root, err := ident.ParseFingerprint(f.fingerprint)
	if err != nil {
		return nil, usageHint(err.Error(), "--fingerprint '12345 …', as it was read aloud")
	}
	text, err := p.readText(f.log.file)
	if err != nil {
		return nil, err
	}
	f.log.file = ""
	contact, err := p.contactLog(&f.log)
	if err != nil {
		return nil, err
	}
	if f.log.at == "" {
		contact.At = nil // the node says when, so that the same request can be made again
	}
	r := &valisev1.ConfirmRootRequest{
		State: state.String(), Fingerprint: root.Fingerprint(), NotTheirs: f.notTheirs, First: f.first, Contact: contact, RequestId: f.log.requestID,
	}
	return r, readCallBack(r, text)
}

// readCallBack adds what a file says of a call: TOML with person, detail, read_aloud, note and source.
func readCallBack(r *valisev1.ConfirmRootRequest, text []byte) error {
	var fields struct {
		Person    string `toml:"person"`
		Detail    string `toml:"detail"`
		ReadAloud string `toml:"read_aloud"`
		Note      string `toml:"note"`
		Source    string `toml:"source"`
	}
	if err := decodeTOML(text, &fields); err != nil {
		return err
	}
	for _, line := range []string{fields.Person, fields.Detail, fields.ReadAloud, fields.Source} {
		if err := draft.CheckLine(line); err != nil {
			return err
		}
	}
	if strings.TrimSpace(fields.Person) == "" {
		return usageHint("the file does not say who answered", `person = "…", detail = "+…"`)
	}
	r.Contact.Person, r.Contact.Detail, r.Contact.Note = fields.Person, fields.Detail, fields.Note
	r.ReadAloud, r.Source = fields.ReadAloud, fields.Source
	return draft.CheckParagraphs(fields.Note)
}

// questionObjects tell what waits for a person about who speaks for a State.
func questionObjects(questions []*valisev1.TrustQuestion) []object {
	objects := []object{}
	for _, q := range questions {
		objects = append(objects, object{
			"event": trustEvent(q.GetEvent()), "state": q.GetState(), "since": stamp(q.GetSince()), "item": q.GetItem(),
			"root_held": q.GetRootHeld(), "root_offered": q.GetRootOffered(), "telephones": strs(q.GetTelephones()), "held": q.GetHeld(),
			"list_number": q.GetListNumber(), "list_theirs": q.GetListTheirs(), "peer": q.GetPeer(), "fault": ownFault(q.GetFault()),
		})
	}
	return objects
}

// ownFault is what is wrong with our own entry; null for nothing.
func ownFault(f valisev1.OwnFault) any {
	if f == valisev1.OwnFault_OWN_FAULT_UNSPECIFIED {
		return nil
	}
	return strings.ToLower(strings.TrimPrefix(f.String(), "OWN_FAULT_"))
}
