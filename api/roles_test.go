package api

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// services are those of the contract that a node offers at which an exercise is conducted: a service that is added is
// among them before anybody thinks of it. ControlService is offered by no node (exercise_test.go).
func services() (all []protoreflect.ServiceDescriptor) {
	protoregistry.GlobalFiles.RangeFilesByPackage("valise.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			if s := f.Services().Get(i); s.Name() != "ControlService" {
				all = append(all, s)
			}
		}
		return true
	})
	return all
}

// every lists all calls of our services as functions of a connection.
func every(conn grpc.ClientConnInterface) map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{}
	for _, service := range services() {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			path := "/" + string(service.FullName()) + "/" + string(m.Name())
			request, response := requests[string(m.Name())], newMessage(m.Output())
			if m.IsStreamingServer() {
				calls[string(m.Name())] = func(ctx context.Context) error {
					ctx, cancel := context.WithCancel(ctx)
					defer cancel()
					stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, path)
					if err == nil {
						err = stream.SendMsg(request)
					}
					if err == nil {
						err = stream.CloseSend()
					}
					if err != nil {
						return err
					}
					if md, err := stream.Header(); err == nil && md != nil && len(stream.Trailer()) == 0 {
						cancel()
						if err := stream.RecvMsg(response); status.Code(err) == codes.Canceled {
							return nil
						}
					}
					return stream.RecvMsg(response)
				}
				continue
			}
			calls[string(m.Name())] = func(ctx context.Context) error { return conn.Invoke(ctx, path, request, response) }
		}
	}
	return calls
}

func newMessage(md protoreflect.MessageDescriptor) proto.Message {
	mt, err := protoregistryTypes.FindMessageByName(md.FullName())
	if err != nil {
		panic(err)
	}
	return mt.New().Interface()
}

const nothing = "00000000000000000000000000000000"

// requests are well formed and lead nowhere, so that the answer is about the caller.
var requests = map[string]proto.Message{
	"SendInquiry":     inquiry("Scans"),
	"Reply":           &valisev1.ReplyRequest{Thread: nothing, Payload: &valisev1.Payload{Payload: &valisev1.Payload_Closure{Closure: &valisev1.Closure{}}}},
	"LogContact":      &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Means: valisev1.ContactMeans_CONTACT_MEANS_CALL, Peer: xb.String(), At: timestamppb.New(start), Person: "B"}},
	"RetractMessage":  &valisev1.RetractMessageRequest{Message: nothing},
	"ClearMessage":    &valisev1.ClearMessageRequest{Message: nothing},
	"SendBackMessage": &valisev1.SendBackMessageRequest{Message: nothing},
	"ListThreads":     &valisev1.ListThreadsRequest{},
	"GetThread":       &valisev1.GetThreadRequest{Thread: nothing},
	"Watch":           &valisev1.WatchRequest{},
	"SendNotice":      &valisev1.SendNoticeRequest{To: []string{xb.String()}, Notice: notice()},
	"ReviseMessage":   &valisev1.ReviseMessageRequest{Message: nothing, Payload: closure()},
	"AddNote":         &valisev1.AddNoteRequest{Thread: nothing, Text: "a note " + canary + "\nof two lines"},
	"ListNotes":       &valisev1.ListNotesRequest{},
	"LinkThreads":     &valisev1.LinkThreadsRequest{Thread: nothing, With: []string{nothing}},
	"OpenThread":      &valisev1.OpenThreadRequest{Thread: nothing},

	"UploadAttachment": &valisev1.UploadAttachmentRequest{Data: []byte("bytes")},
	"GetAttachment":    &valisev1.GetAttachmentRequest{Message: nothing},

	"ListItems":       &valisev1.ListItemsRequest{},
	"GetItem":         &valisev1.GetItemRequest{Item: 0},
	"ExportRecord":    &valisev1.ExportRecordRequest{Form: valisev1.ExportForm_EXPORT_FORM_ARCHIVE, Messages: []string{nothing}},
	"ListConsents":    &valisev1.ListConsentsRequest{},
	"PruneRecord":     &valisev1.PruneRecordRequest{DryRun: true},
	"GetPaper":        &valisev1.GetPaperRequest{Thread: nothing},
	"CheckPaper":      &valisev1.CheckPaperRequest{Digest: nothing + nothing},
	"VerifyRecord":    &valisev1.VerifyRecordRequest{},
	"GetHead":         &valisev1.GetHeadRequest{},
	"GetDirectory":    &valisev1.GetDirectoryRequest{},
	"ListContacts":    &valisev1.ListContactsRequest{},
	"ImportDirectory": &valisev1.ImportDirectoryRequest{Bundle: make([]byte, 100)},

	"StartCheck":        &valisev1.StartCheckRequest{To: []string{xb.String()}},
	"ListChecks":        &valisev1.ListChecksRequest{},
	"GetCheck":          &valisev1.GetCheckRequest{Campaign: nothing},
	"FollowUpCheck":     &valisev1.FollowUpCheckRequest{Campaign: nothing, Address: xb.String(), Contact: &valisev1.ContactLog{Person: "B"}},
	"GetCheckCalendar":  &valisev1.GetCheckCalendarRequest{},
	"ListEntryContacts": &valisev1.ListEntryContactsRequest{Address: xb.String()},
	"GetEvidence":       &valisev1.GetEvidenceRequest{},
	"SettleQuestion":    &valisev1.SettleQuestionRequest{Note: "x"},
	"ConfirmRoot":       &valisev1.ConfirmRootRequest{State: "XB", Fingerprint: ident.KeyID{1}.Fingerprint(), Contact: &valisev1.ContactLog{Person: "B"}},

	"ImportOther":   &valisev1.ImportOtherRequest{Directory: &valisev1.OtherDirectory{Id: "rof", Name: "F"}},
	"RemoveOther":   &valisev1.RemoveOtherRequest{Id: "rof"},
	"ListOthers":    &valisev1.ListOthersRequest{},
	"CompareOthers": &valisev1.CompareOthersRequest{State: "XB"},

	"GetExercise":    &valisev1.GetExerciseRequest{},
	"WatchExercise":  &valisev1.WatchExerciseRequest{},
	"RaiseRealEvent": &valisev1.RaiseRealEventRequest{},

	"GetStatus":     &valisev1.GetStatusRequest{},
	"CopyRecord":    &valisev1.CopyRecordRequest{},
	"NoteBackup":    &valisev1.NoteBackupRequest{Created: timestamppb.New(start), Head: &valisev1.KnownHead{Root: nothing + nothing}},
	"RotateKeys":    &valisev1.RotateKeysRequest{},
	"ResumeSending": &valisev1.ResumeSendingRequest{},
	"AddOfficer":    &valisev1.AddOfficerRequest{Officer: &valisev1.Officer{Name: "new", Roles: []valisev1.Role{duty}}},
	"ListOfficers":  &valisev1.ListOfficersRequest{},
	"RemoveOfficer": &valisev1.RemoveOfficerRequest{Name: "nobody"},
	"WhoAmI":        &valisev1.WhoAmIRequest{},
}

func notice() *valisev1.VoluntaryNotice {
	return &valisev1.VoluntaryNotice{Originator: &valisev1.Person{Name: "A. Officer " + canary, Phone: "+99900000001"}, Title: "Scans"}
}

// TestRoles: each officer has one role; what is not in its list is refused, what is gets past the
// door. node_admin sees no content, and exercise_controller none either. A-9 s4
func TestRoles(t *testing.T) {
	common := "VerifyRecord GetHead GetDirectory ListContacts ListOthers CompareOthers GetStatus ListOfficers WhoAmI GetExercise WatchExercise RaiseRealEvent "
	ledger := " GetPaper CheckPaper AddNote ListNotes ListConsents ListChecks GetCheck GetCheckCalendar ListEntryContacts"
	writes := " SendNotice ReviseMessage LinkThreads OpenThread" + ledger
	for role, may := range map[valisev1.Role]string{
		duty:                                   common + "SendInquiry Reply LogContact RetractMessage ClearMessage ListThreads GetThread Watch UploadAttachment GetAttachment StartCheck ConfirmRoot GetEvidence SettleQuestion FollowUpCheck" + writes,
		valisev1.Role_ROLE_DRAFTER:             common + "SendInquiry Reply LogContact RetractMessage ClearMessage ListThreads GetThread Watch UploadAttachment GetAttachment FollowUpCheck" + writes,
		valisev1.Role_ROLE_CLEARER:             common + "RetractMessage ClearMessage SendBackMessage ListThreads GetThread Watch GetAttachment OpenThread" + ledger,
		keeps:                                  common + "ListThreads GetThread Watch ListItems GetItem GetAttachment ExportRecord PruneRecord" + ledger,
		admin:                                  common + "ConfirmRoot GetEvidence SettleQuestion CopyRecord NoteBackup ResumeSending RotateKeys ImportDirectory ImportOther RemoveOther AddOfficer RemoveOfficer",
		valisev1.Role_ROLE_EXERCISE_CONTROLLER: common,
	} {
		w := newWorld(t)
		allowed := strings.Fields(may)
		for name, roles := range permissions { // what the core refuses too does not show below whether the door would
			if _, method, _ := strings.Cut(name, "/"); slices.Contains(roles, role) != contain(allowed, method) {
				t.Errorf("the row of %s is wrong for %v", name, role)
			}
		}
		for way, conn := range w.ways(t, role) {
			for name, call := range every(conn) {
				err := call(t.Context())
				e, isRefusal := FromStatus(err)
				refused := isRefusal && e.Reason == denied
				if want := !contain(allowed, name); refused != want {
					t.Errorf("%v by %s calling %s: %v", role, way, name, err)
				}
			}
		}
	}
}

// ways are connections of one officer each, who has this role and is known by what the way says.
func (w *world) ways(t *testing.T, role valisev1.Role) map[string]*grpc.ClientConn {
	t.Helper()
	certificate := w.certified(t, "certified", role)
	w.people.list = append(w.people.list, &valisev1.Officer{Name: "local", Roles: []valisev1.Role{role}, Uids: []uint32{uint32(os.Getuid())}})
	d := w.serveTCP(t)
	return map[string]*grpc.ClientConn{
		"token": w.call(t, roleToken(role)), "certificate": d.mustDial(t, certificate), "user id": dial(t, d.socket, DialOptions{}),
	}
}

// TestEveryMethodHasARow: what stands in no row is refused to everybody, and no row is for nothing.
func TestEveryMethodHasARow(t *testing.T) {
	w := newWorld(t)
	s := grpc.NewServer(w.server.ServerOptions()...)
	w.server.Register(s)
	for _, service := range services() {
		if _, offered := s.GetServiceInfo()[string(service.FullName())]; !offered {
			t.Errorf("%s is in the contract and nobody offers it", service.FullName())
		}
		for i := range service.Methods().Len() {
			if name := string(service.Methods().Get(i).Name()); requests[name] == nil {
				t.Errorf("%s is called by no test of roles", name)
			}
		}
	}
	methods := map[string]bool{}
	for service, info := range s.GetServiceInfo() {
		for _, m := range info.Methods {
			if name, ours := strings.CutPrefix("/"+service+"/"+m.Name, servicePrefix); ours {
				methods[name] = true
			}
		}
	}
	for name := range methods {
		if len(permissions[name]) == 0 {
			t.Errorf("%s is for nobody", name)
		}
	}
	for name := range permissions {
		if !methods[name] {
			t.Errorf("%s is no method", name)
		}
	}
	w.server.allowed = map[string][]valisev1.Role{}
	for name, call := range every(w.call(t, roleToken(duty))) {
		if e, ok := FromStatus(call(t.Context())); !ok || e.Reason != denied {
			t.Errorf("%s is answered without a row", name)
		}
	}
}

// TestTheCoreKeepsTheSameRoles: behind the table the gateway refuses the same officers by itself, so
// that neither is the only wall. Events have no officer there.
func TestTheCoreKeepsTheSameRoles(t *testing.T) {
	open := map[string][]valisev1.Role{}
	for name := range permissions {
		open[name] = anyone
	}
	for _, role := range anyone {
		w := newWorld(t)
		w.server.allowed = open
		calls := every(w.call(t, roleToken(role)))
		for name, roles := range permissions {
			service, method, _ := strings.Cut(name, "/")
			if own := service == "InquiryService" || service == "RecordService" || checksOwn[method]; !own || method == "Watch" || len(roles) == len(anyone) {
				continue
			}
			err := calls[method](t.Context())
			e, isRefusal := FromStatus(err)
			if refused := isRefusal && e.Reason == denied; refused == slices.Contains(roles, role) {
				t.Errorf("%v calling %s, past the table: %v", role, name, err)
			}
		}
	}
}

// checksOwn are the methods of DirectoryService that the gateway answers: content of threads. A-8
var checksOwn = map[string]bool{
	"ImportOther": true, "RemoveOther": true,
	"ConfirmRoot": true, "GetEvidence": true, "SettleQuestion": true, "StartCheck": true, "ListChecks": true, "GetCheck": true, "FollowUpCheck": true, "GetCheckCalendar": true, "ListEntryContacts": true,
}

func contain(list []string, s string) bool {
	return slices.Contains(list, s)
}

// TestWithoutCredential: no or a wrong credential gets nothing but the health service.
func TestWithoutCredential(t *testing.T) {
	w := newWorld(t)
	for name, md := range map[string][]string{
		"nothing":       {},
		"wrong token":   {tokenKey, bearer + "guess"},
		"empty token":   {tokenKey, bearer},
		"no bearer":     {tokenKey, roleToken(duty)},
		"two tokens":    {tokenKey, bearer + roleToken(duty), tokenKey, bearer + roleToken(admin)},
		"another name":  {tokenKey, bearer + roleToken(duty), officerKey, roleToken(admin)},
		"only a name":   {officerKey, roleToken(admin)},
		"two names":     {tokenKey, bearer + roleToken(duty), officerKey, roleToken(duty), officerKey, roleToken(admin)},
		"a long token":  {tokenKey, bearer + strings.Repeat("x", 5000)},
		"hash as token": {tokenKey, bearer + hashOf(roleToken(duty))},
	} {
		conn := w.call(t, "")
		for method, call := range every(conn) {
			err := call(metadata.AppendToOutgoingContext(t.Context(), md...))
			if e, ok := FromStatus(err); !ok || e.Reason != denied {
				t.Errorf("%s: %s answered %v", name, method, err)
			}
		}
		if answer, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{}); err != nil || answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("health answers %v, %v", answer, err)
		}
	}
	if w.record.Items(t.Context()) != newWorld(t).record.Items(t.Context()) {
		t.Error("something was recorded")
	}
}
