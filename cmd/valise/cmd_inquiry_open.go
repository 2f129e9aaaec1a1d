package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryOpenCommand(p *program) *cobra.Command {
	var requestID string
	cmd := &cobra.Command{
		Use:   "open T",
		Short: "Say that you have seen what the other State sent; it learns nothing of it",
		Annotations: documented("T: a person has seen what the peer sent, which ends the calls to the desk; the peer is told nothing",
			`{"thread","item","opened"}`),
		Long: `Says that a person has seen what the other State sent in a thread. It ends the calls to the
desk and stays here: to the other State it says nothing, as only an acknowledgement does.
"inquiry show" at a terminal says the same by itself; a script that reads has opened nothing.

` + exitTable,
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error {
				return p.runInquiryOpen(cmd.Context(), d, &valisev1.OpenThreadRequest{Thread: args[0], RequestId: requestID})
			})
		},
	}
	cmd.Flags().StringVar(&requestID, "request-id", "", "makes the act unique: the same id again answers the same")
	return cmd
}

func (p *program) runInquiryOpen(ctx context.Context, d *desk, request *valisev1.OpenThreadRequest) error {
	answer, err := d.inquiry.OpenThread(ctx, request)
	if err != nil {
		return err
	}
	o := object{"thread": request.GetThread(), "item": nil, "opened": answer.GetOpened()}
	s := p.speech()
	line := s.Result.NothingToOpen
	if answer.GetOpened() {
		o["item"], line = answer.GetItem(), s.Result.Opened
	}
	return p.result(o, s.line(line.String()))
}

// openedByShowing: a thread that stands on a person's screen has been opened by them, up to what the
// screen shows. Whoever may read but not open, or what goes into a file or a pipe, opens nothing.
// docs/protocol.md §12.7
func (p *program) openedByShowing(ctx context.Context, d *desk, view *valisev1.GetThreadResponse) error {
	if p.json || view.GetThread().GetUnopenedSince() == nil || !p.onScreen() {
		return nil
	}
	request := &valisev1.OpenThreadRequest{Thread: view.GetThread().GetThread()}
	for _, m := range view.GetMessages() {
		request.Unseen = max(request.GetUnseen(), m.GetItem()+1)
	}
	answer, err := d.inquiry.OpenThread(ctx, request)
	switch {
	case err != nil && explain(err).reason == valisev1.Reason_REASON_NOT_PERMITTED:
		return nil
	case err == nil && answer.GetOpened():
		p.tell("%s", p.speech().line(p.speech().Result.Opened.String()))
	}
	return err
}

// onScreen reports whether what is printed stands on a person's screen.
func (p *program) onScreen() bool {
	out, ok := p.out.(*os.File)
	return ok && term.IsTerminal(int(out.Fd()))
}
