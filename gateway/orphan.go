package gateway

import (
	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// atOnceOrphans is how many waiting threads one transaction looks at, which bounds it. P7
const atOnceOrphans = 64

// orphan notes that a message waits in a thread whose inquiry may still come in an epoch before
// its own, so that it is found again when none can. docs/protocol.md §7.6
func (w *work) orphan(th *valisev1.Thread, item uint64) error {
	if th.GetOutbound() || len(th.GetInquiry()) > 0 || th.GetAwaitsInquiry() {
		return nil
	}
	p, err := pairOf(th)
	if err != nil {
		return err
	}
	return w.tx.PutRow(tableThreadOrphan, p.key(), item, th.GetId())
}

// unblock shows what waited for an inquiry that can no longer come: a thread without one is
// better than none. more says that some were not looked at.
func (w *work) unblock(p Pair) (more bool, err error) {
	type waiting struct {
		row    uint64
		thread ident.ThreadID
	}
	var list []waiting
	err = w.tx.Rows(tableThreadOrphan, p.key(), 0, false, func(n uint64, value []byte) (bool, error) {
		t, ok := ident.ThreadIDFrom(value)
		if !ok {
			return false, damaged("a thread without inquiry cannot be read")
		}
		list = append(list, waiting{n, t})
		return len(list) < atOnceOrphans, nil
	})
	if err != nil {
		return false, err
	}
	free := 0
	for _, x := range list {
		settled, err := w.unblockThread(p, x.thread)
		if err != nil {
			return false, err
		}
		if !settled {
			continue
		}
		free++
		if err := w.tx.DeleteRow(tableThreadOrphan, p.key(), x.row); err != nil {
			return false, err
		}
	}
	return free == atOnceOrphans, nil
}

// unblockThread is true when nothing waits in a thread for an epoch before its own any more.
func (w *work) unblockThread(p Pair, t ident.ThreadID) (settled bool, err error) {
	th, found, err := w.thread(t)
	if err != nil || !found {
		return true, err
	}
	open, err := w.epochList(tableInEpochs, p.key())
	if err != nil {
		return false, err
	}
	for _, e := range open {
		_, _, found, err := w.firstRow(tableThreadWaiting, threadEpochKey(t, e), 0, false)
		if err != nil {
			return false, err
		}
		if !found {
			continue
		}
		if wait, err := w.waitsForOlder(th, e, valisev1.Kind_KIND_UNSPECIFIED); err != nil || wait {
			return false, err
		}
		if err := w.drain(th, e); err != nil {
			return false, err
		}
	}
	return true, w.saveThread(th)
}
