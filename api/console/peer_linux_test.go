package console

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
)

const connections = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 182 1 0000000000000000 100 0 0 10 0
   1: 0100007F:925C 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 183 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:925C 01 00000000:00000000 00:00000000 00000000  1000        0 184 1 0000000000000000 20 4 30 10 -1
   3: 00000000000000000000000001000000:925D 00000000000000000000000001000000:1F90 01 0:0 00:0 0 1002 0 185
   4: 0000000000000000FFFF00000100007F:925E 0000000000000000FFFF00000100007F:1F90 01 0:0 00:0 0 1003 0 186
   5: 0100007F:XXXX 0100007F:1F90 01 0:0 00:0 0 1004 0 187
   6: 01:925F 0100007F:1F90 01 0:0 00:0 0 1004 0 187
   7:
`

func TestOwnerOf(t *testing.T) {
	for _, c := range []struct {
		peer, own string
		want      int
	}{
		{"127.0.0.1:37468", "127.0.0.1:8080", 1001},
		{"127.0.0.1:8080", "127.0.0.1:37468", 1000},
		{"[::1]:37469", "[::1]:8080", 1002},
		{"127.0.0.1:37470", "127.0.0.1:8080", 1003},
		{"127.0.0.1:37471", "127.0.0.1:8080", -1},
		{"127.0.0.1:37468", "127.0.0.1:8081", -1},
	} {
		uid, err := ownerOf(strings.NewReader(connections), netip.MustParseAddrPort(c.peer), netip.MustParseAddrPort(c.own))
		if c.want < 0 && !errors.Is(err, errNoOwner) || c.want >= 0 && (err != nil || uid != c.want) {
			t.Errorf("%s to %s is of %d, %v; want %d", c.peer, c.own, uid, err, c.want)
		}
	}
}

// TestOwnUser: the system says of a connection of this very process that it is ours, over IPv4 and IPv6,
// and a crowd that takes it for another's says nothing to it.
func TestOwnUser(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		first := true
		c := crowded(l, func(peer, own netip.AddrPort) error {
			if first {
				first = false
				return errOtherUser
			}
			return ownUser(peer, own)
		})
		refused, taken := dial(t, l.Addr()), dial(t, l.Addr())
		conn, err := c.Accept()
		if err != nil || conn.RemoteAddr().String() != taken.LocalAddr().String() {
			t.Fatalf("%s: %v is taken, %v", at, conn, err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := refused.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%s: another user's connection stays: %v", at, err)
		}
		peer := netip.MustParseAddrPort(taken.LocalAddr().String())
		if uid, err := ownerIn(tables[strings.Count(at, "::")], peer, netip.MustParseAddrPort(l.Addr().String())); err != nil || uid != os.Getuid() {
			t.Errorf("%s: our own connection is of %d, %v", at, uid, err)
		}
	}
}

func dial(t *testing.T, at net.Addr) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
