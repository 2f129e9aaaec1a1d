package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestAListThatMendsIsTakenAtOnce: a relay that has kept something bad for hours is hardly looked at any
// more; the list that mends it is taken within seconds all the same, and news without end costs a node
// two looks in five minutes. docs/protocol.md §8.6
func TestAListThatMendsIsTakenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonthOf(t, lab.Config{States: []ident.State{"XA", "XB"}})
		n := network{m.Lab, t}
		served := uint64(100)
		serve := func(o *valisev1.RelayObjects) {
			t.Helper()
			o = proto.CloneOf(o)
			served++
			o.Number = served
			if err := m.relay.SetObjects(o); err != nil {
				t.Fatal(err)
			}
		}
		bad := func(text byte) *valisev1.RelayObjects {
			return &valisev1.RelayObjects{Realm: string(n.Realm), Objects: []*valisev1.RelayObject{{Name: directory.HeadObject, Data: []byte{text}}}}
		}
		xa, _ := m.node("XA")
		serve(bad(1))
		time.Sleep(3 * time.Hour)
		mended := func(number uint64) {
			t.Helper()
			n.publish(nil)
			serve(n.objects())
			time.Sleep(5 * time.Second)
			if got := xa.Directory().Current().Number(); got != number {
				t.Errorf("five seconds after the list that mends it, list %d is in force, want %d", got, number)
			}
		}
		mended(2)

		before := m.looks()
		for i := range 100 * 60 { // a hundred minutes, a new bad head each second
			serve(bad(byte(i)))
			time.Sleep(time.Second)
		}
		if looks := m.looks() - before; looks < 20 || looks > 60 {
			t.Errorf("XA looked %d times in a hundred minutes of bad news", looks)
		}
		time.Sleep(time.Hour + 17*time.Second)
		mended(3)
	})
}

// TestNewsThatComeBeforeTheHeadIsThere: a server tells of a new head before it has stored it, so that who
// looks at once is given the one of before. The list is taken within seconds all the same, also where what
// was there before had been refused for hours. docs/protocol.md §8.6
func TestNewsThatComeBeforeTheHeadIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonthOf(t, lab.Config{States: []ident.State{"XA", "XB"}})
		n := network{m.Lab, t}
		head := func(o *valisev1.RelayObjects) []byte {
			for _, x := range o.GetObjects() {
				if x.GetName() == directory.HeadObject {
					return x.GetData()
				}
			}
			t.Fatal("there is no head")
			return nil
		}
		late := func(before *valisev1.RelayObjects) {
			t.Helper()
			m.mu.Lock()
			m.stale, m.until = head(before), time.Now().Add(2500*time.Millisecond)
			m.mu.Unlock()
		}
		serve := func(o *valisev1.RelayObjects, number uint64) {
			t.Helper()
			o = proto.CloneOf(o)
			o.Number = number
			if err := m.relay.SetObjects(o); err != nil {
				t.Fatal(err)
			}
		}
		first := n.objects()
		serve(first, 100)
		xa, _ := m.node("XA")
		time.Sleep(time.Hour)
		next := func(before *valisev1.RelayObjects, served, list uint64) {
			t.Helper()
			n.publish(nil)
			late(before)
			serve(n.objects(), served)
			time.Sleep(8 * time.Second)
			if got := xa.Directory().Current().Number(); got != list {
				t.Errorf("eight seconds after list %d was announced, list %d is in force", list, got)
			}
		}
		next(first, 101, 2)
		bad := &valisev1.RelayObjects{Realm: string(n.Realm), Objects: []*valisev1.RelayObject{{Name: directory.HeadObject, Data: []byte("bad")}}}
		serve(bad, 102)
		time.Sleep(3 * time.Hour)
		next(bad, 103, 3)

		before := m.looks()
		time.Sleep(time.Hour)
		if looks := m.looks() - before; looks > 20 {
			t.Errorf("XA looked %d times in an hour without news", looks)
		}
	})
}
