package api

import (
	"slices"
	"strings"

	"valise.example/gateway"
	valisev1 "valise.example/proto/valise/v1"
)

// Sets of roles as the rows of the table below name them. A-9 s4
var (
	// anyone are all roles: what holds no content is for every officer.
	anyone = []valisev1.Role{
		valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER,
		valisev1.Role_ROLE_RECORD_KEEPER, valisev1.Role_ROLE_NODE_ADMIN, valisev1.Role_ROLE_EXERCISE_CONTROLLER,
	}
	// readers may see what was said, and with whom; node_admin is not among them.
	readers = []valisev1.Role{
		valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER, valisev1.Role_ROLE_RECORD_KEEPER,
	}
	// desk are those who have a hand in what goes out and open what comes in.
	desk    = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER, valisev1.Role_ROLE_CLEARER}
	writers = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_DRAFTER}
	// dutyOfficers ask for communication checks, and answer them. A-8 s2
	dutyOfficers = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}
	// callers call back about a State's root; in a small State whoever runs the node does.
	// docs/protocol.md §8.5
	callers = []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_NODE_ADMIN}

	clearers = []valisev1.Role{valisev1.Role_ROLE_CLEARER}
	keepers  = []valisev1.Role{valisev1.Role_ROLE_RECORD_KEEPER}
	admins   = []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}
)

// permissions says for each method which roles may call it; an officer needs one of them. What has
// no row is refused to everybody. The gateway decides the rest: which track, which message, whose
// draft. docs/api.md shows these rows. A-9 s4
var permissions = map[string][]valisev1.Role{
	"InquiryService/SendInquiry":      writers,
	"InquiryService/Reply":            writers,
	"InquiryService/SendNotice":       writers,
	"InquiryService/ReviseMessage":    writers,
	"InquiryService/AddNote":          readers,
	"InquiryService/ListNotes":        readers,
	"InquiryService/LinkThreads":      writers,
	"InquiryService/OpenThread":       desk,
	"InquiryService/LogContact":       writers,
	"InquiryService/RetractMessage":   desk,
	"InquiryService/ClearMessage":     desk,
	"InquiryService/SendBackMessage":  clearers,
	"InquiryService/ListThreads":      readers,
	"InquiryService/GetThread":        readers,
	"InquiryService/UploadAttachment": writers,
	"InquiryService/GetAttachment":    readers,
	"InquiryService/Watch":            readers,

	"RecordService/ListItems":    keepers,
	"RecordService/GetItem":      keepers,
	"RecordService/VerifyRecord": anyone,
	"RecordService/GetHead":      anyone,
	"RecordService/ExportRecord": keepers,
	"RecordService/ListConsents": readers,
	"RecordService/PruneRecord":  keepers,
	"RecordService/GetPaper":     readers,
	"RecordService/CheckPaper":   readers,

	"DirectoryService/GetDirectory":    anyone,
	"DirectoryService/ListContacts":    anyone,
	"DirectoryService/ImportDirectory": admins,

	"DirectoryService/StartCheck":        dutyOfficers,
	"DirectoryService/ListChecks":        readers,
	"DirectoryService/GetCheck":          readers,
	"DirectoryService/FollowUpCheck":     writers,
	"DirectoryService/GetCheckCalendar":  readers,
	"DirectoryService/ListEntryContacts": readers,
	"DirectoryService/ConfirmRoot":       callers,
	"DirectoryService/GetEvidence":       callers,
	"DirectoryService/SettleQuestion":    callers,

	"DirectoryService/ImportOther":   admins,
	"DirectoryService/RemoveOther":   admins,
	"DirectoryService/ListOthers":    anyone,
	"DirectoryService/CompareOthers": anyone,

	"NodeService/GetStatus":     anyone,
	"NodeService/CopyRecord":    admins,
	"NodeService/NoteBackup":    admins,
	"NodeService/ResumeSending": admins,
	"NodeService/RotateKeys":    admins,

	"OfficerService/AddOfficer":    admins,
	"OfficerService/ListOfficers":  anyone,
	"OfficerService/RemoveOfficer": admins,
	"OfficerService/WhoAmI":        anyone,

	"ExerciseService/GetExercise":    anyone,
	"ExerciseService/WatchExercise":  anyone,
	"ExerciseService/RaiseRealEvent": anyone,
}

// servicePrefix stands before the name of each of our services in a gRPC path.
const servicePrefix = "/valise.v1."

// permit refuses a caller who has none of the roles of a method's row. A-9 s4
func (s *Server) permit(actor gateway.Actor, method string) error {
	roles, ok := s.allowed[strings.TrimPrefix(method, servicePrefix)]
	if !ok {
		return refusal(valisev1.Reason_REASON_NOT_PERMITTED, "")
	}
	if slices.ContainsFunc(roles, func(r valisev1.Role) bool { return slices.Contains(actor.Roles, r) }) {
		return nil
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = strings.ToLower(strings.TrimPrefix(r.String(), "ROLE_"))
	}
	return refusal(valisev1.Reason_REASON_NOT_PERMITTED, "this needs the role "+strings.Join(names, " or "))
}
