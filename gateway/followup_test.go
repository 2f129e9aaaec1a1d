package gateway

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

func (h *home) tryFollowUp(campaign, address string, outcome valisev1.CheckOutcome) error {
	_, err := h.g.FollowUpCheck(context.Background(), officer, &valisev1.FollowUpCheckRequest{
		Campaign: campaign, Address: address, Outcome: outcome,
		Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Person: "B. Authority", Detail: "+999 000 000 09"},
	})
	return err
}

// TestFollowUp: once its time has passed, the State's authorities are contacted, and how that ended
// stands beside the check; before, and where all is well, nobody is contacted over a desk's head. A-8 s3
func TestFollowUp(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB")
	manager, xb := w.homes[global], w.homes["XB"]
	begun := manager.check("XA/technical", "XB/technical")
	w.settle()
	id := begun.GetCampaign()
	if err := manager.tryFollowUp(id, "XA/technical", 0); reasonOf(err) != valisev1.Reason_REASON_NOT_IN_THIS_STATE {
		t.Errorf("before its time has passed: %v", err)
	}
	xb.reply(begun.GetSent()[1].GetThread(), &valisev1.PingReply{EntryCorrect: true})
	w.settle()
	w.skip(49 * time.Hour)
	if err := manager.tryFollowUp(id, "XB/technical", 0); reasonOf(err) != valisev1.Reason_REASON_NOT_IN_THIS_STATE {
		t.Errorf("of an entry that is right: %v", err)
	}
	if err := manager.tryFollowUp(id, "XC/technical", 0); reasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("of one that was not asked: %v", err)
	}
	for _, step := range []struct {
		outcome valisev1.CheckOutcome
		want    valisev1.CheckState
	}{
		{0, valisev1.CheckState_CHECK_STATE_FOLLOW_UP},
		{valisev1.CheckOutcome_CHECK_OUTCOME_UNRESOLVED, valisev1.CheckState_CHECK_STATE_UNRESOLVED},
		{valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED, valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED},
	} {
		if err := manager.tryFollowUp(id, "XA/technical", step.outcome); err != nil {
			t.Fatal(err)
		}
		if got := manager.checkStates(id)["XA/technical"]; got != step.want {
			t.Errorf("after %v it is %v", step.outcome, got)
		}
	}
	v := manager.campaign(id).GetChecks()[0]
	if len(v.GetFollowUps()) != 3 || v.GetFollowUps()[0].GetContact().GetSource() != valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE || v.GetFollowUps()[0].GetOfficer() != officer.Name {
		t.Errorf("following up reads %v", v.GetFollowUps())
	}
	manager.start()
	if got := manager.checkStates(id)["XA/technical"]; got != valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED {
		t.Errorf("after a restart it is %v", got)
	}
}

// TestAnsweredByTelephone: a person who answers by telephone has answered, and by which number it was is
// told apart: one that the entry names, or another. A-8 s2
func TestAnsweredByTelephone(t *testing.T) {
	w := newWorld(t, "@global", "XA", "XB")
	manager := w.homes[global]
	log := func(peer, number string, result valisev1.ContactResult, answer valisev1.CheckAnswer, at time.Time) error {
		_, err := manager.g.LogContact(context.Background(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{
			Peer: peer, Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Detail: number, Result: result, CheckAnswer: answer, At: timestamppb.New(at),
		}})
		return err
	}
	right := valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT
	if err := log("XA/technical", "+99900000001", 1, right, w.now); reasonOf(err) != valisev1.Reason_REASON_NOT_IN_THIS_STATE {
		t.Errorf("an answer to no question: %v", err)
	}
	begun := manager.check("XA/technical", "XB/technical")
	w.settle()
	w.skip(time.Hour)
	for name, at := range map[string]time.Time{"before the question": start.Add(-time.Hour), "not yet given": w.now.Add(time.Hour)} {
		if err := log("XA/technical", "+99900000001", 1, right, at); reasonOf(err) != valisev1.Reason_REASON_BAD_REQUEST {
			t.Errorf("an answer %s: %v", name, err)
		}
	}
	for _, c := range []struct {
		peer, number string
		result       valisev1.ContactResult
		answer       valisev1.CheckAnswer
	}{
		{"XA/technical", "+999 0000-0001", valisev1.ContactResult_CONTACT_RESULT_WORKED, right},
		{"XB/technical", "+99900000001", valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK, 0},
		{"XB/technical", "+99900000077", valisev1.ContactResult_CONTACT_RESULT_WORKED, valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE},
	} {
		if err := log(c.peer, c.number, c.result, c.answer, w.now); err != nil {
			t.Fatal(err)
		}
	}
	w.skip(100 * time.Hour)
	checks := manager.campaign(begun.GetCampaign()).GetChecks()
	for i, source := range []valisev1.ContactSource{valisev1.ContactSource_CONTACT_SOURCE_REGISTERED, valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE} {
		v := checks[i]
		if v.GetState() != valisev1.CheckState_CHECK_STATE_REPLIED || v.GetCheck().GetWaySource() != source || len(v.GetContacts()) != i+1 {
			t.Errorf("%s reads %v", v.GetAddress(), v)
		}
	}
	list, err := manager.g.EntryContacts(context.Background(), officer, &valisev1.ListEntryContactsRequest{Address: "XB/technical", PageSize: 1})
	if err != nil || len(list.GetContacts()) != 1 || list.GetContacts()[0].GetContact().GetDetail() != "+99900000077" || list.GetNextPageToken() == "" {
		t.Errorf("listed %v, %v", list, err)
	}
	rest, err := manager.g.EntryContacts(context.Background(), officer, &valisev1.ListEntryContactsRequest{Address: "XB/technical", PageToken: list.GetNextPageToken()})
	if err != nil || len(rest.GetContacts()) != 1 || rest.GetContacts()[0].GetContact().GetResult() != valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK {
		t.Errorf("and then %v, %v", rest, err)
	}
}

// TestCheckCalendar: six calendar months after the last campaign that asked everybody, and nothing is
// sent when it comes. A-8 s1
func TestCheckCalendar(t *testing.T) {
	w := newWorld(t, "@global", "XA")
	manager := w.homes[global]
	due := func(want bool, next time.Time) {
		t.Helper()
		c, err := manager.g.CheckCalendar(context.Background(), officer, &valisev1.GetCheckCalendarRequest{})
		if err != nil || c.GetDue() != want || !next.IsZero() && !c.GetNext().AsTime().Equal(next) {
			t.Errorf("%v, %v", c, err)
		}
	}
	due(true, time.Time{})
	manager.check("XA/technical") // a check of one is none of everybody
	due(true, time.Time{})
	w.now = time.Date(2027, 8, 31, 10, 0, 0, 0, time.UTC)
	manager.check()
	next := time.Date(2028, 2, 29, 10, 0, 0, 0, time.UTC) // August 31 and six months
	due(false, next)
	w.now = next
	items := len(manager.store.items)
	due(true, next)
	w.settle()
	for _, item := range manager.store.items[items:] {
		if item.GetType() == valisev1.ItemType_ITEM_TYPE_CHECK || item.GetKind() == valisev1.Kind_KIND_PING {
			t.Error("a check has begun by itself")
		}
	}
}

// TestHistoryOfAnEntry: earlier checks stand beside the present one, newest first. A-8 s1
func TestHistoryOfAnEntry(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	first := xa.check("XB/technical")
	w.settle()
	xb.reply(first.GetSent()[0].GetThread(), &valisev1.PingReply{EntryCorrect: true})
	w.settle()
	w.skip(100 * time.Hour)
	second := xa.check("XB/technical")
	w.skip(100 * time.Hour)
	third := xa.check("XB/technical")
	past := xa.campaign(third.GetCampaign()).GetChecks()[0].GetHistory()
	if len(past) != 2 || past[0].GetCampaign() != second.GetCampaign() || past[0].GetState() != valisev1.CheckState_CHECK_STATE_NO_REPLY ||
		past[1].GetState() != valisev1.CheckState_CHECK_STATE_REPLIED {
		t.Errorf("the history is %v", past)
	}
	list, err := xa.g.Checks(context.Background(), officer, &valisev1.ListChecksRequest{})
	if err != nil || len(list.GetCampaigns()) != 3 || list.GetCampaigns()[0].GetCampaign() != third.GetCampaign() || list.GetCampaigns()[0].GetAsked() != 1 {
		t.Errorf("campaigns %v, %v", list, err)
	}
}
