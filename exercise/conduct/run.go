package conduct

import (
	"context"
	"errors"
	"slices"
	"sync"

	"valise.example/exercise/lab"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

const managerState = lab.Global

// ServedSeat is the desk of a seat that a person has.
type ServedSeat struct {
	Seat ident.Address
	Desk Served
}

// Run runs everything until ctx ends, or with Config.Once until the recording is closed. ready is called once, when
// all nodes, the desks of people and the door of control are there; the clock stands until STARTEX or, where it goes
// on, until it is resumed. A run that ctx ended before ENDEX is gone on with by another Open of the folder.
func (e *Exercise) Run(ctx context.Context, ready func([]ServedSeat)) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	socket := e.socket
	defer func() { err = errors.Join(err, e.file.close()) }()
	network, err := e.startNetwork(ctx)
	defer func() {
		stop()
		err = errors.Join(err, network.close())
	}()
	if err != nil {
		return errors.Join(err, socket.Close())
	}
	e.mu.Lock()
	e.network, e.stage = network, newStage(e.scenario, network.doors)
	e.mu.Unlock()
	if err := e.recall(ctx); err != nil {
		return errors.Join(err, socket.Close())
	}
	desks, err := e.serveDesks(ctx)
	defer func() {
		stop()
		err = errors.Join(err, closeDesks(desks))
	}()
	if err != nil {
		return errors.Join(err, socket.Close())
	}
	serve := e.serveControl(socket)
	tasks := []func(context.Context) error{serve, e.perform, e.drive, e.watchTime, e.endOnce(stop)}
	for _, s := range e.states() {
		tasks = append(tasks, func(ctx context.Context) error { return e.observe(ctx, s) })
	}
	defer context.AfterFunc(ctx, func() { close(e.over) })()
	work := e.start(ctx, stop, tasks)
	ready(desks)
	return work()
}

// start lets tasks run and stops all once one of them cannot go on; wait gives what they say.
func (e *Exercise) start(ctx context.Context, stop context.CancelFunc, tasks []func(context.Context) error) (wait func() error) {
	var work sync.WaitGroup
	said := make([]error, len(tasks))
	for i, do := range tasks {
		work.Go(func() {
			if said[i] = do(ctx); said[i] != nil {
				stop()
			}
		})
	}
	return func() error {
		work.Wait()
		return errors.Join(said...)
	}
}

// endOnce ends a run that is asked to end after ENDEX, when its last line is written.
func (e *Exercise) endOnce(stop context.CancelFunc) func(context.Context) error {
	return func(ctx context.Context) error {
		changed, done := e.news.Listen()
		defer done()
		for {
			e.mu.Lock()
			over := e.closed && (e.cfg.Once || e.closing)
			e.mu.Unlock()
			if over {
				stop()
				return nil
			}
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
			}
		}
	}
}

// recall makes the stage know what simulated seats did before this process began.
func (e *Exercise) recall(ctx context.Context) error {
	if len(e.lines) == 0 {
		return nil
	}
	if err := e.network.askAll(ctx); err != nil {
		return err
	}
	for i := range e.lines {
		if act, does := e.play.ActOf(e.lines[i].Line); does {
			if err := e.stage.recall(ctx, act); err != nil {
				return err
			}
		}
	}
	return nil
}

// states are those in which a person has a seat.
func (e *Exercise) states() (all []ident.State) {
	for i := range e.scenario.Participants {
		s := e.scenario.Participants[i].State
		if slices.ContainsFunc(e.cfg.Persons, func(a ident.Address) bool { return a.State == s }) {
			all = append(all, s)
		}
	}
	return all
}

// serveDesks has the desk of each seat that a person has served.
func (e *Exercise) serveDesks(ctx context.Context) (desks []ServedSeat, err error) {
	if e.cfg.Desk == nil {
		return nil, nil
	}
	for _, a := range e.cfg.Persons {
		token, err := e.network.seatOfficer(ctx, a)
		if err != nil {
			return desks, err
		}
		served, err := e.cfg.Desk(ctx, a, e.lab.Home(a.State), token, e.clock.Now)
		if err != nil {
			return desks, err
		}
		desks = append(desks, ServedSeat{a, served})
	}
	return desks, nil
}

func closeDesks(desks []ServedSeat) (err error) {
	for _, d := range desks {
		err = errors.Join(err, d.Desk.Close())
	}
	return err
}

// human reports whether a person has a seat in this run.
func (e *Exercise) human(a ident.Address) bool {
	return slices.Contains(e.cfg.Persons, a)
}

// opens reports whether an act opens a thread.
func opens(does scenario.Act) bool {
	return does == scenario.InquirySent || does == scenario.NoticeSent
}

// startEx has begun: what is foreseen happens from now on.
func (e *Exercise) startEx(ctx context.Context) (*uint64, error) {
	e.mu.Lock()
	begun := e.begun
	e.mu.Unlock()
	if begun {
		return nil, notNow("STARTEX has been")
	}
	if err := e.network.askAll(ctx); err != nil {
		return nil, err
	}
	if _, err := e.clock.obey(play.Order{Do: play.StartEx}); err != nil {
		return nil, refusedByPlay(err)
	}
	e.mu.Lock()
	e.begun = true
	if e.cfg.Lockstep {
		e.clock.move(0)
	}
	e.take(e.play.Advance(0))
	line := e.lastControl(play.StartEx)
	e.mu.Unlock()
	return line, nil
}
