package api

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// named are strings of requests that are no free text: each is parsed, or must be one that there is.
var named = []protoreflect.Name{
	"to", "from", "request_id", "follows", "thread", "in_reply_to", "message", "page_token", "with", "peer", "track", "state",
	"campaign", "address", "id", "seat", "inject", "language", "expectation", "performed", "root", "threads", "messages", "confirm",
	"fingerprint", "name", "token_hash", "certificate", "shown_as", "tracks", "added_by", "telephones", "by",
}

// TestEveryFreeTextOfARequestHasItsBoundInTheContract, by which a page says how much room there is: in bytes.
func TestEveryFreeTextOfARequestHasItsBoundInTheContract(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	var walk func(md protoreflect.MessageDescriptor)
	walk = func(md protoreflect.MessageDescriptor) {
		if seen[md.FullName()] || md.FullName() == "valise.v1.Payload" || md.ParentFile().Package() != "valise.v1" {
			return
		}
		seen[md.FullName()] = true
		for i := range md.Fields().Len() {
			fd := md.Fields().Get(i)
			if fd.Kind() == protoreflect.StringKind && !slices.Contains(named, fd.Name()) && draft.MostBytesOf(fd) == 0 {
				t.Errorf("%s says no bound", fd.FullName())
			}
			if fd.Message() != nil && !slices.Contains([]protoreflect.Name{"Inquiry", "VoluntaryNotice"}, fd.Message().Name()) {
				walk(fd.Message())
			}
		}
	}
	for _, file := range []protoreflect.FileDescriptor{
		valisev1.File_valise_v1_inquiry_service_proto, valisev1.File_valise_v1_directory_service_proto, valisev1.File_valise_v1_record_service_proto,
		valisev1.File_valise_v1_node_service_proto, valisev1.File_valise_v1_officer_service_proto, valisev1.File_valise_v1_exercise_service_proto,
	} {
		for i := range file.Services().Len() {
			for j := range file.Services().Get(i).Methods().Len() {
				walk(file.Services().Get(i).Methods().Get(j).Input())
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d messages were looked at", len(seen))
	}
}
