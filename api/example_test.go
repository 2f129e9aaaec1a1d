package api_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	"valise.example/api"
	valisev1 "valise.example/proto/valise/v1"
)

// A caller reads every error back into a Reason, an exit code and what to do next.
func ExampleDial() {
	home, err := os.MkdirTemp("", "valise-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(home)
	path := filepath.Join(home, "valise.sock")

	_, err = api.Dial(context.Background(), path, api.DialOptions{})
	e, _ := api.FromStatus(err)
	fmt.Println(e.Reason, e.Exit)

	door, err := api.ListenUnix(path)
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(door) }()
	conn, err := api.Dial(context.Background(), path, api.DialOptions{})
	if err != nil {
		panic(err)
	}
	_, err = valisev1.NewNodeServiceClient(conn).GetStatus(context.Background(), &valisev1.GetStatusRequest{})
	e, _ = api.FromStatus(err)
	fmt.Println(e.Reason, e.Exit)
	conn.Close()
	server.Stop()
	fmt.Println(<-ended)
	// Output:
	// REASON_NODE_UNREACHABLE 1
	// REASON_UNIMPLEMENTED 4
	// <nil>
}
