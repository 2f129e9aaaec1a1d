package draft

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
)

// Format writes a payload as the draft it could have come from: Parse of it gives the payload
// back, without what only the node fills in. Empty for a kind that no draft is written for.
func Format(payload proto.Message) string {
	if payload == nil || !payload.ProtoReflect().IsValid() {
		return ""
	}
	var b strings.Builder
	write(&b, bodyShape(payload), "", Body(payload))
	return strings.TrimPrefix(b.String(), "\n")
}

func write(b *strings.Builder, s *shape, path string, body map[string]any) {
	for _, row := range s.rows {
		if v, ok := body[row.key]; ok && !row.shown && (!row.isTable() || isAbsence(v)) {
			fmt.Fprintf(b, "%s = %s\n", row.key, tomlValue(v))
		}
	}
	for _, row := range s.rows {
		if row.shown || !row.isTable() || isAbsence(body[row.key]) {
			continue
		}
		at := join(path, row.key)
		switch v := body[row.key].(type) {
		case map[string]any:
			fmt.Fprintf(b, "\n[%s]\n", at)
			write(b, row.sub, at, v)
		case []map[string]any:
			for _, table := range v {
				fmt.Fprintf(b, "\n[[%s]]\n", at)
				write(b, row.sub, at, table)
			}
		}
	}
}

// isAbsence reports whether Body shows why a value is not there. A-10b
func isAbsence(v any) bool {
	_, ok := absenceOf(v)
	return ok
}

// tomlValue writes what Body makes of one value.
func tomlValue(v any) string {
	switch v := v.(type) {
	case string:
		return tomlString(v)
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = tomlString(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case map[string]any:
		for name := range v {
			return "{ " + name + " = true }"
		}
		return "{}"
	}
	return fmt.Sprint(v)
}

// tomlString quotes s; text of several lines keeps its lines.
func tomlString(s string) string {
	quote, open := `"`, `"`
	if strings.Contains(s, "\n") {
		quote, open = `"""`, "\"\"\"\n"
	}
	var b strings.Builder
	b.WriteString(open)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case checkRune(r, true) != "":
			fmt.Fprintf(&b, "\\U%08X", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(quote)
	return b.String()
}
