package gateway

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Consents lists what was asked, granted, refused and withdrawn, newest request first. The error is
// an *Error: NOT_PERMITTED, NOT_FOUND, AMBIGUOUS or BAD_REQUEST. A-11 s2
func (g *Gateway) Consents(ctx context.Context, a Actor, r *valisev1.ListConsentsRequest) (*valisev1.ListConsentsResponse, error) {
	const op = "list consents"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	from, err := parsePage(r.GetPageToken(), highest)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	ofPeer, err := threadFilter(&valisev1.ListThreadsRequest{Peer: r.GetPeer()})
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out, limit := new(valisev1.ListConsentsResponse), pageSize(r.GetPageSize())
	err = g.view(ctx, op, func(w *work) error {
		out.Consents, out.NextPageToken = nil, ""
		keep, err := w.consentFilter(a, r, ofPeer)
		if err != nil {
			return err
		}
		return w.tx.Rows(tableConsent, consentGroup(consentAsked, nil), from, true, func(n uint64, _ []byte) (bool, error) {
			l, err := w.ledgerLine(n)
			if err != nil || l == nil || !keep(l) {
				return true, err
			}
			if len(out.Consents) == limit {
				out.NextPageToken = strconv.FormatUint(n, 10)
				return false, nil
			}
			v, err := w.consentView(l)
			out.Consents = append(out.Consents, v)
			return true, err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// consentFilter reads which lines of the ledger are asked for.
func (w *work) consentFilter(a Actor, r *valisev1.ListConsentsRequest, ofPeer func(*valisev1.Thread) bool) (func(*ledgerLine) bool, error) {
	var only []byte
	if r.GetThread() != "" {
		th, err := w.findThread(a, r.GetThread())
		if err != nil {
			return nil, err
		}
		only = th.GetId()
	}
	return func(l *ledgerLine) bool {
		return a.sees(l.thread) && ofPeer(l.thread) &&
			(only == nil || bytes.Equal(only, l.thread.GetId())) &&
			(len(r.GetStates()) == 0 || slices.Contains(r.GetStates(), l.standing.state))
	}, nil
}

// ledgerLine is one request for consent and what came of it, as the record tells it now. A-11 s2
type ledgerLine struct {
	thread   *valisev1.Thread
	request  statement
	asked    *valisev1.ConsentRequest
	standing standing
}

// statement is a message that counts: sent and not taken back before it left, or accepted.
type statement struct {
	item  uint64
	ours  bool
	at    time.Time // by our clock
	d     ident.Digest
	id    ident.MessageID
	says  proto.Message
	waits bool // something of its sender is still under way before it
}

// ledgerLine folds what the record says of one request; nil where that does not count, or is not
// shown yet.
func (w *work) ledgerLine(n uint64) (*ledgerLine, error) {
	request, thread, err := w.statementAt(n)
	if err != nil || request == nil || request.waits {
		return nil, err
	}
	asked, is := request.says.(*valisev1.ConsentRequest)
	if !is {
		return nil, damaged("the table of consents names something else")
	}
	th, found, err := w.thread(thread)
	if err != nil || !found {
		return nil, err
	}
	l := &ledgerLine{thread: th, request: *request, asked: asked}
	history, err := w.historyOf(l)
	if err != nil {
		return nil, err
	}
	now, err := w.neverBack()
	l.standing = foldConsent(l.request.ours, asked, history, now)
	return l, err
}

// neverBack is the time by which an expiry is judged: our clock's, or where that went back, that of
// the newest item. What has expired does not hold again. A-11 s2
func (w *work) neverBack() (time.Time, error) {
	n := w.tx.Items()
	if n == 0 {
		return w.now, nil
	}
	last, _, err := w.leaf(n - 1)
	if err == nil && last.GetRecorded().AsTime().After(w.now) {
		return last.GetRecorded().AsTime(), nil
	}
	return w.now, unlessPruned(err)
}

// historyOf gathers all that was said of a request in its own thread, each with the retractions of it.
func (w *work) historyOf(l *ledgerLine) (h consentHistory, err error) {
	if h.requestBack, err = w.takenBack(l.thread, l.request); err != nil {
		return h, err
	}
	decisions, err := w.statementsOn(l.thread, consentDecided, l.request.d)
	if err != nil {
		return h, err
	}
	for _, s := range decisions {
		d := decided{statement: s}
		if d.withdrawals, err = w.statementsOn(l.thread, consentEnded, s.d); err != nil {
			return h, err
		}
		back, err := w.takenBack(l.thread, s)
		if err != nil {
			return h, err
		}
		d.withdrawals = append(d.withdrawals, back...)
		h.decisions = append(h.decisions, d)
	}
	return h, nil
}

// takenBack are the retractions of a message by whoever said it: nobody takes back what another
// said. docs/protocol.md §5.2
func (w *work) takenBack(th *valisev1.Thread, of statement) ([]statement, error) {
	all, err := w.statementsOn(th, consentBack, of.d)
	return slices.DeleteFunc(all, func(s statement) bool { return s.ours != of.ours }), err
}

// statementsOn are the messages of a thread that are listed under a digest, in order.
func (w *work) statementsOn(th *valisev1.Thread, of byte, d ident.Digest) (list []statement, err error) {
	err = w.tx.Rows(tableConsent, consentGroup(of, d[:]), 0, false, func(n uint64, _ []byte) (bool, error) {
		s, thread, err := w.statementAt(n)
		if err == nil && s != nil && thread == idOf(th) {
			list = append(list, *s)
		}
		return true, err
	})
	return list, err
}

// statementAt reads the message of an item; nil where it does not count.
func (w *work) statementAt(n uint64) (*statement, ident.ThreadID, error) {
	item, err := w.kept(n)
	if err != nil {
		return nil, ident.ThreadID{}, unlessPruned(err)
	}
	if stands, err := w.stands(item); err != nil || !stands {
		return nil, ident.ThreadID{}, err
	}
	h, m, err := readItem(item)
	if err != nil {
		return nil, ident.ThreadID{}, err
	}
	s := &statement{
		item: n, ours: item.GetType() == valisev1.ItemType_ITEM_TYPE_SENT, at: item.GetRecorded().AsTime(), id: h.MessageID, says: m,
	}
	s.d, _ = ident.DigestFrom(item.GetDigest())
	if !s.ours {
		s.waits, err = w.waitsItsTurn(n, h.Thread, h.Epoch, h.ThreadSequence)
	}
	return s, h.Thread, err
}

// unlessPruned is no error where the retention rule removed what was asked for: what is not there any
// more counts for nothing. docs/protocol.md §9.3
func unlessPruned(err error) error {
	var reasoned interface{ Reason() valisev1.Reason }
	if errors.As(err, &reasoned) && reasoned.Reason() == valisev1.Reason_REASON_PRUNED {
		return nil
	}
	return err
}

// waitsItsTurn reports whether a message of the peer is recorded, and not shown yet because something
// before it in its thread is still under way. docs/protocol.md §5.2
func (w *work) waitsItsTurn(n uint64, t ident.ThreadID, e ident.Epoch, sequence uint64) (bool, error) {
	row, err := w.row(tableThreadWaiting, threadEpochKey(t, e), sequence)
	if err != nil || row == nil {
		return false, err
	}
	at, err := readNumber(row)
	return at == n, err
}

// consentView is a line of the ledger as officers see it.
func (w *work) consentView(l *ledgerLine) (*valisev1.ConsentView, error) {
	s := l.standing
	v := &valisev1.ConsentView{
		Consent: l.request.id.String(), Thread: idOf(l.thread).String(), Outbound: l.request.ours, Peer: l.thread.GetPeer(),
		ThirdParty: l.asked.GetThirdParty(), Purpose: l.asked.GetPurpose(), Conditions: s.conditions,
		State: s.state, Expires: s.expires, Requested: protoTime(l.request.at), WithdrawnByUs: s.byUs,
	}
	if s.decided != nil {
		v.Decided, v.Decision = protoTime(s.decided.at), s.decided.id.String()
	}
	if !s.ended.IsZero() {
		v.Withdrawn = protoTime(s.ended)
	}
	for _, d := range l.asked.GetMessages() {
		p, found, err := w.placeAt(tableDigest, d)
		if err != nil {
			return nil, err
		}
		if found && p.thread == idOf(l.thread) {
			v.Messages = append(v.Messages, p.id.String())
		}
	}
	return v, nil
}
