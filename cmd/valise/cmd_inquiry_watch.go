package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryWatchCommand(p *program) *cobra.Command {
	var (
		cursor  uint64
		replay  bool
		count   int
		timeout time.Duration
	)
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Print events as they are recorded, until interrupted",
		Annotations: documented("events as they are recorded; `--replay`, `--cursor`, `--count` with `--timeout`",
			`{"cursor","type","thread","message","kind","delivery","recorded","peer","ours"}`+"; one line an event"),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), func(d *desk) error {
				return p.runInquiryWatch(cmd.Context(), d, &valisev1.WatchRequest{Cursor: cursor, Replay: replay}, count, timeout)
			})
		},
	}
	cmd.Flags().Uint64Var(&cursor, "cursor", 0, "go on after this event")
	cmd.Flags().BoolVar(&replay, "replay", false, "begin with the first event of the record")
	cmd.Flags().IntVar(&count, "count", 0, "end after so many events")
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "with --count: give up after this long (exit 6)")
	return cmd
}

func (p *program) runInquiryWatch(ctx context.Context, d *desk, request *valisev1.WatchRequest, count int, timeout time.Duration) error {
	outer := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	stream, err := d.inquiry.Watch(ctx, request)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		event, err := stream.Recv()
		if err != nil {
			return watchEnd(outer, err)
		}
		if err := p.printEvent(event); err != nil {
			return err
		}
		if n == count {
			return nil
		}
	}
}

// watchEnd: an interrupt is how a watch is meant to end.
func watchEnd(outer context.Context, err error) error {
	switch {
	case outer.Err() != nil:
		return nil
	case status.Code(err) == codes.DeadlineExceeded:
		return refuse(valisev1.Reason_REASON_TIMED_OUT, "no further event in time", "")
	case errors.Is(err, io.EOF):
		return refuse(valisev1.Reason_REASON_NODE_UNREACHABLE, "the node ended", "")
	}
	return err
}

func (p *program) printEvent(e *valisev1.WatchResponse) error {
	o := object{
		"cursor": e.GetCursor(), "type": itemTypeName(e.GetType()), "thread": e.GetThread(), "message": e.GetMessage(),
		"kind": kindName(e.GetKind()), "delivery": deliveryName(e.GetDelivery()), "recorded": stamp(e.GetRecorded()), "peer": e.GetPeer(), "ours": e.GetOurs(),
	}
	s := p.speech()
	words := []string{s.at(e.GetRecorded()), itemWord(s, e.GetType())}
	if e.GetKind() != valisev1.Kind_KIND_UNSPECIFIED {
		words = append(words, s.kind(e.GetKind()))
	}
	if e.GetDelivery() != valisev1.Delivery_DELIVERY_UNSPECIFIED {
		words = append(words, deliveryWords(s, e.GetDelivery(), e.GetPeer()))
	}
	words = append(words, s.theirs(e.GetPeer())+" "+s.theirs(first8(e.GetThread())))
	return p.result(o, s.line(strings.Join(words, "  ")))
}

// itemWord is the name in the contract in English, as scripts know it, and a word in any other language.
func itemWord(s speech, t valisev1.ItemType) string {
	if s.l == locale.English {
		return itemTypeName(t)
	}
	return s.word(s.Item, itemTypeName(t))
}
