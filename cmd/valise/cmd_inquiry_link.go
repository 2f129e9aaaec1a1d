package main

import (
	"github.com/spf13/cobra"

	valisev1 "valise.example/proto/valise/v1"
)

// What the verbs for links print, as docs/cli.md shows it.
const (
	linkObject = `{"thread","linked":[` + linkedForm + `]}`
	linkedForm = `{"thread","peer","ours","title"}`
)

func newInquiryLinkCommand(p *program) *cobra.Command {
	return linkCommand(p, &cobra.Command{
		Use:   "link T T…",
		Short: "Say that threads belong together, at home only",
		Annotations: documented("T T…: the threads belong together, with all that they are linked with; never sent; at most 256",
			linkObject),
		Long: `Threads that one incident with several States, or both tracks, has led to belong together.
No other State learns of it: a link would name a third State. A thread of a track that is not
yours is shown without its title.

` + exitTable,
		Args: idArguments("thread", 2),
	}, false)
}

func newInquiryUnlinkCommand(p *program) *cobra.Command {
	return linkCommand(p, &cobra.Command{
		Use:   "unlink T [T…]",
		Short: "Part threads that were linked at home",
		Annotations: documented("T, which leaves its link; with more T: these leave the link that the first one has",
			linkObject),
		Args: idArguments("thread", 1),
	}, true)
}

func linkCommand(p *program, cmd *cobra.Command, end bool) *cobra.Command {
	var requestID string
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		request := &valisev1.LinkThreadsRequest{Thread: args[0], With: args[1:], End: end, RequestId: requestID}
		return p.atDesk(cmd.Context(), func(d *desk) error {
			answer, err := d.inquiry.LinkThreads(cmd.Context(), request)
			if err != nil {
				return err
			}
			s := p.speech()
			lines := linkedLines(s, answer.GetLinked())
			if len(lines) == 0 {
				lines = []string{s.line(s.Result.LinkedNothing.String())}
			}
			return p.result(object{"thread": request.GetThread(), "linked": linkedObjects(answer.GetLinked())}, lines...)
		})
	}
	cmd.Flags().StringVar(&requestID, "request-id", "", "makes the act unique: the same id again answers the same")
	return cmd
}

func linkedObjects(list []*valisev1.LinkedThread) []object {
	out := []object{}
	for _, l := range list {
		out = append(out, object{"thread": l.GetThread(), "peer": l.GetPeer(), "ours": l.GetOurs(), "title": l.GetTitle()})
	}
	return out
}

func linkedLines(s speech, list []*valisev1.LinkedThread) (lines []string) {
	for _, l := range list {
		line := s.say(s.Thread.Linked, "thread", s.theirs(first8(l.GetThread())), "peer", s.theirs(l.GetPeer()), "ours", s.theirs(l.GetOurs()))
		if l.GetTitle() != "" {
			line = s.say(s.Thread.WithWords, "line", line, "words", s.theirs(l.GetTitle()))
		}
		lines = append(lines, s.line(line))
	}
	return lines
}
