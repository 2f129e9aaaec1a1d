package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/net/netutil"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	healthCallers  = 32               // connections at once; who comes then waits
	healthTime     = 10 * time.Second // for one question and its answer
	healthPatience = 5 * time.Second  // for the core to answer
	healthHead     = 8 << 10          // bytes of the head of a question
)

// listenHealth opens the address for monitors; nil where there is none. A node whose address is
// taken does not start: whoever wrote it there counts on it.
func (n *Node) listenHealth() (net.Listener, error) {
	at := n.config.Health.Listen
	if !at.IsValid() {
		return nil, nil
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, &Fault{Why: valisev1.Reason_REASON_BAD_CONFIG, Detail: "the address of [health] cannot be listened on, so no monitor could ask", Err: err}
	}
	n.log.Info("monitors are answered", slog.String("address", l.Addr().String()))
	return netutil.LimitListener(l, healthCallers), nil
}

func closeHealth(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// serveHealth answers monitors until ctx ends. docs/protocol.md §12.3
func (n *Node) serveHealth(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           n.healthHandler(),
		ReadHeaderTimeout: healthTime, ReadTimeout: healthTime, WriteTimeout: 2 * healthTime, IdleTimeout: time.Minute,
		MaxHeaderBytes: healthHead,
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would repeat what callers send
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("node: monitors are answered no more: %w", err)
	case <-ctx.Done():
	}
	err := server.Close()
	if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	return err
}

func (n *Node) healthHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", n.livez)
	mux.HandleFunc("GET /readyz", n.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: 4, Timeout: healthTime,
	}))
	return n.named(mux)
}

// named refuses whoever calls this machine by a name: a page in a browser that had its own name
// point here could read along otherwise. reliability.md 68
func (n *Node) named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !n.config.Health.Beyond && !ofThisMachine(r.Host) {
			http.Error(w, "this address is asked by its number", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func ofThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	at, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && at.IsLoopback()
}

// livez: the process runs and its core answers.
func (n *Node) livez(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), healthPatience)
	defer done()
	alive := n.Answers(ctx)
	answerHealth(w, alive, map[string]any{"alive": alive})
}

// readyz: record and keys are open. Without the relay people still read, write and draft, so that is
// told and is no reason to take the node away from them.
func (n *Node) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), healthPatience)
	defer done()
	why := valisev1.Reason_REASON_STORAGE_UNKNOWN
	if n.Answers(ctx) {
		why = n.accepting()
	}
	ready := why == valisev1.Reason_REASON_UNSPECIFIED
	said := map[string]any{"ready": ready, "degraded": n.degraded()}
	if v := n.metrics.verified.Load(); v != nil {
		said["record_verified"] = map[string]any{"at": instant(v.GetAt().AsTime()), "ok": v.GetOk()}
	}
	if !ready {
		said["reason"] = shortReason(why)
	}
	answerHealth(w, ready, said)
}

// degraded says what does not work while the node is ready, in words for whoever reads along.
func (n *Node) degraded() []string {
	out := []string{}
	if !n.mail.linkUp() {
		out = append(out, "the relay is not connected: what is sent waits here")
	}
	for _, w := range n.degrading() {
		out = append(out, inWords(w, n.now()))
	}
	return out
}

// degrading are the warnings of which a monitor hears too.
func (n *Node) degrading() (out []*valisev1.StandingWarning) {
	if snapshot := n.book.Snapshot(); snapshot.Number() == 0 {
		out = append(out, warn(valisev1.Warning_WARNING_NO_DIRECTORY))
	} else if snapshot.Stale(n.now()) {
		out = append(out, warn(valisev1.Warning_WARNING_DIRECTORY_STALE))
	}
	out = append(out, n.spaceWarnings()...)
	if v := n.metrics.verified.Load(); v != nil && !v.GetOk() {
		out = append(out, warn(valisev1.Warning_WARNING_NOT_AS_WRITTEN))
	}
	return out
}

// answerHealth writes 200, or 503 where it is not well.
func answerHealth(w http.ResponseWriter, well bool, said map[string]any) {
	body, err := json.Marshal(said)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n'))
}
