package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

// noteKinds are what --kind takes. Bringing a thread to higher officials has a verb of its own.
var noteKinds = map[string]valisev1.NoteType{
	"plain":        valisev1.NoteType_NOTE_TYPE_UNSPECIFIED,
	"coordination": valisev1.NoteType_NOTE_TYPE_COORDINATION,
	"hand_over":    valisev1.NoteType_NOTE_TYPE_HAND_OVER,
	"legal_basis":  valisev1.NoteType_NOTE_TYPE_LEGAL_BASIS,
	"escalation":   valisev1.NoteType_NOTE_TYPE_ESCALATION,
}

func noteKindName(t valisev1.NoteType) string {
	return orElse(lowerName(t.String(), "NOTE_TYPE_"), "plain")
}

// What the verbs for notes print, as docs/cli.md shows it.
const (
	noteObject = `{"item","thread","kind"}`
	noteForm   = `{"item","recorded","officer","role","kind","text","thread","message","from","to"}`
)

type noteFlags struct{ kind, message, file, text, requestID string }

func newInquiryNoteCommand(p *program) *cobra.Command {
	var f noteFlags
	cmd := &cobra.Command{
		Use:   "note [T] --file F",
		Short: "Record a note at home; it never leaves this node",
		Annotations: documented("T, or nothing for the desk as a whole: a note at home, never sent; `--kind` (plain, coordination, hand_over or legal_basis), `--message`",
			noteObject),
		Long: `Records a note for our own side. It never leaves this node. Officers of the track that
wrote it read it; --kind coordination writes it to the other track of our State too.
hand_over is for whoever has the desk next; legal_basis says under which law of ours
something is said or done, and --message names the message.

` + exitTable,
		Args: idArgument("thread", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.file == "" && f.text == "" {
				return usageHint("a note without words says nothing", "write them into a file and name it with --file (- reads stdin)")
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runInquiryNote(cmd, d, &f, args) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.kind, "kind", "plain", "plain, coordination, hand_over or legal_basis")
	fs.StringVar(&f.message, "message", "", "the message of the thread that it is about")
	fs.StringVar(&f.file, "file", "", "the text; - reads stdin")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique: the same id again answers the same")
	p.textFlag(cmd, &f.text, "text", "the text")
	completeKinds(cmd)
	return cmd
}

func (p *program) runInquiryNote(cmd *cobra.Command, d *desk, f *noteFlags, args []string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	kind, known := noteKinds[f.kind]
	switch {
	case !known:
		return usageHint("--kind knows no "+shorten(f.kind), "plain, coordination, hand_over or legal_basis")
	case kind == valisev1.NoteType_NOTE_TYPE_ESCALATION:
		return usageHint("a thread is brought to higher officials with a verb of its own", "valise inquiry escalate T")
	}
	text, err := p.noteText(f)
	if err != nil {
		return err
	}
	request := &valisev1.AddNoteRequest{Message: f.message, Type: kind, Text: text, RequestId: f.requestID}
	if len(args) == 1 {
		request.Thread = args[0]
	}
	answer, err := d.inquiry.AddNote(ctx, request)
	if err != nil {
		return err
	}
	return p.result(object{"item": answer.GetItem(), "thread": request.GetThread(), "kind": f.kind},
		p.recordedLine(answer.GetItem()))
}

// recordedLine says where something stands that leaves for nowhere.
func (p *program) recordedLine(item uint64) string {
	s := p.speech()
	return s.line(s.say(s.Result.Recorded, "item", strconv.FormatUint(item, 10)))
}

// noteText is what --file or, in exercises, --text says, without line ends at its end.
func (p *program) noteText(f *noteFlags) (string, error) {
	switch {
	case f.file == "":
		return f.text, nil
	case f.text != "":
		return "", usage("--file and --text exclude each other")
	}
	text, err := p.readText(f.file)
	return strings.TrimRight(string(text), "\r\n"), err
}

func newInquiryNotesCommand(p *program) *cobra.Command {
	var kinds []string
	cmd := &cobra.Command{
		Use:   "notes [T]",
		Short: "Notes at home that you may read, newest first",
		Annotations: documented("T, or nothing for all: notes at home of your track and what the other track wrote to it, newest first; `--kind`",
			`{"notes":[`+noteForm+`]}`),
		Args: idArgument("thread", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &valisev1.ListNotesRequest{PageSize: 500}
			for _, name := range kinds {
				kind, known := noteKinds[name]
				if !known {
					return usageHint("--kind knows no "+shorten(name), "plain, coordination, hand_over, legal_basis or escalation")
				}
				request.Types = append(request.Types, kind)
			}
			if len(args) == 1 {
				request.Thread = args[0]
			}
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runInquiryNotes(cmd.Context(), d, request) })
		},
	}
	cmd.Flags().StringSliceVar(&kinds, "kind", nil, "only these kinds")
	completeKinds(cmd)
	return cmd
}

// completeKinds: --kind of another verb is something else.
func completeKinds(cmd *cobra.Command) {
	kinds := slices.Sorted(maps.Keys(noteKinds))
	_ = cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp)) // fails only where the flag is missing
}

func (p *program) runInquiryNotes(ctx context.Context, d *desk, request *valisev1.ListNotesRequest) error {
	list := []object{}
	lines := []string{}
	for {
		page, err := d.inquiry.ListNotes(ctx, request)
		if err != nil {
			return err
		}
		for _, n := range page.GetNotes() {
			list = append(list, localNoteObject(n))
			lines = append(lines, localNoteLines(p.speech(), n)...)
		}
		if page.GetNextPageToken() == "" {
			break
		}
		request.PageToken = page.GetNextPageToken()
	}
	if len(list) == 0 {
		p.tell("%s", p.speech().line(p.speech().Result.NoNotes.String()))
	}
	return p.result(object{"notes": list}, lines...)
}

func localNoteObject(n *valisev1.NoteView) object {
	return object{
		"item": n.GetItem(), "recorded": stamp(n.GetRecorded()), "officer": n.GetOfficer(), "role": n.GetRole(),
		"kind": noteKindName(n.GetType()), "text": n.GetText(), "thread": n.GetThread(), "message": n.GetMessage(),
		"from": n.GetFrom(), "to": n.GetTo(),
	}
}

// localNoteLines show a note with who wrote it, for whom and about what.
func localNoteLines(s speech, n *valisev1.NoteView) []string {
	line := s.say(s.Thread.Note, "kind", s.word(s.NoteKind, noteKindName(n.GetType())), "officer", s.theirs(n.GetOfficer()))
	if n.GetFrom() != "" {
		line = s.say(s.Thread.NoteOf, "line", line, "track", s.theirs(n.GetFrom()))
	}
	if n.GetTo() != "" {
		line = s.say(s.Thread.NoteTo, "line", line, "track", s.theirs(n.GetTo()))
	}
	if n.GetThread() != "" {
		line += "  " + s.say(s.Thread.OfThread, "thread", s.theirs(first8(n.GetThread())))
	}
	if n.GetMessage() != "" {
		line += "  " + s.say(s.Thread.OfMessage, "message", s.theirs(first8(n.GetMessage())))
	}
	return []string{s.line(s.at(n.GetRecorded()) + "  " + line), indent(s.theirs(n.GetText())), ""}
}
