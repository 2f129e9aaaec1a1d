package node_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"valise.example/api/campaign"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestCampaignOfTwentyDesks: the manager's node asks the 20 desks of ten States, all of them real nodes
// in a bubble of time. Seventeen are answered within 48 hours, two later, one never, and that is exactly
// what the report and its page say. A-8
func TestCampaignOfTwentyDesks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		states := []ident.State{"XA", "XB", "XC", "XD", "XE", "XF", "XG", "XH", "XI", "XJ"}
		m := newMonthOf(t, lab.Config{States: states, Manager: true})
		manager, _ := m.node(lab.Global)
		desks := map[string]*node.Node{}
		for _, s := range states {
			x, _ := m.node(s)
			desks[s.String()] = x
		}
		ctx := context.Background()
		begun, err := manager.Gateway().StartCheck(ctx, officer, &valisev1.StartCheckRequest{All: true, Detail: "node"})
		if err != nil || len(begun.GetSent()) != 20 {
			t.Fatalf("%d were asked, %v", len(begun.GetSent()), err)
		}
		get := func() *valisev1.GetCheckResponse {
			t.Helper()
			got, err := manager.Gateway().Check(ctx, officer, &valisev1.GetCheckRequest{Campaign: begun.GetCampaign()})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		asked := get().GetChecks()
		answer := func(checks ...*valisev1.CheckView) {
			t.Helper()
			for _, c := range checks {
				state, _, _ := strings.Cut(c.GetAddress(), "/")
				if _, err := desks[state].Gateway().Reply(ctx, officer, &valisev1.ReplyRequest{
					Thread: c.GetThread(), Payload: &valisev1.Payload{Payload: &valisev1.Payload_PingReply{PingReply: &valisev1.PingReply{EntryCorrect: true}}},
				}); err != nil {
					t.Fatalf("%s: %v", c.GetAddress(), err)
				}
			}
		}
		time.Sleep(40 * time.Hour)
		for _, c := range get().GetChecks() {
			if c.GetState() != valisev1.CheckState_CHECK_STATE_SENT || c.GetDelivery() != valisev1.Delivery_DELIVERY_REACHED {
				t.Errorf("with a receipt of its node alone, %s is %v, %v", c.GetAddress(), c.GetState(), c.GetDelivery())
			}
		}
		answer(asked[:17]...)
		time.Sleep(9 * time.Hour)
		answer(asked[17:19]...)
		time.Sleep(time.Hour)
		saysExactly(t, get(), asked[19].GetAddress())
	})
}

// saysExactly holds the report, in both of its forms, against seventeen, two and one.
func saysExactly(t *testing.T, got *valisev1.GetCheckResponse, silent string) {
	t.Helper()
	if !slices.IsSortedFunc(got.GetChecks(), func(a, b *valisev1.CheckView) int { return strings.Compare(a.GetAddress(), b.GetAddress()) }) {
		t.Error("the order is not that of addresses")
	}
	var text, page strings.Builder
	r := campaign.Report{Check: got, Realm: "exercise:lab-00112233445566778899aabbccddeeff", Made: time.Now()}
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, figure := range []string{"asked: 20", "answered in time: 17", "answered later: 2", "no answer recorded: 1"} {
		if !strings.Contains(text.String(), "\n"+figure+"\n") || !strings.Contains(page.String(), "<li>"+figure+"</li>") {
			t.Errorf("it does not say %q:\n%s", figure, text.String())
		}
	}
	for words, want := range map[string]int{"answered in time": 17, "answered later": 2, "no answer recorded": 1} {
		if rows := regexp.MustCompile(`<td>`+words+`</td>`).FindAllString(page.String(), -1); len(rows) != want {
			t.Errorf("%d rows of the page say %q, want %d", len(rows), words, want)
		}
	}
	if !strings.Contains(text.String(), "\n"+silent+"  no answer recorded\n") {
		t.Errorf("%s does not stand there as it is:\n%s", silent, text.String())
	}
}
