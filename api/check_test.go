package api

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
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
	{"items until before since", &valisev1.ListItemsRequest{Since: timestamppb.New(start), Until: timestamppb.New(start)}, bad},
	{"items since no time", &valisev1.ListItemsRequest{Since: &timestamppb.Timestamp{Nanos: -1}}, bad},
	{"items until no time", &valisev1.ListItemsRequest{Until: &timestamppb.Timestamp{Seconds: 1 << 60}}, bad},
	{"items of no kind", &valisev1.ListItemsRequest{Kinds: []valisev1.Kind{0}}, bad},
	{"items of no type", &valisev1.ListItemsRequest{Types: []valisev1.ItemType{0}}, bad},
	{"items of 65 kinds", &valisev1.ListItemsRequest{Kinds: slices.Repeat([]valisev1.Kind{1}, maxFiltered+1)}, bad},
	{"items of 65 types", &valisev1.ListItemsRequest{Types: slices.Repeat([]valisev1.ItemType{1}, maxFiltered+1)}, bad},
	{"inquiry that follows no thread", with(func(r *valisev1.SendInquiryRequest) { r.Follows = "x" }), bad},
	{"track of nobody", &valisev1.ListThreadsRequest{Track: "tecnical"}, bad},
	{"track of a principal", &valisev1.ListThreadsRequest{Track: "manager"}, bad},
	{"mask of threads", &valisev1.ListThreadsRequest{ReadMask: mask()}, bad},
	{"mask of a thread", &valisev1.GetThreadRequest{Thread: nothing, ReadMask: mask()}, bad},
	{"mask of items", &valisev1.ListItemsRequest{ReadMask: mask()}, bad},
	{"mask of an item", &valisev1.GetItemRequest{ReadMask: mask()}, bad},
	{"notice to nobody", &valisev1.SendNoticeRequest{Notice: notice()}, bad},
	{"notice to 33", &valisev1.SendNoticeRequest{Notice: notice(), To: slices.Repeat([]string{"XB/technical"}, maxRecipients+1)}, bad},
	{"notice to one twice", &valisev1.SendNoticeRequest{Notice: notice(), To: []string{"XB/technical", "XC/technical", "XB/technical"}}, bad},
	{"notice to no address", &valisev1.SendNoticeRequest{Notice: notice(), To: []string{"XB/technical", "XC"}}, bad},
	{"notice from no address", &valisev1.SendNoticeRequest{Notice: notice(), To: []string{"XB/technical"}, From: "XA"}, bad},
	{"notice of nothing", &valisev1.SendNoticeRequest{To: []string{"XB/technical"}}, bad},
	{"notice with a path", &valisev1.SendNoticeRequest{To: []string{"XB/technical"}, Notice: &valisev1.VoluntaryNotice{Attachments: []*valisev1.Attachment{{Name: "a/b"}}}}, valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"notice held for long", &valisev1.SendNoticeRequest{To: []string{"XB/technical"}, Notice: notice(), Options: &valisev1.SendOptions{UndoSeconds: maxUndo + 1}}, bad},
	{"revise nothing", &valisev1.ReviseMessageRequest{Payload: closure()}, bad},
	{"revise to nothing", &valisev1.ReviseMessageRequest{Message: nothing, Payload: &valisev1.Payload{}}, bad},
	{"revise to an inquiry of nobody", &valisev1.ReviseMessageRequest{Message: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Inquiry{Inquiry: &valisev1.Inquiry{Title: "x"}}}}, bad},
	{"revise to a path", &valisev1.ReviseMessageRequest{Message: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{Supplement: &valisev1.Supplement{Attachments: []*valisev1.Attachment{{Name: "NUL"}}}}}}, valisev1.Reason_REASON_BAD_ATTACHMENT},
	{"empty note", &valisev1.AddNoteRequest{Thread: nothing}, bad},
	{"long note", &valisev1.AddNoteRequest{Thread: nothing, Text: strings.Repeat("a", maxNote+1)}, bad},
	{"note with an escape sequence", &valisev1.AddNoteRequest{Thread: nothing, Text: "\x1b[2J"}, valisev1.Reason_REASON_BAD_TEXT},
	{"note of a bad thread", &valisev1.AddNoteRequest{Thread: "x", Text: "x"}, bad},
	{"note of a bad message", &valisev1.AddNoteRequest{Thread: nothing, Message: "x", Text: "x"}, bad},
	{"note of a message in no thread", &valisev1.AddNoteRequest{Message: nothing, Text: "x"}, bad},
	{"escalation of no thread", &valisev1.AddNoteRequest{Text: "x", Type: valisev1.NoteType_NOTE_TYPE_ESCALATION}, bad},
	{"note of an unknown type", &valisev1.AddNoteRequest{Thread: nothing, Text: "x", Type: 99}, bad},
	{"notes of a bad thread", &valisev1.ListNotesRequest{Thread: "x"}, bad},
	{"notes of an unknown type", &valisev1.ListNotesRequest{Types: []valisev1.NoteType{99}}, bad},
	{"notes below zero", &valisev1.ListNotesRequest{PageSize: -1}, bad},
	{"token of no notes", &valisev1.ListNotesRequest{PageToken: "x"}, bad},
	{"link of nothing", &valisev1.LinkThreadsRequest{With: []string{nothing}}, bad},
	{"link with nothing", &valisev1.LinkThreadsRequest{Thread: nothing}, bad},
	{"link with a bad thread", &valisev1.LinkThreadsRequest{Thread: nothing, With: []string{nothing, "x"}}, bad},
	{"link with 65", &valisev1.LinkThreadsRequest{Thread: nothing, With: slices.Repeat([]string{nothing}, maxLinked+1)}, bad},
	{"open nothing", &valisev1.OpenThreadRequest{}, bad},
	{"export in no form", &valisev1.ExportRecordRequest{Messages: []string{nothing}}, bad},
	{"export in an unknown form", &valisev1.ExportRecordRequest{Form: 99, Messages: []string{nothing}}, bad},
	{"the whole record for others", export(func(r *valisev1.ExportRecordRequest) { r.Messages, r.ThirdParty = nil, "Regional CERT" }), bad},
	{"export for a long name", export(func(r *valisev1.ExportRecordRequest) { r.ThirdParty = strings.Repeat("a", maxThirdParty+1) }), bad},
	{"export for two lines", export(func(r *valisev1.ExportRecordRequest) { r.ThirdParty = "a\nb" }), valisev1.Reason_REASON_BAD_TEXT},
	{"export of a bad thread", export(func(r *valisev1.ExportRecordRequest) { r.Threads = []string{"x"} }), bad},
	{"export of a bad message", export(func(r *valisev1.ExportRecordRequest) { r.Messages = []string{"x"} }), bad},
	{"export of 257", export(func(r *valisev1.ExportRecordRequest) { r.Items = make([]uint64, maxSelected) }), bad},
	{"export until before since", export(func(r *valisev1.ExportRecordRequest) {
		r.Since, r.Until = timestamppb.New(start), timestamppb.New(start)
	}), bad},
	{"export since no time", export(func(r *valisev1.ExportRecordRequest) { r.Since = &timestamppb.Timestamp{Seconds: 1 << 62} }), bad},
	{"consents of nobody", &valisev1.ListConsentsRequest{Peer: "somebody"}, bad},
	{"consents of a bad thread", &valisev1.ListConsentsRequest{Thread: "x"}, bad},
	{"consents in an unknown state", &valisev1.ListConsentsRequest{States: []valisev1.ConsentState{99}}, bad},
	{"consents below zero", &valisev1.ListConsentsRequest{PageSize: -1}, bad},
	{"token of no consents", &valisev1.ListConsentsRequest{PageToken: "x"}, bad},
	{"prune confirmed by nobody", &valisev1.PruneRecordRequest{Confirm: "yes"}, bad},
	{"prune before no time", &valisev1.PruneRecordRequest{Before: &timestamppb.Timestamp{Seconds: 1 << 62}}, bad},
	{"officer of three tracks", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{duty}, Tracks: make([]string, 3)}}, bad},
	{"officer without a name", &valisev1.AddOfficerRequest{}, bad},
	{"officer without a role", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x"}}, bad},
	{"officer with an unknown role", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{42}}}, bad},
	{"officer with a bad certificate", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{duty}, Certificate: "zz"}}, bad},
	{"officer with many user ids", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "x", Roles: []valisev1.Role{duty}, Uids: make([]uint32, 17)}}, bad},
	{"officer with a long name", &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: strings.Repeat("x", 65), Roles: []valisev1.Role{duty}}}, bad},
	{"remove nobody", &valisev1.RemoveOfficerRequest{}, bad},
}

func mask() *fieldmaskpb.FieldMask { return &fieldmaskpb.FieldMask{Paths: []string{"nothing"}} }

func export(change func(*valisev1.ExportRecordRequest)) *valisev1.ExportRecordRequest {
	r := &valisev1.ExportRecordRequest{Form: valisev1.ExportForm_EXPORT_FORM_ARCHIVE, Messages: []string{nothing}}
	change(r)
	return r
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
