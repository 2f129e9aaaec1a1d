package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"valise.example/api/briefing"
	valisev1 "valise.example/proto/valise/v1"
)

type escalateFlags struct {
	noteFlags
	out, form string
}

// withoutWords is the note of an officer who adds none: who and when are in its item.
const withoutWords = "Brought to higher officials, without further words."

func newInquiryEscalateCommand(p *program) *cobra.Command {
	var f escalateFlags
	cmd := &cobra.Command{
		Use:   "escalate T",
		Short: "Bring a thread to higher officials: record it, and write one page to hand over",
		Annotations: documented("T: records that it was brought to higher officials and writes one page; the peer is told nothing; `--file` why, `--out`, `--form` (html or text)",
			`{"thread","item","path","form","tlp"}`),
		Long: `Records that the thread was brought to higher officials of our own State, by whom and when,
and writes one page about it: what was said, how far both procedures are, what is open, by
when, and who did what on our side. The page is whole by itself and has no scripts; without
--out it goes to stdout. It is for officials of our own State and carries its TLP label.
The other State is told nothing of it.

` + exitTable,
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(p.json); err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runInquiryEscalate(cmd, d, &f, args[0]) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.file, "file", "", "why, in words for our own side; - reads stdin")
	fs.StringVar(&f.out, "out", "", "file to write, which must not exist")
	fs.StringVar(&f.form, "form", "html", "html or text")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique: the same id again records nothing and writes the page anew")
	p.textFlag(cmd, &f.text, "text", "why, in words for our own side")
	return cmd
}

func (f *escalateFlags) check(json bool) error {
	switch {
	case f.form != "html" && f.form != "text":
		return usageHint("--form knows no "+shorten(f.form), "html or text")
	case json && f.out == "":
		return usageHint("with --json the page needs a file of its own", "name it with --out")
	}
	return nil
}

func (p *program) runInquiryEscalate(cmd *cobra.Command, d *desk, f *escalateFlags, thread string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	text, err := p.noteText(&f.noteFlags)
	if err != nil {
		return err
	}
	request := &valisev1.AddNoteRequest{
		Thread: thread, Type: valisev1.NoteType_NOTE_TYPE_ESCALATION, Text: orElse(text, withoutWords), RequestId: f.requestID,
	}
	if f.out == "" {
		made, err := p.brief(ctx, d, request, f.form, p.out)
		if err == nil {
			s := p.speech()
			p.tell("%s", s.line(s.say(s.Made.Escalated, "item", decimal(made.Item))))
		}
		return err
	}
	var made briefing.Briefing
	err = writeNewFile(f.out, func(w io.Writer) (err error) {
		made, err = p.brief(ctx, d, request, f.form, w)
		return err
	})
	if err != nil {
		return err
	}
	s := p.speech()
	return p.result(object{"thread": made.Thread.GetThread().GetThread(), "item": made.Item, "path": f.out, "form": f.form, "tlp": made.Label()},
		s.line(s.say(s.Made.Briefing, "path", s.theirs(f.out), "tlp", s.theirs(made.Label()), "item", decimal(made.Item))))
}

// brief records the escalation and then writes the page, which names the item: no page is without
// its record. A-9a s2
func (p *program) brief(ctx context.Context, d *desk, request *valisev1.AddNoteRequest, form string, w io.Writer) (briefing.Briefing, error) {
	note, err := d.inquiry.AddNote(ctx, request)
	if err != nil {
		return briefing.Briefing{}, err
	}
	view, err := d.thread(ctx, request.GetThread())
	if err != nil {
		return briefing.Briefing{}, err
	}
	b := briefing.Briefing{Thread: view, Item: note.GetItem(), Made: p.now(), Language: p.lang}
	if form == "text" {
		return b, b.Text(w)
	}
	return b, b.HTML(w)
}
