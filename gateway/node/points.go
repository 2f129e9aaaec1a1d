//go:build !faults

package node

import (
	"context"

	"google.golang.org/grpc"

	"valise.example/gateway"
	"valise.example/proto/ident"
	"valise.example/seal"
	"valise.example/store"
)

// What a trial puts round the core (points_faults.go); nothing in a node that is shipped.

func atTheDoor() []grpc.ServerOption { return nil }

func resolving(find func(ident.KeyID) (seal.Speaker, bool)) func(ident.KeyID) (seal.Speaker, bool) {
	return find
}

func commit(ctx context.Context, s *store.Store, fn func(store.Tx) error) error {
	return s.Update(ctx, fn)
}

func (*mail) beforeNext(string) {}

func beforeTaken(*seal.Opened) {}

func afterTaken(context.Context, *gateway.Gateway, *seal.Opened, error) {}
