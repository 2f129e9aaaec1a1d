package gateway

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Bounds of what a logged contact may hold, in bytes.
const (
	maxContactLine = 300
	maxContactNote = 20_000
)

// LogContact records a call or email outside the gateway, with which the procedure begins, in a
// thread or bound to a peer alone. Nothing of it is ever sent. I-1, A-11 s3
func (g *Gateway) LogContact(ctx context.Context, a Actor, r *valisev1.LogContactRequest) (*valisev1.LogContactResponse, error) {
	const op = "log contact"
	role, err := a.as(mayLog)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.LogContactResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error {
			item := &valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_CONTACT_LOG, Officer: a.Name, Role: roleName(role)}
			out.Item, err = w.logContact(a, r, item)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *work) logContact(a Actor, r *valisev1.LogContactRequest, item *valisev1.Item) (uint64, error) {
	if r.GetContact() == nil {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "there is no call or email to log")
	}
	c := proto.CloneOf(r.GetContact())
	item.ContactLog = c
	var th *valisev1.Thread
	if r.GetThread() != "" {
		var err error
		if th, err = w.findThread(a, r.GetThread()); err != nil {
			return 0, err
		}
		item.Thread, c.Peer = th.GetId(), th.GetPeer()
	}
	if c.GetAt() == nil {
		c.At = timestamppb.New(w.now)
	}
	if err := checkContact(c); err != nil {
		return 0, err
	}
	if with, err := ident.ParseAddress(c.GetPeer()); err == nil {
		if err := a.speaksOn(with.Track); err != nil {
			return 0, err
		}
	}
	n, err := w.append(item)
	if err != nil || th == nil {
		return n, err
	}
	th.Changed = timestamppb.New(w.now)
	return n, w.saveThread(th)
}

func checkContact(c *valisev1.ContactLog) error {
	if _, err := ident.ParseAddress(c.GetPeer()); err != nil {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "a contact names its thread, or the peer's address")
	}
	if !c.GetAt().IsValid() {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the time of the contact is no time")
	}
	if len(c.GetPerson()) > maxContactLine || len(c.GetDetail()) > maxContactLine || len(c.GetNote()) > maxContactNote {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the log of a contact is too long")
	}
	if _, known := valisev1.ContactMeans_name[int32(c.GetMeans())]; !known {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "the means of the contact is none that is known")
	}
	s := sifter{}
	if f := s.message(c.ProtoReflect()); f != nil {
		return f.err()
	}
	if f := checkLines(c.ProtoReflect()); f != nil {
		return f.err()
	}
	return nil
}
