package draft

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
	valisev1 "valise.example/proto/valise/v1"
)

func TestBodyShowsWhatTheNodeFilledIn(t *testing.T) {
	got := asJSON(t, Body(&valisev1.Acknowledgement{
		Preamble: &valisev1.Preamble{
			Officer: "A. Officer", Role: "duty officer", Tlp: valisev1.Tlp_TLP_RED,
			Notes: []*valisev1.NoteReference{{Id: "without-prejudice", Version: 1}},
		},
		Messages: [][]byte{{0xab, 0xcd}},
	}))
	want := `{"messages":["abcd"],"notes":["without-prejudice/1"],"officer":"A. Officer","role":"duty officer","tlp":"TLP:RED"}`
	if got != want {
		t.Errorf("got %s", got)
	}
}

// TestBodyOfEveryKind shows every payload that the contract has, also those without a draft.
func TestBodyOfEveryKind(t *testing.T) {
	for number := range valisev1.Kind_name {
		m, ok := valisev1.NewPayload(valisev1.Kind(number))
		if !ok {
			continue
		}
		Body(m)
		setAll(m.ProtoReflect(), 6)
		body := Body(m)
		if len(body) == 0 {
			t.Errorf("%T shows nothing", m)
		}
		if _, err := json.Marshal(body); err != nil {
			t.Errorf("%T: %v", m, err)
		}
		Format(m)
	}
	if len(Body(nil)) != 0 || len(Body((*valisev1.Inquiry)(nil))) != 0 || Format(nil) != "" {
		t.Error("no payload shows something")
	}
}

// setAll sets every field, the last member of each oneof, with values a peer could send.
func setAll(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		v := m.NewField(fd)
		switch {
		case fd.IsList():
			e := v.List().NewElement()
			if fd.Message() != nil && depth > 0 {
				setAll(e.Message(), depth-1)
			}
			v.List().Append(e)
		case fd.Message() != nil:
			if depth > 0 {
				setAll(v.Message(), depth-1)
			}
		case fd.Enum() != nil:
			v = protoreflect.ValueOfEnum(1 << 20)
		case fd.Kind() == protoreflect.StringKind:
			v = protoreflect.ValueOfString("x\x1b\n")
		case fd.Kind() == protoreflect.BytesKind:
			v = protoreflect.ValueOfBytes([]byte{1})
		case fd.Kind() == protoreflect.Uint64Kind || fd.Kind() == protoreflect.Fixed64Kind:
			v = protoreflect.ValueOfUint64(1 << 63)
		}
		m.Set(fd, v)
	}
}

func TestCheck(t *testing.T) {
	unknown := &valisev1.Inquiry{Originator: &valisev1.Person{Name: "A"}}
	unknown.Originator.ProtoReflect().SetUnknown(protoreflect.RawFields{0xf8, 0x3f, 0x01})
	for name, c := range map[string]struct {
		m      proto.Message
		reason valisev1.Reason
		key    string
	}{
		"unknown field":  {unknown, valisev1.Reason_REASON_BAD_REQUEST, "originator"},
		"control":        {&valisev1.Inquiry{Questions: []string{"a", "b\x07"}}, badText, "questions[1]"},
		"length":         {&valisev1.Inquiry{Originator: &valisev1.Person{Phone: string(make([]byte, 41))}}, badText, "originator.phone"},
		"enum":           {&valisev1.Inquiry{RequestType: 99}, valisev1.Reason_REASON_BAD_REQUEST, "request_type"},
		"time":           {&valisev1.Inquiry{TimeSensitivity: &valisev1.TimeSensitivity{NeededBy: &timestamppb.Timestamp{Seconds: 1 << 60}}}, valisev1.Reason_REASON_BAD_REQUEST, "time_sensitivity.needed_by"},
		"nanos":          {&valisev1.SendOptions{NotBefore: &timestamppb.Timestamp{Nanos: -1}}, valisev1.Reason_REASON_BAD_REQUEST, "not_before"},
		"count":          {&valisev1.Inquiry{PreferredChannels: make9()}, valisev1.Reason_REASON_BAD_REQUEST, "preferred_channels"},
		"empty question": {&valisev1.Inquiry{Questions: []string{""}}, valisev1.Reason_REASON_BAD_REQUEST, "questions[0]"},
	} {
		e, ok := errors.AsType[*Error](Check(c.m))
		if !ok || e.Reason != c.reason || e.Key != c.key {
			t.Errorf("%s gave %v", name, e)
		}
	}
	if err := Check(&valisev1.Inquiry{Narrative: "a\nb", Title: "تقرير"}); err != nil {
		t.Error(err)
	}
}

func make9() []*valisev1.Channel {
	channels := make([]*valisev1.Channel, 9)
	for i := range channels {
		channels[i] = &valisev1.Channel{Kind: "phone"}
	}
	return channels
}

// TestPlainFilesHaveOneName: only a file of which more is said stands in a table of its own.
func TestPlainFilesHaveOneName(t *testing.T) {
	body := Body(&valisev1.Inquiry{Attachments: []*valisev1.Attachment{{Name: "a.txt", Size: 5}, {Name: "b.json", Size: 7, MediaType: "application/json"}}})
	if got, want := fmt.Sprint(body["attachments"], body["attachment"]), "[a.txt b.json] [map[media_type:application/json name:b.json size:7]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	body = Body(&valisev1.Inquiry{Attachments: []*valisev1.Attachment{{Name: "a.txt", Size: 5}}})
	if table, there := body["attachment"]; there {
		t.Errorf("a plain file has a table: %v", table)
	}
}
