package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

type logFlags struct {
	means, at, with, detail, note string
	file, peer, requestID         string
	inbound                       bool
}

func newInquiryLogCommand(p *program) *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "log [T]",
		Short: "Record a call or email outside the node, with which the procedure begins",
		Annotations: documented("T, or `--peer`: a call, email or meeting; never leaves the node; `--means`, `--at`, `--inbound`, `--with`",
			`{"item","thread"}`),
		Long: `Records a call, email or meeting. It never leaves this node. Without T name the
peer with --peer. --file takes TOML: person, detail, note; any other text is the note.

` + exitTable,
		Args: idArgument("thread", 0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error { return p.runInquiryLog(cmd, d, &f, args) })
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.means, "means", "call", "call, email, meeting or other")
	fs.StringVar(&f.at, "at", "", "when, RFC 3339 (default now)")
	fs.BoolVar(&f.inbound, "inbound", false, "they called us")
	fs.StringVar(&f.peer, "peer", "", "the peer's point of contact, where there is no thread yet")
	fs.StringVar(&f.file, "file", "", "what was said; - reads stdin")
	fs.StringVar(&f.requestID, "request-id", "", "makes the act unique")
	p.textFlag(cmd, &f.with, "with", "with whom")
	p.textFlag(cmd, &f.detail, "detail", "the number or address that worked")
	p.textFlag(cmd, &f.note, "note", "what was said, in short")
	return cmd
}

func (p *program) runInquiryLog(cmd *cobra.Command, d *desk, f *logFlags, args []string) error {
	ctx := cmd.Context()
	if err := d.refuseText(ctx, p.usesText(cmd)...); err != nil {
		return err
	}
	request := &valisev1.LogContactRequest{RequestId: f.requestID}
	if len(args) == 1 {
		request.Thread = args[0]
	}
	if request.GetThread() == "" && f.peer == "" {
		return usageHint("neither a thread nor a peer is named", "valise inquiry log T, or --peer XB/technical")
	}
	contact, err := p.contactLog(f)
	if err != nil {
		return err
	}
	request.Contact = contact
	return p.logContact(ctx, d, request)
}

func (p *program) logContact(ctx context.Context, d *desk, request *valisev1.LogContactRequest) error {
	answer, err := d.inquiry.LogContact(ctx, request)
	if err != nil {
		return err
	}
	return p.result(object{"item": answer.GetItem(), "thread": request.GetThread()},
		p.recordedLine(answer.GetItem()))
}

func (p *program) contactLog(f *logFlags) (*valisev1.ContactLog, error) {
	means, ok := valisev1.ContactMeans_value["CONTACT_MEANS_"+strings.ToUpper(f.means)]
	if !ok || means == 0 {
		return nil, usageHint("--means knows no "+shorten(f.means), "call, email, meeting or other")
	}
	at := p.now()
	if f.at != "" {
		t, err := time.Parse(time.RFC3339, f.at)
		if err != nil {
			return nil, usageHint("--at is no RFC 3339 time", "for example 2031-05-04T10:30:00+02:00")
		}
		at = t
	}
	if f.peer != "" {
		if _, err := ident.ParseAddress(f.peer); err != nil {
			return nil, usage(err.Error())
		}
	}
	contact := &valisev1.ContactLog{
		Means: valisev1.ContactMeans(means), At: timestamppb.New(at), Inbound: f.inbound,
		Person: f.with, Detail: f.detail, Note: f.note, Peer: f.peer,
	}
	if f.file == "" {
		return contact, nil
	}
	text, err := p.readText(f.file)
	if err != nil {
		return nil, err
	}
	return contact, readContactFile(contact, text)
}
