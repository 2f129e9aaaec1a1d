package console

import (
	"net"
	"net/http"
	"testing"
)

// TestCrowdIsBounded: so many connections are held and no more, and the one that is being answered is not among
// those that give way to silent ones. P7
func TestCrowdIsBounded(t *testing.T) {
	c := crowded(nil, nil)
	var answered net.Conn
	for i := range 3 * mostConns {
		ours, theirs := net.Pipe()
		t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
		if c.come(ours); i == 0 {
			answered = ours
			c.changed(ours, http.StateActive)
		}
	}
	if len(c.all) != mostConns {
		t.Errorf("%d connections are held, not %d", len(c.all), mostConns)
	}
	if _, held := c.all[answered]; !held {
		t.Error("a connection that is being answered gave way to silent ones")
	}
}
