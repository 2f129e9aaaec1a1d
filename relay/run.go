package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	valisev1 "valise.example/proto/valise/v1"
)

// RunConfig says which home to run.
type RunConfig struct {
	Dir        string
	RosterPath string // empty: "roster" of relay.toml, else the file "roster" in Dir
	Logger     *slog.Logger
	// Ready is called once, with the host:port that is listened on, when nodes may come.
	Ready func(addr string)
}

// ErrBusy means that another process uses this relay home.
var ErrBusy = errors.New("relay: this relay home is in use by another process")

const (
	rosterPoll   = time.Second
	startTimeout = 30 * time.Second
	applyTimeout = 5 * time.Minute
)

// Run runs the relay of a home until ctx ends. It applies the Roster that it finds, and every
// newer one that comes to stand in its place; a lower number, the same number with other
// content, another realm and anything malformed are refused and logged, and the last good
// Roster stays in force, also over a restart. Without any Roster it starts and waits. Mailboxes
// that are missing, in an empty relay all of them, are made again. The file of the directory's
// objects is followed in the same way, and laid out for everybody on the Roster.
// docs/protocol.md §7.8, §8.6
func Run(ctx context.Context, c RunConfig) error {
	h, err := openHome(c.Dir)
	if err != nil {
		return err
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	p := &process{home: h, log: c.Logger, path: h.rosterPath(c.RosterPath)}
	p.objectsPath = objectsPath(p.path)
	if err := p.readApplied(); err != nil {
		return err
	}
	p.look()
	if err := p.start(true); err != nil {
		return err
	}
	defer p.stop()
	if p.roster == nil {
		p.log.Info("no roster yet: nobody may connect")
	} else if err := p.apply(ctx); err != nil {
		return err
	}
	p.stale = false
	p.lookAtObjects()
	p.adoptObjects(ctx)
	if c.Ready != nil {
		c.Ready(p.server.Addr().String())
	}
	return p.watch(ctx)
}

// process is a running relay.
type process struct {
	home *home
	log  *slog.Logger
	path string // of the Roster

	admin  nkeys.KeyPair
	server *server.Server
	conn   *nats.Conn // the admin's, within the process

	roster *valisev1.Roster // in force, nil before the first
	bytes  []byte           // of roster
	stale  bool             // the server or its mailboxes do not follow roster yet
	seen   fileState        // of the file when it was last read

	objectsPath string
	objects     *valisev1.RelayObjects // read and not at the server yet, else nil
	objectsSeen fileState
}

// lock holds the home for one process; the system lets go of it when the process ends.
func (h *home) lock() (unlock func(), err error) {
	f, err := os.OpenFile(h.path(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("relay: lock home: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, ErrBusy
	}
	return func() { f.Close() }, nil
}

// start runs the server with the Roster in force. listen false opens no port.
func (p *process) start(listen bool) error {
	var err error
	if p.admin, err = p.home.admin(); err != nil {
		return err
	}
	if _, err := secret(p.home.path(keyFile)); err != nil {
		return err
	}
	options, err := p.options(p.roster)
	if err != nil {
		return err
	}
	options.DontListen = !listen
	p.server, err = server.NewServer(options)
	if err != nil {
		return fmt.Errorf("relay: start server: %w", err)
	}
	p.server.SetLoggerV2(&natsLog{log: p.log}, false, false, false)
	p.server.Start()
	if listen && !p.server.ReadyForConnections(startTimeout) || !p.server.JetStreamEnabled() {
		p.stop()
		return fmt.Errorf("relay: the server does not start; is %s free, and the disk writable?", p.home.Listen)
	}
	public, err := p.admin.PublicKey()
	if err == nil {
		p.conn, err = nats.Connect("", nats.InProcessServer(p.server), nats.Nkey(public, p.admin.Sign), nats.NoReconnect(),
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	}
	if err != nil {
		p.stop()
		return fmt.Errorf("relay: log in to own server: %w", err)
	}
	return nil
}

// stop ends the server in the order that leaves its files whole. docs/protocol.md §7.8
func (p *process) stop() {
	if p.conn != nil {
		closeAndWait(p.conn)
	}
	if p.server != nil {
		p.server.Shutdown()
		p.server.WaitForShutdown()
	}
}

// options is the very text of Config, read by the server's own parser.
func (p *process) options(r *valisev1.Roster) (*server.Options, error) {
	public, err := p.admin.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("relay: read admin key: %w", err)
	}
	text, err := Config(r, ServerConfig{
		Listen: listenText(p.home.Listen), Name: p.home.Name, StoreDir: p.home.path(storeFolder),
		CertFile: p.home.path(certFile), KeyFile: p.home.path(keyFile), AdminKey: public,
	})
	if err != nil {
		return nil, err
	}
	options := new(server.Options)
	if err := options.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("relay: the server does not take its configuration: %w", err)
	}
	unsynced(options)
	options.NoSigs = true
	options.NoLog = true
	return options, nil
}

// listenText writes port 0 the way the server writes "any free port".
func listenText(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && port == "0" {
		return net.JoinHostPort(host, "-1")
	}
	return listen
}

func (p *process) readApplied() error {
	data, err := os.ReadFile(p.home.path(appliedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("relay: read the roster in force: %w", err)
	}
	r, err := ParseRoster(data)
	if err != nil {
		return fmt.Errorf("relay: %s is damaged; remove it to begin anew with the directory's roster: %w", appliedFile, err)
	}
	if r.GetRealm() != p.home.Realm {
		return fmt.Errorf("relay: %s is of another realm than this relay", appliedFile)
	}
	p.roster, p.bytes, p.stale = r, data, true
	return nil
}

// fileState tells a changed file from the one that was read.
type fileState struct {
	size  int64
	mtime time.Time
	ino   uint64
}

func stateOf(path string) (fileState, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, err
	}
	s := fileState{size: info.Size(), mtime: info.ModTime()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.ino = sys.Ino
	}
	return s, nil
}

// look reads the Roster file if it changed, and takes it over if it may follow the one in
// force: its number first, so that no older one can come back after it was used.
func (p *process) look() {
	state, err := stateOf(p.path)
	if err != nil || state == p.seen {
		return
	}
	data, err := readLimited(p.path, MaxRosterBytes)
	if err != nil {
		p.log.Warn("roster cannot be read; the last one stays in force")
		return
	}
	p.seen = state
	r, err := p.mayFollow(data)
	if err != nil {
		p.log.Warn("roster refused; the last one stays in force", slog.String("reason", err.Error()))
		return
	}
	if bytes.Equal(data, p.bytes) {
		return
	}
	if err := writeFile(p.home.path(appliedFile), data, 0o600); err != nil {
		p.log.Error("the new roster cannot be kept; the last one stays in force")
		p.seen = fileState{}
		return
	}
	p.roster, p.bytes, p.stale = r, data, true
}

// mayFollow reads a Roster that may take the place of the one in force.
func (p *process) mayFollow(data []byte) (*valisev1.Roster, error) {
	r, err := ParseRoster(data)
	if err != nil {
		return nil, err
	}
	if r.GetRealm() != p.home.Realm {
		return nil, errRosterRealm
	}
	return r, mayReplace(p.roster, r)
}

// adopt brings the running server and its mailboxes into line with the Roster.
func (p *process) adopt(ctx context.Context) error {
	// Mailboxes first: who is admitted finds them.
	if err := p.apply(ctx); err != nil {
		return err
	}
	// Twice: the server gives an account that a reload adds its imports only at the next reload.
	for range 2 {
		options, err := p.options(p.roster)
		if err != nil {
			return err
		}
		if err := p.server.ReloadOptions(options); err != nil {
			return fmt.Errorf("relay: the server does not take the new roster: %w", err)
		}
	}
	p.stale = false
	return nil
}

func (p *process) apply(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	done, err := applyRoster(ctx, p.conn, p.roster, 1)
	if err != nil {
		return err
	}
	p.log.Info("roster in force", slog.Uint64("number", p.roster.GetNumber()),
		slog.Int("mailboxes", len(p.roster.GetMailboxes())), slog.Int("made", done.Made),
		slog.Int("changed", done.Changed), slog.Int("removed", done.Removed))
	return nil
}

// watch follows the Roster file until ctx ends. Polling sees what a notification may miss: a
// file moved into place, a folder that appears later, a network disk.
func (p *process) watch(ctx context.Context) error {
	tick := time.NewTicker(rosterPoll)
	defer tick.Stop()
	ended := make(chan struct{})
	go func() { p.server.WaitForShutdown(); close(ended) }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			return errors.New("relay: the server ended by itself")
		case <-tick.C:
			p.look()
			if p.stale {
				if err := p.adopt(ctx); err != nil && ctx.Err() == nil {
					p.log.Error("new roster not wholly in force yet; trying again")
				}
			}
			p.lookAtObjects()
			p.adoptObjects(ctx)
		}
	}
}

func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errors.New("too large")
	}
	return data, nil
}
