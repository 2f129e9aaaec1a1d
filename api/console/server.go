package console

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// What a browser may take, and no more. P7
const (
	headTime   = 5 * time.Second  // to say what it wants
	bodyTime   = 30 * time.Second // to send a whole form
	answerTime = 60 * time.Second // to take a whole page
	restTime   = 60 * time.Second // between two requests of a connection
	mostHead   = 16 << 10
	mostBody   = 1 << 20
	mostFile   = 64 << 20 // of an attachment. docs/protocol.md §6
	leaveTime  = 3 * time.Second
)

func newServer(h http.Handler, logger *slog.Logger) *http.Server {
	s := &http.Server{
		Handler:                      h,
		ReadHeaderTimeout:            headTime,
		ReadTimeout:                  bodyTime,
		WriteTimeout:                 answerTime,
		IdleTimeout:                  restTime,
		MaxHeaderBytes:               mostHead,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(faults{logger.Handler()}, slog.LevelError),
		Protocols:                    new(http.Protocols),
	}
	s.Protocols.SetHTTP1(true)
	return s
}

// faults says that the server met an error, and nothing of what it was: its words may hold what was sent.
type faults struct{ slog.Handler }

// Handle puts one sentence in the place of any other.
func (f faults) Handle(ctx context.Context, r slog.Record) error {
	return f.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "the desk's server met an error", r.PC))
}

// shutDown waits a moment for answers that are under way, and ends the rest.
func shutDown(s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	if s.Shutdown(ctx) == nil {
		return nil
	}
	return s.Close()
}

// hosts are the only names under which the desk answers, the first the one of its links: a page of another
// site that has its own name lead here is refused.
type hosts []string

// hostsOf refuses an address that others could reach.
func hostsOf(a net.Addr) (hosts, error) {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil || !at.Addr().IsLoopback() {
		return nil, fmt.Errorf("console: %s can be reached from other machines, and the desk is for this one", a)
	}
	port := strconv.Itoa(int(at.Port()))
	return hosts{at.String(), net.JoinHostPort("localhost", port)}, nil
}

// allow finds no host while nothing is served.
func (h *hosts) allow(host string) bool { return h != nil && slices.Contains(*h, host) }
