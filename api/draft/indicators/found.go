package indicators

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

// Format is how a file is written.
type Format int

// The formats that a draft can be filled from.
const (
	// MISP is one event as MISP exports it.
	MISP Format = iota
	// STIX is one bundle of STIX 2.1.
	STIX
)

// maxTitle is what the contract lets a title have, in bytes.
const maxTitle = 800

// Found is what a file says that a draft has a place for.
type Found struct {
	// Source is what the file is, in words.
	Source string
	// MediaType is by which it travels; a claim like every other.
	MediaType string
	// Title is one line, safe to show; empty where the file has none.
	Title string
	// Reference is the id under which the file's own tool keeps it; empty where it has none.
	Reference string
	// Nature is the RSIT class, where the file has one.
	Nature string
	// Sectors are those that the file says are affected.
	Sectors sectors
	// Indicators is how many it holds: attributes marked for detection, or indicator objects.
	Indicators int

	seen    seen
	labels  labels
	counted string
	unnamed int
	remarks []string
}

// Read takes from data, the whole file, what a draft has a place for. The error is always
// *draft.Error: REASON_TOO_LARGE, REASON_BAD_TEXT, or REASON_BAD_ATTACHMENT where the file is none of
// this format. I-2
func Read(format Format, data []byte) (*Found, error) {
	root, err := parse(data)
	if err != nil {
		return nil, err
	}
	if format == STIX {
		return readSTIX(root)
	}
	return readMISP(root)
}

func (f *Found) remark(line string) { f.remarks = append(f.remarks, line) }

// Tlp is the label of message and attachment: the stricter of the file's and the default. A-11 s2
func (f *Found) Tlp() valisev1.Tlp { return f.labels.stricter() }

// Pap is the strictest that the file says; unspecified where it says none. A-11
func (f *Found) Pap() valisev1.Pap { return f.labels.pap }

// Inquiry is the inquiry that names file, a name without a folder, and asks as originator, or as the
// example of every template where that is nil. What the file does not say is absent. The error is
// always *draft.Error with REASON_BAD_ATTACHMENT, for a name that no attachment may have. I-1, I-2
func (f *Found) Inquiry(file string, originator *valisev1.Person) (*valisev1.Inquiry, error) {
	if err := draft.CheckAttachmentName(file); err != nil {
		return nil, err
	}
	if originator == nil {
		example, _, err := draft.ParseInquiry([]byte(draft.Template(valisev1.Kind_KIND_INQUIRY)))
		if err != nil {
			return nil, err
		}
		originator = example.GetOriginator()
		f.remark("Nobody stands in [originator] but an example: put in who asks and how to reach them (I-1).")
	}
	inquiry := &valisev1.Inquiry{
		Preamble:   &valisev1.Preamble{OwnReference: f.Reference, Tlp: f.Tlp(), Pap: f.Pap()},
		Originator: originator, Title: f.Title, Narrative: f.narrative(),
		RequestType: valisev1.RequestType_REQUEST_TYPE_INFORMATION,
		Attachments: []*valisev1.Attachment{{Name: file, MediaType: f.MediaType, Tlp: f.Tlp(), Pap: f.Pap()}},
	}
	inquiry.Incident = f.incident()
	return inquiry, nil
}

// narrative counts, and repeats no indicator.
func (f *Found) narrative() string {
	lines := []string{f.counted}
	if !f.seen.first.IsZero() {
		lines = append(lines, fmt.Sprintf("According to it, first seen %s, last seen %s.",
			f.seen.first.Format(time.RFC3339), f.seen.last.Format(time.RFC3339)))
	}
	return strings.Join(lines, "\n") + "\n"
}

// incident holds what the file says of it, nil where it says nothing: what was last seen need not
// have ended, and what was seen need not have been noticed then. I-2, A-10b
func (f *Found) incident() *valisev1.Incident {
	if f.seen.first.IsZero() && f.Nature == "" && len(f.Sectors) == 0 {
		return nil
	}
	incident := &valisev1.Incident{}
	if !f.seen.first.IsZero() {
		_, offset := f.seen.first.Zone()
		incident.Started = &valisev1.TimeFact{Fact: &valisev1.TimeFact_Value{Value: &valisev1.ZonedTime{
			At: timestamppb.New(f.seen.first), OffsetMinutes: int32(offset / 60),
		}}}
	}
	if f.Nature != "" {
		incident.Nature = &valisev1.TextFact{Fact: &valisev1.TextFact_Value{Value: f.Nature}}
	}
	if len(f.Sectors) > 0 {
		incident.AffectedSectors = &valisev1.ListFact{Values: f.Sectors}
	}
	return incident
}

// Remarks are what an officer should know of how the draft was filled, one line each.
func (f *Found) Remarks() []string {
	lines := append([]string{}, f.labels.remarks()...)
	if f.seen.unreadable > 0 {
		lines = append(lines, fmt.Sprintf("%d times in the file have no zone or cannot be read: they are left out.", f.seen.unreadable))
	}
	if f.unnamed > 0 {
		lines = append(lines, fmt.Sprintf("%d objects of the file have no id and are not counted.", f.unnamed))
	}
	return append(lines, f.remarks...)
}

// Draft writes inquiry as TOML under what an officer should know of it. It parses as it stands.
func (f *Found) Draft(inquiry *valisev1.Inquiry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# An inquiry filled from %s. Read it before you send it: no person has checked it.\n", f.Source)
	b.WriteString("# `started` is when something was first seen, if the file says so. `valise inquiry template` shows every other key.\n")
	for _, line := range f.Remarks() {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	b.WriteString("\n" + draft.Format(inquiry))
	return b.String()
}
