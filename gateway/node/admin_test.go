package node_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/gateway"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// secretWord stands in everything that is said in this story.
const secretWord = "vermilion-heron-9"

// allMethods are the methods of every service of the contract, whether or not a node offers it.
func allMethods(t *testing.T) (all []protoreflect.MethodDescriptor) {
	t.Helper()
	protoregistry.GlobalFiles.RangeFilesByPackage("valise.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				all = append(all, f.Services().Get(i).Methods().Get(j))
			}
		}
		return true
	})
	if len(all) < 35 {
		t.Fatalf("the contract has %d methods: the test looks past most of them", len(all))
	}
	return all
}

// walk calls every method in every way that it can think of and keeps all that comes back.
type walk struct {
	conn  *grpc.ClientConn
	words map[string]string // what a field of this name is given
	items uint64
	only  func(method string) bool

	heard map[string][]byte // by method: answers, headers, trailers and errors with their details
}

// fill gives each field that a request has a value, enums their n-th.
func (w *walk) fill(m protoreflect.Message, n, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		word, known := w.words[string(fd.Name())]
		switch {
		case fd.Kind() == protoreflect.StringKind && known && fd.IsList():
			m.Mutable(fd).List().Append(protoreflect.ValueOfString(word))
		case fd.Kind() == protoreflect.StringKind && known:
			m.Set(fd, protoreflect.ValueOfString(word))
		case fd.IsList() || fd.IsMap():
		case fd.Kind() == protoreflect.BoolKind:
			m.Set(fd, protoreflect.ValueOfBool(n%2 == 1))
		case fd.Kind() == protoreflect.EnumKind:
			m.Set(fd, protoreflect.ValueOfEnum(protoreflect.EnumNumber(min(n, fd.Enum().Values().Len()-1))))
		case fd.Kind() == protoreflect.Uint64Kind && fd.Name() == "item":
			m.Set(fd, protoreflect.ValueOfUint64(uint64(n)%w.items))
		case fd.Kind() == protoreflect.MessageKind && depth > 0 && fd.ContainingOneof() == nil && !strings.HasPrefix(string(fd.Message().FullName()), "google."):
			w.fill(m.Mutable(fd).Message(), n, depth-1)
		}
	}
}

// all calls each method with an empty request and with filled ones.
func (w *walk) all(t *testing.T) {
	t.Helper()
	w.heard = map[string][]byte{}
	for _, m := range allMethods(t) {
		if w.only != nil && !w.only(string(m.Name())) {
			continue
		}
		mt, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
		if err != nil {
			t.Fatal(err)
		}
		w.call(t, m, mt.New().Interface())
		for n := range max(6, int(w.items)) {
			request := mt.New()
			w.fill(request, n, 2)
			w.call(t, m, request.Interface())
		}
	}
}

func (w *walk) call(t *testing.T, m protoreflect.MethodDescriptor, request proto.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second) // a Watch that is let in goes on for ever
	defer cancel()
	method := string(m.Name())
	stream, err := w.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: m.IsStreamingClient()}, fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name()))
	if err == nil {
		err = stream.SendMsg(request)
	}
	if err == nil || errors.Is(err, io.EOF) {
		_ = stream.CloseSend() // whatever it says, the answer says it too
		err = nil
	}
	mt, findErr := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	if findErr != nil {
		t.Fatal(findErr)
	}
	for err == nil {
		answer := mt.New().Interface()
		if err = stream.RecvMsg(answer); err == nil {
			w.hear(t, method, answer)
		}
	}
	if !errors.Is(err, io.EOF) {
		w.hear(t, method, status.Convert(err).Proto())
	}
	if stream == nil {
		return
	}
	header, _ := stream.Header() // none where the call was refused
	for _, md := range []metadata.MD{header, stream.Trailer()} {
		w.heard[method] = fmt.Append(w.heard[method], md)
	}
}

func (w *walk) hear(t *testing.T, method string, m proto.Message) {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	w.heard[method] = append(w.heard[method], b...)
}

// tells are the methods that told the word.
func (w *walk) tells() (methods []string) {
	for method, said := range w.heard {
		if bytes.Contains(said, []byte(secretWord)) {
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return methods
}

// sayEverything lets two nodes say and note all kinds of things, each with the word in it.
func sayEverything(t *testing.T, xa, xb *node.Node) (sent *valisev1.Sent) {
	t.Helper()
	ctx := context.Background()
	file, err := xa.Gateway().Upload(ctx, officer, strings.NewReader("a file with "+secretWord))
	if err != nil {
		t.Fatal(err)
	}
	q := inquiry(secretWord + " title")
	q.Narrative, q.Questions, q.Originator.Name = secretWord, []string{secretWord + "?"}, "A. "+secretWord
	q.Attachments = []*valisev1.Attachment{{Name: secretWord + ".txt", Sha256: file.GetSha256()}}
	if sent, err = xa.Gateway().Inquire(ctx, officer, &valisev1.SendInquiryRequest{To: "XB/technical", Inquiry: q}); err != nil {
		t.Fatal(err)
	}
	await(t, xa, 1, valisev1.Delivery_DELIVERY_REACHED)
	untilWhole(t, xb, sent.GetMessage())
	untilWhole(t, xa, sent.GetMessage())
	answer := &valisev1.Payload{Payload: &valisev1.Payload_Response{Response: &valisev1.Response{
		Outcome: valisev1.Outcome_OUTCOME_FULL, Narrative: secretWord + " answer",
	}}}
	if _, err := xb.Gateway().Reply(ctx, officer, &valisev1.ReplyRequest{Thread: sent.GetThread(), Payload: answer}); err != nil {
		t.Fatal(err)
	}
	if _, err := xa.Gateway().LogContact(ctx, officer, &valisev1.LogContactRequest{Thread: sent.GetThread(), Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.Now(), Person: secretWord, Note: secretWord,
	}}); err != nil {
		t.Fatal(err)
	}
	_, err = xa.Gateway().AddNote(ctx, officer, &valisev1.AddNoteRequest{Thread: sent.GetThread(), Type: valisev1.NoteType_NOTE_TYPE_HAND_OVER, Text: secretWord})
	if err != nil {
		t.Fatal(err)
	}
	for range 1200 {
		thread, err := xa.Gateway().Thread(ctx, officer, &valisev1.GetThreadRequest{Thread: sent.GetThread()})
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, m := range thread.GetMessages() {
			if m.GetMessage() != "" { // a call and a note stand there too
				said++
			}
		}
		if said == 2 {
			return sent
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the answer did not come")
	return nil
}

// withDoor gives a home a door over TCP on a port that nobody uses.
func withDoor(t *testing.T, home string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "valise.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, fmt.Appendf(text, "\n[door]\nlisten = %q\n", address), 0o600); err != nil {
		t.Fatal(err)
	}
	return address
}

var administrator = gateway.Actor{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}

// newOfficer adds an officer with a token and a certificate and gives both connections.
func newOfficer(t *testing.T, x *node.Node, home, address, name string, roles ...valisev1.Role) (overTCP, atSocket *grpc.ClientConn) {
	t.Helper()
	certificate, pin := newCertificate(t)
	_, door, err := node.DoorCertificate(home)
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := x.Officers().Add(context.Background(), administrator, &valisev1.Officer{Name: name, Roles: roles, Certificate: pin.String()}, true)
	if err != nil {
		t.Fatal(err)
	}
	if overTCP, err = api.DialTCP(context.Background(), address, api.Identity{Certificate: certificate, Node: door}, api.DialOptions{}); err != nil {
		t.Fatal(err)
	}
	if atSocket, err = api.Dial(context.Background(), filepath.Join(home, node.SocketFile), api.DialOptions{Token: token}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { overTCP.Close(); atSocket.Close() })
	return overTCP, atSocket
}

// TestAnAdministratorReadsNothing: an officer with node_admin alone calls every method of the
// contract, with every id there is, on a real node with real content. No word of it comes back, not
// in an answer, not in an error or its details, not in a header, not in the copy of the record.
// Those who may read hear it by the same calls, so the walk would. A-9 s4
func TestAnAdministratorReadsNothing(t *testing.T) {
	n := newNetwork(t)
	n.relay()
	address := withDoor(t, n.Home("XA"))
	xa, _ := n.node("XA")
	xb, _ := n.node("XB")
	sent := sayEverything(t, xa, xb)
	report, err := xa.VerifyRecord(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{
		"thread": sent.GetThread(), "threads": sent.GetThread(), "message": sent.GetMessage(), "messages": sent.GetMessage(),
		"with": sent.GetThread(), "in_reply_to": sent.GetMessage(), "to": "XB/technical", "peer": "XB/technical", "state": "XB",
		"name": "nobody", "text": "a note", "comment": "a note", "third_party": "Regional CERT", "purpose": "to warn",
	}
	over, socket := newOfficer(t, xa, n.Home("XA"), address, "runs", valisev1.Role_ROLE_NODE_ADMIN)
	for way, conn := range map[string]*grpc.ClientConn{"over TCP": over, "at the socket": socket} {
		w := &walk{conn: conn, words: words, items: report.GetItems()}
		w.all(t)
		if told := w.tells(); len(told) > 0 {
			t.Errorf("%s node_admin hears content by %v", way, told)
		}
		if len(w.heard) != len(allMethods(t)) {
			t.Errorf("%s only %v were called", way, slices.Sorted(maps.Keys(w.heard)))
		}
		if copied := w.heard["CopyRecord"]; len(copied) < 1000 {
			t.Errorf("%s the record was not copied", way)
		}
	}
	over, _ = newOfficer(t, xa, n.Home("XA"), address, "reads", valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_RECORD_KEEPER)
	w := &walk{conn: over, words: words, items: report.GetItems(), only: func(method string) bool {
		return strings.HasPrefix(method, "Get") || strings.HasPrefix(method, "List")
	}}
	w.all(t)
	for _, method := range []string{"GetThread", "ListThreads", "GetItem", "ListItems", "GetAttachment"} {
		if !slices.Contains(w.tells(), method) {
			t.Errorf("%s tells a reader nothing: the walk would not hear it either", method)
		}
	}
}
