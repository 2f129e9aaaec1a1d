package api

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// maxConnections is how many callers may be connected at once: descriptors are bounded under
// any load. P7
const maxConnections = 256

// ListenUnix opens the operator's door at path, which may be of any length. The folder is made
// with mode 0700 if it is not there, and must be one that nobody else can change; the socket has
// mode 0600 from the first moment on. A socket left behind by a node that ended is replaced.
//
// The error is always *Error: REASON_HOME_IN_USE when somebody listens there,
// REASON_ALREADY_EXISTS when something else has that name, REASON_UNSAFE_PERMISSIONS,
// REASON_BAD_CONFIG or REASON_INTERNAL with its cause.
func ListenUnix(path string) (net.Listener, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	folder, name := filepath.Split(path)
	if err := privateFolder(folder); err != nil {
		return nil, err
	}
	if err := vacate(path); err != nil {
		return nil, err
	}
	var inner *net.UnixListener
	err = within(filepath.Clean(folder), func(short string) (err error) {
		inner, err = bind(short, name)
		return err
	})
	if err != nil {
		return nil, localError(valisev1.Reason_REASON_INTERNAL, "the socket cannot be opened", err)
	}
	own, err := os.Lstat(path)
	if err != nil {
		inner.Close()
		return nil, localError(valisev1.Reason_REASON_INTERNAL, "the socket vanished while it was opened", err)
	}
	return &listener{UnixListener: inner, path: path, own: own, slots: make(chan struct{}, maxConnections), closed: make(chan struct{})}, nil
}

// localError is for causes in this process: they may be shown to whoever started it.
func localError(reason valisev1.Reason, detail string, cause error) *Error {
	if pe, ok := errors.AsType[*fs.PathError](cause); ok {
		detail += ": " + pe.Err.Error()
	} else if se, ok := errors.AsType[syscall.Errno](cause); ok {
		detail += ": " + se.Error()
	}
	e := refusal(reason, detail)
	e.cause = cause
	return e
}

// privateFolder makes sure that nobody else can put another socket in the place of ours.
func privateFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return localError(valisev1.Reason_REASON_BAD_CONFIG, "the folder of the socket cannot be made", err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return localError(valisev1.Reason_REASON_BAD_CONFIG, "the folder of the socket cannot be read", err)
	}
	if info.Mode().Perm()&0o022 != 0 || foreign(info) {
		return refusal(valisev1.Reason_REASON_UNSAFE_PERMISSIONS, "the folder of the socket can be changed by others")
	}
	return nil
}

// vacate makes sure that the place is free, or held by a socket that nobody listens on.
func vacate(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return localError(valisev1.Reason_REASON_BAD_CONFIG, "the place of the socket cannot be read", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return refusal(valisev1.Reason_REASON_ALREADY_EXISTS, "a file that is no socket stands in the place of the socket")
	}
	conn, err := dialPath(path)
	if err == nil {
		conn.Close()
	}
	// Only a refused connection proves that nobody listens; a full queue or anything else does not.
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
		return refusal(valisev1.Reason_REASON_HOME_IN_USE, "somebody listens on the socket")
	}
	return nil
}

// bind makes the socket in a private folder and moves it into its place once its mode is right,
// so that there is no moment at which another user could connect.
func bind(folder, name string) (*net.UnixListener, error) {
	private, err := os.MkdirTemp(folder, ".door-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(private)
	temporary := filepath.Join(private, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: temporary, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err := os.Chmod(temporary, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	if err := os.Rename(temporary, filepath.Join(folder, name)); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// listener bounds the connections and takes its socket away when it closes.
type listener struct {
	*net.UnixListener
	path   string
	own    fs.FileInfo
	slots  chan struct{}
	once   sync.Once
	closed chan struct{}
}

// Accept waits for a free place first, so that connections beyond the bound wait in the kernel.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.AcceptUnix()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &connection{UnixConn: conn, release: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close ends listening. The file is removed if it is still ours: another node may have taken
// the place since.
func (l *listener) Close() error {
	err := net.ErrClosed
	l.once.Do(func() {
		close(l.closed)
		if info, statErr := os.Lstat(l.path); statErr == nil && os.SameFile(info, l.own) {
			os.Remove(l.path)
		}
		err = l.UnixListener.Close()
	})
	return err
}

// Addr names the socket by its path, not by the short way it was bound through.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

type connection struct {
	*net.UnixConn
	release func()
}

func (c *connection) Close() error {
	defer c.release()
	return c.UnixConn.Close()
}

// dialPath connects to a socket at an absolute path of any length.
func dialPath(path string) (conn net.Conn, err error) {
	folder, name := filepath.Split(path)
	err = within(filepath.Clean(folder), func(short string) error {
		d := net.Dialer{Timeout: 5 * time.Second}
		conn, err = d.Dial("unix", filepath.Join(short, name))
		return err
	})
	return conn, err
}
