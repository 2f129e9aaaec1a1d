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

// mostNamed is how many threads one request may link with another, or part from it.
const mostNamed = 64

// LinkThreads says that threads belong together, or no longer do: at home only, because a link
// would name a third State to a peer. Only threads of the officer's own tracks can be named; a link
// may have others too, which it keeps. The error is an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS,
// BAD_REQUEST, NOT_IN_THIS_STATE, DISK_FULL, REQUEST_ID_CONFLICT or STORAGE_UNKNOWN. A-9 s3
func (g *Gateway) LinkThreads(ctx context.Context, a Actor, r *valisev1.LinkThreadsRequest) (*valisev1.LinkThreadsResponse, error) {
	const op = "link threads"
	role, err := a.as(mayLink)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	req, err := newRequest(op, a, r.GetRequestId(), r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.LinkThreadsResponse)
	err = g.update(ctx, op, func(w *work) error {
		return w.onceWithRoom(req, out, func() error {
			th, with, err := w.namedThreads(a, r)
			if err != nil {
				return err
			}
			by := hand{a.Name, roleName(role)}
			if r.GetEnd() {
				err = w.unlink(by, th, with)
			} else {
				err = w.link(by, append([]*valisev1.Thread{th}, with...)...)
			}
			if err != nil {
				return err
			}
			out.Linked, err = w.linkedViews(a, th)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// namedThreads finds the threads that a request names, each of the others once.
func (w *work) namedThreads(a Actor, r *valisev1.LinkThreadsRequest) (th *valisev1.Thread, with []*valisev1.Thread, err error) {
	switch n := len(r.GetWith()); {
	case n == 0 && !r.GetEnd():
		return nil, nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a link names at least one other thread")
	case n > mostNamed:
		return nil, nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "at most %d threads are named at once", mostNamed)
	}
	if th, err = w.findThread(a, r.GetThread()); err != nil {
		return nil, nil, err
	}
	known := map[ident.ThreadID]bool{idOf(th): true}
	for i, id := range r.GetWith() {
		other, err := w.findThread(a, id)
		if err != nil {
			return nil, nil, err
		}
		if idOf(other) == idOf(th) {
			return nil, nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "thread %d of those named is the thread itself", i+1)
		}
		if !known[idOf(other)] {
			known[idOf(other)] = true
			with = append(with, other)
		}
	}
	return th, with, nil
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

// unlink parts threads from the link that th has; none named: th itself. Of a link that would have one
// thread left nothing stays. Nothing is changed where one of them is not in the link. A-9 s3
func (w *work) unlink(by hand, th *valisev1.Thread, leaving []*valisev1.Thread) error {
	if len(th.GetLink()) == 0 {
		return notNow("this thread is linked with no other")
	}
	all, err := w.withLinked([]*valisev1.Thread{th})
	if err != nil {
		return err
	}
	if len(leaving) == 0 {
		leaving = all[:1]
	}
	parts := map[ident.ThreadID]bool{}
	for _, other := range leaving {
		if string(other.GetLink()) != string(th.GetLink()) {
			return notNow("a thread that is named is not linked with this one")
		}
		parts[idOf(other)] = true
	}
	var gone, stay []*valisev1.Thread
	for _, other := range all {
		if parts[idOf(other)] {
			gone = append(gone, other)
		} else {
			stay = append(stay, other)
		}
	}
	if len(stay) == 1 {
		gone, stay = all, nil
	}
	return w.part(by, th, gone, stay)
}

// part records who left a link, and for th who left it where th stays. th is the caller's own and
// takes what is changed.
func (w *work) part(by hand, th *valisev1.Thread, gone, stay []*valisev1.Thread) error {
	for _, other := range gone {
		if err := w.leaveLink(other); err != nil {
			return err
		}
		if err := w.tellLink(by, other, &valisev1.LinkFact{Ended: true, Threads: idsBut(append(slices.Clone(gone), stay...), other)}); err != nil {
			return err
		}
	}
	if slices.Contains(stay, th) {
		return w.tellLink(by, th, &valisev1.LinkFact{Ended: true, Threads: idsBut(gone, th)})
	}
	return nil
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
	return w.tellLink(by, th, &valisev1.LinkFact{Threads: idsBut(all, th)})
}

func (w *work) tellLink(by hand, th *valisev1.Thread, fact *valisev1.LinkFact) error {
	if _, err := w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_LINK, Thread: th.GetId(), Officer: by.officer, Role: by.role, Link: fact,
	}); err != nil {
		return err
	}
	th.Changed = timestamppb.New(w.now)
	return w.saveThread(th)
}

// idsBut are the ids of threads without one of them.
func idsBut(all []*valisev1.Thread, but *valisev1.Thread) (ids [][]byte) {
	for _, th := range all {
		if idOf(th) != idOf(but) {
			ids = append(ids, th.GetId())
		}
	}
	return ids
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
