package console

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// article is one message, or what was noted at home, as the page shows it.
type article struct {
	*frame
	*valisev1.MessageView
	x *index
}

func (a article) sayer() *sayer {
	return &sayer{f: a.frame, x: a.x, m: a.MessageView, lang: languageOf(a.MessageView)}
}

// shown is what a sayer made, or what went wrong.
func shown[T any](s *sayer, made T) (T, error) { return made, s.err }

func preambleOf(m *valisev1.MessageView) *valisev1.Preamble {
	if said, ok := saidOf(m).(interface{ GetPreamble() *valisev1.Preamble }); ok {
		return said.GetPreamble()
	}
	return nil
}

func languageOf(m *valisev1.MessageView) string { return preambleOf(m).GetLanguage() }

// Anchor is the id of the article.
func (a article) Anchor() string { return anchor(a.MessageView) }

// Head says who did what.
func (a article) Head() (template.HTML, error) {
	s := a.sayer()
	return shown(s, s.heading(a.MessageView))
}

// Local reports whether this never leaves our side.
func (a article) Local() bool { return a.GetNote() != nil || a.GetContactLog() != nil }

// Label is the handling label of a message between States, never translated. A-11 s2
func (a article) Label() string {
	if a.Local() || saidOf(a.MessageView) == nil {
		return ""
	}
	tlp := preambleOf(a.MessageView).GetTlp()
	if tlp == valisev1.Tlp_TLP_UNSPECIFIED {
		tlp = valisev1.Tlp_TLP_AMBER_STRICT
	}
	if label := handling(tlp.Descriptor(), tlp.Number()); label != "" {
		return label
	}
	return "TLP:RED" // one that this version does not know reads as the strictest
}

// Made is when it was made, by the clock of whoever made it.
func (a article) Made() (template.HTML, error) {
	s := a.sayer()
	if a.GetCreated() == nil {
		return "", nil
	}
	return shown(s, s.moment(a.GetCreated()))
}

// Taken is when our record took what is the peer's, by our clock; empty for ours, whose facts are dated.
// docs/protocol.md §9.1
func (a article) Taken() (template.HTML, error) {
	if a.GetOutbound() || a.Local() || a.GetRecorded() == nil {
		return "", nil
	}
	s := a.sayer()
	return shown(s, s.moment(a.GetRecorded()))
}

// Clock says by whose clock.
func (a article) Clock() (template.HTML, error) {
	if a.GetOutbound() || a.Local() {
		return a.Say(a.T.Reading.OurClock)
	}
	return a.Say(a.T.Reading.SenderClock, "state", a.State(a.x.peer))
}

// Acted is the role of whoever acted, in words.
func (a article) Acted() template.HTML { return a.roleWords(a.GetRole()) }

// ReplyTo leads to what this answers; empty where it answers nothing of this thread.
func (a article) ReplyTo() (template.HTML, error) { return a.linkTo(a.GetInReplyTo()) }

// RetractedBy leads to the message that says: sent in error.
func (a article) RetractedBy() (template.HTML, error) { return a.linkTo(a.GetRetractedBy()) }

// Corrections lead to what put it right.
func (a article) Corrections() (all []template.HTML, err error) {
	for _, id := range a.GetCorrectedBy() {
		link, err := a.linkTo(id)
		if err != nil {
			return nil, err
		}
		all = append(all, link)
	}
	return all, nil
}

func (a article) linkTo(id string) (template.HTML, error) {
	m := a.x.byID[id]
	if id == "" || m == nil {
		return "", nil
	}
	s := a.sayer()
	return shown(s, a.x.link(s, m))
}

// Basis leads to the notes on its legal basis. A-10 s2
func (a article) Basis() (all []template.HTML, err error) {
	s := a.sayer()
	for _, m := range a.x.all {
		if m.GetNote() != nil && slices.Contains(a.GetLegalBasis(), m.GetItem()) {
			all = append(all, a.x.link(s, m))
		}
	}
	return shown(s, all)
}

// Remarks are the marks, each a sentence that says what to do. docs/protocol.md §8.5
func (a article) Remarks() (all []template.HTML, err error) {
	s := a.sayer()
	for _, mark := range a.GetMarks() {
		text, ok := a.T.Mark.Of(strings.TrimPrefix(lower(mark.String()), "mark_"))
		if !ok || mark == valisev1.Mark_MARK_UNSPECIFIED {
			all = append(all, s.say(a.T.Mark.Unknown, "number", strconv.Itoa(int(mark))))
			continue
		}
		all = append(all, s.say(text, "state", a.State(a.x.peer)))
	}
	return shown(s, all)
}

// Standing says in a sentence that something has not left; empty where it has.
func (a article) Standing() string {
	switch {
	case a.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN, a.Withdrawn():
		return a.T.Reading.Withdrawn.String()
	case a.GetStage() == valisev1.Stage_STAGE_DRAFT:
		return a.T.Reading.StageDraft.String()
	case a.GetStage() == valisev1.Stage_STAGE_PENDING_CLEARANCE:
		return a.T.Reading.StagePending.String()
	case a.GetStage() == valisev1.Stage_STAGE_HELD:
		return a.T.Reading.StageHeld.String()
	}
	return ""
}

// Withdrawn reports whether it was taken back before its release: of such a one only the fact remains.
func (a article) Withdrawn() bool {
	return slices.ContainsFunc(a.GetSteps(), func(s *valisev1.DraftStep) bool { return s.GetAct() == valisev1.DraftAct_DRAFT_ACT_WITHDRAWN })
}

// CannotShow reports whether it says something that this version cannot read.
func (a article) CannotShow() bool {
	return !a.Local() && saidOf(a.MessageView) == nil && a.GetRefused() == 0 && !a.Withdrawn() &&
		a.GetDelivery() != valisev1.Delivery_DELIVERY_WITHDRAWN && a.GetKind() != valisev1.Kind_KIND_VOID
}

// Reason says why something was refused or waits, in the words of the catalog.
func (a article) Reason(r valisev1.Reason) string { return a.v.catalog.Sentence(r) }

// StepWords says what an officer did to a draft.
func (a article) StepWords(step *valisev1.DraftStep) (template.HTML, error) {
	s := a.sayer()
	return shown(s, s.enum(step.GetAct().Descriptor(), step.GetAct().Number()))
}

// StepRole is the role in which it was done.
func (a article) StepRole(step *valisev1.DraftStep) template.HTML { return a.roleWords(step.GetRole()) }

// NotesUnder are the texts that stand under the message and that nobody can leave out, in the language of the page.
// docs/protocol.md §5.5
func (a article) NotesUnder() (all []template.HTML, err error) {
	s := a.sayer()
	for _, n := range preambleOf(a.MessageView).GetNotes() {
		text, ok := notes.Text(n.GetId(), n.GetVersion(), a.Lang())
		if !ok {
			all = append(all, s.say(a.T.Reading.UnknownNote, "id", fixed(n.GetId()+" "+strconv.FormatUint(uint64(n.GetVersion()), 10))))
			continue
		}
		all = append(all, template.HTML(template.HTMLEscapeString(text))) //nolint:gosec // escaped
	}
	return shown(s, all)
}

// Said is all that the message says, by the fields of its kind.
func (a article) Said() ([]block, error) {
	s := a.sayer()
	said := a.content()
	if said == nil {
		return nil, nil
	}
	elsewhere := fieldNames{"preamble": true}
	if len(a.GetAttachments()) > 0 {
		elsewhere["attachments"] = true
	}
	if len(preambleOf(a.MessageView).GetTranslations()) > 0 {
		elsewhere["title"], elsewhere["narrative"], elsewhere["text"] = true, true, true
	}
	if a.GetContactLog() != nil {
		elsewhere = fieldNames{"inbound": true, "peer": true}
	}
	return shown(s, s.walk(said.ProtoReflect(), elsewhere))
}

func (a article) content() proto.Message {
	if c := a.GetContactLog(); c != nil {
		return c
	}
	return saidOf(a.MessageView)
}

// Preface is what the preamble says beside label, notes and translations.
func (a article) Preface() ([]block, error) {
	p := preambleOf(a.MessageView)
	if p == nil {
		return nil, nil
	}
	s := a.sayer()
	elsewhere := fieldNames{"tlp": true, "notes": true, "translations": true}
	if !a.GetOutbound() {
		elsewhere["officer"], elsewhere["role"] = true, true
	}
	return shown(s, s.walk(p.ProtoReflect(), elsewhere))
}

// Prose is a text of our own side, in whatever language it was written.
func (a article) Prose(text string) template.HTML { return prose(text, "") }

// Thread is the id of the thread.
func (a article) Thread() string { return a.x.thread }

// AboutNote leads to the message that a note is about; empty where it is about none.
func (a article) AboutNote() (template.HTML, error) { return a.linkTo(a.GetNote().GetMessage()) }

// Dated is one of the four facts of delivery, or that it has not happened yet. docs/protocol.md §7.4
func (a article) Dated(at *timestamppb.Timestamp) (template.HTML, error) {
	if at == nil {
		return a.words(a.T.Reading.NotYet), nil
	}
	s := a.sayer()
	return shown(s, s.moment(at))
}

// RefusedThere reports whether the other node has refused it.
func (a article) RefusedThere() bool { return a.GetDelivery() == valisev1.Delivery_DELIVERY_REFUSED }

// Waits reports whether there is a reason why it goes no further now.
func (a article) Waits() bool {
	return a.GetDeliveryReason() != valisev1.Reason_REASON_UNSPECIFIED && !a.RefusedThere()
}
