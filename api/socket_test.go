package api

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	valisev1 "valise.example/proto/valise/v1"
)

// serveAt runs the door of w at a real socket until the test ends.
func (w *world) serveAt(t testing.TB, path string) {
	t.Helper()
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(w.server.ServerOptions()...)
	w.server.Register(s)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { w.server.Close(); s.GracefulStop(); <-done })
}

// private is a folder that only we can change, as a home is.
func private(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func dial(t testing.TB, path string, options DialOptions) *grpc.ClientConn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := Dial(ctx, path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func whoAmI(t testing.TB, path string, options DialOptions) (string, error) {
	t.Helper()
	out, err := valisev1.NewOfficerServiceClient(dial(t, path, options)).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{})
	return out.GetOfficer().GetName(), err
}

// TestPeerCredentials: over a real socket the kernel says who calls. A user id that no officer
// has gets nothing; --as chooses among one's own officers, and only a token gives another's
// name. A-9 s4
func TestPeerCredentials(t *testing.T) {
	w := newWorld(t)
	mine, other := uint32(os.Getuid()), uint32(os.Getuid()+1)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "other", Roles: anyone, Uids: []uint32{other}, TokenHash: hashOf("secret")})
	path := filepath.Join(private(t), "valise.sock")
	w.serveAt(t, path)
	_, err := whoAmI(t, path, DialOptions{})
	wantReason(t, err, denied)
	w.people.list = append(w.people.list,
		&valisev1.Officer{Name: "alder", Roles: []valisev1.Role{duty}, Uids: []uint32{mine}},
		&valisev1.Officer{Name: "birch", Roles: []valisev1.Role{keeps}, Uids: []uint32{mine, other}})
	for _, c := range []struct {
		options DialOptions
		want    string
	}{
		{DialOptions{}, "alder"},
		{DialOptions{As: "alder"}, "alder"},
		{DialOptions{As: "birch"}, "birch"},
		{DialOptions{As: "other"}, ""},
		{DialOptions{As: "nobody"}, ""},
		{DialOptions{Token: "secret"}, "other"},
		{DialOptions{Token: "secret", As: "other"}, "other"},
		{DialOptions{Token: "secret", As: "alder"}, ""},
		{DialOptions{Token: "wrong"}, ""},
		{DialOptions{Token: "wrong", As: "alder"}, ""},
	} {
		got, err := whoAmI(t, path, c.options)
		if got != c.want || (c.want == "") != (err != nil) {
			t.Errorf("%+v is %q, %v", c.options, got, err)
		}
		if err != nil {
			wantReason(t, err, denied)
		}
	}
	// A token that nobody has is a long line, not a way round the user id.
	_, err = whoAmI(t, path, DialOptions{Token: strings.Repeat("x", 3000)})
	wantReason(t, err, denied)
}

// TestNoPeerWithoutASocket: what is no unix socket names no user id.
func TestNoPeerWithoutASocket(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, ok := peerUID(a); ok {
		t.Error("a pipe has a user id")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			c.Close()
		}
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, ok := peerUID(c); ok {
		t.Error("a TCP connection has a user id")
	}
	if _, _, err := (doorCredentials{}).ClientHandshake(t.Context(), "", c); err == nil {
		t.Error("the node's credentials serve a caller")
	}
}

// TestLongAndRelativePaths: a home may lie deeper than a socket address can say, and stays the
// same home when the working folder changes.
func TestLongAndRelativePaths(t *testing.T) {
	deep := filepath.Join(private(t), strings.Repeat("a", 120), strings.Repeat("b", 120), "@c", strings.Repeat("ü", 60))
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "alder", Roles: anyone, Uids: []uint32{uint32(os.Getuid())}})
	t.Chdir(deep)
	w.serveAt(t, "valise.sock")
	if name, err := whoAmI(t, "./valise.sock", DialOptions{}); err != nil || name != "alder" {
		t.Errorf("by its relative path: %q, %v", name, err)
	}
	t.Chdir("/")
	if name, err := whoAmI(t, filepath.Join(deep, "valise.sock"), DialOptions{}); err != nil || name != "alder" {
		t.Errorf("by its long path: %q, %v", name, err)
	}
	if left, _ := filepath.Glob(filepath.Join(deep, ".door-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestWayThroughALink is the way for systems without /proc.
func TestWayThroughALink(t *testing.T) {
	folder := filepath.Join(private(t), strings.Repeat("a", 200))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	private := ""
	err := throughLink(folder, func(short string) error {
		private = filepath.Dir(short)
		return os.WriteFile(filepath.Join(short, "x"), nil, 0o600)
	})
	if _, statErr := os.Stat(filepath.Join(folder, "x")); err != nil || statErr != nil {
		t.Errorf("%v, %v", err, statErr)
	}
	if _, err := os.Stat(private); !errors.Is(err, os.ErrNotExist) {
		t.Error("the link stays")
	}
}

func TestListenUnix(t *testing.T) {
	dir := private(t)
	path := filepath.Join(dir, "valise.sock")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket || l.Addr().String() != path {
		t.Errorf("the socket is %v at %v, %v", info.Mode(), l.Addr(), err)
	}
	_, err = ListenUnix(path)
	wantReason(t, err, valisev1.Reason_REASON_HOME_IN_USE)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a closed door answers %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the socket stays behind")
	}
}

// TestLeftBehindSocket: a node that was killed leaves its socket; the next one takes its place.
// Closing the first listener late does not take away the second's socket.
func TestLeftBehindSocket(t *testing.T) {
	path := filepath.Join(private(t), "valise.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	first, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	first.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the first took the second's socket away: %v", err)
	}
}

func TestListenUnixRefuses(t *testing.T) {
	dir := private(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]valisev1.Reason{
		"":                                    valisev1.Reason_REASON_BAD_CONFIG,
		"a\x00b":                              valisev1.Reason_REASON_BAD_CONFIG,
		file:                                  valisev1.Reason_REASON_ALREADY_EXISTS,
		link:                                  valisev1.Reason_REASON_ALREADY_EXISTS,
		filepath.Join(file, "valise.sock"):    valisev1.Reason_REASON_BAD_CONFIG,
		filepath.Join(open, "valise.sock"):    valisev1.Reason_REASON_UNSAFE_PERMISSIONS,
		filepath.Join(dir, "new", "x", "s.s"): valisev1.Reason_REASON_UNSPECIFIED,
	} {
		l, err := ListenUnix(path)
		if want != valisev1.Reason_REASON_UNSPECIFIED {
			wantReason(t, err, want)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder made is %v, %v", info, err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "x" {
		t.Error("a file that is no socket was touched")
	}
}

func TestDialRefuses(t *testing.T) {
	dir := private(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "none.sock"), filepath.Join(dir, "no", "folder.sock"), file} {
		_, err := Dial(t.Context(), path, DialOptions{})
		if e := wantReason(t, err, valisev1.Reason_REASON_NODE_UNREACHABLE); e.Exit != 1 {
			t.Errorf("%s has exit %d", path, e.Exit)
		}
	}
	_, err := Dial(t.Context(), "", DialOptions{})
	wantReason(t, err, valisev1.Reason_REASON_BAD_CONFIG)
	// A socket that answers nothing: the caller's own time ends the wait.
	silent, err := net.Listen("unix", filepath.Join(dir, "silent.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Dial(ctx, filepath.Join(dir, "silent.sock"), DialOptions{})
	wantReason(t, err, valisev1.Reason_REASON_TIMED_OUT)
}

// TestNoTokenForStrangers: a socket in a home of another user is not answered by a process of
// ours, and no token is sent to it. Only root can make such a folder for a test.
func TestNoTokenForStrangers(t *testing.T) {
	dir := private(t)
	path := filepath.Join(dir, "valise.sock")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if os.Getuid() == 0 {
		// root may stand in for anybody; the rule is checked by the helper that decides it.
		if err := os.Chown(dir, 4242, -1); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if uid, ok := ownerOf(info); !ok || uid != 4242 || !foreign(info) {
			t.Errorf("the folder belongs to %d, foreign %v", uid, foreign(info))
		}
		_, err = ListenUnix(filepath.Join(dir, "another.sock"))
		wantReason(t, err, valisev1.Reason_REASON_UNSAFE_PERMISSIONS)
		return
	}
	conn, err := dialNode(path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestConnectionsAreBounded: more callers than there is room for wait; none is lost when one
// leaves. P7
func TestConnectionsAreBounded(t *testing.T) {
	path := filepath.Join(private(t), "valise.sock")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 2*maxConnections)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	var callers []net.Conn
	for range maxConnections + 20 {
		c, err := dialPath(path)
		if err != nil {
			t.Fatal(err)
		}
		callers = append(callers, c)
	}
	var served []net.Conn
	for range maxConnections {
		served = append(served, <-accepted)
	}
	if len(l.(*listener).slots) != maxConnections || len(accepted) != 0 {
		t.Errorf("%d are connected at once", len(served)+len(accepted))
	}
	for _, c := range served {
		c.Close()
		c.Close()
	}
	for range 20 {
		(<-accepted).Close()
	}
	for _, c := range callers {
		c.Close()
	}
	l.Close()
	<-ended
	if n := len(l.(*listener).slots); n != 0 {
		t.Errorf("%d places are not given back", n)
	}
}
