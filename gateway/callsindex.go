package gateway

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Groups of the table of what people are called for.
const (
	callUnopened = 'u' // by the number of items when it began to wait
	callAtRisk   = 'r' // by Unix seconds
	callPassed   = 'p' // by Unix seconds
)

// countedThreads bounds what one look at the status counts. P7
const countedThreads = 10_000

// callKey is one row in which a thread is listed.
type callKey struct {
	table, group string
	n            uint64
}

// callKeys are the rows in which a thread is listed for whom to call and when.
func callKeys(th *valisev1.Thread) []callKey {
	var out []callKey
	if th.GetUnopenedSince() != nil {
		out = append(out, callKey{tableCalls, string(callUnopened), th.GetUnopenedItem()})
	}
	if risk, passed, ok := promise(th); ok {
		out = append(out, callKey{tableCalls, string(callAtRisk), wholeSecond(risk)}, callKey{tableCalls, string(callPassed), wholeSecond(passed)})
	}
	if len(out) > 0 || waitsForOurs(th) {
		out = append(out, callKey{tableLive, "", binary.BigEndian.Uint64(th.GetId())})
	}
	return out
}

// wholeSecond is the first whole second that is not before an instant; 0 for what is before all.
func wholeSecond(t time.Time) uint64 {
	return uint64(max(t.Add(time.Second-1).Unix(), 0))
}

// indexCalls lists a thread where it belongs now, and no longer where it did.
func (w *work) indexCalls(th *valisev1.Thread) error {
	id := idOf(th)
	stored, _, err := w.thread(id)
	if err != nil {
		return err
	}
	stored.Id = th.GetId()
	before, now := callKeys(stored), callKeys(th)
	for _, k := range before {
		if !slices.Contains(now, k) {
			if err := w.unlistThread(k, id); err != nil {
				return err
			}
		}
	}
	for _, k := range now {
		if err := w.listThread(k, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) listThread(k callKey, id ident.ThreadID) error {
	list, err := w.listed(k)
	if err != nil || slices.Contains(list, id) {
		return err
	}
	return w.putListed(k, append(list, id))
}

func (w *work) unlistThread(k callKey, id ident.ThreadID) error {
	list, err := w.listed(k)
	if err != nil {
		return err
	}
	return w.putListed(k, slices.DeleteFunc(list, func(x ident.ThreadID) bool { return x == id }))
}

func (w *work) listed(k callKey) ([]ident.ThreadID, error) {
	b, err := w.row(k.table, []byte(k.group), k.n)
	if err != nil {
		return nil, err
	}
	return threadIDs(b)
}

func (w *work) putListed(k callKey, list []ident.ThreadID) error {
	if len(list) == 0 {
		return w.tx.DeleteRow(k.table, []byte(k.group), k.n)
	}
	var b []byte
	for _, id := range list {
		b = append(b, id[:]...)
	}
	return w.tx.PutRow(k.table, []byte(k.group), k.n, b)
}

// waiting is what waits now, as this transaction sees it.
func (w *work) waiting() waiting {
	return waiting{
		items: w.tx.Items(),
		unopened: func(from, below uint64) (bool, error) {
			n, _, found, err := w.firstRow(tableCalls, []byte{callUnopened}, from, false)
			return found && n < below, err
		},
		passed: func(after, until time.Time) (bool, error) {
			n, _, found, err := w.firstRow(tableCalls, []byte{callPassed}, secondAfter(after), false)
			return found && int64(n) <= until.Unix(), err
		},
		risky:    w.risky,
		reminded: w.reminded,
		undone:   w.undone,
	}
}

// secondAfter is the first whole second that has not come at an instant.
func secondAfter(t time.Time) uint64 { return uint64(max(t.Unix()+1, 0)) }

func (w *work) risky(after, until time.Time) (found bool, err error) {
	err = w.tx.Rows(tableCalls, []byte{callAtRisk}, secondAfter(after), false, func(n uint64, value []byte) (bool, error) {
		ids, err := threadIDs(value)
		if err != nil || int64(n) > until.Unix() {
			return false, err
		}
		for _, id := range ids {
			th, _, err := w.thread(id)
			if err != nil {
				return false, err
			}
			if _, passed, ok := promise(th); ok && passed.After(until) {
				found = true
			}
		}
		return !found, nil
	})
	return found, err
}

// nextPromise is when a promise comes to be at risk or passes next; zero for none.
func (w *work) nextPromise() (at time.Time, err error) {
	for _, group := range []byte{callAtRisk, callPassed} {
		n, _, found, err := w.firstRow(tableCalls, []byte{group}, secondAfter(w.now), false)
		if err != nil {
			return at, err
		}
		if next := time.Unix(int64(n), 0); found && (at.IsZero() || next.Before(at)) {
			at = next
		}
	}
	return at, nil
}

// stepName is a step as officers read it: "watch room".
func stepName(s valisev1.AttentionStep) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(s.String(), "ATTENTION_STEP_")), "_", " ")
}
