package scenario_test

import (
	"bytes"
	"errors"
	"testing"

	"valise.example/exercise/scenario"
)

// FuzzParse: whatever a file holds, it is taken or refused with a typed error, and what is taken can be looked at.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small(f)))
	for _, name := range scenario.Bundled() {
		_, data := bundled(f, name)
		f.Add(data)
	}
	f.Add([]byte("valise = \"scenario/v1\"\ninject = [{ when = { all = [{ any = [] }] } }]"))
	f.Add([]byte("[[inject]]\nid = \"a\"\n[inject.when.not.not]\nmet = \"a\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenario.Parse("f", data)
		if e, ok := errors.AsType[*scenario.Error](err); err != nil && (!ok || s != nil || e.Reason == "" || e.File != "f" || e.Line < 0 || e.Line > bytes.Count(data, []byte("\n"))+1) {
			t.Fatalf("got %v, %#v", s, err)
		}
		checked, found := scenario.Check("f", data)
		if (checked == nil) != (s == nil) || s == nil && scenario.Playable(found) {
			t.Fatalf("Parse and Check do not agree: %v", found)
		}
		for _, x := range found {
			if x.Code == "" || x.Reason == "" || x.Severity == "" || x.Line < 0 {
				t.Fatalf("a finding lacks something: %+v", x)
			}
		}
	})
}

// FuzzSpan: what is read is written so that it is read as the same.
func FuzzSpan(f *testing.F) {
	for _, s := range []string{"90s", "20m", "3h", "1h30m", "1h30m5s", "0s", "1440h", "1441h", "5", "m5", "1m1m", "00h01m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		span, err := scenario.ParseSpan(text)
		if err != nil {
			return
		}
		again, err := scenario.ParseSpan(span.String())
		if err != nil || again != span || span < 0 || span > scenario.MaxSpan {
			t.Fatalf("%q is %d, written %q and read as %d, %v", text, span, span.String(), again, err)
		}
	})
}
