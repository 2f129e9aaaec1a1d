package conduct

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"valise.example/api"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// stage is real nodes: simulated seats act through the door of their node as the officer of a lab, with calls that
// anybody may make. docs/exercises.md §4
type stage struct {
	script *script
	doors  map[ident.State]*grpc.ClientConn
	pause  func(context.Context, time.Duration) // between two looks

	mu      sync.Mutex
	threads map[string]string        // name in the exercise → id at the nodes
	names   map[string]string        // and back
	done    map[doing]int            // acts so far
	checks  map[ident.Address]string // thread of the communication check of a seat
}

// doing is what a seat does on a thread; the how many-eth it is makes an act unique.
type doing struct {
	seat   ident.Address
	thread string
	does   scenario.Act
}

// seats are where simulated seats act, and where what people do is seen.
type seats interface {
	play.Stage
	recall(context.Context, play.Act) error
	learn(name, id string)
	nameOf(id string) string
}

var _ seats = (*stage)(nil)

func newStage(s *scenario.Scenario, doors map[ident.State]*grpc.ClientConn) *stage {
	return &stage{
		script: newScript(s), doors: doors, pause: rest,
		threads: map[string]string{}, names: map[string]string{}, done: map[doing]int{}, checks: map[ident.Address]string{},
	}
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (s *stage) inquiries(a ident.Address) valisev1.InquiryServiceClient {
	return valisev1.NewInquiryServiceClient(s.doors[a.State])
}

// Do carries out an act and returns when the other side's node has signed for it. What a node or the relay cannot do
// now is tried again until ctx ends; the request id is the same, so that nothing is done twice, also after a crash.
func (s *stage) Do(ctx context.Context, a play.Act) error {
	what := doing{a.Seat, a.Thread, a.Does}
	s.mu.Lock()
	s.done[what]++
	id := fmt.Sprintf("exercise/%s/%s/%s/%d", a.Seat, a.Thread, a.Does, s.done[what])
	s.mu.Unlock()
	switch a.Does {
	case scenario.CallLogged:
		return s.logCall(ctx, a, id)
	case scenario.RealEventRaised:
		return s.raise(ctx, a)
	}
	sent, err := s.persist(ctx, func() (*valisev1.Sent, error) { return s.send(ctx, a, id) })
	if err != nil {
		return err
	}
	if opens(a.Does) {
		s.learn(a.Thread, sent.GetThread())
	}
	return s.awaitReached(ctx, a.Seat, sent)
}

// recall makes the stage know an act that was done before a crash. Of a thread it asks the node again under the same
// request id: the answer is the first one's.
func (s *stage) recall(ctx context.Context, a play.Act) error {
	if opens(a.Does) {
		return s.Do(ctx, a)
	}
	s.mu.Lock()
	s.done[doing{a.Seat, a.Thread, a.Does}]++
	s.mu.Unlock()
	return nil
}

// learn ties the name of a thread to its id.
func (s *stage) learn(name, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.threads[name], s.names[id] = id, name
}

func (s *stage) idOf(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.threads[name]
}

// nameOf is how the exercise calls a thread of the nodes; empty: it knows none.
func (s *stage) nameOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[id]
}

func (s *stage) send(ctx context.Context, a play.Act, id string) (*valisev1.Sent, error) {
	options := &valisev1.SendOptions{RequestId: id}
	switch a.Does {
	case scenario.NoticeSent:
		r, err := s.inquiries(a.Seat).SendNotice(ctx, &valisev1.SendNoticeRequest{To: []string{a.To.String()}, From: a.Seat.String(), Notice: s.script.notice(a), Options: options})
		if err != nil {
			return nil, err
		}
		return r.GetSent()[0], nil
	case scenario.InquirySent:
		r, err := s.inquiries(a.Seat).SendInquiry(ctx, &valisev1.SendInquiryRequest{To: a.To.String(), From: a.Seat.String(), Inquiry: s.script.inquiry(a), Options: options})
		return r.GetSent(), err
	}
	payload, err := s.script.reply(a)
	if err != nil {
		return nil, err
	}
	thread := s.idOf(a.Thread)
	if a.Does == scenario.CheckAnswered {
		if thread, err = s.checkOf(ctx, a.Seat); err != nil {
			return nil, err
		}
	}
	if thread == "" {
		return nil, fmt.Errorf("conduct: the thread %.80s is not known to the nodes", a.Thread)
	}
	target, err := s.target(ctx, a, thread)
	if err != nil {
		return nil, err
	}
	r, err := s.inquiries(a.Seat).Reply(ctx, &valisev1.ReplyRequest{Thread: thread, Payload: payload, InReplyTo: target, Options: options})
	return r.GetSent(), err
}

// checkOf is the thread on which a seat was asked whether its entry is right. A-8
func (s *stage) checkOf(ctx context.Context, a ident.Address) (string, error) {
	s.mu.Lock()
	known := s.checks[a]
	s.mu.Unlock()
	if known != "" {
		return known, nil
	}
	r, err := s.inquiries(a).ListThreads(ctx, &valisev1.ListThreadsRequest{
		Track: a.Track.String(), PageSize: 500, ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"thread", "opening", "ours"}},
	})
	if err != nil {
		return "", err
	}
	for _, t := range r.GetThreads() {
		if t.GetOpening() == valisev1.Kind_KIND_PING && t.GetOurs() == a.String() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.checks[a] = t.GetThread()
			return t.GetThread(), nil
		}
	}
	return "", errNotYet
}

// errNotYet is what a node does not have yet and will have.
var errNotYet = errors.New("conduct: the node does not have it yet")

// Looks at a node: often at first, because most of what is waited for is there in a moment.
const (
	firstLook = 2 * time.Millisecond
	lastLook  = 200 * time.Millisecond
)

// persist tries until it succeeds, or fails for good.
func (s *stage) persist(ctx context.Context, act func() (*valisev1.Sent, error)) (*valisev1.Sent, error) {
	for wait := firstLook; ; wait = min(2*wait, lastLook) {
		sent, err := act()
		if err == nil || ctx.Err() != nil || !passing(err) {
			return sent, err
		}
		s.pause(ctx, wait)
	}
}

// passing reports what waiting may mend: a node that starts again, and what has not reached it yet.
func passing(err error) bool {
	if errors.Is(err, errNotYet) {
		return true
	}
	e, ok := api.FromStatus(err)
	if !ok {
		return false
	}
	switch e.Reason {
	case valisev1.Reason_REASON_NODE_UNREACHABLE, valisev1.Reason_REASON_NOT_ACCEPTING, valisev1.Reason_REASON_STORAGE_UNKNOWN,
		valisev1.Reason_REASON_NOT_CHECKED, valisev1.Reason_REASON_DISK_FULL, valisev1.Reason_REASON_NOT_FOUND:
		return true
	}
	return false
}

// awaitReached waits until the peer's node has signed for a message.
func (s *stage) awaitReached(ctx context.Context, at ident.Address, sent *valisev1.Sent) error {
	mask := &fieldmaskpb.FieldMask{Paths: []string{"messages"}}
	_, err := s.persist(ctx, func() (*valisev1.Sent, error) {
		r, err := s.inquiries(at).GetThread(ctx, &valisev1.GetThreadRequest{Thread: sent.GetThread(), ReadMask: mask})
		if err != nil {
			return nil, err
		}
		for _, m := range r.GetMessages() {
			switch {
			case m.GetMessage() != sent.GetMessage():
			case m.GetDelivery() == valisev1.Delivery_DELIVERY_REFUSED:
				return nil, fmt.Errorf("conduct: the node of the other side refused it: %s", m.GetRefused())
			case m.GetFacts().GetReached() != nil:
				return sent, nil
			}
		}
		return nil, errNotYet
	})
	return err
}
