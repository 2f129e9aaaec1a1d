package draft

import (
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// KeyOf is the key of a draft of kind for a field that an error names as the contract does:
// "preferred_channel[1].kind" for "preferred_channels[1].kind", "translation[0].text" for
// "preamble.translations[0].text". Of a path that leads further than any key, it is the key that it
// leads through; empty where no key is on the way, and for a kind without a draft.
// docs/protocol.md §5.1, §10
func KeyOf(kind valisev1.Kind, path string) string {
	key, s := "", shapeOf(kind)
	for s != nil && path != "" {
		r, rest, ok := s.rowAt(path)
		if !ok {
			return key
		}
		at := ""
		if strings.HasPrefix(rest, "[") {
			number, _, _ := strings.Cut(rest, "]")
			at, rest = number+"]", rest[len(number)+1:]
		}
		key = join(key, r.key+at)
		s, path = r.sub, strings.TrimPrefix(rest, ".")
	}
	return key
}

// rowAt finds the row that a path leads to first, and what follows it there.
func (s *shape) rowAt(path string) (found row, rest string, ok bool) {
	for _, r := range s.rows {
		after, fits := strings.CutPrefix(path, r.path)
		if fits && (after == "" || after[0] == '.' || after[0] == '[' && strings.Contains(after, "]")) && !r.describes() {
			return r, after, true
		}
	}
	return row{}, "", false
}
