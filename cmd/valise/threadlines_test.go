package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// TestThreadInEveryLanguage compares one thread with what testdata/languages has of it: for reviewers, who
// read it there, and for scripts, which know the English one. -update writes them.
func TestThreadInEveryLanguage(t *testing.T) {
	view := sampleThread()
	for _, l := range locale.Languages() {
		s := speechOf(locale.Of(l))
		lines := append([]string{threadLine(s, view.GetThread()), ""}, viewLines(s, view)...)
		lines = append(append(lines, ""), sentLines(s, &valisev1.Sent{
			Thread: view.GetThread().GetThread(), Message: view.GetMessages()[0].GetMessage(), Kind: valisev1.Kind_KIND_INQUIRY,
			Delivery: valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE, DeliveryReason: valisev1.Reason_REASON_UNDO_HOLD,
		}, "XB/technical")...)
		lines = append(append(lines, ""), consentLines(s, sampleConsent())...)
		got := strings.Join(lines, "\n") + "\n"
		file := filepath.Join("testdata", "languages", l.String()+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s, %v: the thread is\n%s", file, err, got)
		}
	}
}

// TestEveryStepHasACounterpart reads the steps that the core advises where they are written: each is told in
// every language.
func TestEveryStepHasACounterpart(t *testing.T) {
	files, err := filepath.Glob("../../gateway/*.go")
	if err != nil {
		t.Fatal(err)
	}
	step, found := regexp.MustCompile(`\{"[A-Z]+-[0-9]+", [^"]*"([a-z][^"]+)"\}`), map[string]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range step.FindAllStringSubmatch(string(b), -1) {
			found[match[1]] = true
			for _, l := range locale.Languages() {
				text, ok := locale.Counterpart(inEnglish().Advice, speechOf(locale.Of(l)).Advice, match[1])
				if !ok || (text.String() == match[1]) != (l == locale.English) {
					t.Errorf("%s: %q is %q", l, match[1], text)
				}
			}
		}
	}
	if len(found) < 12 {
		t.Errorf("only %d steps are written: %v", len(found), found)
	}
}

// hour is a moment of the sample: hours after its first.
func hour(hours int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 5, 3, 9, 12, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour))
}

func sampleConsent() *valisev1.ConsentView {
	return &valisev1.ConsentView{
		Consent: "5d0c3b1a998877665544332211000102", Thread: "0123456789abcdef0123456789abcdef", Outbound: true, Peer: "XB/technical",
		ThirdParty: "CERT of XD", Purpose: "to stop the scans", Conditions: []string{"without the names"},
		Messages: []string{"89ab0123456789abcdef0123456789ab"}, Requested: hour(3), Expires: hour(80), State: valisev1.ConsentState_CONSENT_STATE_GRANTED,
	}
}

func sampleThread() *valisev1.GetThreadResponse {
	return &valisev1.GetThreadResponse{
		Thread: &valisev1.ThreadView{
			Thread: "0123456789abcdef0123456789abcdef", Outbound: true, Peer: "XB/technical", Ours: "XA/technical",
			Title: "فحص scans of energy operators", State: valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER, Flags: []string{"overdue", "escalated"},
			Realm: "exercise:lab-0123456789abcdef0123456789abcdef", AgreedChannel: "phone +999 000 0002", OurAgency: "CERT-XA", TheirAgency: "هيئة",
			Estimate: hour(30), UnopenedSince: hour(5), Pruned: hour(90), Gap: true,
			Linked: []*valisev1.LinkedThread{{Thread: "fedcba98765432100123456789abcdef", Peer: "XC/technical", Ours: "XA/technical", Title: "The same scans"}},
			Deadlines: []*valisev1.Deadline{
				{Type: valisev1.DeadlineType_DEADLINE_TYPE_ASKED, At: hour(24)},
				{Type: valisev1.DeadlineType_DEADLINE_TYPE_PROMISED, At: hour(30)},
				{Type: valisev1.DeadlineType_DEADLINE_TYPE_OWN_ACKNOWLEDGE, At: hour(2), Passed: true},
				{Type: valisev1.DeadlineType_DEADLINE_TYPE_OWN_ANSWER, At: hour(48)},
			},
		},
		Messages: append(sampleMessages(), &valisev1.MessageView{
			Created: hour(6), Officer: "n.oduya",
			ContactLog: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: hour(6), Person: "A. Osei", Note: "He has read it.\nNothing more."},
		}, &valisev1.MessageView{Note: &valisev1.NoteView{
			Recorded: hour(7), Officer: "n.oduya", Type: valisev1.NoteType_NOTE_TYPE_HAND_OVER, Text: "Call again at noon.",
			From: "technical", To: "diplomatic", Thread: "0123456789abcdef0123456789abcdef", Message: "89ab0123456789abcdef0123456789ab",
		}}),
		Advice: []*valisev1.Advice{{Step: "I-4", Text: "nominate a preferred channel"}},
	}
}

func sampleMessages() []*valisev1.MessageView {
	return []*valisev1.MessageView{{
		Message: "89ab0123456789abcdef0123456789ab", Kind: valisev1.Kind_KIND_INQUIRY, Outbound: true, From: "XA/technical", To: "XB/technical", Created: hour(0),
		Delivery: valisev1.Delivery_DELIVERY_ACKNOWLEDGED, Facts: &valisev1.DeliveryFacts{Waiting: hour(0), Left: hour(1), Reached: hour(2), Acknowledged: hour(3)},
		Payload: wrap(&valisev1.Inquiry{Title: "Scans of energy operators", Preamble: &valisev1.Preamble{Notes: []*valisev1.NoteReference{{Id: "territory", Version: 1}}}}),
		Steps: []*valisev1.DraftStep{
			{Act: valisev1.DraftAct_DRAFT_ACT_SENT_BACK, Officer: "a.osei", At: hour(0), Note: "say since when"},
			{Act: valisev1.DraftAct_DRAFT_ACT_STOPPED, At: hour(0)},
		},
		CorrectedBy: []string{"0011223344556677"}, LegalBasis: []uint64{17},
		Attachments: []*valisev1.AttachmentView{
			{Index: 1, Name: "log-excerpt.txt", Size: 1200, State: valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE, MediaType: "text/plain", Tlp: valisev1.Tlp_TLP_RED},
			{Index: 2, Name: "سجل.txt", Size: 1, Arrived: 1, Parts: 3, State: valisev1.AttachmentState_ATTACHMENT_STATE_UNDER_WAY},
			{Index: 3, Name: "c", Size: 2, Arrived: 1, Parts: 3, State: valisev1.AttachmentState_ATTACHMENT_STATE_DAMAGED},
		},
	}, {
		Message: "7766554433221100ffeeddccbbaa9988", Kind: valisev1.Kind_KIND_HOLDING_REPLY, From: "XB/technical", To: "XA/technical", Created: hour(4),
		Marks: []valisev1.Mark{valisev1.Mark_MARK_KEY_REVOKED_SINCE}, RetractedBy: "99887766554433221100", Refused: valisev1.Reason_REASON_QUOTA,
	}, {
		Message: "1212121212121212", Kind: valisev1.Kind_KIND_SUPPLEMENT, Outbound: true, From: "XA/technical", To: "XB/technical", Created: hour(5),
		Stage: valisev1.Stage_STAGE_DRAFT, Delivery: valisev1.Delivery_DELIVERY_REFUSED, DeliveryReason: valisev1.Reason_REASON_QUOTA, Facts: &valisev1.DeliveryFacts{Waiting: hour(5)},
	}}
}
