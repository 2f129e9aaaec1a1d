package api

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"
)

// acts are requests of requests that must ask for an act, where those would not.
var acts = map[string]proto.Message{
	"PruneRecord": &valisev1.PruneRecordRequest{Confirm: "XA"},
}

// withRequestID is a copy of a request under an id; ok is false for what is no act.
func withRequestID(method, id string) (request proto.Message, ok bool) {
	request = requests[method]
	if act, ok := acts[method]; ok {
		request = act
	}
	request = proto.Clone(request)
	m := request.ProtoReflect()
	if options := m.Descriptor().Fields().ByName("options"); options != nil && options.Message() != nil {
		m = m.Mutable(options).Message()
	}
	fd := m.Descriptor().Fields().ByName("request_id")
	if fd == nil {
		return nil, false
	}
	m.Set(fd, protoreflect.ValueOfString(id))
	return request, true
}

// TestEveryActHasItsRequestID: of each act of the contract, a malformed id is refused, and one that
// belongs to another act is a conflict, whatever else the request says. docs/protocol.md §12
func TestEveryActHasItsRequestID(t *testing.T) {
	w := newWorld(t)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "all", Roles: anyone, TokenHash: hashOf("all")})
	conn := w.call(t, "all")
	taken := inquiry("Another")
	taken.Options = &valisev1.SendOptions{RequestId: "taken"}
	if _, err := valisev1.NewInquiryServiceClient(conn).SendInquiry(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	items, seen := w.record.Items(t.Context()), 0
	for method := range requests {
		request, ok := withRequestID(method, "taken")
		if !ok {
			continue
		}
		seen++
		path := pathOf(method)
		answer := func(request proto.Message) valisev1.Reason {
			e, _ := FromStatus(conn.Invoke(t.Context(), path, request, newMessage(methodDescriptor(path).Output())))
			if e == nil {
				return valisev1.Reason_REASON_UNSPECIFIED
			}
			return e.Reason
		}
		// What is reserved does nothing, under whatever id.
		if got := answer(request); got != valisev1.Reason_REASON_REQUEST_ID_CONFLICT && got != valisev1.Reason_REASON_UNIMPLEMENTED {
			t.Errorf("%s under the id of another act gave %v", method, got)
		}
		for _, id := range []string{"a b", "é", strings.Repeat("a", maxRequestID+1)} {
			request, _ := withRequestID(method, id)
			if got := answer(request); got != bad {
				t.Errorf("%s under the id %.8q gave %v", method, id, got)
			}
		}
	}
	if want := 19; seen != want {
		t.Errorf("%d acts have a request id, want %d", seen, want)
	}
	if w.record.Items(t.Context()) != items {
		t.Error("something was recorded")
	}
}
