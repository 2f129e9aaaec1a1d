package draft

import (
	"errors"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/reflect/protoreflect"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// AttachmentRef is a file that a draft names. Its bytes are read by the caller, from the folder
// of the draft and through os.Root, so that no name can leave that folder.
type AttachmentRef struct {
	// Name without a folder, as CheckAttachmentName accepts it.
	Name string
	// Line in the draft, from 1.
	Line int
}

// CheckAttachmentName refuses what is not a plain file name on every system an officer may use:
// folders, drives, device names, names over 200 bytes, names that end in a dot or blank, and
// characters that turn or hide text. The error is always *Error with REASON_BAD_ATTACHMENT.
// docs/protocol.md §6
func CheckAttachmentName(name string) error {
	if what := ident.FileNameFlaw(name); what != "" {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "%s", what)
	}
	return nil
}

// attachments reads names. The message carries the names only; size, hash and parts are filled
// in by whoever reads the files.
func (r *reader) attachments(path string, v any, row row, m protoreflect.Message) {
	fd := row.field(m.Descriptor())
	elements, ok := v.([]any)
	if !ok {
		r.wrong(path, wrongType("a list of file names", v))
		return
	}
	if e, ok := errors.AsType[*Error](checkCount(fd, len(elements))); ok {
		r.wrong(path, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "%s", e.Detail))
		return
	}
	seen := map[string]bool{}
	for i, element := range elements {
		at := index(path, i)
		name, ok := element.(string)
		if !ok {
			r.wrong(at, wrongType("a list of file names", element))
			return
		}
		if err := CheckAttachmentName(name); err != nil {
			r.wrong(at, err)
			return
		}
		// Two names that some systems take for one would overwrite each other at the other side.
		folded := strings.ToLower(norm.NFC.String(name))
		if seen[folded] {
			r.wrong(at, refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "a file name stands there twice"))
			return
		}
		seen[folded] = true
		r.refs = append(r.refs, AttachmentRef{Name: name, Line: r.outline.At(at)})
		m.Mutable(fd).List().Append(protoreflect.ValueOfMessage((&valisev1.Attachment{Name: name}).ProtoReflect()))
	}
}

// attachmentRow says more of a file than its name. It stands beside the list of names, so that a
// reader who wants only names has one plain list. docs/protocol.md §6
var attachmentRow = row{
	key: "attachment", path: "attachments",
	doc: "What one of these files is, and how to treat it; repeat this table for each file of which you say so.",
	sub: &shape{message: &valisev1.Attachment{}, rows: []row{
		{key: "name", path: "name", doc: "Its name, as in attachments.", example: `"log-excerpt.txt"`, live: true},
		{
			key: "media_type", path: "media_type",
			doc:     "Its media type: application/stix+json;version=2.1, application/vnd.misp+json, application/csaf+json, application/iodef+json, … A claim: nothing acts on it.",
			example: `"text/plain"`, live: true,
		},
		{key: "tlp", path: "tlp", doc: "Its own label, where it is not that of the message (A-11 s2).", example: `"TLP:RED"`},
		{key: "pap", path: "pap", doc: "Its own permissible actions, where they are not those of the message (A-11).", example: `"PAP:RED"`},
		{key: "size", path: "size", shown: true},
		{key: "sha256", path: "sha256", shown: true},
		{key: "parts", path: "parts", shown: true},
	}},
}

// describes reports whether r says more of files that another row names.
func (r row) describes() bool { return r.key == attachmentRow.key && r.path == attachmentRow.path }

// isDescribed reports whether a draft says more of a file than its name.
func isDescribed(m protoreflect.Message) bool {
	a, ok := m.Interface().(*valisev1.Attachment)
	return ok && (a.GetMediaType() != "" || a.GetTlp() != 0 || a.GetPap() != 0)
}

// describe reads what a draft says of the files that it has named. Names are read before, because
// plain values stand before tables in every shape.
func (r *reader) describe(path string, v any, row row, m protoreflect.Message) {
	elements, ok := tablesOf(v)
	if !ok {
		r.wrong(path, wrongType("one or more tables", v))
		return
	}
	list := m.Get(row.field(m.Descriptor())).List()
	seen := map[string]bool{}
	for i, in := range elements {
		at := index(path, i)
		said := &valisev1.Attachment{}
		r.table(at, in, row.sub, said.ProtoReflect())
		file := named(list, said.GetName())
		switch {
		case said.GetName() == "": // table has said so
		case file == nil:
			r.wrong(join(at, "name"), refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "is none of the names in attachments"))
		case seen[said.GetName()]:
			r.wrong(join(at, "name"), refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "is described twice"))
		default:
			file.MediaType, file.Tlp, file.Pap = said.GetMediaType(), said.GetTlp(), said.GetPap()
			seen[said.GetName()] = true
		}
	}
}

func named(list protoreflect.List, name string) *valisev1.Attachment {
	for i := range list.Len() {
		if a, ok := list.Get(i).Message().Interface().(*valisev1.Attachment); ok && a.GetName() == name {
			return a
		}
	}
	return nil
}

// mediaType is type, subtype and parameters as RFC 6838 and RFC 2045 write them.
var mediaType = regexp.MustCompile(`^[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9][\w!#$&^.+-]*( ?; ?[\w!#$&^.+-]+=("[^"\\]*"|[\w!#$&^.+-]+))*$`)
