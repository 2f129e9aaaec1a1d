package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

const healthPrefix = "/grpc.health.v1.Health/"

// unary is the way of every call: who, may they, well formed, the act, its error. docs/protocol.md §10
func (s *Server) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, act grpc.UnaryHandler) (response any, err error) {
	if strings.HasPrefix(info.FullMethod, healthPrefix) {
		return act(ctx, request)
	}
	defer func() { err = s.told(ctx, info.FullMethod, err) }()
	defer s.caught(ctx, info.FullMethod, &err)
	ctx, err = s.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	if err := wellFormed(request); err != nil {
		return nil, err
	}
	response, err = act(ctx, request)
	s.tellRefused(ctx, request, err)
	return response, err
}

// stream is the same way for calls that answer with a stream.
func (s *Server) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, act grpc.StreamHandler) (err error) {
	if strings.HasPrefix(info.FullMethod, healthPrefix) {
		return act(srv, stream)
	}
	defer func() { err = s.told(stream.Context(), info.FullMethod, err) }()
	defer s.caught(stream.Context(), info.FullMethod, &err)
	ctx, err := s.admit(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	asked := &admitted{ServerStream: stream, ctx: ctx, server: s}
	err = act(srv, asked)
	s.tellRefused(ctx, asked.request, err)
	return err
}

// admitted is a stream whose caller is known and whose requests are well formed.
type admitted struct {
	grpc.ServerStream
	ctx     context.Context
	server  *Server
	request any // the last that was received
}

func (a *admitted) Context() context.Context { return a.ctx }

// SendMsg ends a stream once its officer is not what they were when it began: who was removed, or
// lost a role or a track, is told nothing more. A-9 s4
func (a *admitted) SendMsg(m any) error {
	if err := a.server.still(a.ctx); err != nil {
		return err
	}
	return a.ServerStream.SendMsg(m)
}

func (a *admitted) RecvMsg(m any) error {
	if err := a.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	a.request = m
	return wellFormed(m)
}

// admit names the caller and looks whether their roles allow the method. A call whose time is over
// is not begun.
func (s *Server) admit(ctx context.Context, method string) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return ctx, err
	}
	actor, err := s.identify(ctx)
	if err != nil {
		return ctx, err
	}
	if err := s.permit(actor, method); err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, actorKey{}, actor), nil
}

// still refuses a caller who is not the officer any more as whom they were admitted.
func (s *Server) still(ctx context.Context) error {
	before := s.actor(ctx)
	if now, err := s.identify(ctx); err != nil || !sameActor(before, now) {
		return refusal(valisev1.Reason_REASON_NOT_PERMITTED, "what this officer may do was changed while the call went on")
	}
	return nil
}

func sameActor(a, b gateway.Actor) bool {
	return a.Name == b.Name && slices.Equal(a.Roles, b.Roles) && slices.Equal(a.Tracks, b.Tracks)
}

// makeRoom is asked before anything of a call is read: over TCP, each certificate and all of them
// together have so many calls open at once. P7
func (s *Server) makeRoom(ctx context.Context, _ *tap.Info) (context.Context, error) {
	at := peerOf(ctx)
	if !at.Certified {
		return ctx, nil
	}
	back, ok := s.open.take(at.Certificate)
	if !ok {
		return ctx, refusal(valisev1.Reason_REASON_NOT_ACCEPTING, "as many calls are open over TCP as there may be at once").GRPCStatus().Err()
	}
	context.AfterFunc(ctx, back)
	return ctx, nil
}

// wellFormed holds a request to its size and to what needs no knowledge of its meaning.
func wellFormed(request any) error {
	m, ok := request.(proto.Message)
	if !ok {
		return refusal(valisev1.Reason_REASON_BAD_REQUEST, "")
	}
	limit := maxRequest
	if _, ok := request.(*valisev1.ImportDirectoryRequest); ok {
		limit = maxBundle
	}
	if n := proto.Size(m); n > limit {
		return refusal(valisev1.Reason_REASON_BAD_REQUEST, fmt.Sprintf("it has %d bytes, at most %d are taken", n, limit))
	}
	return draft.Check(m)
}

// caught turns a panic of an act into an error: one broken call must not take the node down.
// Its text could hold content, so only its type and where it was are told to the log.
func (s *Server) caught(ctx context.Context, method string, err *error) {
	r := recover()
	if r == nil {
		return
	}
	s.cfg.Logger.ErrorContext(ctx, "a call broke off", slog.String("method", method), slog.String("panic", fmt.Sprintf("%T", r)), slog.String("stack", string(debug.Stack())))
	*err = refusal(valisev1.Reason_REASON_INTERNAL, "")
}

// told makes err fit to be sent and writes one line about a refusal: method, reason, and for
// what was unforeseen the types of its causes. Never its text. docs/protocol.md §10
func (s *Server) told(ctx context.Context, method string, err error) error {
	if err == nil {
		return nil
	}
	e := asError(err)
	level := slog.LevelInfo
	if errors.Is(ctx.Err(), context.Canceled) {
		level = slog.LevelDebug // who hangs up, as every Watch ends, was not refused
	}
	attrs := []slog.Attr{slog.String("method", method), slog.String("reason", e.Reason.String())}
	if hidden(e.Reason) {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", chain(err)))
	}
	s.cfg.Logger.LogAttrs(ctx, level, "a call was refused", attrs...)
	return e
}

// chain names the types of an error and its causes, and the text of the operating system's own
// numbers, which hold no content: "*gateway.Error > *fs.PathError > syscall.Errno: disk full".
func chain(err error) string {
	var names []string
	for ; err != nil && len(names) < 12; err = errors.Unwrap(err) {
		name := fmt.Sprintf("%T", err)
		if errno, ok := err.(syscall.Errno); ok { //nolint:errorlint // each link of the chain by itself
			name += ": " + errno.Error()
		}
		names = append(names, name)
	}
	return strings.Join(names, " > ")
}
