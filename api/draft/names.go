package draft

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	valisev1 "valise.example/proto/valise/v1"
)

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func isLanguage(s string) bool { return languageTag.MatchString(s) }

// EnumName is how a draft writes the value v: "TLP:AMBER+STRICT", "urgent". docs/protocol.md §5.1
func EnumName(v protoreflect.Enum) string { return enumName(v.Descriptor(), v.Number()) }

// enumName is how a draft writes an enum value: the label itself for TLP and PAP, which are
// never translated, else the lower-case name without its prefix. Values this version does not
// know are shown by number.
func enumName(ed protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	v := ed.Values().ByNumber(n)
	if v == nil {
		return fmt.Sprintf("unknown-%d", n)
	}
	name := strings.TrimPrefix(string(v.Name()), enumPrefix(ed))
	switch ed.Name() {
	case "Tlp", "Pap":
		return strings.ToUpper(string(ed.Name())) + ":" + strings.ReplaceAll(name, "_", "+")
	}
	return strings.ToLower(name)
}

// enumPrefix is "REQUEST_TYPE_" for RequestType.
func enumPrefix(ed protoreflect.EnumDescriptor) string {
	first := string(ed.Values().ByNumber(0).Name())
	return strings.TrimSuffix(first, "UNSPECIFIED")
}

// enumNames are the values a draft may write, in the order of the contract.
func enumNames(ed protoreflect.EnumDescriptor) []string {
	var names []string
	for i := range ed.Values().Len() {
		if n := ed.Values().Get(i).Number(); n != 0 {
			names = append(names, enumName(ed, n))
		}
	}
	return names
}

func enumValue(ed protoreflect.EnumDescriptor, s string) (protoreflect.Value, error) {
	names := enumNames(ed)
	for i := range ed.Values().Len() {
		if n := ed.Values().Get(i).Number(); n != 0 && enumName(ed, n) == s {
			return protoreflect.ValueOfEnum(n), nil
		}
	}
	e := flawed(FlawNoChoice, valisev1.Reason_REASON_BAD_DRAFT, "is none of %s", strings.Join(names, ", "))
	e.Suggestion = closest(s, names)
	return protoreflect.Value{}, e
}

// nearest is the key that was probably meant by a key that is not there: the same key in
// another table first, then one that is spelt much the same.
func (s *shape) nearest(path, key string) string {
	var keys []string
	for _, r := range s.rows {
		if !r.shown {
			keys = append(keys, r.key)
		}
	}
	if near := closest(key, keys); near != "" {
		return near
	}
	for _, r := range s.rows {
		if r.sub == nil {
			continue
		}
		if _, ok := r.sub.row(strings.ToLower(key)); ok {
			return join(path, r.key) + "." + strings.ToLower(key)
		}
	}
	return ""
}

// closest returns the candidate that needs the fewest changes, at most a third of its length.
func closest(s string, candidates []string) string {
	if len(s) > bounds.KeyLen {
		return ""
	}
	best, least := "", len(s)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(s), strings.ToLower(c)); d <= min(least, len(c)/3+1) && (best == "" || d < least) {
			best, least = c, d
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a
// into b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
