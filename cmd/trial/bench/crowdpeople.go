package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// people are the officers of a lab, each at the door of a node: the manager's, who asks, and those
// of the States, who answer what they see arrive. A-8, B-1c-i
type people struct {
	lab     *lab.Lab
	part    *parts
	conns   []*grpc.ClientConn
	manager valisev1.DirectoryServiceClient
	answers chan string // threads in which the manager saw an answer arrive
}

// gather brings an officer to every door of a lab.
func gather(ctx context.Context, l *lab.Lab) (*people, error) {
	p := &people{lab: l, part: newParts(ctx), answers: make(chan string, 1024)}
	for _, s := range l.Parties() {
		conn, err := api.Dial(ctx, filepath.Join(l.Home(s), node.SocketFile), api.DialOptions{})
		if err != nil {
			return nil, errors.Join(err, p.leave())
		}
		p.conns = append(p.conns, conn)
		act := answerAt(valisev1.NewInquiryServiceClient(conn))
		if s == lab.Global {
			p.manager, act = valisev1.NewDirectoryServiceClient(conn), p.noted
		}
		if err := p.sit(conn, act); err != nil {
			return nil, errors.Join(err, p.leave())
		}
	}
	return p, nil
}

// sit follows what a node tells and acts on what arrives.
func (p *people) sit(conn *grpc.ClientConn, act func(context.Context, *valisev1.WatchResponse) error) error {
	events, err := valisev1.NewInquiryServiceClient(conn).Watch(p.part.ctx, &valisev1.WatchRequest{})
	if err != nil {
		return err
	}
	if _, err := events.Header(); err != nil {
		return err
	}
	p.part.run(func(ctx context.Context) error {
		for {
			e, err := events.Recv()
			if err != nil {
				return err
			}
			if e.GetType() != valisev1.ItemType_ITEM_TYPE_RECEIVED {
				continue
			}
			if err := act(ctx, e); err != nil {
				return err
			}
		}
	})
	return nil
}

// answerAt is an officer who says that an entry is right, as soon as somebody asks. A-8 s2
func answerAt(door valisev1.InquiryServiceClient) func(context.Context, *valisev1.WatchResponse) error {
	return func(ctx context.Context, e *valisev1.WatchResponse) error {
		if e.GetKind() != valisev1.Kind_KIND_PING {
			return nil
		}
		_, err := door.Reply(ctx, &valisev1.ReplyRequest{
			Thread: e.GetThread(), Payload: &valisev1.Payload{Payload: &valisev1.Payload_PingReply{PingReply: &valisev1.PingReply{EntryCorrect: true}}},
		})
		return err
	}
}

func (p *people) noted(ctx context.Context, e *valisev1.WatchResponse) error {
	if e.GetKind() != valisev1.Kind_KIND_PING_REPLY {
		return nil
	}
	select {
	case p.answers <- e.GetThread():
	case <-ctx.Done():
	}
	return nil
}

// ask begins a campaign and returns when the manager has seen the answer of everyone asked.
func (p *people) ask(ctx context.Context, r *valisev1.StartCheckRequest) (campaign string, asked int, err error) {
	r.Detail = "node"
	begun, err := p.manager.StartCheck(ctx, r)
	if err != nil {
		return "", 0, err
	}
	open := map[string]bool{}
	for _, sent := range begun.GetSent() {
		open[sent.GetThread()] = true
	}
	for len(open) > 0 {
		select {
		case thread := <-p.answers:
			if !open[thread] {
				return "", 0, errors.New("bench: an answer came twice, or nobody was asked for it")
			}
			delete(open, thread)
		case <-p.part.ended():
			return "", 0, errors.Join(errors.New("bench: an officer left"), p.part.stop())
		case <-ctx.Done():
			return "", 0, ctx.Err()
		}
	}
	return begun.GetCampaign(), len(begun.GetSent()), nil
}

// askAll asks every POC and holds that the manager's page says of each that a person answered in time.
func (p *people) askAll(ctx context.Context) (int, error) {
	campaign, asked, err := p.ask(ctx, &valisev1.StartCheckRequest{All: true})
	if err != nil {
		return 0, err
	}
	if want := 2 * len(p.lab.States); asked != want {
		return 0, fmt.Errorf("bench: %d POCs were asked, there are %d", asked, want)
	}
	got, err := p.manager.GetCheck(ctx, &valisev1.GetCheckRequest{Campaign: campaign})
	if err != nil {
		return 0, err
	}
	if i := slices.IndexFunc(got.GetChecks(), func(c *valisev1.CheckView) bool {
		return c.GetState() != valisev1.CheckState_CHECK_STATE_REPLIED
	}); i >= 0 || len(got.GetChecks()) != asked {
		return 0, fmt.Errorf("bench: not all of %d POCs have answered by the manager's page", asked)
	}
	return asked, nil
}

// askState asks the two POCs of one State.
func (p *people) askState(ctx context.Context, s ident.State) (int, error) {
	_, asked, err := p.ask(ctx, &valisev1.StartCheckRequest{To: []string{
		ident.Address{State: s, Track: ident.Diplomatic}.String(), ident.Address{State: s, Track: ident.Technical}.String(),
	}})
	return asked, err
}

func (p *people) leave() error {
	err := p.part.stop()
	for _, c := range p.conns {
		err = errors.Join(err, c.Close())
	}
	return err
}
