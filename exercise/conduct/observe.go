package conduct

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"valise.example/api"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// observe sees what people do at one node: its own record tells, in order and without a gap, also what was done while
// this process did not run. What is seen enters the play at the exercise time at which it is seen.
// docs/protocol.md §12.6
func (e *Exercise) observe(ctx context.Context, s ident.State) error {
	o := &observer{e: e, state: s, client: valisev1.NewInquiryServiceClient(e.network.doors[s]), known: e.recorded(s)}
	for ctx.Err() == nil {
		err := o.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !passing(err) {
			return err
		}
		rest(ctx, again)
	}
	return nil
}

type observer struct {
	e      *Exercise
	state  ident.State
	client valisev1.InquiryServiceClient
	cursor uint64
	// known are the acts of each seat that the recording has already, in order: they are seen again first.
	known map[ident.Address][]play.Line
}

// recorded are the acts of people at a node that are written already.
func (e *Exercise) recorded(s ident.State) map[ident.Address][]play.Line {
	e.mu.Lock()
	defer e.mu.Unlock()
	known := map[ident.Address][]play.Line{}
	for i := range e.lines {
		l := &e.lines[i].Line
		a, err := ident.ParseAddress(l.Seat)
		if err == nil && l.Type == play.Acted && l.Person && a.State == s && l.Does != scenario.RealEventRaised {
			known[a] = append(known[a], *l)
		}
	}
	return known
}

// watch takes up what the record tells from the cursor on; it ends with an error and with nothing else.
func (o *observer) watch(ctx context.Context) error {
	stream, err := o.client.Watch(ctx, &valisev1.WatchRequest{Cursor: o.cursor, Replay: o.cursor == 0})
	if err != nil {
		return err
	}
	for {
		event, err := stream.Recv()
		if err != nil {
			return err
		}
		if err := o.event(ctx, event); err != nil {
			return err
		}
		o.cursor = event.GetCursor()
	}
}

// event is one item of the record. What happened before STARTEX, while desks were tried, is none of the exercise.
func (o *observer) event(ctx context.Context, event *valisev1.WatchResponse) error {
	seat, err := ident.ParseAddress(event.GetOurs())
	if err != nil || !o.e.human(seat) || !event.GetRecorded().AsTime().After(o.e.clock.start) {
		return nil
	}
	act := play.Act{Seat: seat, Person: true}
	switch event.GetType() {
	case valisev1.ItemType_ITEM_TYPE_SENT:
		does, has, ok, err := o.look(ctx, event)
		if err != nil || !ok {
			return err
		}
		act.Does, act.Has = does, has
	case valisev1.ItemType_ITEM_TYPE_CONTACT_LOG:
		act.Does = scenario.CallLogged
	default:
		return nil
	}
	if to, err := ident.ParseAddress(event.GetPeer()); err == nil && !to.State.IsPrincipal() {
		act.To = to
	}
	return o.place(ctx, act, event.GetThread())
}

// look reads one message at the node of the seat, and keeps of it which act it is and which facts it has.
func (o *observer) look(ctx context.Context, event *valisev1.WatchResponse) (does scenario.Act, has []scenario.Fact, ok bool, err error) {
	r, err := o.client.GetThread(ctx, &valisev1.GetThreadRequest{Thread: event.GetThread(), ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"messages"}}})
	if err != nil {
		return "", nil, false, err
	}
	for _, m := range r.GetMessages() {
		if m.GetMessage() == event.GetMessage() && m.GetOutbound() {
			does, has, ok = seen(m.GetPayload())
			return does, has, ok, nil
		}
	}
	return "", nil, false, nil
}

// learnTime is how long an act waits for its thread to be known: a simulated seat may have begun it just now.
const learnTime = 20

// place gives an act its thread and puts it into the play, unless the recording has it already.
func (o *observer) place(ctx context.Context, act play.Act, thread string) error {
	if thread != "" && !opens(act.Does) && act.Does != scenario.CheckAnswered {
		for range learnTime {
			if act.Thread = o.e.stage.nameOf(thread); act.Thread != "" {
				break
			}
			rest(ctx, 50*time.Millisecond)
		}
		if act.Thread == "" {
			return nil // it was begun before STARTEX, or is of nobody who plays
		}
	}
	if before := o.known[act.Seat]; len(before) > 0 && before[0].Does == act.Does && (opens(act.Does) || before[0].Thread == act.Thread) {
		o.known[act.Seat] = before[1:]
		if opens(act.Does) {
			o.e.stage.learn(before[0].Thread, thread)
		}
		return nil
	}
	return o.e.saw(act, thread)
}

// attempted puts in what a node did not let a person do, where it would have broken what must not happen: to give
// something to a third party without consent, or to write across tracks. Only nodes can tell; what people say to a
// third party in their own words nobody compares. A-9 s2, A-11 s2
func (e *Exercise) attempted(r api.Refusal) {
	i := slices.IndexFunc(r.Seats, e.human)
	if i < 0 {
		return
	}
	a := play.Attempt{Seat: r.Seats[i], To: r.To}
	switch across := !a.To.IsZero() && a.To.Track != a.Seat.Track; {
	case r.Reason == valisev1.Reason_REASON_NO_CONSENT, r.Reason == valisev1.Reason_REASON_HANDLING:
		a.Breaks = scenario.ThirdParty
	case across:
		a.Breaks = scenario.CrossTrack
	default:
		return
	}
	at := e.clock.span()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plays() != nil {
		return
	}
	lines, err := e.play.Refused(at, a)
	e.take(lines)
	if err != nil {
		e.log.Warn("what a node did not let a person do has no place in the exercise")
	}
}

// saw puts in what a person did.
func (e *Exercise) saw(act play.Act, thread string) error {
	at := e.clock.span()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.begun || e.play.Ended() {
		return nil
	}
	lines, err := e.play.Act(at, act)
	for i := range lines {
		if l := &lines[i]; err == nil && l.Type == play.Acted && l.Person && opens(l.Does) && l.Seat == act.Seat.String() {
			e.stage.learn(l.Thread, thread)
		}
	}
	e.take(lines)
	if err != nil {
		e.log.Warn("an act of a person was seen that has no place in the exercise")
	}
	return nil
}
