package draft

import (
	"fmt"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// Template is a draft of kind to fill in: every key with one line that explains it. It parses
// as it stands; keys that need not be filled in stand behind a comment sign. Empty for a kind
// that no draft is written for.
func Template(kind valisev1.Kind) string {
	s := shapeOf(kind)
	if s == nil {
		return ""
	}
	var b strings.Builder
	for line := range strings.SplitSeq(s.intro, "\n") {
		fmt.Fprintf(&b, "# %s\n", line)
	}
	if _, ok := absentFacts(s.message.ProtoReflect()); ok {
		b.WriteString("# A value that need not be given may say why it is not there: { unknown = true }, { withheld = true } or\n" +
			"# { not_applicable = true } (A-10b).\n")
	}
	template(&b, s, "", true)
	return b.String()
}

func template(b *strings.Builder, s *shape, path string, live bool) {
	sign := func(r row) string {
		if live && r.live {
			return ""
		}
		return "#"
	}
	for _, r := range s.rows {
		if r.shown || r.isTable() {
			continue
		}
		if path == "" {
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "# %s\n%s%s = %s\n", r.doc, sign(r), r.key, r.example)
	}
	for _, r := range s.rows {
		if r.shown || !r.isTable() {
			continue
		}
		at := join(path, r.key)
		header := "[" + at + "]"
		if r.field(s.message.ProtoReflect().Descriptor()).IsList() {
			header = "[" + header + "]"
		}
		fmt.Fprintf(b, "\n# %s\n%s%s\n", r.doc, sign(r), header)
		template(b, r.sub, at, live && r.live)
	}
}
