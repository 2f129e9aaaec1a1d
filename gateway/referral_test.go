package gateway

import (
	"context"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// Which Referral an inquiry takes up is for the node to say, which has it in its record, and not for
// whoever wrote the inquiry. A-9 s2
func TestNoInquiryClaimsAReferral(t *testing.T) {
	w := newWorld(t)
	xa := w.homes["XA"]
	claim := inquiry("x")
	claim.Referral = make([]byte, 32)
	sent, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: claim})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range xa.thread(sent.GetThread()).GetMessages() {
		if got := m.GetPayload().GetInquiry().GetReferral(); len(got) != 0 {
			t.Errorf("the inquiry takes up %x", got)
		}
	}
	wantReason(t, xa, valisev1.Reason_REASON_UNIMPLEMENTED, func() error {
		_, err := xa.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: inquiry("x"), Follows: sent.GetThread()})
		return err
	})
}
