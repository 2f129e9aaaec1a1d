package briefing

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/draft"
	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// escalated is who brought the thread to higher officials, and when. A-9a s2
func (b Briefing) escalated() (entries []entry) {
	for _, m := range b.Thread.GetMessages() {
		n := m.GetNote()
		if n.GetType() != valisev1.NoteType_NOTE_TYPE_ESCALATION {
			continue
		}
		e := note(n)
		if n.GetItem() == b.Item {
			e.Words = append(e.Words, "This page was made with this note.")
		}
		entries = append(entries, e)
	}
	return entries
}

// notes are the other notes at home.
func (b Briefing) notes() (entries []entry) {
	for _, m := range b.Thread.GetMessages() {
		if n := m.GetNote(); n != nil && n.GetType() != valisev1.NoteType_NOTE_TYPE_ESCALATION {
			entries = append(entries, note(n))
		}
	}
	return entries
}

func note(n *valisev1.NoteView) entry {
	heading := fmt.Sprintf("%s, %s (%s)", utc(n.GetRecorded()), n.GetOfficer(), n.GetRole())
	if kind := words(n.GetType().String(), "NOTE_TYPE_"); kind != "" {
		heading += ": " + kind
	}
	if n.GetTo() != "" {
		heading += ", to " + n.GetTo()
	}
	if n.GetMessage() != "" {
		heading += fmt.Sprintf(", on message %.8s", n.GetMessage())
	}
	return entry{Heading: clean(heading), Facts: shown([]fact{{Name: "note", Text: n.GetText()}}), Words: []string{fmt.Sprintf("item %d of the record", n.GetItem())}}
}

func (b Briefing) contacts() (entries []entry) {
	for _, m := range b.Thread.GetMessages() {
		c := m.GetContactLog()
		if c == nil {
			continue
		}
		heading := fmt.Sprintf("%s, %s, logged by %s (%s)", utc(c.GetAt()), words(c.GetMeans().String(), "CONTACT_MEANS_"), m.GetOfficer(), m.GetRole())
		entries = append(entries, entry{Heading: clean(heading), Facts: shown([]fact{
			{Name: "with", Text: c.GetPerson()}, {Name: "number or address", Text: c.GetDetail()}, {Name: "what was said", Text: c.GetNote()},
		})})
	}
	return entries
}

func (b Briefing) messages() (entries []entry) {
	for _, m := range b.Thread.GetMessages() {
		if m.GetContactLog() != nil || m.GetNote() != nil {
			continue
		}
		heading := fmt.Sprintf("%s, %s → %s: %s", utc(m.GetCreated()), m.GetFrom(), m.GetTo(), words(m.GetKind().String(), "KIND_"))
		if payload := said(m); payload != nil {
			heading += ", " + draftLabel(draft.Body(payload))
		}
		entries = append(entries, entry{Heading: clean(heading), Facts: b.what(m), Words: b.words(m)})
	}
	return entries
}

func draftLabel(body map[string]any) string {
	label, _ := body["tlp"].(string)
	return orElse(label, "TLP:AMBER+STRICT")
}

// what a message says, fact by fact as its draft names them.
func (b Briefing) what(m *valisev1.MessageView) []fact {
	payload := said(m)
	if payload == nil {
		return nil
	}
	body := draft.Body(payload)
	language, _ := body["language"].(string)
	var facts []fact
	for _, key := range ordered(body) {
		if !slices.Contains([]string{"tlp", "language", "notes", "officer", "role", "attachments"}, key) {
			facts = append(facts, factsOf(readable(key), body[key], language)...)
		}
	}
	for _, a := range m.GetAttachments() {
		facts = append(facts, fact{Name: fmt.Sprintf("attachment %d", a.GetIndex()), Text: fmt.Sprintf("%s, %d bytes, SHA-256 %s; nothing of it was opened", a.GetName(), a.GetSize(), a.GetSha256())})
	}
	return shown(facts)
}

// first are the facts that a reader looks for; the rest follows by name.
var first = []string{"title", "narrative", "questions", "outcome", "answer", "text", "estimate", "originator", "time_sensitivity", "needed_by", "incident"}

func ordered(body map[string]any) []string {
	keys := make([]string, 0, len(body))
	for key := range body {
		keys = append(keys, key)
	}
	rank := func(key string) int {
		if at := slices.Index(first, key); at >= 0 {
			return at
		}
		return len(first)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

func readable(key string) string { return strings.ReplaceAll(key, "_", " ") }

// factsOf turns a value of a body into facts: what stands in a table has the table's name before its own.
func factsOf(name string, value any, language string) (facts []fact) {
	switch v := value.(type) {
	case map[string]any:
		if own, ok := v["language"].(string); ok {
			language = own
		}
		for _, key := range ordered(v) {
			facts = append(facts, factsOf(name+", "+readable(key), v[key], language)...)
		}
	case []map[string]any:
		for i, table := range v {
			facts = append(facts, factsOf(fmt.Sprintf("%s %d", name, i+1), table, language)...)
		}
	case []string:
		for i, text := range v {
			facts = append(facts, fact{Name: fmt.Sprintf("%s %d", name, i+1), Text: text, Language: language})
		}
	default:
		facts = append(facts, fact{Name: name, Text: fmt.Sprint(v), Language: language})
	}
	return facts
}

// words are what we say of a message: how far it came, who acted, what stands under it.
func (b Briefing) words(m *valisev1.MessageView) (out []string) {
	add := func(format string, args ...any) { out = append(out, oneLine(clean(fmt.Sprintf(format, args...)))) }
	if m.GetDigest() == "" {
		add("not sent")
	}
	if m.GetRefused() != valisev1.Reason_REASON_UNSPECIFIED {
		add("refused by our node: %s", words(m.GetRefused().String(), "REASON_"))
	}
	if f := m.GetFacts(); f != nil {
		add("waiting to leave %s · left our node %s · reached their node %s · acknowledged by a person of theirs %s",
			utc(f.GetWaiting()), utc(f.GetLeft()), utc(f.GetReached()), utc(f.GetAcknowledged()))
	}
	if m.GetOfficer() != "" {
		add("officer: %s (%s)", m.GetOfficer(), m.GetRole())
	}
	if m.GetRetractedBy() != "" {
		add("sent in error, says its sender (%.8s)", m.GetRetractedBy())
	}
	for _, c := range m.GetCorrectedBy() {
		add("put right by its sender (%.8s)", c)
	}
	for _, n := range m.GetLegalBasis() {
		add("legal basis: item %d of the record", n)
	}
	for _, mark := range m.GetMarks() {
		add("mark: %s", words(mark.String(), "MARK_"))
	}
	if p, ok := said(m).(interface{ GetPreamble() *valisev1.Preamble }); ok {
		for _, n := range p.GetPreamble().GetNotes() {
			add("%s", b.under(n))
		}
	}
	if m.GetDigest() != "" {
		add("digest %s", groups(m.GetDigest()))
	}
	return out
}

// under is the text of a note that stands under a message and that nobody can leave out. A-10 s4, s5
func (b Briefing) under(n *valisev1.NoteReference) string {
	if text, ok := notes.Text(n.GetId(), n.GetVersion(), orElse(b.Language, "en")); ok {
		return text
	}
	return "a note of a later version of the protocol, for which there is no text here"
}

// groups writes a digest so that it can be read aloud.
func groups(digest string) string {
	var parts []string
	for ; len(digest) > 4; digest = digest[4:] {
		parts = append(parts, digest[:4])
	}
	return strings.Join(append(parts, digest), " ")
}

// act is something that somebody did at ours.
type act struct {
	at   *timestamppb.Timestamp
	text string
}

// hands is who did what on our side, in order of time. A-9 s4
func (b Briefing) hands() []fact {
	var acts []act
	did := func(at *timestamppb.Timestamp, officer, role, what string) {
		if officer != "" {
			acts = append(acts, act{at, fmt.Sprintf("%s (%s): %s", officer, role, what)})
		}
	}
	for _, m := range b.Thread.GetMessages() {
		about := fmt.Sprintf("%s %.8s", words(m.GetKind().String(), "KIND_"), m.GetMessage())
		switch {
		case m.GetNote() != nil:
			did(m.GetNote().GetRecorded(), m.GetNote().GetOfficer(), m.GetNote().GetRole(), orElse(words(m.GetNote().GetType().String(), "NOTE_TYPE_"), "note"))
		case m.GetContactLog() != nil:
			did(m.GetCreated(), m.GetOfficer(), m.GetRole(), "logged a "+words(m.GetContactLog().GetMeans().String(), "CONTACT_MEANS_"))
		case m.GetOutbound():
			for _, s := range m.GetSteps() {
				did(s.GetAt(), s.GetOfficer(), s.GetRole(), strings.TrimSuffix(words(s.GetAct().String(), "DRAFT_ACT_")+" "+about+": "+s.GetNote(), ": "))
			}
			if len(m.GetSteps()) == 0 {
				did(m.GetCreated(), m.GetOfficer(), m.GetRole(), "sent "+about)
			}
		}
	}
	slices.SortStableFunc(acts, func(x, y act) int { return x.at.AsTime().Compare(y.at.AsTime()) })
	var facts []fact
	for _, a := range acts {
		facts = append(facts, fact{Name: utc(a.at), Text: a.text})
	}
	return shown(facts)
}
