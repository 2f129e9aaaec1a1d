package draft

import (
	"errors"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
	"google.golang.org/protobuf/proto"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

// Parse reads a draft of kind. The payload is of the type that valisev1.NewPayload gives; its
// attachments carry names only. A label that is left out is TLP:AMBER+STRICT (A-11 s2). The
// error is always *Error: REASON_BAD_DRAFT, REASON_BAD_TEXT, REASON_BAD_ATTACHMENT,
// REASON_TOO_LARGE, or REASON_UNIMPLEMENTED for a kind that has no draft yet.
func Parse(kind valisev1.Kind, data []byte) (proto.Message, []AttachmentRef, error) {
	s := shapeOf(kind)
	if s == nil {
		return nil, nil, refuse(valisev1.Reason_REASON_UNIMPLEMENTED, "no draft can be written for this kind yet")
	}
	table, outline, err := decode(data)
	if err != nil {
		return nil, nil, err
	}
	m := proto.Clone(s.message)
	r := &reader{outline: outline, root: m.ProtoReflect()}
	r.table("", table, s, m.ProtoReflect())
	if err := first(r.errs); err != nil {
		return nil, nil, err
	}
	return finish(m, r.refs)
}

// finish holds a payload as a whole to what no single key can tell.
func finish(m proto.Message, refs []AttachmentRef) (proto.Message, []AttachmentRef, error) {
	setDefaultLabel(m)
	if err := checkSpeaker(m); err != nil {
		return nil, nil, inDraft(err)
	}
	if err := CheckSubstance(m); err != nil {
		return nil, nil, inDraft(err)
	}
	if err := checkAnswers(m); err != nil {
		return nil, nil, err
	}
	if n := proto.Size(m); n > MaxPayload {
		return nil, nil, refuse(valisev1.Reason_REASON_TOO_LARGE, "has %d bytes in all, a message holds %d", n, MaxPayload)
	}
	return m, refs, nil
}

// inDraft tells of a draft what was found in the payload made from it.
func inDraft(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		of := *e
		of.Reason = valisev1.Reason_REASON_BAD_DRAFT
		return &of
	}
	return err
}

// CheckOriginator holds an inquiry to the only thing it must say: who asks and how to reach
// them. A phone, an email or a preferred channel is enough. The error is always *Error with
// REASON_BAD_REQUEST. A-10b, I-1, I-3
func CheckOriginator(inquiry *valisev1.Inquiry) error {
	p := inquiry.GetOriginator()
	if strings.TrimSpace(p.GetName()) == "" {
		return &Error{Key: "originator.name", Reason: valisev1.Reason_REASON_BAD_REQUEST, Detail: "is missing: say who asks", Flaw: FlawMissing}
	}
	if strings.TrimSpace(p.GetPhone()) != "" || strings.TrimSpace(p.GetEmail()) != "" {
		return nil
	}
	for _, c := range inquiry.GetPreferredChannels() {
		if c.GetKind() == "valise" || strings.TrimSpace(c.GetAddress()) != "" {
			return nil
		}
	}
	return &Error{
		Key: "originator", Reason: valisev1.Reason_REASON_BAD_REQUEST,
		Detail: "does not say how to reach them: give a phone, an email or a preferred channel", Flaw: FlawUnreachable,
	}
}

// checkSpeaker holds what begins a thread to saying who speaks and how to reach them. I-1, A-10b
func checkSpeaker(m proto.Message) error {
	switch m := m.(type) {
	case *valisev1.Inquiry:
		return CheckOriginator(m)
	case *valisev1.VoluntaryNotice:
		p := m.GetOriginator()
		if !anyText(p.GetName()) {
			return missing("originator.name", "is missing: say who informs")
		}
		if !anyText(p.GetPhone(), p.GetEmail()) {
			return &Error{
				Key: "originator", Reason: valisev1.Reason_REASON_BAD_REQUEST,
				Detail: "does not say how to reach them: give a phone or an email", Flaw: FlawUnreachable,
			}
		}
	}
	return nil
}

// checkAnswers refuses two answers to one question: the reader could not tell which one holds.
func checkAnswers(m proto.Message) error {
	answering, ok := m.(interface{ GetAnswers() []*valisev1.Answer })
	if !ok {
		return nil
	}
	seen := map[uint32]bool{}
	for _, a := range answering.GetAnswers() {
		if _, _, words := questionWords(a.ProtoReflect()); words {
			continue // ResolveAnswers tells which question it is.
		}
		if seen[a.GetQuestion()] {
			e := refuse(valisev1.Reason_REASON_BAD_DRAFT, "question %d is answered twice", a.GetQuestion())
			e.Key = "answer"
			return e
		}
		seen[a.GetQuestion()] = true
	}
	return nil
}

// ParseInquiry reads a draft of an inquiry. I-1..I-4
func ParseInquiry(data []byte) (*valisev1.Inquiry, []AttachmentRef, error) {
	m, refs, err := Parse(valisev1.Kind_KIND_INQUIRY, data)
	if err != nil {
		return nil, nil, err
	}
	return m.(*valisev1.Inquiry), refs, nil
}

// ParseAnswer reads a draft of an answer. Questions that it names by their words have no number
// before ResolveAnswers. R-1
func ParseAnswer(data []byte) (*valisev1.Response, []AttachmentRef, error) {
	m, refs, err := Parse(valisev1.Kind_KIND_RESPONSE, data)
	if err != nil {
		return nil, nil, err
	}
	return m.(*valisev1.Response), refs, nil
}

// likeTOML is how a draft's first line begins that is no comment: a table or `key =`.
var likeTOML = regexp.MustCompile(`^\s*(\[|["']?[A-Za-z0-9_.-]+["']?\s*=)`)

// LooksLikeDraft reports whether data is meant as TOML: its first line that is neither empty nor
// a comment is a table or `key = …`. A text that begins so is read strictly as a draft and never
// sent as words, so that a slip in a draft does not travel as running text.
func LooksLikeDraft(data []byte) bool {
	text := strings.TrimPrefix(string(data), "\xef\xbb\xbf")
	comments := false
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if !strings.HasPrefix(trimmed, "#") {
			return likeTOML.MatchString(line)
		}
		comments = true
	}
	return comments
}

// ParseText reads what an officer gives with --file for a reply: a draft of kind, or plain text
// that becomes the kind's own running text. Kinds that need more than words (an answer's
// outcome, a decision) take a draft only. The error is always *Error.
func ParseText(kind valisev1.Kind, data []byte) (proto.Message, []AttachmentRef, error) {
	s := shapeOf(kind)
	key := textKey(kind)
	if s == nil || key == "" || LooksLikeDraft(data) {
		return Parse(kind, data)
	}
	text, err := source(data)
	if err != nil {
		return nil, nil, err
	}
	m := proto.Clone(s.message)
	r := &reader{root: m.ProtoReflect()}
	r.table("", map[string]any{key: strings.TrimSpace(text)}, s, m.ProtoReflect())
	if err := first(r.errs); err != nil {
		return nil, nil, err
	}
	return finish(m, nil)
}

// textKey is the key that plain text goes to; "" where a draft is needed.
func textKey(kind valisev1.Kind) string {
	switch kind {
	case valisev1.Kind_KIND_ACKNOWLEDGEMENT, valisev1.Kind_KIND_HOLDING_REPLY,
		valisev1.Kind_KIND_CLARIFICATION_REQUEST, valisev1.Kind_KIND_CORRECTION,
		valisev1.Kind_KIND_CLOSURE, valisev1.Kind_KIND_REOPEN, valisev1.Kind_KIND_REFERRAL:
		return "text"
	case valisev1.Kind_KIND_SUPPLEMENT:
		return "narrative"
	case valisev1.Kind_KIND_RETRACTION, valisev1.Kind_KIND_CONSENT_WITHDRAWAL:
		return "reason"
	}
	return ""
}

// source checks the bytes of a draft and unifies its line ends.
func source(data []byte) (string, error) {
	if len(data) > MaxDraft {
		return "", refuse(valisev1.Reason_REASON_TOO_LARGE, "has %d bytes, a draft may have %d", len(data), MaxDraft)
	}
	text := strings.TrimPrefix(string(data), "\xef\xbb\xbf")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return text, checkSource(text)
}

// decode reads TOML into a table. Depth and number of keys are bounded first.
func decode(data []byte) (map[string]any, tomlkey.Outline, error) {
	text, err := source(data)
	if err != nil {
		return nil, tomlkey.Outline{}, err
	}
	lines, stopped, err := scan(text)
	if err != nil {
		return nil, tomlkey.Outline{}, err
	}
	// The library sees no more than what was walked through, and a little for its message.
	text = text[:min(len(text), stopped+80)]
	var table map[string]any
	if _, err := toml.Decode(text, &table); err != nil {
		return nil, tomlkey.Outline{}, syntaxError(err)
	}
	if stopped < len(text) {
		line := strings.Count(text[:stopped], "\n") + 1
		return nil, tomlkey.Outline{}, &Error{Line: line, Reason: valisev1.Reason_REASON_BAD_DRAFT, Detail: "is not understood"}
	}
	return table, lines, nil
}

func syntaxError(err error) error {
	e := refuse(valisev1.Reason_REASON_BAD_DRAFT, "is no TOML")
	if pe, ok := errors.AsType[toml.ParseError](err); ok {
		e.Line = pe.Position.Line
		e.Detail = "is no TOML: " + shorten(pe.Message, 120)
	}
	return e
}

// setDefaultLabel writes out the label that an absent one stands for, so that what an officer
// checks is what the other side reads. A-11 s2
func setDefaultLabel(m proto.Message) {
	fd := m.ProtoReflect().Descriptor().Fields().ByName("preamble")
	if fd == nil {
		return
	}
	p := m.ProtoReflect().Mutable(fd).Message().Interface().(*valisev1.Preamble)
	if p.Tlp == valisev1.Tlp_TLP_UNSPECIFIED {
		p.Tlp = valisev1.Tlp_TLP_AMBER_STRICT
	}
}
