package scenario

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write scenario.schema.json anew")

// TestSchemaIsOfTheTable: editors and Parse read by one table.
func TestSchemaIsOfTheTable(t *testing.T) {
	want, err := makeSchema()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("scenario.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(Schema(), want) {
		t.Error("scenario.schema.json is not of this table: go test ./exercise/scenario -run Schema -update")
	}
	if !json.Valid(want) || bytes.Contains(want, []byte(": null")) {
		t.Error("the schema is no JSON, or holds nothing in the place of a shape")
	}
}

// TestSchemaHoldsEveryKey: each key of the table can be found in the schema, in its place.
func TestSchemaHoldsEveryKey(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	defs := root["$defs"].(map[string]any)
	seen := 0
	var walk func(path string, s *shape, in map[string]any, depth int)
	walk = func(path string, s *shape, in map[string]any, depth int) {
		if ref, ok := in["$ref"].(string); ok {
			in = defs[ref[len("#/$defs/"):]].(map[string]any)
		}
		if depth > 6 {
			return
		}
		switch s.form {
		case table:
			properties := in["properties"].(map[string]any)
			if len(properties) != len(s.keys) || in["additionalProperties"] != false {
				t.Errorf("%s has %d keys, the schema %d", path, len(s.keys), len(properties))
			}
			for _, k := range s.keys {
				seen++
				walk(path+"."+k.name, k.shape, properties[k.name].(map[string]any), depth+1)
			}
		case named:
			walk(path+".*", s.of, in["additionalProperties"].(map[string]any), depth+1)
		case list:
			walk(path+"[]", s.of, in["items"].(map[string]any), depth+1)
		default:
		}
	}
	walk("", fileShape(), root, 0)
	if seen < 200 {
		t.Errorf("only %d keys are seen", seen)
	}
}
