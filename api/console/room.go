package console

import (
	"html/template"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// rooms are the inputs outside of drafts whose text the contract bounds: in bytes, whatever its letters take. No page
// has a maxlength for them: a browser counts otherwise, and cuts off what is pasted without a word. docs/protocol.md §12
var rooms = map[string]struct {
	of    proto.Message
	field string
}{
	"person":   {&valisev1.ContactLog{}, "person"},
	"detail":   {&valisev1.ContactLog{}, "detail"},
	"note":     {&valisev1.ContactLog{}, "note"},
	"source":   {&valisev1.ConfirmRootRequest{}, "source"},
	"settling": {&valisev1.SettleQuestionRequest{}, "note"},
	"text":     {&valisev1.AddNoteRequest{}, "text"},
	"back":     {&valisev1.SendBackMessageRequest{}, "note"},
}

// roomOf is how many bytes there are for an input.
func roomOf(input string) int { return draft.MostBytes(rooms[input].of, rooms[input].field) }

// tooLong says of the text of an input how much of it has to go; nil where all of it has room. at is the field where
// that is said.
func (v *visit) tooLong(at, input, text string) *fault {
	if over := len(text) - roomOf(input); over > 0 {
		return &fault{Field: at, Text: v.t.Write.Fault.TooLongBy, pairs: []any{"over", over, "most", roomOf(input)}}
	}
	return nil
}

// Room says how much an input takes, in the letters of three scripts.
func (f *frame) Room(input string) (template.HTML, error) {
	return f.Say(f.T.Write.Room, "most", roomOf(input))
}
