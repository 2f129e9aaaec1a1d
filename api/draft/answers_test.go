package draft

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	valisev1 "valise.example/proto/valise/v1"
)

var asked = []string{"Is 192.0.2.10 known to you?", " Who uses it?\r\nSince when? ", "Is it off?", "Is it off?"}

func answerDraft(questions ...string) []byte {
	text := "outcome = \"partial\"\n"
	for _, q := range questions {
		text += "[[answer]]\ntext = \"Yes.\"\nquestion = " + q + "\n"
	}
	return []byte(text)
}

func TestResolveAnswers(t *testing.T) {
	m, _, err := ParseAnswer(answerDraft(`"  Who uses it?\nSince when?"`, `1`, `4`))
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(m); err == nil {
		t.Error("an answer to no number can be sent")
	}
	checkRoundTrip(t, valisev1.Kind_KIND_RESPONSE, proto.Clone(m))
	if err := ResolveAnswers(m, asked); err != nil {
		t.Fatal(err)
	}
	want := &valisev1.Response{
		Preamble: &valisev1.Preamble{Tlp: valisev1.Tlp_TLP_AMBER_STRICT}, Outcome: valisev1.Outcome_OUTCOME_PARTIAL,
		Answers: []*valisev1.Answer{{Question: 2, Text: "Yes."}, {Question: 1, Text: "Yes."}, {Question: 4, Text: "Yes."}},
	}
	if !proto.Equal(m, want) {
		t.Errorf("got %v", m)
	}
	if err := Check(m); err != nil {
		t.Error(err)
	}
	again := proto.Clone(m)
	if err := ResolveAnswers(m, asked); err != nil || !proto.Equal(m, again) {
		t.Errorf("resolved twice: %v, %v", m, err)
	}
	if err := ResolveAnswers(&valisev1.HoldingReply{}, nil); err != nil {
		t.Error(err)
	}
}

func TestAnswersThatFitNoQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		draft     []byte
		questions []string
		line      int
		key       string
	}{
		"no such words":     {answerDraft(`1`, `"Is it known?"`), asked, 7, "answer[1].question"},
		"other case":        {answerDraft(`"is 192.0.2.10 known to you?"`), asked, 4, "answer[0].question"},
		"asked twice":       {answerDraft(`"Is it off?"`), asked, 4, "answer[0].question"},
		"no such number":    {answerDraft(`5`), asked, 0, "answer[0].question"},
		"nothing asked":     {answerDraft(`1`), nil, 0, "answer[0].question"},
		"words for nothing": {answerDraft(`"Is it off?"`), nil, 4, "answer[0].question"},
		"answered twice":    {answerDraft(`1`, `"Is 192.0.2.10 known to you?"`), asked, 0, "answer"},
		"same words twice":  {answerDraft(`"Is 192.0.2.10 known to you?"`, `"Is 192.0.2.10 known to you? "`), asked, 0, "answer"},
	} {
		m, _, err := ParseAnswer(c.draft)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		before := proto.Clone(m)
		e, ok := errors.AsType[*Error](ResolveAnswers(m, c.questions))
		if !ok || e.Reason != badDraft || e.Line != c.line || e.Key != c.key {
			t.Errorf("%s: %v", name, e)
		}
		if !proto.Equal(m, before) {
			t.Errorf("%s: the answers changed", name)
		}
	}
}

func TestBadWordsOfQuestions(t *testing.T) {
	for in, reason := range map[string]valisev1.Reason{
		`""`: badDraft, `"  "`: badDraft, `"a\u001b"`: badText, `"` + strings.Repeat("a", 4001) + `"`: badDraft,
		`true`: badDraft, `["a"]`: badDraft, `{ unknown = true }`: badDraft,
	} {
		_, _, err := ParseAnswer(answerDraft(in))
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != reason || e.Key != "answer[0].question" {
			t.Errorf("%.20s: %v", in, err)
		}
	}
	// A supplement answers questions of several messages: only the number is sure.
	_, _, err := ParseText(valisev1.Kind_KIND_SUPPLEMENT, []byte("[[answer]]\nquestion = \"Which zone?\"\ntext = \"UTC\""))
	if e, ok := errors.AsType[*Error](err); !ok || e.Reason != badDraft || e.Line != 2 {
		t.Errorf("a supplement: %v", err)
	}
}

// forgetLines takes the lines from answers that name their question by its words, which is all
// that differs between a draft and the same draft written anew. True when there are any.
func forgetLines(m proto.Message) (found bool) {
	response, _ := m.(*valisev1.Response)
	for _, answer := range response.GetAnswers() {
		if words, _, ok := questionWords(answer.ProtoReflect()); ok {
			found = true
			answer.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, wordsTag, protowire.BytesType), words))
		}
	}
	return found
}
