package api

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	valisev1 "valise.example/proto/valise/v1"
)

// maxReply is how many bytes of one answer a caller reads: the longest thread page with room.
const maxReply = 64 << 20

// DialOptions say who calls.
type DialOptions struct {
	// Token of an officer; empty: the user id says who it is.
	Token string
	// As names the officer to act as. Without a token this must be an officer of this very user
	// id. Empty: the token's officer, else the first by name that has this user id.
	As string
}

// Dial connects to the node whose socket is at path, which may be of any length, and returns
// when it answers. A token is sent to no one but a process of the folder's owner or root.
//
// The error is always *Error: REASON_NODE_UNREACHABLE when nobody answers,
// REASON_UNSAFE_PERMISSIONS when somebody else does, REASON_TIMED_OUT when ctx ends first,
// REASON_BAD_CONFIG.
func Dial(ctx context.Context, path string, options DialOptions) (*grpc.ClientConn, error) {
	path, err := absolute(path)
	if err != nil {
		return nil, err
	}
	var last lastError
	return dialed(ctx, &last, options, insecure.NewCredentials(), func(context.Context, string) (net.Conn, error) {
		return last.keep(dialNode(path))
	})
}

// dialed connects by whichever way and waits until the node answers.
func dialed(ctx context.Context, last *lastError, options DialOptions, creds credentials.TransportCredentials, dial func(context.Context, string) (net.Conn, error)) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient("passthrough:///"+DoorName,
		grpc.WithTransportCredentials(creds),
		grpc.WithPerRPCCredentials(caller(options)),
		grpc.WithContextDialer(dial),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxBundle+overhead)),
		grpc.WithDisableServiceConfig(),
	)
	if err != nil {
		return nil, localError(valisev1.Reason_REASON_INTERNAL, "no call can be made", err)
	}
	conn.Connect()
	for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
		if state == connectivity.TransientFailure {
			conn.Close()
			return nil, unreachable(last.get())
		}
		if !conn.WaitForStateChange(ctx, state) {
			conn.Close()
			return nil, refusal(valisev1.Reason_REASON_TIMED_OUT, "")
		}
	}
	return conn, nil
}

func unreachable(cause error) *Error {
	if e, ok := errors.AsType[*Error](cause); ok {
		return e
	}
	e := refusal(valisev1.Reason_REASON_NODE_UNREACHABLE, "")
	if errors.Is(cause, fs.ErrPermission) {
		e = refusal(valisev1.Reason_REASON_NODE_UNREACHABLE, "its socket belongs to another user")
	}
	e.cause = cause
	return e
}

// dialNode connects and makes sure that the process at the other end is of the user to whom the
// folder belongs: whoever could put a socket there could otherwise read a token.
func dialNode(path string) (net.Conn, error) {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	conn, err := dialPath(path)
	if err != nil {
		return nil, err
	}
	owner, known := ownerOf(info)
	server, named := peerUID(conn)
	if known && named && server != 0 && server != owner {
		conn.Close()
		return nil, refusal(valisev1.Reason_REASON_UNSAFE_PERMISSIONS, "the process that answers is not of the user to whom the home belongs")
	}
	return conn, nil
}

// lastError keeps why the latest connection did not come about: gRPC tells it only in words.
type lastError struct {
	mu  sync.Mutex
	err error
}

func (l *lastError) keep(conn net.Conn, err error) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	return conn, err
}

func (l *lastError) get() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// caller puts token and name into every call.
type caller DialOptions

func (c caller) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	md := map[string]string{}
	if c.Token != "" {
		md[tokenKey] = bearer + c.Token
	}
	if c.As != "" {
		md[officerKey] = c.As
	}
	return md, nil
}

// RequireTransportSecurity: a unix socket whose other end the kernel names needs none.
func (caller) RequireTransportSecurity() bool { return false }
