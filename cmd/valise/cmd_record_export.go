package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"valise.example/api/draft"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// takeFlags say what leaves the record, for whom and as what.
type takeFlags struct {
	to, file, form, out, since, until, requestID string
	threads, messages                            []string
	items                                        []uint
	links                                        bool
	passphrase                                   secret
}

const exportObject = `{"item","items","form","third_party","path","conditions":[],"left_out"?:[],"unproven"?:[{"item","reason"}]}` +
	"; `items` counts those of `unproven` too, which is only with `--form proof` and ends with 7; `left_out` are messages about consents that stay here"

// exportForms are the forms of an export, as --form names them.
var exportForms = map[string]valisev1.ExportForm{
	"json": valisev1.ExportForm_EXPORT_FORM_ARCHIVE, "csv": valisev1.ExportForm_EXPORT_FORM_TABLE,
	"paper": valisev1.ExportForm_EXPORT_FORM_PAPER, "proof": valisev1.ExportForm_EXPORT_FORM_PROOF,
}

func newRecordExportCommand(p *program) *cobra.Command {
	var f takeFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Take items out of the record: for our own archive or, with a consent, for a third party; is itself recorded",
		Annotations: documented("items for our own archive or for a third party (`--to`, in operation `--file`), which needs a consent for each message; `--form` json, csv, paper or proof, `--thread`, `--message`, `--item`, `--since`, `--until`, `--links`, `--out`; while the node runs and when it does not",
			exportObject),
		Long: `Without --to everything goes to the State's own archive, which is no third party. For a third
party every message needs a consent of the other State that names it byte for byte and still holds;
what has none is named, and nothing is handed out (exit 4). TLP:RED goes to no third party. Of a
thread, what was said about consents stays here and is named, unless a consent names it too.

Forms: json, one object a line with the exact signed bytes and the parts of attachments; csv, one row
an item; paper, a page; proof, that and when messages were exchanged, with every payload withheld
(docs/interop checks it); a message whose key is not at hand is named, and the end is then 7. Without --out the export itself is what stdout gets.

` + exitTable,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.runRecordExport(cmd, &f) },
	}
	addTakeFlags(p, cmd, &f)
	cmd.Flags().StringVar(&f.form, "form", "json", "json, csv, paper or proof")
	cmd.Flags().BoolVar(&f.links, "links", false, "proof: also the headers that lead from a message to the mark of its receipt")
	return cmd
}

// addTakeFlags declares what export and print have in common.
func addTakeFlags(p *program, cmd *cobra.Command, f *takeFlags) {
	fs := cmd.Flags()
	p.textFlag(cmd, &f.to, "to", "for which third party, as the consent names it; without it for our own archive")
	fs.StringVar(&f.file, "file", "", "file (TOML) that names the third party: third_party; - reads stdin")
	fs.StringSliceVar(&f.threads, "thread", nil, "items of this thread; may be given several times")
	fs.StringSliceVar(&f.messages, "message", nil, "this message; may be given several times")
	fs.UintSliceVar(&f.items, "item", nil, "this item; may be given several times")
	fs.StringVar(&f.since, "since", "", "only what was recorded from this time on, RFC 3339")
	fs.StringVar(&f.until, "until", "", "only what was recorded before this time, RFC 3339")
	fs.StringVar(&f.out, "out", "", "file to write; it must not exist")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique: the same id again gives the same and records nothing")
	addPassphraseFlags(cmd, &f.passphrase)
}

func (p *program) runRecordExport(cmd *cobra.Command, f *takeFlags) error {
	ctx := cmd.Context()
	request, err := p.exportRequest(f)
	if err != nil {
		return err
	}
	if p.json && f.out == "" {
		return usageHint("with --json the export itself would stand among the results", "name a file with --out")
	}
	if f.out != "" {
		if _, err := os.Lstat(f.out); !errors.Is(err, fs.ErrNotExist) {
			return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "a file of this name stands there already, and nothing was written over it", "name another one with --out")
		}
	}
	return p.atRecord(ctx, &f.passphrase, func(d *desk) error {
		if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
			return err
		}
		return p.takeOut(ctx, d, f, request)
	})
}

// exportRequest reads the flags.
func (p *program) exportRequest(f *takeFlags) (*valisev1.ExportRecordRequest, error) {
	form, known := exportForms[f.form]
	if !known {
		return nil, usageHint("--form knows no "+shorten(f.form), "json, csv, paper or proof")
	}
	r := &valisev1.ExportRecordRequest{Form: form, ThirdParty: f.to, Links: f.links, RequestId: f.requestID}
	if f.links && f.form != "proof" {
		return nil, usage("--links belongs to --form proof")
	}
	if err := p.readThirdParty(f, r); err != nil {
		return nil, err
	}
	for _, id := range append(slices.Clone(f.threads), f.messages...) {
		if _, err := parseHexPrefix(id, "thread or message"); err != nil {
			return nil, err
		}
	}
	r.Threads, r.Messages = f.threads, f.messages
	for _, n := range f.items {
		r.Items = append(r.Items, uint64(n))
	}
	var err error
	r.Since, r.Until, err = parseSpan(f.since, f.until)
	return r, err
}

// readThirdParty takes the name from a file: in operation names stand on no command line.
func (p *program) readThirdParty(f *takeFlags, r *valisev1.ExportRecordRequest) error {
	if f.file == "" {
		return nil
	}
	if f.to != "" {
		return usage("--to and --file exclude each other")
	}
	text, err := p.readText(f.file)
	if err != nil {
		return err
	}
	var said struct {
		ThirdParty string `toml:"third_party"`
	}
	if err := decodeTOML(text, &said); err != nil {
		return err
	}
	if said.ThirdParty == "" {
		return refuse(valisev1.Reason_REASON_BAD_DRAFT, "the file names no third party", `third_party = "…"`)
	}
	r.ThirdParty = said.ThirdParty
	return draft.CheckLine(said.ThirdParty)
}

// takeOut asks for the export and writes what comes. What does not come whole is removed again; that
// it was begun stays in the record.
func (p *program) takeOut(ctx context.Context, d *desk, f *takeFlags, request *valisev1.ExportRecordRequest) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := d.record.ExportRecord(ctx, request)
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	out := taken{head: first.GetHead()}
	write := func(w io.Writer) error {
		form := newExportWriter(f.form, w, p.speech())
		if paper, is := form.(*paperWriter); is && isWholeThreads(request) {
			paper.pages = func(size uint64) ([]*valisev1.GetPaperResponse, error) {
				return d.pages(ctx, request.GetThreads(), size)
			}
		}
		return writeExport(form, &out, stream)
	}
	if f.out == "" {
		err = write(p.out)
	} else {
		err = writeNewFile(f.out, write)
	}
	if err != nil {
		return err
	}
	return p.exported(f, out)
}

// taken is what an export has brought.
type taken struct {
	head     *valisev1.ExportHead
	unproven []*valisev1.UnprovenItem
}

// isWholeThreads reports whether threads are printed for our own archive with nothing left out, so that
// each has a digest of its page. docs/protocol.md §9.6
func isWholeThreads(r *valisev1.ExportRecordRequest) bool {
	return len(r.GetThreads()) > 0 && len(r.GetMessages()) == 0 && len(r.GetItems()) == 0 &&
		r.GetThirdParty() == "" && r.GetSince() == nil && r.GetUntil() == nil
}

// pages are what stands under printed threads.
func (d *desk) pages(ctx context.Context, threads []string, size uint64) (list []*valisev1.GetPaperResponse, err error) {
	for _, id := range threads {
		page, err := d.record.GetPaper(ctx, &valisev1.GetPaperRequest{Thread: id, Size: size})
		if err != nil {
			return nil, err
		}
		list = append(list, page)
	}
	return list, nil
}

func writeExport(form exportWriter, out *taken, stream grpc.ServerStreamingClient[valisev1.ExportRecordResponse]) error {
	head := out.head
	if err := form.begin(head); err != nil {
		return err
	}
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return form.end(head)
		}
		if err != nil {
			return err
		}
		if u := piece.GetUnproven(); u != nil {
			out.unproven = append(out.unproven, u)
		}
		if err := form.add(piece); err != nil {
			return err
		}
	}
}

// exported says what left the record, for whom, under which conditions, and what did not.
func (p *program) exported(f *takeFlags, out taken) error {
	head, conditions := out.head, []string{}
	for _, c := range head.GetConsents() {
		conditions = append(conditions, c.GetConditions()...)
	}
	s := p.speech()
	for _, text := range conditions {
		p.tell("%s", s.line(s.say(s.Record.Condition, "condition", s.theirs(flat(text)))))
	}
	for _, id := range head.GetLeftOut() {
		p.tell("%s", s.line(s.say(s.Record.LeftOut, "message", s.theirs(id))))
	}
	for _, u := range out.unproven {
		p.tell("%s", s.line(s.say(s.Record.NoKey, "item", decimal(u.GetItem()))))
	}
	whom := orElse(s.theirs(flat(head.GetThirdParty())), s.Record.OwnArchive.String())
	line := s.line(s.say(s.Record.Result, "items", decimal(head.GetItems()-uint64(len(out.unproven))), "whom", whom, "item", decimal(head.GetItem())))
	if f.out == "" {
		p.tell("%s", line)
		return out.whole()
	}
	o := object{
		"item": head.GetItem(), "items": head.GetItems(), "form": f.form, "third_party": head.GetThirdParty(),
		"path": f.out, "conditions": conditions,
	}
	if len(head.GetLeftOut()) > 0 {
		o["left_out"] = head.GetLeftOut()
	}
	if len(out.unproven) > 0 {
		o["unproven"] = out.objects()
	}
	if err := p.result(o, line, s.line(s.say(s.Record.Wrote, "path", s.theirs(f.out)))); err != nil {
		return err
	}
	return out.whole()
}

// objects are what could not be proven, and why.
func (t taken) objects() (list []object) {
	for _, u := range t.unproven {
		list = append(list, object{"item": u.GetItem(), "reason": reasonName(u.GetReason())})
	}
	return list
}

// whole is the error where something could not be proven; the rest was written all the same.
func (t taken) whole() error {
	if len(t.unproven) == 0 {
		return nil
	}
	return tell(t.unproven[0].GetReason(), func(c *locale.Catalog) string { return c.Unproven(len(t.unproven)) })
}

// exportFactObject is what an item tells of an export.
func exportFactObject(fact *valisev1.ExportFact) object {
	form := ""
	for name, f := range exportForms {
		if f == fact.GetForm() {
			form = name
		}
	}
	return object{
		"form": form, "third_party": fact.GetThirdParty(), "messages": hexes(fact.GetMessages()),
		"consents": hexes(fact.GetConsents()), "items": fact.GetItems(),
	}
}

func hexes(list [][]byte) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = fmt.Sprintf("%x", b)
	}
	return out
}

func newRecordPrintCommand(p *program) *cobra.Command {
	f := takeFlags{form: "paper"}
	cmd := &cobra.Command{
		Use:   "print [T…]",
		Short: "Threads, or the whole record, as a page for people; is itself recorded",
		Annotations: documented("T…: the threads, or the whole record, as a page of text; under threads that are printed whole for our own archive the digest of the page, for `record verify --digest`; flags as for `export`",
			exportObject),
		Long: `Prints for our own archive or, with --to, for a third party, for which the rules of
valise record export hold.

` + exitTable,
		Args: func(_ *cobra.Command, args []string) error {
			for _, id := range args {
				if _, err := parseHexPrefix(id, "thread"); err != nil {
					return err
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			f.threads = append(f.threads, args...)
			return p.runRecordExport(cmd, &f)
		},
	}
	addTakeFlags(p, cmd, &f)
	return cmd
}
