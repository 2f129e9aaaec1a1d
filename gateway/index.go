package gateway

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Groups of the table of prefixes.
const (
	prefixMessage = 'm'
	prefixThread  = 't'

	prefixCampaign = 'c'
)

// shortestPrefix is how many hexadecimal digits of an id are enough.
const shortestPrefix = 8

// named is one id in the table of prefixes. A message id is its sender's to choose, so two
// senders may choose one.
type named struct {
	id   [16]byte
	from ident.Address // zero for threads
}

func (n named) marshal() []byte {
	from := ""
	if !n.from.IsZero() {
		from = n.from.String()
	}
	return append(append([]byte{byte(len(from))}, from...), n.id[:]...)
}

func parseNamed(b []byte) (list []named, err error) {
	for len(b) > 0 {
		size := int(b[0])
		if len(b) < 1+size+16 {
			return nil, damaged("a list of ids cannot be read")
		}
		n := named{id: [16]byte(b[1+size : 17+size])}
		if size > 0 {
			if n.from, err = ident.ParseAddress(string(b[1 : 1+size])); err != nil {
				return nil, damaged("a list of ids cannot be read")
			}
		}
		list, b = append(list, n), b[17+size:]
	}
	return list, nil
}

func prefixGroup(kind byte, id []byte) []byte { return append([]byte{kind}, id[:4]...) }

// mostAlike is how many ids with the same first 12 bytes are listed: honest ones are random and
// never meet, and a hostile peer's must not fill a row. P7
const mostAlike = 64

// addPrefix lets an id be found by its first digits.
func (w *work) addPrefix(kind byte, n named) error {
	group, at := prefixGroup(kind, n.id[:]), binary.BigEndian.Uint64(n.id[4:12])
	before, err := w.row(tablePrefix, group, at)
	if err != nil {
		return err
	}
	listed, err := parseNamed(before)
	if err != nil || len(listed) >= mostAlike {
		return err
	}
	return w.tx.PutRow(tablePrefix, group, at, append(before, n.marshal()...))
}

// find lists the ids that begin with s, at most two more than take accepts: enough to tell none,
// one and several apart.
func (w *work) find(kind byte, s string, take func(named) (bool, error)) ([]named, error) {
	low, high, err := parsePrefix(s)
	if err != nil {
		return nil, err
	}
	var out []named
	err = w.tx.Rows(tablePrefix, prefixGroup(kind, low[:]), binary.BigEndian.Uint64(low[4:12]), false,
		func(at uint64, value []byte) (bool, error) {
			if at > binary.BigEndian.Uint64(high[4:12]) {
				return false, nil
			}
			list, err := parseNamed(value)
			if err != nil {
				return false, err
			}
			for _, n := range list {
				if string(n.id[:]) < string(low[:]) || string(n.id[:]) > string(high[:]) {
					continue
				}
				ok, err := take(n)
				if err != nil {
					return false, err
				}
				if ok {
					out = append(out, n)
				}
			}
			return len(out) < 2, nil
		})
	return out, err
}

// parsePrefix reads 8 to 32 lower-case hexadecimal digits as the lowest and the highest id that
// begin so.
func parsePrefix(s string) (low, high [16]byte, err error) {
	if len(s) < shortestPrefix || len(s) > 32 || s != strings.ToLower(s) {
		return low, high, refuse(valisev1.Reason_REASON_BAD_REQUEST, "an id is 8 to 32 lower-case hexadecimal digits")
	}
	_, errLow := hex.Decode(low[:], []byte(s+strings.Repeat("0", 32-len(s))))
	_, errHigh := hex.Decode(high[:], []byte(s+strings.Repeat("f", 32-len(s))))
	if errLow != nil || errHigh != nil {
		return low, high, refuse(valisev1.Reason_REASON_BAD_REQUEST, "an id is 8 to 32 lower-case hexadecimal digits")
	}
	return low, high, nil
}

// one picks the only id, or says why there is none.
func one(list []named, what string) (named, error) {
	switch len(list) {
	case 0:
		return named{}, refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no such %s", what)
	case 1:
		return list[0], nil
	}
	return named{}, refuse(valisev1.Reason_REASON_AMBIGUOUS, "more than one %s begins so", what)
}

// findThread finds a thread of the actor's tracks by its id or a unique beginning of it.
func (w *work) findThread(a Actor, s string) (*valisev1.Thread, error) {
	list, err := w.find(prefixThread, s, func(n named) (bool, error) {
		th, found, err := w.thread(n.id)
		return !found || a.sees(th), err
	})
	if err != nil {
		return nil, err
	}
	n, err := one(list, "thread")
	if err != nil {
		return nil, err
	}
	th, found, err := w.thread(n.id)
	if err == nil && !found {
		err = damaged("a thread that is listed is not there")
	}
	return th, err
}

// findMessage finds a message of the actor's tracks by its id or a unique beginning of it.
func (w *work) findMessage(a Actor, s string) (place, error) { return w.findPlace(a, s, false) }

// findOurs is findMessage among what this node wrote.
func (w *work) findOurs(a Actor, s string) (place, error) { return w.findPlace(a, s, true) }

func (w *work) findPlace(a Actor, s string, oursOnly bool) (place, error) {
	list, err := w.find(prefixMessage, s, func(n named) (bool, error) {
		if oursOnly && !w.g.cfg.speaksFor(n.from) {
			return false, nil
		}
		return w.seesMessage(a, n)
	})
	if err != nil {
		return place{}, err
	}
	n, err := one(list, "message")
	if err != nil {
		return place{}, err
	}
	p, found, err := w.placeAt(tableMessage, messageKey(n.from, n.id))
	if err == nil && !found {
		err = damaged("a message that is listed is not there")
	}
	return p, err
}

// savePlace writes where a message stands; by its digest too, once it has one.
func (w *work) savePlace(from ident.Address, p place) error {
	if err := w.tx.Put(tableMessage, messageKey(from, p.id), p.marshal()); err != nil {
		return err
	}
	if p.digest.IsZero() {
		return nil
	}
	return w.tx.Put(tableDigest, p.digest[:], p.marshal())
}

// thread loads one thread.
func (w *work) thread(id ident.ThreadID) (th *valisev1.Thread, found bool, err error) {
	th = new(valisev1.Thread)
	found, err = w.load(tableThread, id[:], th)
	return th, found, err
}

// saveThread writes the summary, and lists it for whom it is to be called; append has already put
// its item in order.
func (w *work) saveThread(th *valisev1.Thread) error {
	w.atDesk(th.GetId())
	if err := w.indexCalls(th); err != nil {
		return err
	}
	return w.save(tableThread, th.GetId(), th)
}

// indexThreadItem lists an item under its thread and moves the thread to the front.
func (w *work) indexThreadItem(t ident.ThreadID, item uint64) error {
	w.atDesk(t[:])
	last, _, found, err := w.firstRow(tableThreadItems, t[:], highest, true)
	if err != nil {
		return err
	}
	if found {
		if err := w.tx.DeleteRow(tableThreadOrder, nil, last); err != nil {
			return err
		}
	}
	if err := w.tx.PutRow(tableThreadOrder, nil, item, t[:]); err != nil {
		return err
	}
	return w.tx.PutRow(tableThreadItems, t[:], item, []byte{})
}

// pairOf is the pair that a thread belongs to.
func pairOf(th *valisev1.Thread) (Pair, error) {
	ours, err1 := ident.ParseAddress(th.GetOurs())
	peer, err2 := ident.ParseAddress(th.GetPeer())
	if err1 != nil || err2 != nil {
		return Pair{}, damaged("a thread has no pair of addresses")
	}
	return Pair{Ours: ours, Peer: peer}, nil
}
