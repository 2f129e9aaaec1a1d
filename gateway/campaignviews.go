package gateway

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// pastChecks is how many earlier checks of a POC are shown with one.
const pastChecks = 20

// Checks lists the campaigns of ours, newest first, as far as the actor's tracks may read them. A-8
func (g *Gateway) Checks(ctx context.Context, a Actor, r *valisev1.ListChecksRequest) (*valisev1.ListChecksResponse, error) {
	const op = "list checks"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	from, err := parsePage(r.GetPageToken(), highest)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out, limit := new(valisev1.ListChecksResponse), pageSize(r.GetPageSize())
	err = g.view(ctx, op, func(w *work) error {
		out.Campaigns, out.NextPageToken = nil, ""
		return w.tx.Rows(tableChecks, nil, from, true, func(n uint64, _ []byte) (bool, error) {
			item, err := w.tx.Item(n)
			if err != nil {
				return false, err
			}
			threads, err := w.checkedThreads(a, item)
			if err != nil || len(threads) == 0 {
				return err == nil, err
			}
			if len(out.Campaigns) == limit {
				out.NextPageToken = strconv.FormatUint(n, 10)
				return false, nil
			}
			out.Campaigns = append(out.Campaigns, campaignView(item, len(threads)))
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func campaignView(item *valisev1.Item, asked int) *valisev1.CampaignView {
	fact := item.GetCheck()
	return &valisev1.CampaignView{
		Campaign: ident.ThreadID(padThread(fact.GetCampaign())).String(), Started: item.GetRecorded(), Deadline: fact.GetDeadline(),
		Detail: fact.GetDetail(), Asked: uint32(asked), Officer: item.GetOfficer(),
	}
}

// checkedThreads are the threads of a campaign that the actor may read, in order of addresses.
func (w *work) checkedThreads(a Actor, item *valisev1.Item) ([]*valisev1.Thread, error) {
	var out []*valisev1.Thread
	for _, id := range item.GetCheck().GetThreads() {
		th, found, err := w.thread(ident.ThreadID(padThread(id)))
		if err != nil {
			return nil, err
		}
		if found && a.sees(th) {
			out = append(out, th)
		}
	}
	slices.SortFunc(out, func(x, y *valisev1.Thread) int { return strings.Compare(x.GetPeer(), y.GetPeer()) })
	return out, nil
}

// Check returns one campaign with every POC that was asked, in order of addresses: no other order, and
// no figure, is made of a State. The error is an *Error: NOT_PERMITTED, NOT_FOUND or AMBIGUOUS. A-8
func (g *Gateway) Check(ctx context.Context, a Actor, r *valisev1.GetCheckRequest) (*valisev1.GetCheckResponse, error) {
	const op = "show check"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.GetCheckResponse)
	err := g.view(ctx, op, func(w *work) error {
		out.Campaign, out.Checks = nil, nil
		item, threads, err := w.campaignOf(a, r.GetCampaign())
		if err != nil {
			return err
		}
		out.Campaign = campaignView(item, len(threads))
		for _, th := range threads {
			v, err := w.checkView(th, item.GetNumber())
			if err != nil {
				return err
			}
			out.Checks = append(out.Checks, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// campaignOf finds a campaign of which the actor may read anything.
func (w *work) campaignOf(a Actor, id string) (*valisev1.Item, []*valisev1.Thread, error) {
	item, err := w.findCampaign(id)
	if err != nil {
		return nil, nil, err
	}
	threads, err := w.checkedThreads(a, item)
	if err == nil && len(threads) == 0 {
		err = refuse(valisev1.Reason_REASON_NOT_FOUND, "there is no such campaign of communication checks")
	}
	return item, threads, err
}

// checkView is how one POC of a campaign stands.
func (w *work) checkView(th *valisev1.Thread, started uint64) (*valisev1.CheckView, error) {
	followed, text, err := w.followed(th)
	if err != nil {
		return nil, err
	}
	v := &valisev1.CheckView{
		Address: th.GetPeer(), Thread: idOf(th).String(), Check: proto.CloneOf(th.GetCheck()), Text: text,
		State: checkState(th, lastFact(followed), w.now),
	}
	for _, item := range followed {
		v.FollowUps = append(v.FollowUps, &valisev1.FollowUpView{
			Contact: item.GetCheck().GetContact(), Outcome: item.GetCheck().GetOutcome(), Officer: item.GetOfficer(), Item: item.GetNumber(),
		})
	}
	if peer, err := ident.ParseAddress(th.GetPeer()); err == nil {
		v.EntryNumber = w.entryNumber(peer.State)
	}
	if v.Delivery, err = w.inquiryDelivery(th); err != nil {
		return nil, err
	}
	if v.Contacts, err = w.contactsSince(th.GetPeer(), started); err != nil {
		return nil, err
	}
	v.History, err = w.pastChecks(th, started)
	return v, err
}

func lastFact(followed []*valisev1.Item) *valisev1.CheckFact {
	if len(followed) == 0 {
		return nil
	}
	return followed[len(followed)-1].GetCheck()
}

// followed are the items of following up a check, oldest first, and what the peer's newest answer says.
func (w *work) followed(th *valisev1.Thread) (items []*valisev1.Item, text string, err error) {
	err = w.tx.Rows(tableThreadItems, th.GetId(), 0, false, func(n uint64, _ []byte) (bool, error) {
		item, err := w.kept(n)
		if err != nil || item == nil {
			return err == nil, err
		}
		switch {
		case item.GetType() == valisev1.ItemType_ITEM_TYPE_CHECK:
			items = append(items, item)
		case item.GetType() == valisev1.ItemType_ITEM_TYPE_RECEIVED && item.GetKind() == valisev1.Kind_KIND_PING_REPLY:
			_, m, err := readItem(item)
			if err != nil {
				return false, err
			}
			if answer, is := m.(*valisev1.PingReply); is {
				text = answer.GetText()
			}
		}
		return true, nil
	})
	return items, text, err
}

// pastChecks are earlier checks of ours of the same POC, newest first. A-8 s1
func (w *work) pastChecks(th *valisev1.Thread, before uint64) (out []*valisev1.PastCheck, err error) {
	err = w.tx.Rows(tableChecked, []byte(th.GetPeer()), before, true, func(n uint64, value []byte) (bool, error) {
		if n == before {
			return true, nil
		}
		past, found, err := w.thread(ident.ThreadID(padThread(value)))
		if err != nil || !found {
			return err == nil, err
		}
		item, err := w.tx.Item(n)
		if err != nil {
			return false, err
		}
		followed, _, err := w.followed(past)
		if err != nil {
			return false, err
		}
		out = append(out, &valisev1.PastCheck{
			Campaign: ident.ThreadID(padThread(item.GetCheck().GetCampaign())).String(), Started: item.GetRecorded(),
			State: checkState(past, lastFact(followed), w.now),
		})
		return len(out) < pastChecks, nil
	})
	return out, err
}

// CheckCalendar says when checks of everybody are due, six calendar months after the last; it begins
// none. A-8 s1
func (g *Gateway) CheckCalendar(ctx context.Context, a Actor, _ *valisev1.GetCheckCalendarRequest) (*valisev1.GetCheckCalendarResponse, error) {
	const op = "check calendar"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	out := new(valisev1.GetCheckCalendarResponse)
	err := g.view(ctx, op, func(w *work) error {
		out.Last, out.Next, out.Due = nil, nil, true
		last, err := w.lastCheck()
		if err != nil || last == nil {
			return err
		}
		next := addMonths(last.GetRecorded().AsTime(), checksEvery)
		out.Last, out.Next, out.Due = last.GetRecorded(), timestamppb.New(next), !w.now.Before(next)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// checksEvery is how many calendar months lie between two checks of everybody. A-8 s1
const checksEvery = 6
