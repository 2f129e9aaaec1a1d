package api

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// actor is the officer of a call that passed the door; the zero Actor has no role at all.
func (s *Server) actor(ctx context.Context) gateway.Actor {
	actor, _ := ActorFrom(ctx)
	return actor
}

// sending lets a node send again that had stopped; Epoch is the one it sends in. docs/protocol.md §7.6
type sending interface {
	ResumeSending(context.Context, gateway.Actor) error
	Epoch() ident.Epoch
}

// nodeService tells how the node does; no content passes through it.
type nodeService struct {
	valisev1.UnimplementedNodeServiceServer
	server *Server
}

var _ valisev1.NodeServiceServer = (*nodeService)(nil)

func (s *nodeService) GetStatus(ctx context.Context, _ *valisev1.GetStatusRequest) (*valisev1.GetStatusResponse, error) {
	return s.server.cfg.Node.Status(ctx)
}

// CopyRecord is for a backup: it needs no right to read, because the copy opens with the record key
// only, which no officer has.
func (s *nodeService) CopyRecord(_ *valisev1.CopyRecordRequest, stream grpc.ServerStreamingServer[valisev1.CopyRecordResponse]) error {
	ctx := stream.Context()
	head, err := s.server.cfg.Backup.CopyRecord(ctx, func(piece []byte) error {
		return stream.Send(&valisev1.CopyRecordResponse{Data: piece})
	})
	if err != nil {
		return err
	}
	return stream.Send(&valisev1.CopyRecordResponse{Head: head})
}

func (s *nodeService) NoteBackup(ctx context.Context, r *valisev1.NoteBackupRequest) (*valisev1.NoteBackupResponse, error) {
	return commit(ctx, r, checkNoteBackup, func(ctx context.Context, r *valisev1.NoteBackupRequest) (*valisev1.NoteBackupResponse, error) {
		return s.server.cfg.Backup.NoteBackup(ctx, s.server.actor(ctx), r)
	})
}

func (s *nodeService) ResumeSending(ctx context.Context, r *valisev1.ResumeSendingRequest) (*valisev1.ResumeSendingResponse, error) {
	check := func(*valisev1.ResumeSendingRequest) error { return nil }
	return commit(ctx, r, check, func(ctx context.Context, _ *valisev1.ResumeSendingRequest) (*valisev1.ResumeSendingResponse, error) {
		if err := s.server.cfg.Gateway.ResumeSending(ctx, s.server.actor(ctx)); err != nil {
			return nil, err
		}
		return &valisev1.ResumeSendingResponse{Epoch: s.server.cfg.Gateway.Epoch().String()}, nil
	})
}

func (s *nodeService) RotateKeys(ctx context.Context, r *valisev1.RotateKeysRequest) (*valisev1.RotateKeysResponse, error) {
	check := func(*valisev1.RotateKeysRequest) error { return nil }
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.RotateKeysRequest) (*valisev1.RotateKeysResponse, error) {
		return s.server.cfg.Keys.RotateKeys(ctx, s.server.actor(ctx), r)
	})
}

func checkNoteBackup(r *valisev1.NoteBackupRequest) error {
	switch {
	case r.GetCreated().CheckValid() != nil:
		return refuseField("created", "is no time")
	case len(r.GetHead().GetRoot()) != 64 || !isHex(r.GetHead().GetRoot()):
		return refuseField("head.root", "is not 64 lower-case hexadecimal digits")
	}
	return nil
}

// officerService says who may do what on this node. A-9 s4
type officerService struct {
	valisev1.UnimplementedOfficerServiceServer
	server *Server
}

var _ valisev1.OfficerServiceServer = (*officerService)(nil)

func (s *officerService) AddOfficer(ctx context.Context, r *valisev1.AddOfficerRequest) (*valisev1.AddOfficerResponse, error) {
	return commit(ctx, r, checkAddOfficer, func(ctx context.Context, r *valisev1.AddOfficerRequest) (*valisev1.AddOfficerResponse, error) {
		officer, token, err := s.server.cfg.Officers.Add(ctx, s.server.actor(ctx), r.GetOfficer(), r.GetWithToken())
		if err != nil {
			return nil, err
		}
		return &valisev1.AddOfficerResponse{Officer: shown(officer), Token: token}, nil
	})
}

func checkAddOfficer(r *valisev1.AddOfficerRequest) error {
	o := r.GetOfficer()
	switch {
	case o.GetName() == "":
		return refuseField("officer.name", "is missing")
	case len(o.GetName()) > 64 || len(o.GetShownAs()) > 200:
		return refuseField("officer.name", "or the name shown is too long")
	case len(o.GetRoles()) == 0 || len(o.GetRoles()) > len(anyone):
		return refuseField("officer.roles", "has none, or more than there are")
	case len(o.GetUids()) > 16:
		return refuseField("officer.uids", "has more than 16")
	case len(o.GetTracks()) > 2:
		return refuseField("officer.tracks", "has more than there are")
	case o.GetCertificate() != "" && (len(o.GetCertificate()) != 64 || !isHex(o.GetCertificate())):
		return refuseField("officer.certificate", "is not 64 lower-case hexadecimal digits")
	}
	return nil
}

func (s *officerService) ListOfficers(ctx context.Context, _ *valisev1.ListOfficersRequest) (*valisev1.ListOfficersResponse, error) {
	officers, err := s.server.cfg.Officers.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &valisev1.ListOfficersResponse{}
	for _, o := range officers {
		out.Officers = append(out.Officers, shown(o))
	}
	return out, nil
}

func (s *officerService) RemoveOfficer(ctx context.Context, r *valisev1.RemoveOfficerRequest) (*valisev1.RemoveOfficerResponse, error) {
	check := func(r *valisev1.RemoveOfficerRequest) error {
		if r.GetName() == "" {
			return refuseField("name", "is missing")
		}
		return nil
	}
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.RemoveOfficerRequest) (*valisev1.RemoveOfficerResponse, error) {
		return &valisev1.RemoveOfficerResponse{}, s.server.cfg.Officers.Remove(ctx, s.server.actor(ctx), r.GetName())
	})
}

func (s *officerService) WhoAmI(ctx context.Context, _ *valisev1.WhoAmIRequest) (*valisev1.WhoAmIResponse, error) {
	actor := s.server.actor(ctx)
	officer, ok := s.server.cfg.Officers.ByName(ctx, actor.Name)
	if !ok {
		return nil, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "")
	}
	return &valisev1.WhoAmIResponse{Officer: shown(officer)}, nil
}

// shown is an officer without the hash of the token: nobody needs to see it.
func shown(o *valisev1.Officer) *valisev1.Officer {
	out := proto.CloneOf(o)
	if out != nil {
		out.TokenHash = ""
	}
	return out
}
