package gateway

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

const byDeadline = valisev1.ThreadOrder_THREAD_ORDER_DEADLINE

// afterNeeding begins the token of a page of the others, in a list by deadline.
const afterNeeding = "o"

// listPage is a page of threads as it is made.
type listPage struct {
	actor   Actor
	request *valisev1.ListThreadsRequest
	keep    func(*valisev1.Thread) bool
	limit   int
	place   listPlace
	out     *valisev1.ListThreadsResponse
}

// listPlace is where a page begins. The list of those that need our side goes on after a row; that
// of all threads, or of the others, begins with an item.
type listPlace struct {
	needing bool
	after   *deskRow
	from    uint64
}

// Threads lists threads as this side sees them: newest change first, or what needs our side first, by
// its deadlines. A thread that changes between two pages may stand on both or on none. A-10 s1,
// docs/protocol.md §12.8
func (g *Gateway) Threads(ctx context.Context, a Actor, r *valisev1.ListThreadsRequest) (*valisev1.ListThreadsResponse, error) {
	const op = "list threads"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	if _, known := valisev1.ThreadOrder_name[int32(r.GetOrder())]; !known {
		return nil, asError(op, refuse(valisev1.Reason_REASON_BAD_REQUEST, "there is no such order of threads"), 0)
	}
	keep, err := threadFilter(r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	begin, err := parseListPlace(r)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	// Not within a look at the store: what the desk learns is older than what that look shows, or as old.
	if err := g.desk.upToDate(ctx, g); err != nil {
		return nil, err
	}
	var out *valisev1.ListThreadsResponse
	err = g.view(ctx, op, func(w *work) error {
		out = &valisev1.ListThreadsResponse{NeedsUsTotal: g.desk.count(a, w.now)}
		return w.listPage(&listPage{actor: a, request: r, keep: keep, limit: pageSize(r.GetPageSize()), place: begin, out: out})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// parseListPlace reads where a page begins: without a token, at the beginning of the list.
func parseListPlace(r *valisev1.ListThreadsRequest) (listPlace, error) {
	token := r.GetPageToken()
	needing := r.GetNeedsUs() || r.GetOrder() == byDeadline
	rest, others := strings.CutPrefix(token, afterNeeding)
	switch {
	case token == "":
		first := &deskRow{item: math.MaxUint64, deadline: math.MinInt64, since: math.MinInt64}
		return listPlace{needing: needing, after: first, from: highest}, nil
	case !needing:
		from, err := parsePage(token, highest)
		return listPlace{from: from}, err
	case others && rest != "" && !r.GetNeedsUs():
		from, err := parsePage(rest, highest)
		return listPlace{from: from}, err
	case r.GetOrder() != byDeadline:
		item, err := parsePage(token, highest)
		return listPlace{needing: true, after: &deskRow{item: item}, from: highest}, err
	}
	b, err := hex.DecodeString(token)
	if err != nil || len(b) != 32 {
		return listPlace{}, refuse(valisev1.Reason_REASON_BAD_REQUEST, "the page token is none of ours")
	}
	after := &deskRow{
		deadline: int64(binary.BigEndian.Uint64(b)), since: int64(binary.BigEndian.Uint64(b[8:])), thread: ident.ThreadID(b[16:]),
	}
	return listPlace{needing: true, after: after, from: highest}, nil
}

// token is the place after a row.
func (r *deskRow) token(order valisev1.ThreadOrder) string {
	if order != byDeadline {
		return strconv.FormatUint(r.item, 10)
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(r.deadline))
	b = binary.BigEndian.AppendUint64(b, uint64(r.since))
	return hex.EncodeToString(append(b, r.thread[:]...))
}

func (w *work) listPage(p *listPage) error {
	if p.place.needing {
		more, err := w.needingPage(p)
		if err != nil || more || p.request.GetNeedsUs() {
			return err
		}
	}
	return w.changedPage(p)
}

// needingPage adds those that need our side; more says that there are others of them. The rows are
// taken a page at a time, so that a filter that leaves few of them out reads few.
func (w *work) needingPage(p *listPage) (more bool, err error) {
	last := p.place.after
	for {
		rows := w.g.desk.after(p.place.after, p.request.GetOrder(), p.actor, w.now, p.limit+1)
		for _, r := range rows {
			p.place.after = r
			v, err := w.needing(p, r)
			if err != nil {
				return false, err
			}
			if v == nil {
				continue
			}
			if len(p.out.Threads) == p.limit {
				p.out.NextPageToken = last.token(p.request.GetOrder())
				return true, nil
			}
			p.out.Threads, last = append(p.out.Threads, v), r
		}
		if len(rows) <= p.limit {
			return false, nil
		}
	}
}

// needing is the view of a thread that needs our side; nil where it is filtered out, or where a commit
// that the desk has not followed yet has ended it.
func (w *work) needing(p *listPage, r *deskRow) (*valisev1.ThreadView, error) {
	th, found, err := w.thread(r.thread)
	if err != nil || !found || !p.actor.sees(th) || !p.keep(th) {
		return nil, err
	}
	v, err := w.threadView(p.actor, th)
	if err != nil || len(v.GetNeeds()) == 0 {
		return nil, err
	}
	return v, nil
}

// changedPage adds threads by their newest change; by deadline, those that need nobody.
func (w *work) changedPage(p *listPage) error {
	after := ""
	if p.request.GetOrder() == byDeadline {
		after = afterNeeding
	}
	return w.tx.Rows(tableThreadOrder, nil, p.place.from, true, func(n uint64, value []byte) (bool, error) {
		t := ident.ThreadID(value)
		if after != "" && w.g.desk.needsUs(t, w.now) {
			return true, nil
		}
		th, found, err := w.thread(t)
		if err != nil || !found || !p.actor.sees(th) || !p.keep(th) {
			return err == nil, err
		}
		if len(p.out.Threads) == p.limit {
			p.out.NextPageToken = after + strconv.FormatUint(n, 10)
			return false, nil
		}
		v, err := w.threadView(p.actor, th)
		p.out.Threads = append(p.out.Threads, v)
		return err == nil, err
	})
}
