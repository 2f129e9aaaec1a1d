package draft

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

// maxName is how many bytes a file name may have. docs/protocol.md §6
const maxName = 200

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
	if what := badName(name); what != "" {
		return refuse(valisev1.Reason_REASON_BAD_ATTACHMENT, "%s", what)
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "a file name is empty"
	case len(name) > maxName:
		return "a file name has more than 200 bytes"
	case !utf8.ValidString(name) || CheckLine(name) != nil:
		return "a file name holds characters that turn or hide text"
	case strings.ContainsAny(name, `/\`):
		return "a file name names a folder: attachments stand beside the draft"
	case strings.ContainsAny(name, `:*?"<>|`):
		return `a file name holds one of : * ? " < > |, which not every system can store`
	case strings.HasPrefix(name, "-") || strings.HasPrefix(name, " "):
		return "a file name begins with a hyphen or a blank"
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return "a file name ends in a dot or a blank"
	case isDevice(name):
		return "a file name is that of a device"
	}
	return ""
}

// isDevice reports whether some systems open a device under this name, whatever its extension.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	if port, ok := strings.CutPrefix(base, "COM"); ok {
		return isPort(port)
	}
	port, ok := strings.CutPrefix(base, "LPT")
	return ok && isPort(port)
}

func isPort(s string) bool {
	return len(s) > 0 && utf8.RuneCountInString(s) == 1 && strings.ContainsAny(s, "0123456789¹²³")
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
