package console

import (
	"encoding/hex"
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	// mostArticles stand on one page of a thread.
	mostArticles = 50
	// mostPage is about how many bytes they have together. A single message may be larger: it has a page
	// of its own and is whole.
	mostPage = 800 << 10
	// articleBytes is about what the page says of a message beside what it says itself.
	articleBytes = 4 << 10
	// citeBytes is about what naming another message takes.
	citeBytes = 500
)

// cut makes the pages anew, and shows the last one.
func (x *index) cut(articles, most int) {
	x.pages = x.split(articles, most)
	x.page = len(x.pages) - 1
}

// split cuts a thread into pages from its beginning, so that an article stays on its page as more come.
func (x *index) split(articles, most int) (pages []span) {
	at, bytes := 0, 0
	for i, m := range x.all {
		weight := x.weigh(m)
		if i > at && (i-at == articles || bytes+weight > most) {
			pages = append(pages, span{at, i})
			at, bytes = i, 0
		}
		bytes += weight
	}
	return append(pages, span{at, len(x.all)})
}

// weigh is about how many bytes of a page a message takes.
func (x *index) weigh(m *valisev1.MessageView) int {
	n := articleBytes + weighFields(m.ProtoReflect())
	if acknowledged := m.GetPayload().GetAcknowledgement().GetMessages(); len(acknowledged) > 0 && x.coversAll(m) {
		n -= citeBytes * len(acknowledged)
	}
	for _, a := range answersOf(m) {
		if q, _, ok := x.asked(m, a.GetQuestion()); ok {
			n += weighText(q)
		}
	}
	return n
}

func answersOf(m *valisev1.MessageView) []*valisev1.Answer {
	if said, ok := saidOf(m).(interface{ GetAnswers() []*valisev1.Answer }); ok {
		return said.GetAnswers()
	}
	return nil
}

func weighFields(m protoreflect.Message) (n int) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		count, get := 1, func(int) protoreflect.Value { return v }
		if fd.IsList() {
			count, get = v.List().Len(), v.List().Get
		}
		for i := range count {
			n += weighValue(fd, get(i))
		}
		return true
	})
	return n
}

// blockBytes is about what stands around a value.
const blockBytes = 120

func weighValue(fd protoreflect.FieldDescriptor, v protoreflect.Value) int {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return blockBytes + weighFields(v.Message())
	case protoreflect.StringKind:
		return blockBytes + weighText(v.String())
	case protoreflect.BytesKind:
		return citeBytes
	}
	return blockBytes
}

// What it takes to show a character by its number, and to begin and end a row of such.
const (
	numberBytes = 14
	rowBytes    = 40
)

// weighText is at least what a text takes once it is escaped.
func weighText(text string) int {
	n, row := len(text), false
	for _, r := range text {
		if r >= ' ' && r < 0x7f {
			if row = false; strings.ContainsRune(`<>&"'`, r) {
				n += 4
			}
			continue
		}
		if !hidden(r) && !unicode.In(r, unicode.Mn, unicode.Me) {
			row = false
			continue
		}
		if n += numberBytes; !row {
			n += rowBytes
		}
		row = true
	}
	return n
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
