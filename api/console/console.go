package console

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	// DefaultUndo is how long what is sent from the page can be taken back. docs/protocol.md §12.1
	DefaultUndo = 10 * time.Second
	// DefaultIdle is after how long without use a session ends.
	DefaultIdle = 15 * time.Minute
)

// Config is what a console needs.
type Config struct {
	// Conn is the open door of the node, as the officer whose desk this is. The caller closes it.
	Conn grpc.ClientConnInterface
	// Now is the clock, and Rand gives ids and secrets; neither is nil.
	Now  func() time.Time
	Rand io.Reader
	// Zone is what "here" means; nil: UTC.
	Zone *time.Location
	// Language is the one of the first page where the browser wishes for none of ours.
	Language locale.Language
	// Present is what pages take for the present, where that is not the time of this machine: the clock of an
	// exercise. Sessions and links go by Now. Nil: Now. docs/protocol.md §12.6
	Present func() time.Time
	// Undo holds what is sent; 0: DefaultUndo. Whole seconds.
	Undo time.Duration
	// Idle ends a session; 0: DefaultIdle.
	Idle time.Duration
	// Logger gets no word of content; nil: nothing is logged.
	Logger *slog.Logger
}

// Console serves the desk of one officer.
type Console struct {
	cfg     Config
	door    door
	officer *valisev1.Officer
	state   ident.State
	ours    []string // addresses of our POCs
	realm   ident.Realm
	shell   *Shell
	views   *views
	names   names

	writings writings
	plays    atomic.Bool // an exercise is conducted around this node
}

// New asks the node who the officer and what its realm are. It fails where no node answers, or where
// there is no such officer.
func New(ctx context.Context, cfg Config) (*Console, error) {
	if cfg.Conn == nil || cfg.Now == nil || cfg.Rand == nil {
		return nil, errors.New("console: a door, a clock and a source of randomness are needed")
	}
	c := &Console{cfg: cfg.withDefaults(), door: newDoor(cfg.Conn)}
	who, err := c.door.officers.WhoAmI(ctx, &valisev1.WhoAmIRequest{})
	if err != nil {
		return nil, err
	}
	status, err := c.door.node.GetStatus(ctx, &valisev1.GetStatusRequest{})
	if err != nil {
		return nil, err
	}
	c.officer, c.ours = who.GetOfficer(), status.GetAddresses()
	if c.state, err = ident.ParseState(status.GetState()); err != nil {
		return nil, err
	}
	if c.realm, err = ident.ParseRealm(status.GetRealm()); err != nil {
		return nil, err
	}
	c.findPlay(ctx)
	if c.views, err = allViews(); err != nil {
		return nil, err
	}
	c.shell, err = NewShell(ShellConfig{
		Now: c.cfg.Now, Rand: c.cfg.Rand, Language: c.cfg.Language, Idle: c.cfg.Idle, Logger: c.cfg.Logger, most: c.mostOf,
	})
	return c, err
}

func (c Config) withDefaults() Config {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Present == nil {
		c.Present = c.Now
	}
	if c.Undo == 0 {
		c.Undo = DefaultUndo
	}
	if c.Idle == 0 {
		c.Idle = DefaultIdle
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// At says where the desk will be served, so that a link can be made before Serve runs. It refuses an
// address that other machines could reach.
func (c *Console) At(a net.Addr) error { return c.shell.At(a) }

// Serve answers browsers on l, which listens on a loopback address, until ctx ends. It closes l.
func (c *Console) Serve(ctx context.Context, l net.Listener) error {
	return c.shell.Serve(ctx, l, c.Handler())
}

// Link makes a link that begins one session, works once and for ten minutes, and ends any that was made
// before. It can be asked for after At, or once Serve runs.
func (c *Console) Link() (string, error) { return c.shell.Link() }
