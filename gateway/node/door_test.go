package node

import (
	"path/filepath"
	"testing"

	"google.golang.org/grpc"

	"valise.example/api"
)

// TestADoorThatIsClosedBeforeItOpened: whoever ends a node in the moment that it is ready ends it
// in order, though nobody had come to the door yet.
func TestADoorThatIsClosedBeforeItOpened(t *testing.T) {
	listener, err := api.ListenUnix(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	server.Stop()
	if err := serveOn(server, listener); err != nil {
		t.Errorf("ended with %v", err)
	}
}
