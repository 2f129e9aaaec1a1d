package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api/console"
	valisev1 "valise.example/proto/valise/v1"
)

// refusedCalls are what the node does not take of a call, and where that is told.
var refusedCalls = map[string]struct {
	fields []string
	says   []string
}{
	"two lines":   {[]string{"person", "N. Oduya\u2028desk"}, []string{`href="#log-person"`, `id="log-person-fault"`, `99900000002"`}},
	"a control":   {[]string{"note", "see \x07 there"}, []string{`href="#log-note"`, `id="log-note-fault"`, `value="N. Oduya"`}},
	"no time":     {[]string{"at", "2026-02-30T10:00"}, []string{`href="#log-at"`, "Give a date and a time that exist", `value="2026-02-30T10:00"`}},
	"another":     {[]string{"address", "XA/technical"}, []string{`href="#log-address"`, `value="N. Oduya"`}},
	"far too big": {[]string{"detail", strings.Repeat("9", 500)}, []string{`href="#log-detail"`, `id="log-detail-fault"`}},
}

// TestRefusedCallComesBack filled in, with what is wrong at the top and beside its field; put right, it is
// recorded once, however often it is sent.
func TestRefusedCallComesBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	call := []string{"address", "XB/technical", "means", "MEETING", "person", "N. Oduya", "detail", "+99900000002", "result", "DID_NOT_WORK", "note", "Nobody was there.", "inbound", "on"}
	for name, c := range refusedCalls {
		t.Run(name, func(t *testing.T) {
			desk.t = t
			desk.get("contacts/XB")
			act := between(desk.page, `/log" class="form"><input type="hidden" name="act" value="`, `"`)
			desk.press("/log", append(call, c.fields...)...)
			if again := between(desk.page, `/log" class="form"><input type="hidden" name="act" value="`, `"`); again != act || act == "" {
				t.Errorf("the act %q became %q: what the node took after all would be taken twice", act, again)
			}
			if desk.status != http.StatusUnprocessableEntity {
				t.Errorf("it is answered %d", desk.status)
			}
			desk.sees(`role="alert"`, `class="fault"`, `value="MEETING" selected`, `value="DID_NOT_WORK" selected`, `name="inbound" checked`)
			desk.sees(c.says...)
			if name != "a control" {
				desk.sees("Nobody was there.</textarea>")
			}
		})
	}
	desk.t = t
	desk.press("/log", append(call, "note", "Put right.")...)
	desk.sees(`id="logged"`, "Put right.")
	if n := strings.Count(desk.page, "N. Oduya"); n != 1 {
		t.Fatalf("the call stands there %d times", n)
	}
}

// TestRefusedCallBackComesBack: what was heard about a root is typed once, and comes back with what is wrong
// beside it, from the second of the two pages too.
func TestRefusedCallBackComesBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "en")
	for name, c := range map[string]struct{ field, value, says string }{
		"nobody":       {"person", "", "Fill this in."},
		"not yet":      {"at", "2100-01-01T10:00", "a call that has not been made yet brings nothing"},
		"by no number": {"detail", "", "Fill this in."},
		"no digits":    {"fingerprint", "some digits", "sixteen groups"},
		"another root": {"fingerprint", s.rootOf(t, "XA"), "fingerprint"},
		"two lines":    {"source", "a card\x07", "control character"},
	} {
		t.Run(name, func(t *testing.T) {
			desk.t = t
			fields := []string{"address", "XB/technical", "means", "CALL", "person", "N. Oduya", "detail", "+99900000002", "fingerprint", s.rootOf(t, "XB"), "source", "an old card", c.field, c.value}
			desk.get("contacts/XB")
			desk.press("/called/sure", fields...)
			desk.press("/called", "typed", "XB")
			if desk.status != http.StatusUnprocessableEntity {
				t.Errorf("it is answered %d", desk.status)
			}
			desk.sees(`role="alert"`, `href="#root-`+c.field+`"`, `id="root-`+c.field+`-fault"`, `aria-describedby="root-`+c.field+`-fault"`, c.says, "<details open>")
			for _, kept := range []struct{ name, shown string }{{"source", `value="an old card"`}, {"person", `value="N. Oduya"`}, {"fingerprint", s.rootOf(t, "XB") + "</textarea>"}} {
				if kept.name != c.field {
					desk.sees(kept.shown)
				}
			}
		})
	}
	desk.t = t
	desk.get("contacts/XB")
	desk.press("/called/sure", "address", "XB/technical", "means", "CALL", "person", "N. Oduya", "detail", "+99900000002", "at", "2026-02-30T10:00", "fingerprint", s.rootOf(t, "XB"))
	desk.sees(`href="#root-at"`, "Give a date and a time that exist", `value="2026-02-30T10:00"`)
}

// asked is the desk of XA at which a question about XB waits, item 7.
func asked(t *testing.T) *browser {
	t.Helper()
	return newStage(t, "XA", "XB").opened(t, "XA", "en", func(c *console.Config) {
		c.Conn = bent{c.Conn, func(_ string, reply proto.Message) error {
			if r, ok := reply.(*valisev1.GetStatusResponse); ok {
				r.Questions = append(r.Questions, &valisev1.TrustQuestion{State: "XB", Item: 7, Event: valisev1.TrustEvent_TRUST_EVENT_SPLIT_VIEW})
			}
			return nil
		}}
	})
}

// TestRefusedSettlementComesBack beside its own question.
func TestRefusedSettlementComesBack(t *testing.T) {
	desk := asked(t)
	desk.get("contacts/XB")
	desk.press("/settle/sure", "item", "7", "note", "They sent \x07 the list anew.")
	desk.press("/settle", "typed", "XB")
	desk.sees(`role="alert"`, `href="#settle-7-note"`, `id="settle-7-note-fault"`, "the list anew.</textarea>")
}

// TestSettlementTakesItsRoomInBytes: what is too long of what came of a question comes back from the first page, and from
// the second where that was skipped, and says how much of it has to go; what fits is shown whole before it is done.
func TestSettlementTakesItsRoomInBytes(t *testing.T) {
	desk := asked(t)
	for script, letter := range map[string]string{"Latin": "a", "Arabic": "ع", "Chinese": "问", "an emblem": "🜍"} {
		full := strings.Repeat(letter, 20_000/len(letter))
		long := full + letter
		desk.get("contacts/XB")
		desk.press("/settle/sure", "note", long)
		if desk.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: what is too long is answered with %d", script, desk.status)
		}
		over := fmt.Sprintf("to be taken out: <bdi>%d</bdi>", len(long)-20_000)
		desk.sees(`role="alert"`, `href="#settle-7-note"`, `id="settle-7-note-fault"`, over, long+"</textarea>")
		desk.post("contacts/XB/settle", url.Values{"act": {someAct}, "item": {"7"}, "note": {long}, "typed": {"XB"}})
		desk.sees(`role="alert"`, `href="#settle-7-note"`, over, long+"</textarea>")
		desk.press("/settle/sure", "note", full)
		if desk.seesNot(`role="alert"`); desk.status != http.StatusOK {
			t.Errorf("%s: what fits is answered with %d", script, desk.status)
		}
		desk.sees("To confirm, type the code", `name="note" value="`+full+`"`)
	}
}
