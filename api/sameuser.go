package api

import (
	"context"
	"log/slog"
	"os"
	"strings"

	"google.golang.org/grpc"

	valisev1 "valise.example/proto/valise/v1"
)

// SameUser are what a server on a socket of its own needs whose only caller is the user that runs it: no
// officer, token or name counts there. Every other user id, and one that the kernel does not name, is refused
// every call; requests are held to their form and errors are told as at a node's door. docs/protocol.md §12.6
func SameUser(log *slog.Logger) []grpc.ServerOption {
	// Only what tells and bounds is used of the server: it has no officers and no services.
	s := New(Config{Logger: log})
	unary := func(ctx context.Context, request any, info *grpc.UnaryServerInfo, act grpc.UnaryHandler) (response any, err error) {
		defer func() { err = s.told(ctx, info.FullMethod, err) }()
		defer s.caught(ctx, info.FullMethod, &err)
		if err := sameUser(ctx); err != nil {
			return nil, err
		}
		if err := wellFormed(request); err != nil {
			return nil, err
		}
		return act(ctx, request)
	}
	stream := func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, act grpc.StreamHandler) (err error) {
		defer func() { err = s.told(stream.Context(), info.FullMethod, err) }()
		defer s.caught(stream.Context(), info.FullMethod, &err)
		if err := sameUser(stream.Context()); err != nil {
			return err
		}
		return act(srv, stream)
	}
	return []grpc.ServerOption{
		grpc.Creds(doorCredentials{}),
		grpc.MaxRecvMsgSize(maxRequest + overhead),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.MaxConcurrentStreams(maxCalls),
		grpc.ChainUnaryInterceptor(unary),
		grpc.ChainStreamInterceptor(stream),
	}
}

// sameUser refuses whoever is not of the user id that runs this process.
func sameUser(ctx context.Context) error {
	if p := peerOf(ctx); !p.Known || int64(p.UID) != int64(os.Getuid()) {
		return refusal(valisev1.Reason_REASON_NOT_PERMITTED, "only the user who conducts the exercise steers it")
	}
	return nil
}

// Refuse makes the refusal of a call by a service that stands beside a node's; detail may be empty.
func Refuse(reason valisev1.Reason, detail string) error {
	return refusal(reason, strings.TrimSpace(detail))
}

// RefuseField is a BAD_REQUEST that names the field of the request that is meant.
func RefuseField(field, detail string) error { return refuseField(field, detail) }
