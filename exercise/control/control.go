package control

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"valise.example/api/console"
	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// Part says whose page this is.
type Part string

// The parts.
const (
	Control    Part = "control"    // steers
	Evaluators Part = "evaluators" // judge, and note
	Observers  Part = "observers"  // see, and change nothing
)

// Parts are all of them, each with a page of its own.
func Parts() []Part { return []Part{Control, Evaluators, Observers} }

// Config is what pages need.
type Config struct {
	// Part is whose page this is.
	Part Part
	// Exercise is the name of the exercise, as its realm has it; every page, title and printed sheet says it. Not empty.
	Exercise string
	// Conn is the door of control. The caller closes it.
	Conn grpc.ClientConnInterface
	// Now is the clock of this machine, and Rand gives secrets; neither is nil.
	Now  func() time.Time
	Rand io.Reader
	// Language is the one of the first page where the browser wishes for none of ours.
	Language locale.Language
	// Logger gets no word of content; nil: nothing is logged.
	Logger *slog.Logger
}

// idle ends a session: an exercise has long quiet hours, in which its pages stay on a wall.
const idle = 4 * time.Hour

// Pages serve one part.
type Pages struct {
	cfg     Config
	shell   *console.Shell
	views   *views
	control valisev1.ControlServiceClient
}

// New makes the pages of one part. The error says what is missing, or is that of Rand.
func New(cfg Config) (*Pages, error) {
	if cfg.Conn == nil || cfg.Now == nil || cfg.Rand == nil || cfg.Exercise == "" {
		return nil, errors.New("control: the name of the exercise, a door, a clock and a source of randomness are needed")
	}
	shell, err := console.NewShell(console.ShellConfig{Now: cfg.Now, Rand: cfg.Rand, Language: cfg.Language, Idle: idle, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	v, err := allViews()
	if err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Pages{cfg: cfg, shell: shell, views: v, control: valisev1.NewControlServiceClient(cfg.Conn)}, nil
}

// At says where the pages will be served, so that a link can be made before Serve runs. It refuses an address that
// other machines could reach.
func (p *Pages) At(a net.Addr) error { return p.shell.At(a) }

// Serve answers browsers on l, which listens on a loopback address, until ctx ends. It closes l.
func (p *Pages) Serve(ctx context.Context, l net.Listener) error {
	return p.shell.Serve(ctx, l, p.Handler())
}

// Link makes a link that begins one session, works once and for ten minutes, and ends any that was made before.
func (p *Pages) Link() (string, error) { return p.shell.Link() }

// Handler is all pages of the part, behind the guard of the desk. docs/threat-model.md
func (p *Pages) Handler() http.Handler {
	mux, base := http.NewServeMux(), p.shell.Base()
	mux.HandleFunc("GET "+base+"static/{file}", console.Static)
	mux.HandleFunc("GET "+base+"static/sheet/{file}", console.Sheet(p.cfg.Exercise))
	mux.HandleFunc("GET "+base+"enter/{token}", p.shell.Enter(func(w http.ResponseWriter, r *http.Request) {
		p.outside(w, r)
	}))
	p.on(mux, "GET "+base+"{$}", (*visit).page)
	p.on(mux, "GET "+base+console.WatchPath, (*visit).page)
	p.on(mux, "POST "+base+"language/{language}", (*visit).speak)
	p.on(mux, "POST "+base+"leave", (*visit).leave)
	for _, a := range actsOf[p.cfg.Part] {
		p.on(mux, "POST "+base+a.path, func(v *visit) error { return v.act(a) })
	}
	p.on(mux, base, (*visit).noPage)
	return p.shell.Guard(mux)
}

// on lets in whoever has the session.
func (p *Pages) on(mux *http.ServeMux, pattern string, answer func(*visit) error) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		inside, language := p.shell.Admit(r)
		if !inside {
			p.outside(w, r)
			return
		}
		p.shell.LookAgain(w, r)
		v := p.visit(w, r, language)
		if err := answer(v); err != nil {
			v.tell(err)
		}
	})
}
