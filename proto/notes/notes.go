package notes

import (
	"embed"
	"fmt"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// Note names one version of a note. docs/protocol.md §5.5
type Note struct {
	ID      string // "without-prejudice" or "territory"
	Version uint32 // from 1
}

// Ids of the notes. docs/protocol.md §5.5
const (
	// WithoutPrejudice says that to acknowledge is not to agree. A-10 s4
	WithoutPrejudice = "without-prejudice"
	// Territory says that to tell a State of an act is not to hold it responsible. A-10 s5
	Territory = "territory"
)

//go:embed text/*.txt
var files embed.FS

// Languages lists the six languages in which every note can be read, in the order in which
// the United Nations lists them in English: ar zh en fr ru es. A-7a-iv
func Languages() []string { return []string{"ar", "zh", "en", "fr", "ru", "es"} }

// For lists the notes that every message of kind must carry, at the version that is attached
// today; nil for kinds that need none. A-10 s4, s5
func For(kind valisev1.Kind) []Note {
	switch kind {
	case valisev1.Kind_KIND_ACKNOWLEDGEMENT, valisev1.Kind_KIND_HOLDING_REPLY, valisev1.Kind_KIND_RESPONSE:
		return []Note{{WithoutPrejudice, 1}} // A-10 s4
	case valisev1.Kind_KIND_INQUIRY, valisev1.Kind_KIND_VOLUNTARY_NOTICE:
		return []Note{{Territory, 1}} // A-10 s5
	default:
		return nil
	}
}

// Text returns the note in the given language, without a line end. The language is a BCP 47
// tag of which only the first part counts, so that "fr-CA" reads French. ok is false for an
// unknown id or version and for a language that is not one of the six: show English then.
// docs/protocol.md §5.5
func Text(id string, version uint32, language string) (text string, ok bool) {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	if !isWord(id) || !isWord(primary) {
		return "", false
	}
	b, err := files.ReadFile(fmt.Sprintf("text/%s.%d.%s.txt", id, version, primary))
	if err != nil {
		return "", false
	}
	return strings.TrimSuffix(string(b), "\n"), true
}

// References are the notes of kind as they stand in a message's preamble; nil when it needs
// none. docs/protocol.md §5.5
func References(kind valisev1.Kind) []*valisev1.NoteReference {
	var refs []*valisev1.NoteReference
	for _, n := range For(kind) {
		refs = append(refs, &valisev1.NoteReference{Id: n.ID, Version: n.Version})
	}
	return refs
}

// Carried reports whether refs name every note that kind needs. A version newer than ours
// counts: the peer's software may be younger. docs/protocol.md §5.5
func Carried(kind valisev1.Kind, refs []*valisev1.NoteReference) bool {
	for _, n := range For(kind) {
		if !contains(refs, n.ID) {
			return false
		}
	}
	return true
}

func contains(refs []*valisev1.NoteReference, id string) bool {
	for _, r := range refs {
		if r.GetId() == id && r.GetVersion() >= 1 {
			return true
		}
	}
	return false
}

// isWord keeps what a peer names from reaching the file name as anything but a name.
func isWord(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return s != ""
}
