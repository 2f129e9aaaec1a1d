package api

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"google.golang.org/grpc/metadata"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Keys of a call's metadata.
const (
	tokenKey   = "authorization"
	officerKey = "valise-officer"
	bearer     = "Bearer "
)

// maxCredential is how long a token or a name may be.
const maxCredential = 256

type actorKey struct{}

// ActorFrom is the officer who makes a call, for services that are registered beside ours; ok
// is false outside a call that passed the door.
func ActorFrom(ctx context.Context) (actor gateway.Actor, ok bool) {
	actor, ok = ctx.Value(actorKey{}).(gateway.Actor)
	return actor, ok
}

// identify is the officer behind a call. Over TCP the certificate decides, and a token or a name can
// only say again whose it is. On the socket a token decides alone; without one, the user id of the
// other end does, and a name chooses among the officers of that user id. It never gives anybody
// the name of another. A-9 s4, docs/protocol.md §12
func (s *Server) identify(ctx context.Context) (gateway.Actor, error) {
	token, err := single(ctx, tokenKey)
	if err != nil {
		return gateway.Actor{}, err
	}
	name, err := single(ctx, officerKey)
	if err != nil {
		return gateway.Actor{}, err
	}
	officer, ok := s.find(ctx, token, name)
	if !ok {
		return gateway.Actor{}, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "no officer of this node is known by this user id, certificate, token or name")
	}
	actor := gateway.Actor{Name: officer.GetName(), Roles: officer.GetRoles(), ShownAs: officer.GetShownAs()}
	for _, name := range officer.GetTracks() {
		track, err := ident.ParseTrack(name)
		if err != nil {
			// To leave it out could leave none, and none means all.
			return gateway.Actor{}, refusal(valisev1.Reason_REASON_NOT_PERMITTED, "this officer is bound to a track that does not exist")
		}
		actor.Tracks = append(actor.Tracks, track)
	}
	return actor, nil
}

func (s *Server) find(ctx context.Context, token, name string) (*valisev1.Officer, bool) {
	at := peerOf(ctx)
	if at.Certified {
		officer, ok := s.cfg.Officers.ByCertificate(ctx, at.Certificate)
		if ok && token != "" {
			other, known := s.byToken(ctx, token)
			ok = known && other.GetName() == officer.GetName()
		}
		return officer, ok && (name == "" || officer.GetName() == name)
	}
	if token != "" {
		officer, ok := s.byToken(ctx, token)
		return officer, ok && (name == "" || officer.GetName() == name)
	}
	if !at.Known {
		return nil, false
	}
	if name == "" {
		return s.cfg.Officers.ByUID(ctx, at.UID)
	}
	officer, ok := s.cfg.Officers.ByName(ctx, name)
	return officer, ok && slices.Contains(officer.GetUids(), at.UID)
}

func (s *Server) byToken(ctx context.Context, token string) (*valisev1.Officer, bool) {
	secret, ok := strings.CutPrefix(token, bearer)
	if !ok || secret == "" {
		return nil, false
	}
	return s.cfg.Officers.ByToken(ctx, sha256.Sum256([]byte(secret)))
}

// single reads a value that may stand in a call at most once.
func single(ctx context.Context, key string) (string, error) {
	values := metadata.ValueFromIncomingContext(ctx, key)
	switch {
	case len(values) == 0:
		return "", nil
	case len(values) > 1 || len(values[0]) > maxCredential+len(bearer):
		return "", refusal(valisev1.Reason_REASON_NOT_PERMITTED, "a call names its officer once")
	}
	return values[0], nil
}
