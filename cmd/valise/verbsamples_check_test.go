package main

import (
	"bytes"
	"strings"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// sampleComparison is what a body with a file that is whole and one with a file that is not say of XB. A-12
func sampleComparison() *valisev1.CompareOthersResponse {
	from := &valisev1.OtherSource{Name: "Regional Organisation F", Row: 2, Imported: hour(1), Officer: "a.osei", TableHash: strings.Repeat("ab", 32)}
	contact := &valisev1.OtherContact{
		State: "XB", Track: "technical", Label: "CERT", Entity: "National CERT of Birch", Institution: "Ministry", Name: "A. Osei", Designation: "Head",
		Telephones: []string{"+999 000 0666"}, Emails: []string{"cert@birch.example"}, Languages: []string{"fr"}, Hours: "always", Notes: "Call first.",
	}
	return &valisev1.CompareOthersResponse{
		Unreadable: []string{"rog"}, Contacts: []*valisev1.OtherStatement{{Contact: contact, Source: from}},
		Differences: []*valisev1.OtherDifference{{
			Field: valisev1.OtherField_OTHER_FIELD_TELEPHONE, Address: "XB/technical", Entry: []string{"+999 000 0002"}, Other: []string{"+999 000 0666"}, Source: from,
		}},
		Routes: []*valisev1.OtherRoute{{Ours: "XA", Theirs: "XB", Contacts: []*valisev1.OtherContact{contact}, Source: from}},
	}
}

// sampleChanges are what a file would change. The directory says them in English, so that it is asked for each.
func sampleChanges(t *testing.T, s speech) []string {
	t.Helper()
	root := sampleKey(t)
	state := ident.State("XB")
	changes := directory.Changes{
		Joined: []ident.State{state}, Updated: []ident.State{state}, Left: []ident.State{state}, KeyChanged: []directory.RootChange{{State: state, Offered: root}},
		NewBundles: []ident.Address{{State: state, Track: ident.Technical}},
		Notices:    []directory.Notice{{Address: ident.Address{State: state, Track: ident.Technical}, Reason: valisev1.Reason_REASON_ROLLBACK}},
	}
	lines := s.lines([]string{
		s.say(s.Directory.Verified, "number", "3", "states", "2", "hash", s.theirs(sampleRoot)), s.Directory.NobodyCompared.String(),
		s.say(s.Directory.Follows, "number", "3"), s.Directory.NoList.String(),
	})
	return append(lines, changeLines(s, changes)...)
}

// sampleChecks have every state of a check and every way in which it was answered. A-8
func sampleChecks(s speech) []string {
	campaign := &valisev1.CampaignView{Campaign: strings.Repeat("ab", 16), Started: hour(0), Deadline: hour(48), Detail: "telephone", Asked: 9, Officer: "a.osei"}
	lines := []string{
		s.line(s.say(s.Campaign.Asked, "campaign", s.theirs(campaign.GetCampaign()), "time", s.at(campaign.GetDeadline()))), campaignLine(s, campaign),
		calendarLine(s, &valisev1.GetCheckCalendarResponse{}), calendarLine(s, &valisev1.GetCheckCalendarResponse{Last: hour(0), Next: hour(4000), Due: true}),
		s.line(s.say(s.Campaign.Report, "path", s.theirs("report.html"), "form", s.theirs("html"))),
	}
	call := &valisev1.ContactLog{
		At: hour(1), Means: valisev1.ContactMeans_CONTACT_MEANS_EMAIL, Detail: "cert@birch.example", Source: valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE,
		Result: valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK, Person: "A. Osei",
	}
	for number := range len(valisev1.CheckState_name) {
		state := valisev1.CheckState(number)
		c := &valisev1.CheckView{Address: "XB/technical", State: state, Delivery: valisev1.Delivery_DELIVERY_REACHED, Check: &valisev1.ThreadCheck{EntryNumber: 3}, EntryNumber: 3}
		lines = append(lines, checkLines(s, c)[0])
	}
	c := &valisev1.CheckView{
		Address: "XB/technical", State: valisev1.CheckState_CHECK_STATE_REPLIED, Check: &valisev1.ThreadCheck{EntryNumber: 3, Answered: hour(2), Answer: valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE}, EntryNumber: 4,
		Text: "The number has changed.", Contacts: []*valisev1.EntryContact{{Contact: call}},
		History: []*valisev1.PastCheck{{Started: hour(-5000), State: valisev1.CheckState_CHECK_STATE_NO_REPLY}},
	}
	lines = append(lines, checkLines(s, c)...)
	c.Check.Way, c.Check.WaySource, c.Check.Answer = "+999 000 0002", valisev1.ContactSource_CONTACT_SOURCE_REGISTERED, valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT
	for _, outcome := range []valisev1.CheckOutcome{valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED, valisev1.CheckOutcome_CHECK_OUTCOME_UNRESOLVED} {
		c.FollowUps = append(c.FollowUps, &valisev1.FollowUpView{Contact: call, Outcome: outcome})
	}
	lines = append(lines, checkLines(s, c)...)
	return append(lines, checkLines(s, &valisev1.CheckView{Address: "XB/diplomatic", Check: &valisev1.ThreadCheck{}, Delivery: valisev1.Delivery_DELIVERY_LEFT})...)
}

// TestLetterlessTextsKeepTheirOrder: groups of digits that are read aloud stand in an isolate where text runs
// from right to left, or the last would come first.
func TestLetterlessTextsKeepTheirOrder(t *testing.T) {
	var out bytes.Buffer
	p := inLanguage(inEnglish(), &out)
	p.lang = "ar"
	lines := sheetLines(p.speech(), "XA", sampleRealm, []keyRow{{"XA/technical", sampleKey(t)}})
	groups := 0
	for _, line := range lines {
		if inner := strings.Trim(line, " \u2068\u2069"); inner != "" && strings.Trim(inner, "0123456789 ") == "" {
			groups++
			if !strings.HasPrefix(line, "    \u2068") || !strings.HasSuffix(line, "\u2069") {
				t.Errorf("%q may turn", line)
			}
		}
	}
	if groups != 4 {
		t.Errorf("%d rows of a fingerprint in %q", groups, lines)
	}
}
