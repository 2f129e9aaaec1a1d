//go:build faults

package node

import (
	"context"
	"os"
	"time"

	"google.golang.org/grpc"

	"valise.example/gateway"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
	"valise.example/store"
)

// atTheDoor passes S1 and S3 round every call that sends.
func atTheDoor() []grpc.ServerOption {
	sends := map[string]bool{
		valisev1.InquiryService_SendInquiry_FullMethodName: true,
		valisev1.InquiryService_Reply_FullMethodName:       true,
	}
	return []grpc.ServerOption{grpc.ChainUnaryInterceptor(
		func(ctx context.Context, r any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
			if !sends[info.FullMethod] {
				return handle(ctx, r)
			}
			crashpoint.Hit("S1")
			answer, err := handle(ctx, r)
			if err == nil {
				crashpoint.Hit("S3")
			}
			return answer, err
		})}
}

// resolving passes R2 where the seal asks who speaks: decrypted, and no signature looked at.
func resolving(find func(ident.KeyID) (seal.Speaker, bool)) func(ident.KeyID) (seal.Speaker, bool) {
	return func(id ident.KeyID) (seal.Speaker, bool) {
		crashpoint.Hit("R2")
		return find(id)
	}
}

// commit is the store's own, or with VALISE_MUTANT=ack-before-commit one that says "done" before
// the commit begins: a seeded fault that every trial of losses must find.
func commit(ctx context.Context, s *store.Store, fn func(store.Tx) error) error {
	if os.Getenv("VALISE_MUTANT") != "ack-before-commit" {
		return s.Update(ctx, fn)
	}
	ran := make(chan error, 2)
	go func() {
		ran <- s.Update(context.WithoutCancel(ctx), func(tx store.Tx) error {
			err := fn(tx)
			ran <- err
			if err == nil {
				time.Sleep(200 * time.Millisecond) // the window in which the lie can be found
			}
			return err
		})
	}()
	return <-ran
}

// beforeNext passes R8 when mail of this mailbox was acknowledged before.
func (m *mail) beforeNext(box string) {
	m.mu.Lock()
	again := m.floor[box] > 0
	m.mu.Unlock()
	if again {
		crashpoint.Hit("R8")
	}
}

func beforeTaken(o *seal.Opened) {
	if o.Header.Kind == valisev1.Kind_KIND_RECEIPT_BATCH {
		crashpoint.Hit("S8")
		return
	}
	crashpoint.Hit("R3")
}

func afterTaken(ctx context.Context, g *gateway.Gateway, o *seal.Opened, err error) {
	if err != nil {
		return
	}
	if o.Header.Kind == valisev1.Kind_KIND_RECEIPT_BATCH {
		crashpoint.Hit("S10")
		return
	}
	crashpoint.Hit("R5")
	if gaps, err := g.Gaps(ctx); err == nil && len(gaps) > 0 {
		crashpoint.Hit("R9")
	}
}
