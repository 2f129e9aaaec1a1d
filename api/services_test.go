package api

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	duty   = valisev1.Role_ROLE_DUTY_OFFICER
	keeps  = valisev1.Role_ROLE_RECORD_KEEPER
	admin  = valisev1.Role_ROLE_NODE_ADMIN
	denied = valisev1.Reason_REASON_NOT_PERMITTED
	bad    = valisev1.Reason_REASON_BAD_REQUEST
)

func TestInquiryOverTheDoor(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	request := inquiry("Scans " + canary)
	request.Options = &valisev1.SendOptions{RequestId: "one"}
	first, err := c.SendInquiry(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if s := first.GetSent(); s.GetDelivery() != valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE || s.GetKind() != valisev1.Kind_KIND_INQUIRY || len(s.GetThread()) != 32 {
		t.Errorf("sent %v", s)
	}
	thread, err := c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: first.GetSent().GetThread()[:8]})
	if err != nil || len(thread.GetMessages()) != 1 || !strings.Contains(thread.GetThread().GetTitle(), canary) {
		t.Errorf("the thread is %v, %v", thread, err)
	}
	list, err := c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{Peer: "XB"})
	if err != nil || len(list.GetThreads()) != 1 {
		t.Errorf("the list is %v, %v", list, err)
	}
}

// TestRequestIDs: the same request is done once, the same id for anything else is a conflict, and
// an id is bound to its officer. docs/protocol.md §10
func TestRequestIDs(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	request := inquiry("Scans")
	request.Options = &valisev1.SendOptions{RequestId: "one"}
	first, err := c.SendInquiry(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.SendInquiry(t.Context(), request)
	if err != nil || again.GetSent().GetMessage() != first.GetSent().GetMessage() {
		t.Errorf("asked twice, done twice: %v, %v", again, err)
	}
	items := w.record.Items(t.Context())
	other := proto.CloneOf(request)
	other.Inquiry.Title = "Other"
	_, err = c.SendInquiry(t.Context(), other)
	wantReason(t, err, valisev1.Reason_REASON_REQUEST_ID_CONFLICT)
	_, err = w.inquiries(t, valisev1.Role_ROLE_DRAFTER).SendInquiry(t.Context(), request)
	wantReason(t, err, valisev1.Reason_REASON_REQUEST_ID_CONFLICT)
	if w.record.Items(t.Context()) != items {
		t.Error("a conflict was recorded")
	}
}

// TestTheWholeExchange plays what the receiving officer does: acknowledge, hold, answer.
func TestTheWholeExchange(t *testing.T) {
	w := newWorld(t)
	peer := gateway.Actor{Name: "peer", Roles: []valisev1.Role{duty}}
	sent, err := w.peer.Inquire(t.Context(), peer, &valisev1.SendInquiryRequest{To: xa.String(), Inquiry: inquiry("Scans").GetInquiry()})
	if err != nil {
		t.Fatal(err)
	}
	deliver(t, w.peer, w.core, xa)
	c := w.inquiries(t, duty)
	reply := func(p *valisev1.Payload) *valisev1.Sent {
		out, err := c.Reply(t.Context(), &valisev1.ReplyRequest{Thread: sent.GetThread(), Payload: p})
		if err != nil {
			t.Fatal(err)
		}
		return out.GetSent()
	}
	if s := reply(&valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}}); len(s.GetCovers()) != 1 {
		t.Errorf("the acknowledgement covers %v", s.GetCovers())
	}
	reply(&valisev1.Payload{Payload: &valisev1.Payload_HoldingReply{HoldingReply: &valisev1.HoldingReply{Text: "We will look into it."}}})
	reply(&valisev1.Payload{Payload: &valisev1.Payload_Response{Response: &valisev1.Response{Outcome: valisev1.Outcome_OUTCOME_FULL, Narrative: canary}}})
	thread, err := c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: sent.GetThread()})
	if err != nil || len(thread.GetMessages()) != 4 || thread.GetThread().GetState() != valisev1.ThreadState_THREAD_STATE_RESPONDED {
		t.Errorf("the thread is %v, %v", thread.GetThread(), err)
	}
	_, err = c.Reply(t.Context(), &valisev1.ReplyRequest{Thread: sent.GetThread(), Payload: &valisev1.Payload{Payload: &valisev1.Payload_Acknowledgement{Acknowledgement: &valisev1.Acknowledgement{}}}})
	if e := wantReason(t, err, valisev1.Reason_REASON_NOT_IN_THIS_STATE); e.Exit != 4 {
		t.Errorf("nothing to acknowledge has exit %d", e.Exit)
	}
	logged, err := c.LogContact(t.Context(), &valisev1.LogContactRequest{Thread: sent.GetThread(), Contact: &valisev1.ContactLog{
		Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, At: timestamppb.New(start), Person: "B. Officer", Note: canary,
	}})
	if err != nil || logged.GetItem() == 0 {
		t.Errorf("the call was not logged: %v, %v", logged, err)
	}
}

func TestSizes(t *testing.T) {
	w := newWorld(t)
	conn := w.call(t, roleToken(duty))
	large := inquiry("Scans")
	for range 8 {
		large.Inquiry.Questions = append(large.Inquiry.Questions, strings.Repeat("a", 140<<10))
	}
	_, err := valisev1.NewInquiryServiceClient(conn).SendInquiry(t.Context(), large)
	wantReason(t, err, bad)
	for i := range large.Inquiry.Questions {
		large.Inquiry.Questions[i] = strings.Repeat("a", 2<<20)
	}
	_, err = valisev1.NewInquiryServiceClient(conn).SendInquiry(t.Context(), large)
	wantReason(t, err, bad)
	directory := valisev1.NewDirectoryServiceClient(w.call(t, roleToken(admin)))
	if out, err := directory.ImportDirectory(t.Context(), &valisev1.ImportDirectoryRequest{Bundle: make([]byte, maxBundle-100)}); err != nil || out.GetNumber() == 0 {
		t.Errorf("a bundle of 8 MiB is refused: %v", err)
	}
	_, err = directory.ImportDirectory(t.Context(), &valisev1.ImportDirectoryRequest{Bundle: make([]byte, maxBundle+1)})
	wantReason(t, err, bad)
	_, err = directory.ImportDirectory(t.Context(), &valisev1.ImportDirectoryRequest{})
	wantReason(t, err, bad)
	if _, err = directory.ImportDirectory(metadata.AppendToOutgoingContext(t.Context(), "x", strings.Repeat("a", 4*maxHeader)), &valisev1.ImportDirectoryRequest{}); err == nil {
		t.Error("64 KiB of metadata are taken")
	}
}

// TestCompressedBomb: even where a process has a decompressor (this test brings one), a bomb is
// refused at the size of a request and not unpacked further.
func TestCompressedBomb(t *testing.T) {
	w := newWorld(t)
	c := valisev1.NewInquiryServiceClient(w.call(t, roleToken(duty), grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name), grpc.MaxCallSendMsgSize(1<<30))))
	bomb := inquiry("Scans")
	bomb.Inquiry.Narrative = strings.Repeat("a", 100<<20)
	_, err := c.SendInquiry(t.Context(), bomb)
	wantReason(t, err, bad)
}

// TestDoorBringsNoExtras: what is not linked cannot be offered.
func TestDoorBringsNoExtras(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, extra := range []string{"google.golang.org/grpc/encoding/gzip", "google.golang.org/grpc/reflection", "google.golang.org/grpc/channelz/service"} {
		if contain(strings.Fields(string(out)), extra) {
			t.Errorf("the door brings %s", extra)
		}
	}
}

func TestReflectionIsOff(t *testing.T) {
	w := newWorld(t)
	conn := w.call(t, roleToken(admin))
	for _, service := range []string{"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} {
		stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/"+service+"/ServerReflectionInfo")
		if err == nil {
			err = stream.RecvMsg(&valisev1.GetHeadRequest{})
		}
		wantReason(t, err, valisev1.Reason_REASON_UNIMPLEMENTED)
	}
}

func TestDeadlineAlreadyPast(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	before := w.record.Items(t.Context())
	_, err := w.inquiries(t, duty).SendInquiry(ctx, inquiry("Scans"))
	wantReason(t, err, valisev1.Reason_REASON_TIMED_OUT)
	// The server refuses too, should a client not do so itself.
	_, err = w.server.unary(ctx, inquiry("Scans"), &grpc.UnaryServerInfo{FullMethod: "/x/y"}, func(context.Context, any) (any, error) {
		t.Error("a call whose time is over was begun")
		return nil, nil
	})
	wantReason(t, err, valisev1.Reason_REASON_TIMED_OUT)
	if w.record.Items(t.Context()) != before {
		t.Error("something was recorded")
	}
}

// TestCancelMidCommit: the caller hangs up while the act commits. It becomes durable, once, and
// the same request id tells what came of it. P1, P2
func TestCancelMidCommit(t *testing.T) {
	w := newWorld(t)
	c := w.inquiries(t, duty)
	if _, err := c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{}); err != nil {
		t.Fatal(err)
	}
	w.record.hold, w.record.entered = make(chan struct{}), make(chan struct{}, 1)
	request := inquiry("Scans")
	request.Options = &valisev1.SendOptions{RequestId: "cancelled"}
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() {
		_, err := c.SendInquiry(ctx, request)
		answered <- err
	}()
	<-w.record.entered
	cancel()
	wantReason(t, <-answered, valisev1.Reason_REASON_TIMED_OUT)
	signal, done := w.record.changes()
	defer done()
	close(w.record.hold)
	<-signal
	sent, err := c.SendInquiry(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
	if err != nil || len(list.GetThreads()) != 1 || list.GetThreads()[0].GetThread() != sent.GetSent().GetThread() {
		t.Errorf("there are %v, %v", list, err)
	}
}

// broken is a core that panics with content.
type broken struct{ Core }

func (broken) Thread(context.Context, gateway.Actor, *valisev1.GetThreadRequest) (*valisev1.GetThreadResponse, error) {
	panic("title: " + canary)
}

func TestAPanicStaysInside(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Gateway = broken{c.Gateway} })
	c := w.inquiries(t, duty)
	_, err := c.GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: nothing})
	if e := wantReason(t, err, valisev1.Reason_REASON_INTERNAL); strings.Contains(e.Message, canary) {
		t.Errorf("the caller reads %q", e.Message)
	}
	if _, err := c.ListThreads(t.Context(), &valisev1.ListThreadsRequest{}); err != nil {
		t.Errorf("the node does not go on: %v", err)
	}
	if !strings.Contains(string(w.log.Bytes()), "GetThread") {
		t.Error("the log does not say which call broke off")
	}
}

func TestOfficers(t *testing.T) {
	w := newWorld(t)
	c := valisev1.NewOfficerServiceClient(w.call(t, roleToken(admin)))
	added, err := c.AddOfficer(t.Context(), &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "birch", Roles: []valisev1.Role{duty}}, WithToken: true})
	if err != nil || added.GetToken() == "" || added.GetOfficer().GetTokenHash() != "" {
		t.Fatalf("added %v, %v", added, err)
	}
	me, err := valisev1.NewOfficerServiceClient(w.call(t, added.GetToken())).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{})
	if err != nil || me.GetOfficer().GetName() != "birch" || me.GetOfficer().GetTokenHash() != "" {
		t.Errorf("the new officer is %v, %v", me, err)
	}
	list, err := c.ListOfficers(t.Context(), &valisev1.ListOfficersRequest{})
	if err != nil || len(list.GetOfficers()) != len(anyone)+1 {
		t.Fatalf("the list is %v, %v", list, err)
	}
	for _, o := range list.GetOfficers() {
		if o.GetTokenHash() != "" {
			t.Errorf("the hash of the token of %s is shown", o.GetName())
		}
	}
	if _, err := c.RemoveOfficer(t.Context(), &valisev1.RemoveOfficerRequest{Name: "birch"}); err != nil {
		t.Error(err)
	}
	_, err = valisev1.NewOfficerServiceClient(w.call(t, added.GetToken())).WhoAmI(t.Context(), &valisev1.WhoAmIRequest{})
	wantReason(t, err, denied)
}

func TestDirectoryOverTheDoor(t *testing.T) {
	w := newWorld(t)
	c := valisev1.NewDirectoryServiceClient(w.call(t, roleToken(admin)))
	d, err := c.GetDirectory(t.Context(), &valisev1.GetDirectoryRequest{})
	if err != nil || d.GetNumber() != 1 || len(d.GetStates()) != 2 || len(d.GetManagers()) != 1 || len(d.GetHash()) != 64 || d.GetStale() {
		t.Errorf("the directory is %v, %v", d, err)
	}
	all, err := c.ListContacts(t.Context(), &valisev1.ListContactsRequest{})
	if err != nil || len(all.GetContacts()) != 3 {
		t.Fatalf("contacts are %v, %v", all, err)
	}
	one, err := c.ListContacts(t.Context(), &valisev1.ListContactsRequest{State: "XB"})
	if err != nil || len(one.GetContacts()) != 2 || one.GetContacts()[0].GetAddress() != "XB/technical" || len(one.GetContacts()[0].GetFingerprints()) != 1 || !one.GetContacts()[0].GetReachable() {
		t.Fatalf("XB is %v, %v", one, err)
	}
	desk, other := one.GetContacts()[0], one.GetContacts()[1]
	if !desk.GetOffice().GetOpen() || desk.GetOffice().GetChanges() != nil || len(desk.GetFurther()) != 1 || desk.GetFurther()[0].GetPointOfContact().GetName() != "A. Example" || desk.GetFurther()[0].GetOffice() != nil {
		t.Errorf("the technical desk of XB is %v", desk)
	}
	if other.GetAddress() != "XB/diplomatic" || other.GetPointOfContact() != nil || other.GetReachable() || other.GetFurther()[0].GetPointOfContact().GetTelephones()[0] != "+99900000003" {
		t.Errorf("a track with further points only is %v", other)
	}
	for _, contact := range one.GetContacts() {
		// Both lines of a State, also the one that no message reaches, name it as it names itself.
		if names := contact.GetNames(); len(names) != 1 || names[0].GetLanguage() != "en" || names[0].GetText() != "State XB" {
			t.Errorf("%s is named %v", contact.GetAddress(), names)
		}
	}
	_, err = c.ListContacts(t.Context(), &valisev1.ListContactsRequest{State: "XQ"})
	wantReason(t, err, valisev1.Reason_REASON_NOT_FOUND)
	_, err = c.ListContacts(t.Context(), &valisev1.ListContactsRequest{State: "xb"})
	wantReason(t, err, bad)
	_, err = c.ImportDirectory(t.Context(), &valisev1.ImportDirectoryRequest{Bundle: []byte("short")})
	wantReason(t, err, valisev1.Reason_REASON_QUORUM)
}

func TestHealthFollowsTheNode(t *testing.T) {
	w := newWorld(t)
	c := healthv1.NewHealthClient(w.call(t, ""))
	check := func(service string) healthv1.HealthCheckResponse_ServingStatus {
		out, err := c.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
		if err != nil {
			t.Fatal(err)
		}
		return out.GetStatus()
	}
	for _, service := range []string{"", "valise.v1.InquiryService", "valise.v1.OfficerService"} {
		w.server.SetServing(true)
		if got := check(service); got != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("%q is %v", service, got)
		}
		w.server.SetServing(false)
		if got := check(service); got != healthv1.HealthCheckResponse_NOT_SERVING {
			t.Errorf("%q is %v", service, got)
		}
	}
	w.server.Close()
	w.server.Close()
}

// TestTheRecordIsCopiedWhole: pieces in their order, and the head last of all, so that a copy that
// broke off cannot be taken for a whole one.
func TestTheRecordIsCopiedWhole(t *testing.T) {
	w := newWorld(t)
	c := valisev1.NewNodeServiceClient(w.call(t, roleToken(admin)))
	stream, err := c.CopyRecord(t.Context(), &valisev1.CopyRecordRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var data string
	var heads []uint64
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(heads) > 0 {
			t.Error("something follows the head")
		}
		data += string(piece.GetData())
		if piece.GetHead() != nil {
			heads = append(heads, piece.GetHead().GetSize())
		}
	}
	if data != "a sealed record" || len(heads) != 1 || heads[0] != 7 {
		t.Errorf("copied %q with heads %v", data, heads)
	}
	head := &valisev1.KnownHead{Size: 7, Root: nothing + nothing}
	if out, err := c.NoteBackup(t.Context(), &valisev1.NoteBackupRequest{Created: timestamppb.New(start), Head: head}); err != nil || out.GetItem() != 7 {
		t.Errorf("noted as %v, %v", out, err)
	}
	for _, broken := range []*valisev1.NoteBackupRequest{
		{Head: head}, {Created: timestamppb.New(start)}, {Created: timestamppb.New(start), Head: &valisev1.KnownHead{Root: "X" + nothing + nothing[1:]}},
	} {
		_, err := c.NoteBackup(t.Context(), broken)
		if e, ok := FromStatus(err); !ok || e.Reason != bad {
			t.Errorf("%v: %v", broken, err)
		}
	}
}
