package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// LinkThreads says that threads belong together, or no longer do: at home only, because a link
// would name a third State to a peer. A-9 s3
func (g *Gateway) LinkThreads(_ context.Context, a Actor, _ *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
	return nil, reserved("link threads", a, mayLink)
}

// mostLinked bounds a link: each of its threads is read whenever one of them is shown. P7
const mostLinked = 256

// link makes threads belong together at home, and saves them. Threads that were linked with others
// bring these with them, so that there is one link afterwards. Nothing of it is ever sent: a link
// would name a third State to a peer. The error is BAD_REQUEST where too many would belong together;
// then nothing was changed. A-9 s3
func (w *work) link(by hand, threads ...*valisev1.Thread) error {
	all, err := w.withLinked(threads)
	if err != nil {
		return err
	}
	if len(all) > mostLinked {
		return refuse(valisev1.Reason_REASON_BAD_REQUEST, "at most %d threads belong together", mostLinked)
	}
	into := w.largestLink(all)
	touched := slices.DeleteFunc(slices.Clone(all), func(th *valisev1.Thread) bool { return string(th.GetLink()) == string(into) })
	if len(touched) == 0 || len(all) < 2 {
		return nil
	}
	for _, th := range touched {
		if err := w.joinLink(th, into); err != nil {
			return err
		}
	}
	for _, th := range all {
		if slices.Contains(touched, th) || slices.Contains(threads, th) {
			if err := w.noteLink(by, th, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// withLinked are the threads, each once, and all that are linked with one of them.
func (w *work) withLinked(threads []*valisev1.Thread) (all []*valisev1.Thread, err error) {
	known := map[ident.ThreadID]bool{}
	for _, th := range threads {
		if !known[idOf(th)] {
			known[idOf(th)] = true
			all = append(all, th)
		}
	}
	for _, th := range slices.Clone(all) {
		ids, err := w.linkMembers(th.GetLink())
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if known[id] {
				continue
			}
			known[id] = true
			other, found, err := w.thread(id)
			if err != nil {
				return nil, err
			}
			if !found {
				return nil, damaged("a thread that is linked is not there")
			}
			all = append(all, other)
		}
	}
	return all, nil
}

// largestLink is the link that most of the threads have, the first of several; where none has one it
// is new. No two links of a record are the same: each is named by the item that told of it.
func (w *work) largestLink(threads []*valisev1.Thread) (link []byte) {
	count := map[string]int{}
	for _, th := range threads {
		if len(th.GetLink()) > 0 {
			count[string(th.GetLink())]++
		}
	}
	for _, th := range threads {
		if count[string(th.GetLink())] > count[string(link)] {
			link = th.GetLink()
		}
	}
	if link != nil {
		return link
	}
	sum := sha256.Sum256(appendNumber([]byte("valise link\x00"), w.tx.Items()))
	return sum[:16]
}

// joinLink moves a thread into a link, and out of the one it had.
func (w *work) joinLink(th *valisev1.Thread, into []byte) error {
	if err := w.leaveLink(th); err != nil {
		return err
	}
	at := linkPlace(idOf(th))
	alike, err := w.row(tableLinkThreads, into, at)
	if err != nil {
		return err
	}
	th.Link = into
	return w.tx.PutRow(tableLinkThreads, into, at, append(alike, th.GetId()...))
}

// leaveLink takes a thread out of the link it has; without one it does nothing.
func (w *work) leaveLink(th *valisev1.Thread) error {
	if len(th.GetLink()) == 0 {
		return nil
	}
	link, at := th.GetLink(), linkPlace(idOf(th))
	alike, err := w.row(tableLinkThreads, link, at)
	if err != nil {
		return err
	}
	ids, err := threadIDs(alike)
	if err != nil {
		return err
	}
	var left []byte
	for _, id := range ids {
		if id != idOf(th) {
			left = append(left, id[:]...)
		}
	}
	th.Link = nil
	if len(left) == 0 {
		return w.tx.DeleteRow(tableLinkThreads, link, at)
	}
	return w.tx.PutRow(tableLinkThreads, link, at, left)
}

// noteLink records what a thread is linked with now, and saves it.
func (w *work) noteLink(by hand, th *valisev1.Thread, all []*valisev1.Thread) error {
	fact := new(valisev1.LinkFact)
	for _, other := range all {
		if idOf(other) != idOf(th) {
			fact.Threads = append(fact.Threads, other.GetId())
		}
	}
	if _, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_LINK, Thread: th.GetId(), Officer: by.officer, Role: by.role, Link: fact,
	}); err != nil {
		return err
	}
	th.Changed = timestamppb.New(w.now)
	return w.saveThread(th)
}

// linkMembers are the threads of a link; none for no link.
func (w *work) linkMembers(link []byte) (ids []ident.ThreadID, err error) {
	if len(link) == 0 {
		return nil, nil
	}
	err = w.tx.Rows(tableLinkThreads, link, 0, false, func(_ uint64, value []byte) (bool, error) {
		alike, err := threadIDs(value)
		ids = append(ids, alike...)
		return err == nil, err
	})
	return ids, err
}

// linkedViews are the other threads of a thread's link, those of a track that is not the officer's
// without their titles. A-9 s2, s3
func (w *work) linkedViews(a Actor, th *valisev1.Thread) (list []*valisev1.LinkedThread, err error) {
	ids, err := w.linkMembers(th.GetLink())
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		other, found, err := w.thread(id)
		if err != nil {
			return nil, err
		}
		if !found || id == idOf(th) {
			continue
		}
		v := &valisev1.LinkedThread{Thread: id.String(), Peer: other.GetPeer(), Ours: other.GetOurs()}
		if a.sees(other) {
			v.Title = other.GetTitle()
		}
		list = append(list, v)
	}
	return list, nil
}

func linkPlace(id ident.ThreadID) uint64 { return binary.BigEndian.Uint64(id[:8]) }

// threadIDs reads a list of ids of threads.
func threadIDs(b []byte) (ids []ident.ThreadID, err error) {
	for ; len(b) >= 16; b = b[16:] {
		ids = append(ids, ident.ThreadID(b[:16]))
	}
	if len(b) != 0 {
		return nil, damaged("a list of threads has another length")
	}
	return ids, nil
}
