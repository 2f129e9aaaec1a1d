package draft

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// A draft may name a question by its words, and a message by its number only. Until both are
// brought together the words and their line stand in the answer under numbers that protobuf
// keeps for itself, so that no later contract uses them, and an answer that nobody resolved is
// refused wherever it goes: it has no number, and parts that no version knows.
const (
	wordsTag protowire.Number = 19901
	lineTag  protowire.Number = 19902
)

const (
	questionField protoreflect.FullName = "valise.v1.Answer.question"
	answeringKind protoreflect.FullName = "valise.v1.Response"
)

// ResolveAnswers puts the numbers of questions in the place of their words, in a Response as
// ParseAnswer or ParseText gives it. questions are those of the Inquiry, in its order: words fit
// a question when they are the same but for blanks round them. Words that fit none or two,
// numbers that the inquiry does not have, and two answers to one question are refused, and m
// stays as it was. A payload that answers no questions passes. The error is always *Error with
// REASON_BAD_DRAFT. I-3, R-1
func ResolveAnswers(m proto.Message, questions []string) error {
	response, ok := m.(*valisev1.Response)
	if !ok {
		return nil
	}
	resolved := make([]*valisev1.Answer, 0, len(response.GetAnswers()))
	for i, answer := range response.GetAnswers() {
		at := &Error{Key: index("answer", i) + ".question", Reason: valisev1.Reason_REASON_BAD_DRAFT}
		number := answer.GetQuestion()
		if words, line, ok := questionWords(answer.ProtoReflect()); ok {
			at.Line = line
			number, at.Detail = numberOf(words, questions)
		} else if number == 0 || uint64(number) > uint64(len(questions)) {
			at.Detail = "the inquiry has no question with this number"
		}
		if at.Detail != "" {
			return at
		}
		resolved = append(resolved, &valisev1.Answer{Question: number, Text: answer.GetText()})
	}
	if err := checkAnswers(&valisev1.Response{Answers: resolved}); err != nil {
		return err
	}
	if len(resolved) > 0 {
		response.Answers = resolved
	}
	return nil
}

// numberOf finds the one question that words are; wrong says why there is none.
func numberOf(words string, questions []string) (number uint32, wrong string) {
	for i, question := range questions {
		switch {
		case sameWords(words) != sameWords(question):
		case number > 0:
			return 0, "stands in the inquiry twice: give its number"
		default:
			number = uint32(i + 1)
		}
	}
	if number == 0 {
		return 0, "is no question of the inquiry: give its number, or its words exactly as they stand there"
	}
	return number, ""
}

func sameWords(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// question keeps the words of a question until ResolveAnswers; false where v is no text or the
// payload answers by number only.
func (r *reader) question(path string, v any, fd protoreflect.FieldDescriptor, m protoreflect.Message) bool {
	words, ok := v.(string)
	if !ok || fd.FullName() != questionField || r.root.Descriptor().FullName() != answeringKind {
		return false
	}
	if words = strings.TrimSpace(words); words == "" {
		return true
	}
	asked := (&valisev1.Inquiry{}).ProtoReflect().Descriptor().Fields().ByName("questions")
	if err := checkString(asked, words); err != nil {
		r.wrong(path, err)
		return true
	}
	kept := protowire.AppendString(protowire.AppendTag(nil, wordsTag, protowire.BytesType), words)
	kept = protowire.AppendVarint(protowire.AppendTag(kept, lineTag, protowire.VarintType), uint64(max(r.outline.At(path), 0)))
	m.SetUnknown(kept)
	return true
}

// questionWords are the words that a draft gives in the place of a number.
func questionWords(m protoreflect.Message) (words string, line int, ok bool) {
	if m.Descriptor().FullName() != questionField.Parent() {
		return "", 0, false
	}
	kept := m.GetUnknown()
	number, kind, n := protowire.ConsumeTag(kept)
	if n < 0 || number != wordsTag || kind != protowire.BytesType {
		return "", 0, false
	}
	text, length := protowire.ConsumeString(kept[n:])
	if length < 0 {
		return "", 0, false
	}
	kept = kept[n+length:]
	if number, kind, n := protowire.ConsumeTag(kept); n > 0 && number == lineTag && kind == protowire.VarintType {
		if at, m := protowire.ConsumeVarint(kept[n:]); m > 0 && at < 1<<31 {
			line = int(at)
		}
	}
	return text, line, true
}
