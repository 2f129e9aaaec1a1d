package gateway

import (
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestHowToReachThem: a name and one way to reach its bearer are all that an inquiry must say, whichever
// way that is. A-10b
func TestHowToReachThem(t *testing.T) {
	for name, c := range map[string]struct {
		who      *valisev1.Person
		channels []*valisev1.Channel
		sent     bool
	}{
		"a telephone":            {&valisev1.Person{Name: "N. Oduya", Phone: "+999 000 0002"}, nil, true},
		"mail":                   {&valisev1.Person{Name: "N. Oduya", Email: "desk@cert.xa.example"}, nil, true},
		"this channel":           {&valisev1.Person{Name: "N. Oduya"}, []*valisev1.Channel{{Kind: "valise"}}, true},
		"an address elsewhere":   {&valisev1.Person{Name: "N. Oduya"}, []*valisev1.Channel{{Kind: "matrix", Address: "@desk:xa.example"}}, true},
		"a channel without one":  {&valisev1.Person{Name: "N. Oduya"}, []*valisev1.Channel{{Kind: "matrix"}}, false},
		"no way":                 {&valisev1.Person{Name: "N. Oduya"}, nil, false},
		"a way and nobody there": {&valisev1.Person{Phone: "+999 000 0002"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sent, err := w.homes["XA"].g.Inquire(t.Context(), officer, &valisev1.SendInquiryRequest{
				To: xbTech.String(), Inquiry: &valisev1.Inquiry{Title: "x", Originator: c.who, PreferredChannels: c.channels},
			})
			if (err == nil) != c.sent {
				t.Fatalf("%v, %v", sent, err)
			}
			if err != nil {
				return
			}
			w.converge()
			assertSameMail(t, w)
			if m := w.homes["XB"].thread(sent.GetThread()).GetMessages(); len(m) != 1 || m[0].GetRefused() != 0 {
				t.Fatalf("XB has %v", m)
			}
		})
	}
}
