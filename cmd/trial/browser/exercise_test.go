//go:build browser

package browser

import (
	"context"
	"crypto/rand"
	"net"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/api/locale"
	"valise.example/exercise/conduct"
	"valise.example/exercise/control"
	"valise.example/exercise/scenario"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// played is Lantern Ward at work, with one person in it.
type played struct {
	*stage
	e       *conduct.Exercise
	seat    ident.Address // the person's
	control *grpc.ClientConn
	end     func() // ends it and waits for that
}

func newPlayed(t *testing.T, seat ident.Address) *played {
	t.Helper()
	file, _ := scenario.Open("lantern-ward")
	story, err := scenario.Parse("lantern-ward", file)
	if err != nil {
		t.Fatal(err)
	}
	e, err := conduct.Open(conduct.Config{
		Dir: t.TempDir(), Scenario: story, File: file, Rand: rand.Reader, Persons: []ident.Address{seat},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &played{stage: &stage{t: t}, e: e, seat: seat}
	p.end = p.run(func(ctx context.Context, ready func(string)) error {
		return e.Run(ctx, func([]conduct.ServedSeat) { ready("") })
	})
	p.control = p.dial(conduct.ControlSocket)
	return p
}

func (p *played) dial(socket ...string) *grpc.ClientConn {
	p.t.Helper()
	conn, err := api.Dial(p.t.Context(), filepath.Join(append([]string{p.e.Dir()}, socket...)...), api.DialOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// served enters what is served by its link.
func (p *played) served(o options, at func(net.Addr) error, serve func(context.Context, net.Listener) error, link func() (string, error)) *tab {
	p.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		err = at(l.Addr())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.run(func(ctx context.Context, ready func(string)) error {
		ready("")
		return serve(ctx, l)
	})
	way, err := link()
	if err != nil {
		p.t.Fatal(err)
	}
	t := newTab(p.t, o)
	t.enterBy(way)
	return t
}

func (p *played) part(part control.Part, o options) *tab {
	p.t.Helper()
	c, err := control.New(control.Config{Part: part, Exercise: p.e.Realm().Name(), Conn: p.control, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.served(o, c.At, c.Serve, c.Link)
}

func (p *played) player(o options) *tab {
	p.t.Helper()
	c, err := console.New(p.t.Context(), console.Config{Conn: p.dial("network", p.seat.State.String(), node.SocketFile), Now: time.Now, Rand: rand.Reader, Present: p.e.Present, Undo: time.Second})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.served(o, c.At, c.Serve, c.Link)
}

// TestExerciseInSixLanguages looks at what players, control, evaluators and observers see: while play goes on, and while
// a real event stands.
func TestExerciseInSixLanguages(t *testing.T) {
	t.Parallel()
	p := newPlayed(t, ident.Address{State: "XA", Track: ident.Technical})
	if err := p.e.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.e.Command(t.Context(), &valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_RELEASE, Inject: "I01"}); err != nil {
		t.Fatal(err)
	}
	player := p.player(options{})
	player.until("/", "article.inject", "203.0.113.44")
	parts := map[string]*tab{}
	for _, part := range control.Parts() {
		parts[string(part)] = p.part(part, options{})
	}
	looks := func(name string, l locale.Language) {
		player.speaks(l.String())
		for _, tab := range parts {
			tab.open("/")
			tab.click(`form[action$="/language/` + l.String() + `"] button`)
		}
		for _, path := range []string{"/", "/injects", "/inject/I01", "/contacts", "/real-event"} {
			player.open(path)
			player.look("exercise/"+name+"-"+filepath.Base("desk"+path)+"-"+l.String(), l)
		}
		for part, tab := range parts {
			tab.open("/")
			tab.look("exercise/"+name+"-"+part+"-"+l.String(), l)
			tab.open("/watch")
			tab.look("exercise/"+name+"-"+part+"-watch-"+l.String(), l)
		}
	}
	for _, l := range locale.Languages() {
		looks("runs", l)
	}
	for l, want := range map[locale.Language]string{locale.English: "right", locale.Arabic: "left"} {
		player.speaks(l.String())
		if got := besideDesk(player); got != want {
			t.Errorf("in %s what has come stands %s of the desk", l, got)
		}
	}
	player.open("/help")
	player.click("button.halt")
	for _, l := range []locale.Language{locale.Arabic, locale.French, locale.English} {
		looks("frozen", l)
	}
	player.width, player.height = 320, 640
	player.enlarge(1)
	player.open("/")
	player.check("exercise/narrow-desk-en")
	if got := besideDesk(player); got != "above" {
		t.Errorf("on a narrow window what has come stands %s of the desk", got)
	}
}

// besideDesk is where what has come stands: right or left of the desk, above it, or below.
func besideDesk(p *tab) string {
	p.open("/")
	return run[string](p, `(() => {
		const at = of => document.querySelector('.played > ' + of).getBoundingClientRect(), news = at('.news'), desk = at('div');
		if (news.bottom <= desk.top) return 'above';
		if (news.top >= desk.bottom) return 'below';
		return news.left >= desk.right ? 'right' : 'left';
	})`)
}
