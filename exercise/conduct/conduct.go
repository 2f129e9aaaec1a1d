package conduct

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"valise.example/api"
	"valise.example/exercise/lab"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Files in the folder of an exercise.
const (
	ScenarioFile  = "scenario.toml"
	RecordingFile = "recording.jsonl"
	ControlSocket = "control.sock"

	networkFolder = "network"
	clockFile     = "clock"
)

// Config says what is played, where and with whom.
type Config struct {
	// Dir is the folder of the exercise, made if need be. What stands in it already is gone on with.
	Dir string
	// Scenario and File are the same: read and as bytes. Nil: those of the folder.
	Scenario *scenario.Scenario
	File     []byte
	// Seed decides every draw; nil: that of the scenario. One that has begun keeps its own.
	Seed *uint64
	// Persons are the human seats that people have; stand-ins play the others. One that has begun keeps its own.
	Persons []ident.Address
	// Lockstep plays as fast as the nodes go, from one moment to the next; only where no person has a seat.
	Lockstep bool
	// Once ends Run after ENDEX, when the recording is closed.
	Once bool
	// Desk serves the desk of a seat that a person has; nil: nobody's is served here.
	Desk Desk
	// Told is called with each line that was written, one after another; nil: nobody is told.
	Told func(play.Line)
	// Ended is called once play has ended and the records are compared: a report can be drafted. Nil: nobody is told.
	Ended func()
	// Rand is for keys; Logger may be nil. Wall is nanoseconds that pass evenly; nil: those of this machine.
	Rand   io.Reader
	Logger *slog.Logger
	Wall   func() int64
}

// Desk serves a seat's desk until ctx ends. The officer of the seat is whoever brings the token at the socket of the
// node; present is the clock of the exercise, which its pages show.
type Desk func(ctx context.Context, seat ident.Address, home, token string, present func() time.Time) (Served, error)

// Served is a desk that people reach.
type Served interface {
	// Link begins one session; a later one ends it.
	Link() (string, error)
	// Close waits for a desk whose context has ended.
	Close() error
}

// Error is a refusal with its reason. docs/protocol.md §10
type Error struct {
	Why    valisev1.Reason
	Detail string
	Err    error
}

func (e *Error) Error() string { return "conduct: " + e.Detail }

// Unwrap gives the cause; nil where there is none.
func (e *Error) Unwrap() error { return e.Err }

// Reason is why.
func (e *Error) Reason() valisev1.Reason { return e.Why }

func refuse(why valisev1.Reason, detail string) error { return &Error{Why: why, Detail: detail} }

// Exercise is one at work, or about to be.
type Exercise struct {
	cfg      Config
	dir      string
	scenario *scenario.Scenario
	digest   string
	realm    ident.Realm
	lab      *lab.Lab
	clock    *clock
	stage    seats
	log      *slog.Logger
	news     *node.Bell // rung after each line, and whatever else control or players can see
	wake     *node.Bell // of whoever drives play
	file     *recording
	socket   net.Listener // the door of control
	network  *network
	over     chan struct{} // closed when Run is about to end

	mu       sync.Mutex // guards all below, and play
	play     *play.Play
	begun    bool // STARTEX has come
	compared map[[2]ident.Address]bool
	drafted  bool // Ended was called
	closing  bool // the recording is to be closed
	closed   bool // its last line is written
	gap      gap
	stop     *valisev1.RealEvent // stands; nil: none
	drill    ident.Address       // simulated seat that raises a stop now, of which the play has its lines already
	lines    []written
	due      []entry // not written yet
	emitted  uint64  // lines that came out of the play
	arrived  []arrival
	said     scenario.Texts // with the last jump
	acts     map[ident.Address]uint32
}

// Open makes the folder of an exercise, or finds one and goes on with it: at the exercise time of its recording, with
// the clock standing. The error is an *Error, a *lab.Error, a *play.Flaw or a *play.Difference where the recording is
// not what was written, or what the operating system refused.
func Open(c Config) (*Exercise, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	e := newExercise(c)
	e.dir = dir
	// Whoever has the door of control has the folder: nothing is read or cut before that.
	if e.socket, err = api.ListenUnix(filepath.Join(dir, ControlSocket)); err != nil {
		return nil, err
	}
	if err := e.open(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func newExercise(c Config) *Exercise {
	e := &Exercise{
		cfg: c, log: c.Logger, news: node.NewBell(), wake: node.NewBell(), over: make(chan struct{}),
		acts: map[ident.Address]uint32{}, compared: map[[2]ident.Address]bool{},
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e
}

func (e *Exercise) open() error {
	if err := e.openScenario(); err != nil {
		return err
	}
	if err := e.openPlay(); err != nil {
		return err
	}
	if err := e.openStop(); err != nil {
		return err
	}
	if e.cfg.Lockstep && len(e.cfg.Persons) > 0 {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "where a person has a seat, play cannot go as fast as the nodes do")
	}
	return e.openLab()
}

// Close gives back the folder of an exercise that was not run. Run does so itself.
func (e *Exercise) Close() error {
	return errors.Join(e.file.close(), e.socket.Close())
}

// openScenario takes the file that the folder has, or puts the one that is given there.
func (e *Exercise) openScenario() error {
	path := filepath.Join(e.dir, ScenarioFile)
	kept, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if e.cfg.Scenario == nil {
			return refuse(valisev1.Reason_REASON_NOT_FOUND, "this folder holds no exercise, and no scenario is named")
		}
		if err := emptyFolder(e.dir); err != nil {
			return err
		}
		if err := writeWhole(path, e.cfg.File); err != nil {
			return err
		}
		e.scenario, e.digest = e.cfg.Scenario, scenario.Digest(e.cfg.File)
		return nil
	case err != nil:
		return err
	case e.cfg.File != nil && !bytes.Equal(kept, e.cfg.File):
		return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "this folder holds the exercise of another scenario, or of another version of this one")
	}
	if e.scenario, err = scenario.Parse(ScenarioFile, kept); err != nil {
		return &Error{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: err.Error(), Err: err}
	}
	e.digest = scenario.Digest(kept)
	return nil
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	entries = slices.DeleteFunc(entries, func(x fs.DirEntry) bool { return x.Name() == ControlSocket })
	if err == nil && len(entries) > 0 {
		return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "the folder is not empty, and nothing in it is overwritten")
	}
	return err
}

// openLab finds relay and nodes, or makes them: their realm, and so every key of them, is that of this very run.
func (e *Exercise) openLab() (err error) {
	dir := filepath.Join(e.dir, networkFolder)
	if e.lab, err = lab.Open(dir); err == nil {
		if e.lab.Realm != e.realm {
			return refuse(valisev1.Reason_REASON_ALREADY_EXISTS, "the nodes in this folder are those of another seed")
		}
		return nil
	}
	if refused, ok := errors.AsType[*lab.Error](err); !ok || refused.Reason != valisev1.Reason_REASON_NOT_FOUND {
		return err
	}
	c := lab.Config{
		Dir: dir, Realm: e.realm, Names: map[ident.State]string{}, Now: e.clock.Now, Rand: e.cfg.Rand,
		Manager: e.scenario.Kind == scenario.CommunicationCheck,
	}
	for i := range e.scenario.Participants {
		p := &e.scenario.Participants[i]
		c.States = append(c.States, p.State)
		c.Names[p.State] = p.Name
	}
	// What a crash left of a network that was never whole is made anew: nobody has spoken in it.
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	e.lab, err = lab.New(c)
	return err
}

// Realm is that of the run.
func (e *Exercise) Realm() ident.Realm { return e.realm }

// Dir is the folder, absolute.
func (e *Exercise) Dir() string { return e.dir }

// Scenario is what is played.
func (e *Exercise) Scenario() *scenario.Scenario { return e.scenario }

// Present is what the clock of the exercise shows.
func (e *Exercise) Present() time.Time { return e.clock.Now() }

// Closed reports whether the last line of the recording is written.
func (e *Exercise) Closed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// Phase is how far play is.
func (e *Exercise) Phase() valisev1.ExercisePhase {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.phase()
}

// Begin is STARTEX.
func (e *Exercise) Begin(ctx context.Context) error {
	_, err := e.Command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_STARTEX})
	return err
}

// Continue lets the clock run again.
func (e *Exercise) Continue(ctx context.Context) error {
	_, err := e.Command(ctx, &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_RESUME})
	return err
}
