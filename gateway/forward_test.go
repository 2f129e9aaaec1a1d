package gateway

import (
	"bytes"
	"context"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// forward tries to send a file to a State in an inquiry of its own.
func (h *home) forward(to string, file []byte, o *valisev1.SendOptions) (string, error) {
	q := inquiry("x")
	q.Attachments = []*valisev1.Attachment{h.bring(officer, "x.bin", file)}
	out, err := h.g.Inquire(context.Background(), officer, &valisev1.SendInquiryRequest{To: to, Inquiry: q, Options: o})
	return out.GetMessage(), err
}

// A file of one State goes to another with the first one's consent and not otherwise, whatever message
// brings it, and also if the consent ends while a draft waits. A-11 s2
func TestAFileOfAPeerGoesToAnotherWithConsent(t *testing.T) {
	w := newWorld(t, "XA", "XB", "XC")
	xa, xb := w.homes["XA"], w.homes["XB"]
	file := bytes.Repeat([]byte("abc"), 1000)
	said := xa.sendFiles(file)
	w.converge()
	no := func(want valisev1.Reason) {
		t.Helper()
		if _, err := xb.forward("XC/technical", file, nil); reasonOf(err) != want {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	no(valisev1.Reason_REASON_NO_CONSENT)
	if _, err := xb.forward("XA/technical", file, nil); err != nil {
		t.Fatalf("back to whom it came from: %v", err)
	}
	if _, err := xb.forward("XC/technical", []byte("ours"), nil); err != nil {
		t.Fatalf("a file of our own: %v", err)
	}
	xb.replyTo(said.GetMessage(), &valisev1.ConsentRequest{ThirdParty: "XC"})
	w.converge()
	no(valisev1.Reason_REASON_NO_CONSENT)
	xa.reply(said.GetThread(), &valisev1.ConsentDecision{Consents: true})
	w.converge()
	if _, err := xb.forward("XC/technical", file, nil); err != nil {
		t.Fatal(err)
	}
	draft, err := xb.forward("XC/technical", file, &valisev1.SendOptions{Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	xa.reply(said.GetThread(), &valisev1.ConsentWithdrawal{})
	w.settle()
	if _, err := xb.clear(officer, draft); reasonOf(err) != valisev1.Reason_REASON_NO_CONSENT {
		t.Fatalf("a draft after the consent has ended: %v", err)
	}
	xb.start()
	no(valisev1.Reason_REASON_NO_CONSENT)
}
