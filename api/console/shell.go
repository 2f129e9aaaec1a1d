package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"valise.example/api/locale"
)

// ShellConfig is what the outside of pages needs.
type ShellConfig struct {
	// Now is the clock of sessions and links, and Rand gives secrets; neither is nil.
	Now  func() time.Time
	Rand io.Reader
	// Language is the one of the first page where the browser wishes for none of ours.
	Language locale.Language
	// Idle ends a session; 0: DefaultIdle.
	Idle time.Duration
	// Logger gets no word of content; nil: nothing is logged.
	Logger *slog.Logger

	most func(r *http.Request) int64 // how many bytes a request may bring; nil: mostBody
}

// Shell is the outside of pages for one person at this machine: the guard that every request passes, the link that
// works once, the session that it begins, and the acts that are done once. What the pages say is not its matter.
// docs/threat-model.md
type Shell struct {
	cfg    ShellConfig
	base   string                // path under which everything is: "/" and 26 letters and digits and "/"
	hosts  atomic.Pointer[hosts] // nil before At
	gate   gate
	random sync.Mutex
	acts   acts
}

// NewShell makes one that nobody has entered. The error is that of Rand.
func NewShell(cfg ShellConfig) (*Shell, error) {
	if cfg.Idle == 0 {
		cfg.Idle = DefaultIdle
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.most == nil {
		cfg.most = func(*http.Request) int64 { return mostBody }
	}
	s := &Shell{cfg: cfg}
	s.gate.idle = cfg.Idle
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	s.base = "/" + secret + "/"
	return s, nil
}

// Base is the path under which all pages are; it ends with "/".
func (s *Shell) Base() string { return s.base }

// At says where the pages will be served, so that a link can be made before Serve runs. It refuses an
// address that other machines could reach.
func (s *Shell) At(a net.Addr) error {
	allowed, err := hostsOf(a)
	if err != nil {
		return err
	}
	s.hosts.Store(&allowed)
	return nil
}

// Serve answers browsers on l, which listens on a loopback address, until ctx ends. It closes l. Pages are those of
// Guard.
func (s *Shell) Serve(ctx context.Context, l net.Listener, pages http.Handler) error {
	if err := errors.Join(s.At(l.Addr()), keepsOthersOut()); err != nil {
		return errors.Join(err, l.Close())
	}
	server, crowd := newServer(pages, s.cfg.Logger), crowded(l, ownUser)
	server.ConnState = crowd.changed
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(crowd) }()
	select {
	case err := <-ended:
		return fmt.Errorf("console: serving ended: %w", err)
	case <-ctx.Done():
	}
	err := shutDown(server)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Link makes a link that begins one session, works once and for ten minutes, and ends any that was made
// before. It can be asked for after At, or once Serve runs.
func (s *Shell) Link() (string, error) {
	at := s.hosts.Load()
	if at == nil {
		return "", errors.New("console: nothing is served yet, so there is nowhere to go")
	}
	token, err := s.secret()
	if err != nil {
		return "", err
	}
	s.gate.offer(token, s.cfg.Now())
	return "http://" + (*at)[0] + s.base + "enter/" + token, nil
}

// Admit reports whether r comes from the session that the last link began, and its language; for anybody else that of
// their browser.
func (s *Shell) Admit(r *http.Request) (bool, locale.Language) {
	stands, language := s.admit(r)
	if stands == stranger {
		language = s.wished(r)
	}
	return stands == inside, language
}

func (s *Shell) admit(r *http.Request) (standing, locale.Language) {
	return s.gate.admit(s.cookie(r), s.cfg.Now(), s.Watched(r))
}

// Speak changes the language of the session.
func (s *Shell) Speak(l locale.Language) { s.gate.speak(l) }

// Leave ends the session.
func (s *Shell) Leave(w http.ResponseWriter) {
	s.gate.leave()
	s.setCookie(w, "", -1)
}

// NewAct makes up the id of an act for a form.
func (s *Shell) NewAct() (string, error) { return s.secret() }

// Once does what a form asks for, unless it was done already: a second click, or a page that is sent again, is the
// same act. done is false where the form names no act of a page; what failed can be tried again.
func (s *Shell) Once(r *http.Request, do func() error) (done bool, err error) {
	act := r.PostFormValue("act")
	if !actID.MatchString(act) {
		return false, nil
	}
	if !s.acts.begin(act) {
		return true, nil
	}
	if err := do(); err != nil {
		s.acts.undo(act)
		return true, err
	}
	return true, nil
}

// mostActs are remembered.
const mostActs = 1000

// acts are those that were done.
type acts struct {
	mu   sync.Mutex
	done map[string]bool
}

// begin reports whether an act was not done yet.
func (a *acts) begin(act string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.done[act] {
		return false
	}
	if a.done == nil || len(a.done) >= mostActs {
		a.done = map[string]bool{}
	}
	a.done[act] = true
	return true
}

func (a *acts) undo(act string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.done, act)
}
