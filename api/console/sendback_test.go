package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// TestANoteThatIsNotTakenComesBack: what a second person writes about a draft is typed once. What the node does not take of
// it, or has no room for, is told at its field; put right, it goes back with the note.
func TestANoteThatIsNotTakenComesBack(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans")
	clearer := s.opened(t, "XB", "en", undoSoon)
	clearer.until("", "Scans")
	drafter := s.joins(t, "XB", "ada", "en", valisev1.Role_ROLE_DRAFTER)
	for _, words := range []string{"First words.", "Other words."} {
		drafter.says(thread, "answer", "outcome", "partial", "narrative", words)
		drafter.sees("Handed to a second person")
	}
	long := strings.Repeat("问", 20_000/3) + "问"
	for name, c := range map[string]struct{ note, typed, says string }{
		"a control": {"See \x07 <there>.\r\nAnd here.", "&lt;there&gt;.\r\nAnd here.</textarea>", "control character"},
		"too long":  {long, long + "</textarea>", fmt.Sprintf("to be taken out: <bdi>%d</bdi>", len(long)-20_000)},
	} {
		clearer.get("thread/" + thread)
		act := between(clearer.page, `/return/`, `class="field"`) // of the first of two
		message := act[:32]
		act = between(clearer.page, message+`" class="field"><input type="hidden" name="act" value="`, `"`)
		clearer.presses("/return/"+message, "note", c.note)
		if clearer.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered with %d", name, clearer.status)
		}
		at := "note-" + message
		clearer.sees(`role="alert"`, `href="#`+at+`"`, `id="`+at+`-wrong"`, `id="`+at+`" name="note" rows="3" dir="auto" aria-describedby="`+at+`-wrong" aria-invalid="true"`, c.says, c.typed)
		if again := between(clearer.page, message+`" class="field"><input type="hidden" name="act" value="`, `"`); again != act || act == "" {
			t.Errorf("%s: the act %q became %q: what the node took after all would be done twice", name, act, again)
		}
		if n := strings.Count(clearer.page, "-wrong"); n != 2 {
			t.Errorf("%s: the note about one of two drafts is marked %d times", name, n)
		}
	}
	message := between(clearer.page, `/return/`, `"`)
	fits := long[:len(long)-3]
	clearer.presses("/return/"+message, "note", fits)
	if clearer.seesNot(`role="alert"`, "/return/"+message); clearer.status != http.StatusOK {
		t.Errorf("a note that fits is answered with %d", clearer.status)
	}
	drafter.get("thread/" + thread)
	drafter.sees(fits)

	clearer.post("thread/"+thread+"/return/"+message, url.Values{"act": {someAct}, "note": {"Once more."}})
	clearer.sees("This was not done") // no form can put that right
	clearer.seesNot("/return/")
}
