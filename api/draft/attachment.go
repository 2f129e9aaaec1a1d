package draft

import (
	"errors"
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
		r.refs = append(r.refs, AttachmentRef{Name: name, Line: r.outline.at(at)})
		m.Mutable(fd).List().Append(protoreflect.ValueOfMessage((&valisev1.Attachment{Name: name}).ProtoReflect()))
	}
}
