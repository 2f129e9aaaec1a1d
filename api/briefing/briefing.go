package briefing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

// Briefing is what a page is made of.
type Briefing struct {
	// Thread as the API shows it to the officer who makes the page.
	Thread *valisev1.GetThreadResponse
	// Item of the note that says that the thread was brought to higher officials; it must be among
	// the messages of Thread. 0: the page names none.
	Item uint64
	// Made is when the page is made; it is shown in UTC.
	Made time.Time
	// Language of the texts that stand under messages, one of the six; empty: English.
	Language string
}

// Label is the label of the page, never translated: the strictest of all that it shows, and never
// less than TLP:AMBER+STRICT, because it holds notes of our own side. A label that this version does
// not know reads as the strictest. A-11 s2
func (b Briefing) Label() string {
	if slices.ContainsFunc(b.Thread.GetMessages(), strictest) {
		return "TLP:RED"
	}
	return "TLP:AMBER+STRICT"
}

func strictest(m *valisev1.MessageView) bool {
	red := func(l valisev1.Tlp) bool { return l > valisev1.Tlp_TLP_AMBER_STRICT }
	payload := said(m)
	if p, ok := payload.(interface{ GetPreamble() *valisev1.Preamble }); ok && red(p.GetPreamble().GetTlp()) {
		return true
	}
	if p, ok := payload.(interface {
		GetAttachments() []*valisev1.Attachment
	}); ok {
		for _, a := range p.GetAttachments() {
			if red(a.GetTlp()) {
				return true
			}
		}
	}
	return false
}

// document is a page without its form: both forms say the same.
type document struct {
	Label, Realm, Title string
	Exercise            bool
	Rules               []string
	Sections            []section
	End                 string
}

type section struct {
	Heading string
	Facts   []fact
	Entries []entry
	// Empty is what stands there if nothing does.
	Empty string
}

// entry is one thing that happened.
type entry struct {
	Heading string
	Facts   []fact
	// Words are sentences of ours that belong to it.
	Words []string
}

// fact is a name of ours and what somebody wrote.
type fact struct {
	Name, Text, Language string
}

func (b Briefing) document() document {
	t := b.Thread.GetThread()
	return document{
		Label: b.Label(), Realm: clean(t.GetRealm()), Exercise: strings.HasPrefix(t.GetRealm(), "exercise:"),
		Title: orElse(clean(t.GetTitle()), "no title"),
		Rules: b.rules(),
		Sections: []section{
			{Heading: "The thread", Facts: b.standing()},
			{Heading: "Brought to higher officials", Entries: b.escalated(), Empty: "not recorded"},
			{Heading: "By when", Facts: b.deadlines(), Empty: "no time was asked for or given"},
			{Heading: "Procedure for inquiry", Facts: b.inquiry()},
			{Heading: "Procedure for responding", Facts: b.responding()},
			{Heading: "What our side may still do", Entries: b.advice(), Empty: "nothing is open"},
			{Heading: "What was said", Entries: b.messages(), Empty: "nothing was said yet"},
			{Heading: "Calls and emails", Entries: b.contacts(), Empty: "none was logged"},
			{Heading: "Notes at home", Entries: b.notes(), Empty: "none"},
			{Heading: "Who did what on our side", Facts: b.hands(), Empty: "nothing was done by hand"},
		},
		End: "Made " + utc(timestamppb.New(b.Made)) + ". All times are UTC. The record of the node holds what was signed.",
	}
}

// Red reports whether the label is the strictest: a style sheet takes no text that is filled in.
func (d document) Red() bool { return d.Label == "TLP:RED" }

// rules say how the page is handled. A-9a s2, A-11 s1, s2
func (b Briefing) rules() []string {
	rules := []string{
		"For higher officials of our own State. The other State has not been told of this page.",
		"What States exchange stays confidential. Pass this page on to nobody outside the officials whom it is for: a third party gets nothing of it without the consent of the other State.",
	}
	if b.Label() == "TLP:RED" {
		rules = append(rules, "TLP:RED is for the eyes of those to whom it was handed, and goes no further.")
	}
	return append(rules, "Acknowledging receipt agrees to nothing, and silence is a lawful answer. What the other State says stands here as it said it.")
}

// standing is how the thread stands by our own view.
func (b Briefing) standing() []fact {
	t := b.Thread.GetThread()
	began := t.GetPeer()
	if t.GetOutbound() {
		began = t.GetOurs()
	}
	facts := []fact{
		{Name: "thread", Text: t.GetThread()}, {Name: "with", Text: t.GetPeer()}, {Name: "as", Text: t.GetOurs()},
		{Name: "begun by", Text: began + ", " + utc(t.GetOpened())},
		{Name: "state, by our own view", Text: words(t.GetState().String(), "THREAD_STATE_")},
		{Name: "for our side only", Text: strings.Join(t.GetFlags(), ", ")},
		{Name: "time sensitivity, as claimed", Text: words(t.GetTimeSensitivity().String(), "URGENCY_")},
		{Name: "agreed channel", Text: t.GetAgreedChannel()},
		{Name: "agency nominated by us", Text: t.GetOurAgency()}, {Name: "agency nominated by them", Text: t.GetTheirAgency()},
	}
	if t.GetUnopenedSince() != nil {
		facts = append(facts, fact{Name: "not opened by a person of ours since", Text: utc(t.GetUnopenedSince())})
	}
	if t.GetGap() {
		facts = append(facts, fact{Name: "not whole", Text: "something from that State is still under way before what is shown"})
	}
	for _, l := range t.GetLinked() {
		facts = append(facts, fact{Name: "linked at home", Text: strings.TrimSpace(fmt.Sprintf("%.8s, with %s as %s %s", l.GetThread(), l.GetPeer(), l.GetOurs(), l.GetTitle()))})
	}
	return shown(facts)
}

// deadlines are wishes and promises, each with whose it is; none is the peer's duty. docs/protocol.md §12.7
func (b Briefing) deadlines() (facts []fact) {
	t := b.Thread.GetThread()
	asks, answers := t.GetPeer(), t.GetOurs()
	if t.GetOutbound() {
		asks, answers = answers, asks
	}
	for _, d := range []struct {
		name string
		at   *timestamppb.Timestamp
	}{{"an answer is wished for by " + asks, t.GetNeededBy()}, {"estimate of " + answers + ", which binds nobody", t.GetEstimate()}} {
		if d.at != nil {
			facts = append(facts, fact{Name: d.name, Text: b.when(d.at)})
		}
	}
	return facts
}

func (b Briefing) when(at *timestamppb.Timestamp) string {
	if at.AsTime().Before(b.Made) {
		return utc(at) + " (has passed)"
	}
	return utc(at)
}

func (b Briefing) advice() (entries []entry) {
	for _, a := range b.Thread.GetAdvice() {
		entries = append(entries, entry{Heading: a.GetStep() + ": " + a.GetText()})
	}
	return entries
}

// utc writes a time for people.
func utc(t *timestamppb.Timestamp) string {
	if t == nil || !t.IsValid() {
		return "–"
	}
	return t.AsTime().UTC().Format("Mon 2 Jan 2006 15:04:05 UTC")
}

// words are the name of a choice as people read it; empty for none.
func words(name, prefix string) string {
	s := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, prefix)), "_", " ")
	if s == "unspecified" {
		return ""
	}
	return s
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// shown leaves out the facts that say nothing, and makes the rest safe.
func shown(facts []fact) (out []fact) {
	for _, f := range facts {
		if f.Text != "" {
			out = append(out, fact{Name: clean(f.Name), Text: clean(f.Text), Language: clean(f.Language)})
		}
	}
	return out
}
