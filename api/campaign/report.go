package campaign

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Report is what a report is made of.
type Report struct {
	// Check is the campaign as the API shows it.
	Check *valisev1.GetCheckResponse
	// Realm of the node, as its status says.
	Realm string
	// Made is when the report is made; it is shown in UTC.
	Made time.Time
}

// Words say how a check stands, and no more: silence is no verdict. s1
func Words(s valisev1.CheckState) string {
	for _, known := range states {
		if known.state == s {
			return known.words
		}
	}
	return "not known to this version"
}

// states are in the order in which their figures stand in a report.
var states = []struct {
	state valisev1.CheckState
	words string
}{
	{valisev1.CheckState_CHECK_STATE_REPLIED, "answered in time"},
	{valisev1.CheckState_CHECK_STATE_REPLIED_LATE, "answered later"},
	{valisev1.CheckState_CHECK_STATE_SENT, "asked; its time has not passed"},
	{valisev1.CheckState_CHECK_STATE_NO_REPLY, "no answer recorded"},
	{valisev1.CheckState_CHECK_STATE_FOLLOW_UP, "followed up with the State's authorities"},
	{valisev1.CheckState_CHECK_STATE_ENTRY_UPDATED, "followed up: the entry was updated or confirmed"},
	{valisev1.CheckState_CHECK_STATE_UNRESOLVED, "followed up: left as it is for now"},
	{valisev1.CheckState_CHECK_STATE_WITHDRAWN, "taken back before it left"},
}

// document is a report without its form: both forms say the same.
type document struct {
	Banner, Campaign string
	ExerciseName     string // at both ends of every printed sheet; empty in operation
	Rules, Figures   []string
	Rows             []row
}

// row is one point of contact.
type row struct {
	Address, State string
	// Facts are sentences of ours; Said is what the other side wrote, or an officer of ours.
	Facts []string
	Said  []string
}

// rules stand at the head of every report.
var rules = []string{
	"A communication check asks whether an entry of the directory is right; a person answers. It binds nobody (A-8).",
	"The order is that of addresses. Nothing here measures a State, and an answer that is not recorded here says nothing of why.",
}

func (r Report) document() document {
	c := r.Check.GetCampaign()
	d := document{
		Banner: "realm " + r.Realm, ExerciseName: ident.Realm(r.Realm).Name(), Rules: rules,
		Campaign: fmt.Sprintf("campaign %s, begun %s, answers asked for by %s, checking %s", c.GetCampaign(), clock(c.GetStarted()), clock(c.GetDeadline()), line(c.GetDetail())),
	}
	if strings.HasPrefix(r.Realm, "exercise:") {
		d.Banner = "EXERCISE EXERCISE EXERCISE - nothing on this page is real - realm " + r.Realm
	}
	count := map[string]int{}
	for _, v := range r.Check.GetChecks() {
		count[Words(v.GetState())]++
		d.Rows = append(d.Rows, rowOf(v))
	}
	d.Figures = append(d.Figures, fmt.Sprintf("asked: %d", len(r.Check.GetChecks())))
	for _, s := range states {
		if n := count[s.words]; n > 0 {
			d.Figures = append(d.Figures, fmt.Sprintf("%s: %d", s.words, n))
		}
	}
	d.Figures = append(d.Figures, "made "+clock(timestamppb.New(r.Made)))
	return d
}

func rowOf(v *valisev1.CheckView) row {
	out := row{Address: v.GetAddress(), State: Words(v.GetState())}
	fact := func(form string, args ...any) { out.Facts = append(out.Facts, fmt.Sprintf(form, args...)) }
	said := func(text string) {
		if text = draft.Shown(text); strings.TrimSpace(text) != "" {
			out.Said = append(out.Said, text)
		}
	}
	if c := v.GetCheck(); c.GetAnswered() != nil {
		fact("%s, %s, %s", answers[c.GetAnswer()], clock(c.GetAnswered()), way(c.GetWay(), c.GetWaySource()))
	}
	said(v.GetText())
	if asked := v.GetCheck().GetEntryNumber(); asked != v.GetEntryNumber() {
		fact("entry %d was asked about, entry %d is in force", asked, v.GetEntryNumber())
	}
	for _, x := range v.GetContacts() {
		fact("%s", contact(x.GetContact()))
		said(x.GetContact().GetNote())
	}
	for _, f := range v.GetFollowUps() {
		fact("the State's authorities: %s%s", contact(f.GetContact()), outcomes[f.GetOutcome()])
		said(f.GetContact().GetNote())
	}
	for _, h := range v.GetHistory() {
		fact("earlier: begun %s, %s", clock(h.GetStarted()), Words(h.GetState()))
	}
	return out
}

var answers = map[valisev1.CheckAnswer]string{
	valisev1.CheckAnswer_CHECK_ANSWER_ENTRY_CORRECT: "the entry is right",
	valisev1.CheckAnswer_CHECK_ANSWER_NEEDS_CHANGE:  "the entry needs change",
}

var outcomes = map[valisev1.CheckOutcome]string{
	valisev1.CheckOutcome_CHECK_OUTCOME_ENTRY_UPDATED: "; the entry was updated or confirmed",
	valisev1.CheckOutcome_CHECK_OUTCOME_UNRESOLVED:    "; left as it is for now",
}

// way is by which contact detail an answer came. A-8 s2
func way(detail string, source valisev1.ContactSource) string {
	if detail == "" {
		return "by its node"
	}
	return "by " + line(detail) + sources[source]
}

var sources = map[valisev1.ContactSource]string{
	valisev1.ContactSource_CONTACT_SOURCE_REGISTERED:  " (registered)",
	valisev1.ContactSource_CONTACT_SOURCE_ALTERNATIVE: " (alternative)",
}

var results = map[valisev1.ContactResult]string{
	valisev1.ContactResult_CONTACT_RESULT_WORKED:       ": worked",
	valisev1.ContactResult_CONTACT_RESULT_DID_NOT_WORK: ": nobody answered there",
}

var means = map[valisev1.ContactMeans]string{
	valisev1.ContactMeans_CONTACT_MEANS_CALL: "call", valisev1.ContactMeans_CONTACT_MEANS_EMAIL: "email", valisev1.ContactMeans_CONTACT_MEANS_MEETING: "meeting",
}

// contact is a call or email, without its words.
func contact(c *valisev1.ContactLog) string {
	kind := means[c.GetMeans()]
	if kind == "" {
		kind = "contact"
	}
	out := clock(c.GetAt()) + ", " + kind
	if c.GetPerson() != "" {
		out += " with " + line(c.GetPerson())
	}
	if c.GetDetail() != "" {
		out += ", " + line(c.GetDetail()) + sources[c.GetSource()] + results[c.GetResult()]
	}
	return out
}

// line is text of others on one line.
func line(s string) string { return strings.Join(strings.Fields(draft.Shown(s)), " ") }

func clock(t *timestamppb.Timestamp) string {
	if t == nil || !t.IsValid() {
		return "–"
	}
	return t.AsTime().UTC().Format("2006-01-02 15:04 UTC")
}
