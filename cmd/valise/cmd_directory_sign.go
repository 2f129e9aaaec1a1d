package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// proposalObject is what a proposal's signers and the next steps are told with.
const proposalObject = `{` + proposalKeys + `}`

const proposalKeys = `"object","number","file","threshold","signed":[{"key_id","fingerprint"}],"missing":[{"key_id","fingerprint"}],"complete","changes":[]`

// proposedObject is that of who makes a list, with the key bundles that came into it.
const proposedObject = `{` + proposalKeys + `,` + freshObject + `}`

// proposalFlags are what a manager says from outside the file.
type proposalFlags struct {
	fingerprints, confirmRoots []string
	giveUp                     bool
	out                        string
	passphrase                 secret
}

func newDirectorySignCommand(p *program) *cobra.Command {
	var f proposalFlags
	cmd := &cobra.Command{
		Use:   "sign FILE…",
		Short: "Add this manager's signature to a proposal; or make the first manager set of all cards",
		Annotations: documented("FILE is a proposal, which is checked, shown and signed in its place or to `--out`; or FILE… are the cards of all managers, of which the first set is made; `--fingerprint` of each other manager, `--confirm-root`, `--give-up`; ends with 9 while signatures are missing",
			proposalObject),
		Long: `A proposal is a list or a manager set that waits for signatures. It is held against all
rules of every node and against what is in force here; what it would change is shown and
asked about, --yes says so beforehand. A manager who signed another list of the number does
not sign this one. Complete proposals go to valise directory publish FILE, at every manager.

With the cards of all managers (manager.card of each) the first manager set is proposed.
Each other fingerprint is given with --fingerprint, as it came by another way than the card,
or is compared at the terminal; --yes is not enough for that.

--give-up lets go of what this manager signed before: another set of the number, or a list
between. Use it when you know that it is in force nowhere and that nobody will complete it.

` + exitTable,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.runDirectorySign(args, &f) },
	}
	f.add(cmd)
	cmd.Flags().StringArrayVar(&f.confirmRoots, "confirm-root", nil, "State and fingerprint of its new root, after call-back")
	return cmd
}

func (f *proposalFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.fingerprints, "fingerprint", nil, "fingerprint of another manager, as it came by another way; repeat it for each")
	cmd.Flags().BoolVar(&f.giveUp, "give-up", false, "let go of what this manager signed before and knows to be in force nowhere")
	cmd.Flags().StringVar(&f.out, "out", "", "file to write")
	addPassphraseFlags(cmd, &f.passphrase)
}

func (f *proposalFlags) options(p *program) (o directory.ReviewOptions, err error) {
	if o.TrustManagers, err = parseFingerprints(f.fingerprints); err != nil {
		return o, err
	}
	o.ConfirmRoots, err = parseRootConfirmations(f.confirmRoots)
	o.GiveUp, o.Confirm = f.giveUp, p.compareManagers
	return o, err
}

func parseRootConfirmations(texts []string) (map[ident.State]ident.KeyID, error) {
	roots := map[ident.State]ident.KeyID{}
	for _, s := range texts {
		state, root, err := parseRootConfirmation(s)
		if err != nil {
			return nil, err
		}
		roots[state] = root
	}
	return roots, nil
}

func (p *program) runDirectorySign(files []string, f *proposalFlags) error {
	registry, dir, err := p.registry()
	if err != nil {
		return err
	}
	options, err := f.options(p)
	if err != nil {
		return err
	}
	var contents [][]byte
	for _, file := range files {
		b, err := p.readInput(file, directory.MaxProposalSize)
		if err != nil {
			return err
		}
		contents = append(contents, b)
	}
	if slices.ContainsFunc(contents, directory.LooksLikeManagerCard) {
		return p.signCards(registry, dir, contents, f, options)
	}
	if len(files) > 1 {
		return usageHint("of several files each must be the card of a manager", "valise directory sign PROPOSAL")
	}
	out := f.out
	if out == "" {
		out = files[0]
	}
	if out == "-" {
		return usage("a proposal from stdin needs --out")
	}
	return p.signProposal(registry, dir, contents[0], out, f, options)
}

func (p *program) signProposal(registry *directory.Registry, dir string, proposal []byte, out string, f *proposalFlags, options directory.ReviewOptions) error {
	review, err := registry.Review(proposal, options)
	if err != nil {
		return proposalFailure(err)
	}
	options.Confirm = alreadyCompared
	if err := p.approve(review); err != nil {
		return err
	}
	key, err := p.managerKey(dir, registry, &f.passphrase)
	if err != nil {
		return err
	}
	s, err := registry.Sign(proposal, key, options)
	if err != nil {
		return proposalFailure(err)
	}
	if err := replaceFile(out, s.File); err != nil {
		return err
	}
	return p.printProposal(out, s.Review)
}

// alreadyCompared: whoever looked at the proposal a moment ago is not asked twice.
func alreadyCompared([]ident.KeyID) error { return nil }

// signCards makes the first manager set. docs/protocol.md §8.7
func (p *program) signCards(registry *directory.Registry, dir string, files [][]byte, f *proposalFlags, options directory.ReviewOptions) error {
	cards, err := parseCards(registry.Realm(), files)
	if err != nil {
		return err
	}
	key, err := p.managerKey(dir, registry, &f.passphrase)
	if err != nil {
		return err
	}
	s, err := registry.ProposeFirst(cards, key, p.now(), options)
	if err != nil {
		return proposalFailure(err)
	}
	return p.printOwnProposal(dir, f.out, s)
}

func parseCards(realm ident.Realm, files [][]byte) (cards []directory.ManagerCard, err error) {
	for _, b := range files {
		card, err := directory.ParseManagerCard(realm, b)
		if err != nil {
			return nil, err
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// printOwnProposal tells of a manager set that this manager proposes; the home keeps it.
func (p *program) printOwnProposal(dir, out string, s directory.Signature) error {
	if out == "" {
		return p.printProposal(filepath.Join(dir, directory.SetProposalFile), s.Review)
	}
	if err := p.writeNew(out, s.File); err != nil {
		return err
	}
	return p.printProposal(out, s.Review)
}

// compareManagers asks a person to compare fingerprints; nothing but a terminal or --fingerprint says
// that somebody did. docs/protocol.md §8.7
func (p *program) compareManagers(ids []ident.KeyID) error {
	refused := &directory.Refusal{Object: "manager set", Reason: valisev1.Reason_REASON_NEEDS_YES, Err: errors.New("nobody compared the fingerprint of another manager")}
	if !p.atTerminal() {
		return refused
	}
	for _, id := range ids {
		fmt.Fprintf(p.people(), "  %s\n", id.Fingerprint())
	}
	fmt.Fprint(p.people(), "Are these the other managers' fingerprints as they came by another way? Type yes: ")
	answer, err := readLine(p.in)
	if err != nil {
		return err
	}
	if answer != "yes" {
		return refused
	}
	return nil
}

// approve shows what a proposal would change and takes only a typed "yes", or --yes.
func (p *program) approve(v directory.Review) error {
	for _, line := range v.Lines {
		p.tell("%s", clean(line))
	}
	if !v.Expires.IsZero() && !p.now().Before(v.Expires) {
		p.tell("by the clock of this machine the list is past its date already")
	}
	if p.yes {
		return nil
	}
	refused := refuse(valisev1.Reason_REASON_NEEDS_YES, "nobody said yes to what the proposal would change", "read it, then add --yes")
	if p.json || !p.atTerminal() {
		return refused
	}
	fmt.Fprint(p.people(), "Sign it? Type yes: ")
	answer, err := readLine(p.in)
	if err != nil {
		return err
	}
	if answer != "yes" {
		return refused
	}
	return nil
}

// printProposal says who has signed and what comes next; it ends with 9 while signatures are missing.
func (p *program) printProposal(file string, v directory.Review) error {
	return p.tellProposal(file, v, object{})
}

// printProposed says the same of a list that is made here, and which key bundles came into it.
func (p *program) printProposed(file string, v directory.Review, fresh directory.FreshBundles) error {
	return p.tellProposal(file, v, object{"fresh_bundles": bundleObjects(fresh.Taken), "refused_bundles": refusedObjects(fresh.Refused)})
}

func (p *program) tellProposal(file string, v directory.Review, more object) error {
	kind := "list"
	if v.ManagerSet {
		kind = "manager_set"
	}
	o := object{
		"object": kind, "number": v.Number, "file": file, "threshold": v.Managers.Threshold,
		"signed": keyObjects(v.Signed), "missing": keyObjects(v.Missing), "complete": v.Complete, "changes": strs(v.Lines),
	}
	maps.Copy(o, more)
	var lines []string
	for _, line := range v.Lines {
		lines = append(lines, clean(line))
	}
	lines = append(lines, fmt.Sprintf("%s %d is signed by %d managers", strings.ReplaceAll(kind, "_", " "), v.Number, len(v.Signed)))
	if v.Complete {
		p.tell("enough have signed: every manager runs valise directory publish %s", file)
		return p.result(o, lines...)
	}
	for _, id := range v.Missing {
		lines = append(lines, "could still sign: "+id.Fingerprint())
	}
	p.tell("hand %s to another manager, who runs valise directory sign", file)
	if err := p.result(o, lines...); err != nil {
		return err
	}
	f := refuse(valisev1.Reason_REASON_NEEDS_SECOND_PERSON, "more managers have to sign", "hand the file to another manager, who runs valise directory sign")
	f.quiet = true
	return f
}

func keyObjects(ids []ident.KeyID) []object {
	all := []object{}
	for _, id := range ids {
		all = append(all, object{"key_id": id.String(), "fingerprint": id.Fingerprint()})
	}
	return all
}

// proposalFailure adds what a manager can do to a refusal of the directory.
func proposalFailure(err error) error {
	r, ok := errors.AsType[*directory.Refusal](err)
	if !ok {
		return err
	}
	var hint string
	switch {
	case r.Reason == valisev1.Reason_REASON_EQUIVOCATION && r.Object == "list":
		hint = "valise directory publish --next proposes a list with the next number\n" +
			"a list between that is in force nowhere is let go of with valise directory sign --give-up\n" +
			"where the others have another list of this number in force: valise directory publish FILE --instead, with the fingerprint as they read it aloud"
	case r.Reason == valisev1.Reason_REASON_EQUIVOCATION && r.Object == "manager set":
		hint = "when you know that the other set will never be complete: --give-up"
	case r.Reason == valisev1.Reason_REASON_KEY_CHANGED && r.Object == "entry":
		hint = "call the State back, compare, then add --confirm-root 'XB 12345 …'"
	case r.Reason == valisev1.Reason_REASON_QUORUM && r.Object == "proposal":
		hint = "another manager signs it with valise directory sign"
	case r.Reason == valisev1.Reason_REASON_NEEDS_YES:
		hint = "give each with --fingerprint '12345 …' as it came by another way"
	default:
		return err
	}
	f := refuse(r.Reason, ownWords(err.Error()), hint)
	f.cause = err
	return f
}
