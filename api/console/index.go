package console

import (
	"html/template"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

// index finds the messages of a thread by what others say of them.
type index struct {
	peer     string // address of the other side
	thread   string
	all      []*valisev1.MessageView
	byDigest map[string]*valisev1.MessageView
	byID     map[string]*valisev1.MessageView
	place    map[*valisev1.MessageView]int // in all
	pages    []span
	page     int    // the one that is shown, from 0
	at       string // the path of a page, up to its number
}

// span is the messages of one page, the last one not among them.
type span struct{ from, to int }

func newIndex(t *valisev1.GetThreadResponse) *index {
	x := &index{
		peer: t.GetThread().GetPeer(), thread: t.GetThread().GetThread(), all: t.GetMessages(),
		byDigest: map[string]*valisev1.MessageView{}, byID: map[string]*valisev1.MessageView{}, place: map[*valisev1.MessageView]int{},
	}
	for i, m := range x.all {
		x.place[m] = i
		if m.GetDigest() != "" {
			x.byDigest[m.GetDigest()] = m
		}
		if m.GetMessage() != "" {
			x.byID[m.GetMessage()] = m
		}
	}
	x.at = "thread/" + x.thread + "?page="
	x.cut(mostArticles, mostPage)
	return x
}

// anchor is the id of an article.
func anchor(m *valisev1.MessageView) string { return "i" + strconv.FormatUint(m.GetItem(), 10) }

// href leads to an article, on this page or on another one.
func (x *index) href(base string, m *valisev1.MessageView) string {
	if at := x.place[m]; at >= x.pages[x.page].from && at < x.pages[x.page].to {
		return "#" + anchor(m)
	}
	return base + x.at + strconv.Itoa(x.pageOf(m)+1) + "#" + anchor(m)
}

func (x *index) pageOf(m *valisev1.MessageView) int {
	for i, s := range x.pages {
		if x.place[m] < s.to {
			return i
		}
	}
	return len(x.pages) - 1
}

// cite names a message by its digest: a link where this thread has it.
func (x *index) cite(s *sayer, digest string) template.HTML {
	if m := x.byDigest[digest]; m != nil {
		return x.link(s, m)
	}
	return s.say(s.f.T.Reading.Elsewhere) + " " + groups(digest)
}

// link leads to an article and says what it is and when it was made.
func (x *index) link(s *sayer, m *valisev1.MessageView) template.HTML {
	words := s.heading(m)
	if at := m.GetCreated(); at.CheckValid() == nil {
		words += " (" + s.moment(at) + ")"
	}
	return template.HTML(`<a href="`+template.HTMLEscapeString(x.href(s.f.Base(), m))+`">`) + words + `</a>` //nolint:gosec // escaped
}

// coversAll reports whether an acknowledgement names each message of the other side that stands before it,
// and nothing else.
func (x *index) coversAll(m *valisev1.MessageView) bool {
	ack := m.GetPayload().GetAcknowledgement()
	if ack == nil {
		return false
	}
	named := map[string]bool{}
	for _, d := range ack.GetMessages() {
		named[hexOf(d)] = true
	}
	for _, other := range x.all[:x.place[m]] {
		if other.GetOutbound() != m.GetOutbound() && other.GetDigest() != "" && other.GetRefused() == 0 {
			if !named[other.GetDigest()] {
				return false
			}
			delete(named, other.GetDigest())
		}
	}
	return len(named) == 0
}

// asked finds the question that an answer means: in the message that it answers, else in the last one of the
// other side that has one by that number. I-3
func (x *index) asked(m *valisev1.MessageView, number uint32) (question, lang string, ok bool) {
	if q, ok := questionOf(x.byID[m.GetInReplyTo()], number); ok {
		return q, languageOf(x.byID[m.GetInReplyTo()]), true
	}
	for i := x.place[m] - 1; i >= 0; i-- {
		if x.all[i].GetOutbound() == m.GetOutbound() {
			continue
		}
		if q, ok := questionOf(x.all[i], number); ok {
			return q, languageOf(x.all[i]), true
		}
	}
	return "", "", false
}

func questionOf(m *valisev1.MessageView, number uint32) (string, bool) {
	var all []string
	switch said := saidOf(m).(type) {
	case *valisev1.Inquiry:
		all = said.GetQuestions()
	case *valisev1.ClarificationRequest:
		all = said.GetQuestions()
	}
	if number < 1 || int(number) > len(all) {
		return "", false
	}
	return all[number-1], true
}

// questions have the numbers by which an answer means them. I-3
func (s *sayer) questions(l protoreflect.List) (b block) {
	b.Ordered = true
	for i := range l.Len() {
		b.Items = append(b.Items, prose(l.Get(i).String(), s.lang))
	}
	return b
}

// answers stand beside the question that each answers. R-1
func (s *sayer) answers(l protoreflect.List) (b block) {
	for i := range l.Len() {
		answer, ok := l.Get(i).Message().Interface().(*valisev1.Answer)
		if !ok {
			continue
		}
		label := s.say(s.f.T.Reading.Question, "number", strconv.Itoa(int(answer.GetQuestion())))
		if q, lang, found := s.x.asked(s.m, answer.GetQuestion()); found {
			label += prose(q, lang)
		}
		one := block{Label: label, Value: prose(answer.GetText(), s.lang)}
		if len(answer.ProtoReflect().GetUnknown()) > 0 {
			one.Value += s.say(s.f.T.Reading.UnknownPart)
		}
		b.Sub = append(b.Sub, one)
	}
	return b
}
