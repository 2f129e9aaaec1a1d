package conduct

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// desk of control: both services on one socket of its own, for the user who conducts alone.
type controlDesk struct {
	valisev1.UnimplementedControlServiceServer
	valisev1.UnimplementedExerciseServiceServer
	e      *Exercise
	closed <-chan struct{}
}

var (
	_ valisev1.ControlServiceServer  = (*controlDesk)(nil)
	_ valisev1.ExerciseServiceServer = (*controlDesk)(nil)
)

// serveControl serves the door of control until ctx ends.
func (e *Exercise) serveControl(socket net.Listener) func(context.Context) error {
	return func(ctx context.Context) error {
		server := grpc.NewServer(api.SameUser(e.log)...)
		d := &controlDesk{e: e, closed: ctx.Done()}
		valisev1.RegisterControlServiceServer(server, d)
		valisev1.RegisterExerciseServiceServer(server, d)
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(socket) }()
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
		}
		server.GracefulStop()
		if err := <-ended; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return err
		}
		return nil
	}
}

func (d *controlDesk) Command(ctx context.Context, r *valisev1.CommandRequest) (*valisev1.CommandResponse, error) {
	return d.e.Command(ctx, r)
}

func (d *controlDesk) AddExerciseNote(ctx context.Context, r *valisev1.AddExerciseNoteRequest) (*valisev1.AddExerciseNoteResponse, error) {
	return d.e.AddExerciseNote(ctx, r)
}

func (d *controlDesk) Judge(ctx context.Context, r *valisev1.JudgeRequest) (*valisev1.JudgeResponse, error) {
	return d.e.Judge(ctx, r)
}

func (d *controlDesk) GetControl(_ context.Context, r *valisev1.GetControlRequest) (*valisev1.GetControlResponse, error) {
	return d.e.control(r.GetLanguage(), r.GetLines())
}

func (d *controlDesk) WatchControl(r *valisev1.WatchControlRequest, stream grpc.ServerStreamingServer[valisev1.WatchControlResponse]) error {
	return d.each(stream.Context(), func() error {
		now, err := d.e.control(r.GetLanguage(), r.GetLines())
		if err != nil {
			return err
		}
		return stream.Send(&valisev1.WatchControlResponse{Control: now})
	})
}

func (d *controlDesk) GetExercise(_ context.Context, r *valisev1.GetExerciseRequest) (*valisev1.GetExerciseResponse, error) {
	return d.exercise(r.GetLanguage()), nil
}

func (d *controlDesk) WatchExercise(r *valisev1.WatchExerciseRequest, stream grpc.ServerStreamingServer[valisev1.WatchExerciseResponse]) error {
	return d.each(stream.Context(), func() error {
		return stream.Send(&valisev1.WatchExerciseResponse{Exercise: d.exercise(r.GetLanguage())})
	})
}

func (d *controlDesk) exercise(language string) *valisev1.GetExerciseResponse {
	d.e.mu.Lock()
	defer d.e.mu.Unlock()
	return d.e.told(language, "", func(ident.Address) bool { return true })
}

func (d *controlDesk) RaiseRealEvent(ctx context.Context, r *valisev1.RaiseRealEventRequest) (*valisev1.RaiseRealEventResponse, error) {
	var seat ident.Address
	if r.GetSeat() != "" {
		var err error
		if seat, err = ident.ParseAddress(r.GetSeat()); err != nil || !d.e.hasSeat(seat) {
			return nil, api.RefuseField("seat", "is no seat of this exercise")
		}
	}
	stands, err := d.e.realEvent(context.WithoutCancel(ctx), seat, "")
	if err != nil {
		return nil, err
	}
	return &valisev1.RaiseRealEventResponse{RealEvent: stands}, nil
}

// each tells once, and after each change until the caller or the exercise ends.
func (d *controlDesk) each(ctx context.Context, tell func() error) error {
	changed, done := d.e.news.Listen()
	defer done()
	turned, end := d.e.clock.Turned()
	defer end()
	for {
		if err := tell(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.closed:
			return refuse(valisev1.Reason_REASON_NOT_ACCEPTING, "the exercise is no longer conducted")
		case <-changed:
		case <-turned:
		}
	}
}

func (e *Exercise) hasSeat(a ident.Address) bool {
	for i := range e.scenario.Participants {
		if p := &e.scenario.Participants[i]; p.State == a.State && p.Seats[a.Track] != "" {
			return true
		}
	}
	return false
}

// How many lines of the recording control is shown.
const (
	someLines = 50
	mostLines = 1000
)

// control is what control has before it.
func (e *Exercise) control(language string, lines uint32) (*valisev1.GetControlResponse, error) {
	if lines > mostLines {
		return nil, api.RefuseField("lines", "are at most 1000")
	}
	if lines == 0 {
		lines = someLines
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	r := &valisev1.GetControlResponse{
		Exercise: e.told(language, "", func(ident.Address) bool { return true }),
		End:      int64(e.scenario.End),
	}
	e.tellInjects(r, language)
	e.tellOwed(r)
	e.tellExpectations(r, language)
	for _, l := range e.lines[len(e.lines)-min(int(lines), len(e.lines)):] {
		r.Lines = append(r.Lines, &valisev1.RecordedLine{Seq: l.Seq, At: int64(l.At), Type: string(l.Type), Json: l.text()})
	}
	for i := range e.scenario.Participants {
		r.Seats = append(r.Seats, e.seatsOf(&e.scenario.Participants[i])...)
	}
	for _, j := range e.scenario.Jumps {
		if j.At > e.play.Now() {
			r.Jumps = append(r.Jumps, &valisev1.PlannedJump{At: int64(j.At), To: int64(j.To), Say: j.Say.In(language)})
		}
	}
	return r, nil
}

func (e *Exercise) seatsOf(p *scenario.Participant) (all []*valisev1.ExerciseSeat) {
	for _, track := range []ident.Track{ident.Diplomatic, ident.Technical} {
		who, has := p.Seats[track]
		if !has {
			continue
		}
		a := ident.Address{State: p.State, Track: track}
		seat := &valisev1.ExerciseSeat{Seat: a.String(), Profile: who, Serving: e.network.serves(p.State), Acts: e.acts[a]}
		switch {
		case e.human(a):
			seat.Profile = ""
		case who == scenario.Human:
			seat.Profile = e.standIn()
		}
		all = append(all, seat)
	}
	return all
}

// standIn names the profile that plays human seats where nobody does.
func (e *Exercise) standIn() (name string) {
	for n, p := range e.scenario.Profiles {
		if p.StandIn && (name == "" || n < name) {
			name = n
		}
	}
	return name
}

func (e *Exercise) tellInjects(r *valisev1.GetControlResponse, language string) {
	for i, p := range e.play.Injects() {
		in := &e.scenario.Injects[i]
		switch {
		case p.Fired == play.BySkip:
			r.Skipped = append(r.Skipped, p.Inject)
			continue
		case p.Fired != "":
			continue
		}
		one := &valisev1.PlannedInject{Id: p.Inject, As: in.As.In(language), How: string(in.How), Text: in.Text.In(language)}
		for _, to := range in.To {
			one.To = append(one.To, to.String())
		}
		if p.Known {
			due := int64(p.Due)
			one.Due = &due
		}
		switch {
		case p.Held:
			one.State = valisev1.InjectState_INJECT_STATE_HELD
		case p.Known:
			one.State = valisev1.InjectState_INJECT_STATE_DUE
		case in.Manual:
			one.State = valisev1.InjectState_INJECT_STATE_MANUAL
		default:
			one.State = valisev1.InjectState_INJECT_STATE_WAITING
		}
		r.Next = append(r.Next, one)
	}
	slices.SortStableFunc(r.GetNext(), func(a, b *valisev1.PlannedInject) int {
		if (a.Due == nil) != (b.Due == nil) {
			return cmp.Compare(boolean(a.Due == nil), boolean(b.Due == nil))
		}
		return cmp.Compare(a.GetDue(), b.GetDue())
	})
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
