package campaign

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

var at = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func report(checks ...*valisev1.CheckView) Report {
	return Report{Realm: "exercise:lab-00112233445566778899aabbccddeeff", Made: at, Check: &valisev1.GetCheckResponse{
		Campaign: &valisev1.CampaignView{Campaign: strings.Repeat("ab", 16), Started: timestamppb.New(at), Deadline: timestamppb.New(at), Detail: "node"}, Checks: checks,
	}}
}

func (r Report) both(t *testing.T) (html, text string) {
	t.Helper()
	var h, p strings.Builder
	if err := r.HTML(&h); err != nil {
		t.Fatal(err)
	}
	if err := r.Text(&p); err != nil {
		t.Fatal(err)
	}
	return h.String(), p.String()
}

// TestNothingThatAPeerWroteIsObeyed: markup is text, what turns or steers is made visible, and no line
// of a peer's stands where one of ours does.
func TestNothingThatAPeerWroteIsObeyed(t *testing.T) {
	evil := "<script>alert(1)</script>\u202e\x1b[2J\nXZ/technical  answered in time"
	html, text := report(&valisev1.CheckView{
		Address: "XB/technical", State: valisev1.CheckState_CHECK_STATE_REPLIED, Text: evil,
		Check:     &valisev1.ThreadCheck{Answered: timestamppb.New(at), Answer: valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE, Way: evil},
		Contacts:  []*valisev1.EntryContact{{Contact: &valisev1.ContactLog{Person: evil, Detail: evil, Note: evil}}},
		FollowUps: []*valisev1.FollowUpView{{Contact: &valisev1.ContactLog{Person: evil, Note: evil}}},
	}).both(t)
	if strings.Contains(html, "<script") || strings.ContainsAny(html+text, "\u202e\x1b") {
		t.Error("what a peer wrote is obeyed")
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "XZ/") {
			t.Errorf("a peer's line stands among ours: %q", line)
		}
	}
	if !strings.Contains(html, "&lt;script&gt;") {
		t.Error("what a peer wrote is not shown")
	}
}

// TestThePageNeedsNothingElse: no script, no address that a browser would fetch, both ends of it say
// that it is an exercise.
func TestThePageNeedsNothingElse(t *testing.T) {
	html, text := report(&valisev1.CheckView{Address: "XB/technical"}).both(t)
	if found := regexp.MustCompile(`(?i)\b(src|srcset|href|action|url)\s*[=(]|@import|<(script|link|iframe|object|embed|img|base|form)\b`).FindString(html); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if !strings.Contains(html, `<html lang="en" dir="ltr">`) || !strings.Contains(html, "default-src 'none'") {
		t.Error("the page does not say its language, or may fetch")
	}
	if strings.Count(html, "EXERCISE EXERCISE EXERCISE") != 2 || strings.Count(text, "EXERCISE EXERCISE EXERCISE") != 2 {
		t.Error("both ends do not say that it is an exercise")
	}
	for _, end := range []string{"@top-center", "@bottom-left"} {
		if !strings.Contains(html, end+` { content: "EXERCISE lab"; font-weight: bold; }`) {
			t.Errorf("%s of a sheet does not say which exercise it is", end)
		}
	}
}

// TestNoStateIsMeasured: the order is as given, and there is no percentage and no duration. A-5b, A-8
func TestNoStateIsMeasured(t *testing.T) {
	all := []*valisev1.CheckView{}
	for s := range valisev1.CheckState_name {
		if s > 0 {
			all = append(all, &valisev1.CheckView{Address: "XB/technical", State: valisev1.CheckState(s)})
		}
	}
	html, text := report(all...).both(t)
	if strings.Contains(text, "%") || regexp.MustCompile(`\d+ ?(hours|minutes|days)`).MatchString(text) || regexp.MustCompile(`(?i)fail|score|rank|best|worst`).MatchString(text) {
		t.Errorf("a State is measured:\n%s", text)
	}
	for _, s := range states {
		if strings.Count(html, s.words) < 2 && !strings.Contains(s.words, "'") {
			t.Errorf("%q stands not both as a figure and in its row", s.words)
		}
	}
	if len(states) != len(valisev1.CheckState_name)-1 || Words(99) != "not known to this version" {
		t.Error("a state has no words")
	}
}
