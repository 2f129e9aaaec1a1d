package gateway

import (
	"slices"
	"strings"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// on reports whether the actor acts and reads on a track: one who names no track, on all. A-9 s2, s4
func (a Actor) on(track ident.Track) bool {
	return len(a.Tracks) == 0 || slices.Contains(a.Tracks, track)
}

// sees reports whether a thread is on a track of the actor's. For anybody else it does not exist:
// that there is one is content.
func (a Actor) sees(th *valisev1.Thread) bool {
	return a.onNamed(trackName(th.GetOurs()))
}

// trackName is the track in an address.
func trackName(address string) string {
	_, track, _ := strings.Cut(address, "/")
	return track
}

func (a Actor) onNamed(track string) bool {
	if len(a.Tracks) == 0 {
		return true
	}
	t, err := ident.ParseTrack(track)
	return err == nil && a.on(t)
}

// speaksOn refuses who does not act on a track of ours. That the State has this POC is no secret,
// so unlike a thread it may be named.
func (a Actor) speaksOn(track ident.Track) error {
	if a.on(track) {
		return nil
	}
	return refuse(valisev1.Reason_REASON_NOT_PERMITTED, "this officer does not act on the %s track", track)
}

// seesItem reports whether an item is of a track of the actor's. What belongs to no track, such as
// a new directory, is everybody's.
func (w *work) seesItem(a Actor, it *valisev1.Item) (bool, error) {
	if len(a.Tracks) == 0 {
		return true, nil
	}
	if it.GetLocalNote() != nil {
		return a.seesNote(it.GetLocalNote()), nil
	}
	if id, ok := ident.ThreadIDFrom(it.GetThread()); ok {
		th, found, err := w.thread(id)
		if err != nil || found {
			return found && a.sees(th), err
		}
	}
	if it.GetType() == valisev1.ItemType_ITEM_TYPE_EXPORT {
		return w.seesAll(a, it.GetExport().GetMessages())
	}
	// A receipt, what was refused before it began a thread, a contact or a fact with a peer alone.
	if h, err := itemHeader(it); err == nil {
		return a.on(w.g.cfg.ourEnd(h.From, h.To).Track), nil
	}
	peer := it.GetContactLog().GetPeer()
	if it.GetType() == valisev1.ItemType_ITEM_TYPE_NODE {
		peer = string(it.GetEvidence())
	}
	if with, err := ident.ParseAddress(peer); err == nil {
		return a.onWith(with), nil
	}
	return true, nil
}

// ourEnd is which of two addresses is a POC of ours; to, where neither is.
func (c Config) ourEnd(from, to ident.Address) ident.Address {
	if c.speaksFor(from) {
		return from
	}
	return to
}

// onWith reports whether what passes with a peer outside any thread is of a track of the actor's.
// Both ends are of one track (A-9 s2); with a manager that is all of them.
func (a Actor) onWith(peer ident.Address) bool { return peer.State.IsPrincipal() || a.on(peer.Track) }

// seesMessage reports whether a message is of a track of the actor's: its sender's, or that of its
// thread where the sender is a manager, who has another. A-9 s2
func (w *work) seesMessage(a Actor, n named) (bool, error) {
	if w.g.cfg.speaksFor(n.from) || !n.from.State.IsPrincipal() {
		return a.on(n.from.Track), nil
	}
	p, found, err := w.placeAt(tableMessage, messageKey(n.from, n.id))
	if err != nil || !found {
		return false, err
	}
	th, found, err := w.thread(p.thread)
	return found && a.sees(th), err
}

// seesAll reports whether all messages of a list are of the actor's tracks.
func (w *work) seesAll(a Actor, digests [][]byte) (bool, error) {
	for _, d := range digests {
		p, found, err := w.placeAt(tableDigest, d)
		if err != nil || !found {
			return false, err
		}
		th, found, err := w.thread(p.thread)
		if err != nil || !found || !a.sees(th) {
			return false, err
		}
	}
	return true, nil
}
