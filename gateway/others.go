package gateway

import (
	"context"
	"encoding/hex"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// mayKeepOthers: who takes a directory file into force also keeps what other bodies say.
var mayKeepOthers = []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}

// ImportOther records that an officer imported the directory of another body. It never looks into it, and
// no rule of any procedure depends on it: the caller keeps the file. Once for each request id; newest is
// false where something later was recorded of the same directory, which an act that is asked for again must
// not undo. The error is an *Error: NOT_PERMITTED, BAD_REQUEST, BAD_TEXT, DISK_FULL, REQUEST_ID_CONFLICT or
// STORAGE_UNKNOWN. A-12
func (g *Gateway) ImportOther(ctx context.Context, a Actor, r *valisev1.ImportOtherRequest) (out *valisev1.ImportOtherResponse, newest bool, err error) {
	const op = "import other directory"
	d := r.GetDirectory()
	out = new(valisev1.ImportOtherResponse)
	newest, err = g.aboutOther(ctx, otherAct{op: op, by: a, id: d.GetId(), requestID: r.GetRequestId(), request: r, answer: out}, func(w *work, by hand) (uint64, error) {
		if err := g.roomForNew(); err != nil {
			return 0, err
		}
		var err error
		out.Item, err = w.tellOther(by, &valisev1.OtherFact{
			Id: d.GetId(), Name: d.GetName(), TableHash: d.GetTableHash(), MappingHash: d.GetMappingHash(), Contacts: uint32(len(d.GetContacts())),
		})
		out.Directory = &valisev1.OtherSummary{
			Source: &valisev1.OtherSource{
				Id: d.GetId(), Name: d.GetName(), TableHash: hex.EncodeToString(d.GetTableHash()),
				Imported: timestamppb.New(w.now), Officer: a.Name,
			},
			Agreed: d.GetAgreed(), Members: d.GetMembers(), Contacts: uint32(len(d.GetContacts())), Item: out.GetItem(),
		}
		return out.GetItem(), err
	})
	if err != nil {
		return nil, false, err
	}
	return out, newest, nil
}

// RemoveOther records that an officer removed the directory of another body; name is what it is called, empty
// where the caller keeps none of this id. newest is as for ImportOther. The error is an *Error:
// NOT_PERMITTED, NOT_FOUND, BAD_TEXT, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. A-12
func (g *Gateway) RemoveOther(ctx context.Context, a Actor, r *valisev1.RemoveOtherRequest, name string) (out *valisev1.RemoveOtherResponse, newest bool, err error) {
	const op = "remove other directory"
	out = new(valisev1.RemoveOtherResponse)
	newest, err = g.aboutOther(ctx, otherAct{op: op, by: a, id: r.GetId(), requestID: r.GetRequestId(), request: r, answer: out}, func(w *work, by hand) (uint64, error) {
		if name == "" {
			return 0, refuse(valisev1.Reason_REASON_NOT_FOUND, "no other directory of this name is kept here")
		}
		var err error
		out.Item, err = w.tellOther(by, &valisev1.OtherFact{Id: r.GetId(), Name: name, Removed: true})
		return out.GetItem(), err
	})
	if err != nil {
		return nil, false, err
	}
	return out, newest, nil
}

// otherAct is one act on the directory of another body.
type otherAct struct {
	op, id, requestID string
	by                Actor
	request           proto.Message
	answer            interface {
		proto.Message
		GetItem() uint64
	}
}

// aboutOther runs tell once for each request id, and says whether its item is the last that tells of the
// directory.
func (g *Gateway) aboutOther(ctx context.Context, act otherAct, tell func(*work, hand) (uint64, error)) (newest bool, err error) {
	role, err := act.by.as(mayKeepOthers)
	if err != nil {
		return false, asError(act.op, err, 0)
	}
	req, err := newRequest(act.op, act.by, act.requestID, act.request)
	if err != nil {
		return false, asError(act.op, err, 0)
	}
	err = g.update(ctx, act.op, func(w *work) error {
		err := w.once(req, act.answer, func() error {
			item, err := tell(w, hand{act.by.Name, roleName(role)})
			if err != nil {
				return err
			}
			return w.saveNumber(tableOthers, []byte(act.id), item)
		})
		if err != nil {
			return err
		}
		last, err := w.loadNumber(tableOthers, []byte(act.id))
		newest = last == act.answer.GetItem()
		return err
	})
	return newest, err
}

func (w *work) tellOther(by hand, fact *valisev1.OtherFact) (uint64, error) {
	s := sifter{}
	if f := s.message(fact.ProtoReflect()); f != nil {
		return 0, f.err()
	}
	if fact.GetId() == "" || fact.GetName() == "" || len(fact.GetId()) > maxContactLine || len(fact.GetName()) > maxContactLine {
		return 0, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a directory of another body has a short name and a name, of at most %d bytes", maxContactLine)
	}
	return w.append(&valisev1.Item{Type: valisev1.ItemType_ITEM_TYPE_OTHER_DIRECTORY, Officer: by.officer, Role: by.role, Other: fact})
}
