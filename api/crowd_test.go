package api

import (
	"net"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// far is a connection from somewhere.
type far struct {
	net.Conn
	from   netip.AddrPort
	closed bool
}

func (f *far) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(f.from) }

func (f *far) Close() error {
	f.closed = true
	return nil
}

func from(address string) *far { return &far{from: netip.MustParseAddrPort(address)} }

// TestAFloodMakesRoomForOthers: whoever holds handshakes open, from however many hosts, is the first
// to go when others come; one host alone cannot push anybody out. P7, reliability.md 85
func TestAFloodMakesRoomForOthers(t *testing.T) {
	c := newCrowd()
	var flood []*far
	for range maxStrangersOfOne {
		f := from("192.0.2.1:1000")
		if c.come(f) == nil {
			t.Fatal("there is no room for the first")
		}
		flood = append(flood, f)
	}
	if c.come(from("192.0.2.1:9")) != nil || c.come(from("[::ffff:192.0.2.1]:9")) != nil {
		t.Error("one host has more handshakes under way than it may")
	}
	for i := range 100 {
		f := &far{from: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 9)}
		if c.come(f) == nil {
			t.Fatal("another host is not let in")
		}
		flood = append(flood, f)
	}
	officer := from("203.0.113.5:9")
	g := c.come(officer)
	if g == nil || !flood[0].closed || officer.closed {
		t.Fatal("the flood does not give way")
	}
	if flood[len(flood)-1].closed || c.strangers.Len() != maxStrangers {
		t.Errorf("%d handshakes are under way", c.strangers.Len())
	}
	if !c.settle(g, Pin{1}) || c.strangers.Len() != maxStrangers-1 {
		t.Error("an officer who came through stays among the strangers")
	}
	c.disperse()
	if officer.closed || !flood[len(flood)-1].closed || c.strangers.Len() != 0 || len(c.hosts) != 0 {
		t.Errorf("after the end %d handshakes of %d hosts are under way", c.strangers.Len(), len(c.hosts))
	}
}

// TestOneHostOfIPv6 is one network of it: nobody gets around the bound with addresses of their own.
func TestOneHostOfIPv6(t *testing.T) {
	c := newCrowd()
	for range maxStrangersOfOne {
		c.come(from("[2001:db8::1]:9"))
	}
	if c.come(from("[2001:db8::2]:9")) != nil {
		t.Error("another address of the same network is another host")
	}
	if c.come(from("[2001:db8:0:1::1]:9")) == nil {
		t.Error("another network is the same host")
	}
}

// TestTheCrowdCountsRight: whatever comes, settles and leaves, in whichever order and however often
// it is told, the counts are those of who is there.
func TestTheCrowdCountsRight(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, all := newCrowd(), []*guest{}
		settled := map[*guest]Pin{}
		rt.Repeat(map[string]func(*rapid.T){
			"come": func(rt *rapid.T) {
				host := rapid.IntRange(0, 20).Draw(rt, "host")
				if g := c.come(&far{from: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(host)}), 9)}); g != nil {
					all = append(all, g)
				}
			},
			"settle": func(rt *rapid.T) {
				if len(all) == 0 {
					rt.Skip()
				}
				g := rapid.SampledFrom(all).Draw(rt, "guest")
				pin := Pin{byte(rapid.IntRange(0, 12).Draw(rt, "pin"))}
				if _, twice := settled[g]; c.settle(g, pin) {
					if twice {
						rt.Error("one connection has two certificates")
					}
					settled[g] = pin
				}
			},
			"leave": func(rt *rapid.T) {
				if len(all) == 0 {
					rt.Skip()
				}
				g := rapid.SampledFrom(all).Draw(rt, "guest")
				c.left(g)
				c.left(g)
				delete(settled, g)
			},
			"": func(rt *rapid.T) {
				hosts, known := 0, map[Pin]int{}
				for _, n := range c.hosts {
					hosts += n
				}
				for _, pin := range settled {
					known[pin]++
				}
				if hosts != c.strangers.Len() || hosts > maxStrangers || c.known.all != len(settled) || len(settled) > maxKnown || len(c.known.taken) != len(known) {
					rt.Errorf("%d of hosts, %d strangers, %d known, %d settled", hosts, c.strangers.Len(), c.known.all, len(settled))
				}
				for pin, n := range known {
					if c.known.taken[pin] != n || n > maxOfCertificate {
						rt.Errorf("%d of a certificate, want %d", c.known.taken[pin], n)
					}
				}
			},
		})
	})
}
