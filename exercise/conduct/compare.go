package conduct

import (
	"cmp"
	"context"
	"slices"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// settleTime is how long messages that are still under way at ENDEX are waited for.
const settleTime = 10 * time.Second

// exchanged is one message as a record has it.
type exchanged struct {
	thread, digest, from, to string
	kind                     valisev1.Kind
}

// Compare reports whether the records of two seats have the same messages, thread by thread. What has left one side
// and not reached the other yet is waited for; what still waits at its own side has not been exchanged.
// docs/exercises.md §6
func (s *stage) Compare(ctx context.Context, pair [2]ident.Address) (agree bool, err error) {
	for began := time.Now(); ; {
		ours, waiting, err := s.record(ctx, pair[0], pair[1])
		if err != nil {
			return false, err
		}
		theirs, alsoWaiting, err := s.record(ctx, pair[1], pair[0])
		if err != nil {
			return false, err
		}
		if agree = slices.Equal(ours, theirs); agree || !waiting && !alsoWaiting || time.Since(began) > settleTime {
			return agree, nil
		}
		s.pause(ctx, lastLook)
		if err := ctx.Err(); err != nil {
			return false, err
		}
	}
}

// record is what the record of a seat has of its exchange with another, sorted; waiting says that something of it is
// under way.
func (s *stage) record(ctx context.Context, at, with ident.Address) (all []exchanged, waiting bool, err error) {
	threads, err := s.threadsWith(ctx, at, with)
	if err != nil {
		return nil, false, err
	}
	for _, thread := range threads {
		var r *valisev1.GetThreadResponse
		if _, err := s.persist(ctx, func() (_ *valisev1.Sent, err error) {
			r, err = s.inquiries(at).GetThread(ctx, &valisev1.GetThreadRequest{Thread: thread})
			return nil, err
		}); err != nil {
			return nil, false, err
		}
		for _, m := range r.GetMessages() {
			if m.GetDigest() == "" || m.GetRefused() != valisev1.Reason_REASON_UNSPECIFIED {
				continue
			}
			if m.GetOutbound() && m.GetFacts().GetReached() == nil {
				waiting = true
				if m.GetFacts().GetLeft() == nil {
					continue
				}
			}
			all = append(all, exchanged{thread, m.GetDigest(), m.GetFrom(), m.GetTo(), m.GetKind()})
		}
	}
	slices.SortFunc(all, func(a, b exchanged) int {
		return cmp.Or(cmp.Compare(a.thread, b.thread), cmp.Compare(a.digest, b.digest))
	})
	return all, waiting, nil
}

// threadsWith lists the threads of a seat with another.
func (s *stage) threadsWith(ctx context.Context, at, with ident.Address) (ids []string, err error) {
	for page := ""; ; {
		var r *valisev1.ListThreadsResponse
		if _, err := s.persist(ctx, func() (_ *valisev1.Sent, err error) {
			r, err = s.inquiries(at).ListThreads(ctx, &valisev1.ListThreadsRequest{PageSize: 500, PageToken: page, Peer: with.String(), Track: at.Track.String()})
			return nil, err
		}); err != nil {
			return nil, err
		}
		for _, t := range r.GetThreads() {
			if t.GetOurs() == at.String() {
				ids = append(ids, t.GetThread())
			}
		}
		if page = r.GetNextPageToken(); page == "" {
			return ids, nil
		}
	}
}
