package api

import (
	"context"
	"net"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	valisev1 "valise.example/proto/valise/v1"
)

// TestSameUserRefusesWhomTheKernelDoesNotName: on a socket it is this user, and they are served; over anything else
// nobody knows who it is.
func TestSameUserRefusesWhomTheKernelDoesNotName(t *testing.T) {
	server := grpc.NewServer(SameUser(nil)...)
	valisev1.RegisterControlServiceServer(server, valisev1.UnimplementedControlServiceServer{})
	path := filepath.Join(t.TempDir(), "d", "control.sock")
	socket := must(ListenUnix(path))
	pipe := bufconn.Listen(1 << 16)
	for _, l := range []net.Listener{socket, pipe} {
		go func() { _ = server.Serve(l) }()
	}
	defer server.Stop()
	own := must(Dial(t.Context(), path, DialOptions{}))
	defer own.Close()
	nobody := must(grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) })))
	defer nobody.Close()
	for conn, want := range map[*grpc.ClientConn]valisev1.Reason{own: valisev1.Reason_REASON_INTERNAL, nobody: valisev1.Reason_REASON_NOT_PERMITTED} {
		client := valisev1.NewControlServiceClient(conn)
		_, err := client.GetControl(t.Context(), &valisev1.GetControlRequest{})
		if e, _ := FromStatus(err); e == nil || e.Reason != want {
			t.Errorf("a call: %v, want %v", err, want)
		}
		stream, err := client.WatchControl(t.Context(), &valisev1.WatchControlRequest{})
		if err == nil {
			_, err = stream.Recv()
		}
		if e, _ := FromStatus(err); e == nil || e.Reason != want {
			t.Errorf("a stream: %v, want %v", err, want)
		}
	}
}
