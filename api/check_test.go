package api

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
)

var protoregistryTypes = protoregistry.GlobalTypes

// badRequests must be refused before anything is recorded, with this reason.
var badRequests = []struct {
	name    string
	request proto.Message
	want    valisev1.Reason
}{
	{"no inquiry", &valisev1.SendInquiryRequest{To: "XB/technical"}, bad},
	{"no recipient", with(func(r *valisev1.SendInquiryRequest) { r.To = "" }), bad},
	{"recipient without track", with(func(r *valisev1.SendInquiryRequest) { r.To = "XB" }), bad},
	{"recipient that looks like another", with(func(r *valisev1.SendInquiryRequest) { r.To = "ХВ/technical" }), bad},
	{"sender", with(func(r *valisev1.SendInquiryRequest) { r.From = "xa" }), bad},
	{"nobody asks", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Originator = nil }), bad},
	{"no way to reach", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Originator.Email = "" }), bad},
	{"attachment without its bytes", with(func(r *valisev1.SendInquiryRequest) {
		r.Inquiry.Attachments = []*valisev1.Attachment{{Name: "log.txt"}}
	}), valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"attachment that is a path", with(func(r *valisev1.SendInquiryRequest) {
		r.Inquiry.Attachments = []*valisev1.Attachment{{Name: "../log.txt"}}
	}), valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"attachment of nothing", &valisev1.GetAttachmentRequest{}, bad},
	{"10,000 attachments", with(func(r *valisev1.SendInquiryRequest) {
		for range 10000 {
			r.Inquiry.Attachments = append(r.Inquiry.Attachments, &valisev1.Attachment{Name: "x"})
		}
	}), bad},
	{"escape sequence", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Title = "\x1b]0;x\x07" }), valisev1.Reason_REASON_BAD_TEXT},
	{"bidi override", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Originator.Name = "a\u202eb" }), valisev1.Reason_REASON_BAD_TEXT},
	{"header injection", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Originator.Email = "a@b.example\r\nBcc: c" }), valisev1.Reason_REASON_BAD_TEXT},
	{"long title", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.Title = strings.Repeat("a", 801) }), bad},
	{"unknown enum", with(func(r *valisev1.SendInquiryRequest) { r.Inquiry.RequestType = 77 }), bad},
	{"unknown field", with(func(r *valisev1.SendInquiryRequest) {
		r.Inquiry.ProtoReflect().SetUnknown(protoreflect.RawFields{0xf8, 0x7f, 1})
	}), bad},
	{"time out of range", with(func(r *valisev1.SendInquiryRequest) {
		r.Options = &valisev1.SendOptions{NotBefore: &timestamppb.Timestamp{Seconds: 1 << 62}}
	}), bad},
	{"long undo", with(func(r *valisev1.SendInquiryRequest) { r.Options = &valisev1.SendOptions{UndoSeconds: maxUndo + 1} }), bad},
	{"request id with a blank", with(func(r *valisev1.SendInquiryRequest) { r.Options = &valisev1.SendOptions{RequestId: "a b"} }), bad},
	{"request id beyond ASCII", with(func(r *valisev1.SendInquiryRequest) { r.Options = &valisev1.SendOptions{RequestId: "é"} }), bad},
	{"long request id", with(func(r *valisev1.SendInquiryRequest) {
		r.Options = &valisev1.SendOptions{RequestId: strings.Repeat("a", maxRequestID+1)}
	}), bad},
	{"reply to nothing", &valisev1.ReplyRequest{Payload: closure()}, bad},
	{"reply of nothing", &valisev1.ReplyRequest{Thread: nothing}, bad},
	{"empty payload", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{}}, bad},
	{"inquiry as reply", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Inquiry{Inquiry: inquiry("x").GetInquiry()}}}, bad},
	{"short thread", &valisev1.ReplyRequest{Thread: "1234567", Payload: closure()}, bad},
	{"capital thread", &valisev1.ReplyRequest{Thread: "ABCDEF01", Payload: closure()}, bad},
	{"thread that begins like a flag", &valisev1.GetThreadRequest{Thread: "--help--"}, bad},
	{"long thread", &valisev1.GetThreadRequest{Thread: nothing + "0"}, bad},
	{"empty thread", &valisev1.GetThreadRequest{}, bad},
	{"thread with NUL", &valisev1.GetThreadRequest{Thread: "abcdef01\x00"}, valisev1.Reason_REASON_BAD_TEXT},
	{"answered message", &valisev1.ReplyRequest{Thread: nothing, InReplyTo: "zz", Payload: closure()}, bad},
	{"answer with attachment", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Response{Response: &valisev1.Response{Attachments: []*valisev1.Attachment{{Name: "NUL"}}}}}}, valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"supplement with attachment", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Attachments: []*valisev1.Attachment{{Name: "NUL"}}}}}}, valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"questions that ask nothing", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_ClarificationRequest{ClarificationRequest: &valisev1.ClarificationRequest{Text: " "}}}}, bad},
	{"empty supplement", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Incident: &valisev1.Incident{Nature: &valisev1.TextFact{}}}}}}, bad},
	{"proposal without a channel", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_ChannelProposal{ChannelProposal: &valisev1.ChannelProposal{Text: "x"}}}}, bad},
	{"no supplement at all", &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{}}}, bad},
	{"call without contact", &valisev1.LogContactRequest{Thread: nothing}, bad},
	{"call with nobody", &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{}}, bad},
	{"call with a bad id", &valisev1.LogContactRequest{Thread: "x", Contact: &valisev1.ContactLog{}}, bad},
	{"retract nothing", &valisev1.RetractMessageRequest{}, bad},
	{"retract with a bad request id", &valisev1.RetractMessageRequest{Message: nothing, RequestId: "\n"}, valisev1.Reason_REASON_BAD_TEXT},
	{"clear nothing", &valisev1.ClearMessageRequest{Message: "x"}, bad},
	{"send back nothing", &valisev1.SendBackMessageRequest{Message: "x"}, bad},
	{"page below zero", &valisev1.ListThreadsRequest{PageSize: -1}, bad},
	{"invented token", &valisev1.ListThreadsRequest{PageToken: "AQAA"}, bad},
	{"no token", &valisev1.ListThreadsRequest{PageToken: "!"}, bad},
	{"long token", &valisev1.ListThreadsRequest{PageToken: strings.Repeat("A", 100000)}, bad},
	{"peer", &valisev1.ListThreadsRequest{Peer: "somebody"}, bad},
	{"state of a thread", &valisev1.ListThreadsRequest{States: []valisev1.ThreadState{99}}, bad},
	{"items below zero", &valisev1.ListItemsRequest{PageSize: -1}, bad},
	{"items of a bad thread", &valisev1.ListItemsRequest{Thread: "x"}, bad},
	{"token of nothing", &valisev1.ListItemsRequest{PageToken: "x"}, bad},
	{"officer without a name", &valisev1.AddOfficerRequest{}, bad},
	{"officer without a role", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x"}}, bad},
	{"officer with an unknown role", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{42}}}, bad},
	{"officer with a bad certificate", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{duty}, Certificate: "zz"}}, bad},
	{"officer with many user ids", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{duty}, Uids: make([]uint32, 17)}}, bad},
	{"officer with a long name", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: strings.Repeat("x", 65), Roles: []valisev1.Role{duty}}}, bad},
	{"remove nobody", &valisev1.RemoveOfficerRequest{}, bad},
}

func with(change func(*valisev1.SendInquiryRequest)) *valisev1.SendInquiryRequest {
	r := inquiry("Scans")
	change(r)
	return r
}

func closure() *valisev1.Payload {
	return &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}}
}

// methodOf finds the call that takes a request of this type.
func methodOf(m proto.Message) string {
	for method, request := range requests {
		if request.ProtoReflect().Descriptor() == m.ProtoReflect().Descriptor() {
			return method
		}
	}
	return ""
}

func TestBadRequests(t *testing.T) {
	w := newWorld(t)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "all", Roles: anyone, TokenHash: hashOf("all")})
	conn := w.call(t, "all")
	before := w.record.Items(t.Context())
	for _, c := range badRequests {
		path := pathOf(methodOf(c.request))
		response := newMessage(methodDescriptor(path).Output())
		err := conn.Invoke(t.Context(), path, c.request, response)
		e, ok := FromStatus(err)
		if !ok || e.Reason != c.want {
			t.Errorf("%s (%s) gave %v", c.name, path, err)
		}
	}
	if w.record.Items(t.Context()) != before {
		t.Error("something was recorded")
	}
}

func methodDescriptor(path string) protoreflect.MethodDescriptor {
	service, method, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		panic(err)
	}
	return d.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(method))
}

// pathOf is the full path of a call of ours by its name.
func pathOf(method string) string {
	path := ""
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		for i := range fd.Services().Len() {
			if s := fd.Services().Get(i); s.Methods().ByName(protoreflect.Name(method)) != nil && s.ParentFile().Package() == "valise.v1" {
				path = "/" + string(s.FullName()) + "/" + method
			}
		}
		return path == ""
	})
	return path
}
