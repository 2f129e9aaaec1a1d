package scenario

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strconv"
)

//go:embed scenario.schema.json
var schema []byte

// Schema is the form of a file as JSON Schema 2020-12, for editors: a TOML file is checked as the JSON that says
// the same. It comes from the table by which Parse reads. What no single key can tell, Parse and Lint say.
// docs/scenario.md §1
func Schema() []byte { return slices.Clone(schema) }

// makeSchema writes what scenario.schema.json holds.
func makeSchema() ([]byte, error) {
	defs := map[string]any{}
	root := fileShape().schema(defs, true)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://valise.example/scenario.schema.json"
	root["title"] = Format
	root["$defs"] = defs
	b, err := json.MarshalIndent(root, "", " ")
	return append(b, '\n'), err
}

// schema puts what has a name of its own into defs, once.
func (s *shape) schema(defs map[string]any, root bool) map[string]any {
	name := s.ref
	if s.byLang {
		name = "texts" + strconv.FormatInt(s.keys[0].shape.most, 10)
	}
	if name == "" || root {
		return s.described(defs)
	}
	if _, ok := defs[name]; !ok {
		defs[name] = nil // a shape that holds itself finds itself there
		d := s.described(defs)
		delete(d, "description")
		defs[name] = d
	}
	return map[string]any{"$ref": "#/$defs/" + name, "description": s.says}
}

func (s *shape) described(defs map[string]any) map[string]any {
	out := map[string]any{"description": s.says}
	switch s.form {
	case table:
		s.tableSchema(out, defs)
	case named:
		out["type"] = "object"
		out["propertyNames"] = map[string]any{"pattern": s.pattern.String()}
		out["additionalProperties"] = s.of.schema(defs, false)
		out["minProperties"], out["maxProperties"] = s.least, s.most
	case list:
		out["type"], out["items"] = "array", s.of.schema(defs, false)
		out["minItems"], out["maxItems"] = s.least, s.most
		if s.unique {
			out["uniqueItems"] = true
		}
	case integer:
		out["type"], out["minimum"], out["maximum"] = "integer", s.least, s.most
	case boolean:
		out["const"] = true
	case moment:
		out["type"], out["format"] = "string", "date-time"
	case text, span:
		s.textSchema(out)
	}
	return out
}

func (s *shape) tableSchema(out, defs map[string]any) {
	properties, needed := map[string]any{}, []string{}
	for _, k := range s.keys {
		properties[k.name] = k.shape.schema(defs, false)
		if k.needed {
			needed = append(needed, k.name)
		}
	}
	out["type"], out["properties"], out["additionalProperties"] = "object", properties, false
	if len(needed) > 0 {
		out["required"] = needed
	}
	if len(s.one) > 0 {
		var one []any
		for _, name := range s.one {
			one = append(one, map[string]any{"required": []string{name}})
		}
		out["oneOf"] = one
	}
}

func (s *shape) textSchema(out map[string]any) {
	out["type"] = "string"
	switch {
	case s.enum != nil:
		out["enum"] = s.enum
	case s.pattern != nil:
		out["pattern"] = s.pattern.String()
		out["examples"] = []string{s.example}
		if s.form == span {
			out["minLength"], out["examples"] = 2, []string{"90s", "20m", "3h", "1h30m"}
		}
	default:
		out["minLength"], out["maxLength"] = s.least, s.most
	}
}
