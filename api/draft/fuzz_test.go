package draft

import (
	"errors"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	valisev1 "valise.example/proto/valise/v1"
)

func addSeeds(f *testing.F, add func(kind valisev1.Kind, data string)) {
	for _, c := range badDrafts {
		if len(c.draft) < 4096 {
			add(valisev1.Kind_KIND_INQUIRY, c.draft)
		}
	}
	for _, kind := range kinds() {
		add(kind, Template(kind))
	}
	add(valisev1.Kind_KIND_CLOSURE, "just words")
	add(valisev1.Kind_KIND_INQUIRY, "[a.b]\nc.d = [ { e = '''x''', f = \"\"\"y\\\nz\"\"\" }, 1.5, 2026-01-01 10:00:00Z ] # end")
}

// FuzzParse asserts that any bytes are either refused with a reason in one clean line, or read
// as a payload that comes back from its own draft.
func FuzzParse(f *testing.F) {
	addSeeds(f, func(kind valisev1.Kind, data string) { f.Add(int32(kind), []byte(data)) })
	f.Fuzz(func(t *testing.T, kind int32, data []byte) {
		m, _, err := ParseText(valisev1.Kind(kind), data)
		if err != nil {
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason == valisev1.Reason_REASON_UNSPECIFIED {
				t.Fatalf("%T has no reason", err)
			}
			if CheckLine(e.Error()) != nil || len(e.Error()) > 500 {
				t.Fatalf("the error %q is not one clean line", e.Error())
			}
			return
		}
		checkRoundTrip(t, valisev1.Kind(kind), m)
	})
}

// FuzzOutline asserts that whatever the TOML library takes, the scanner walks through to the
// end, so that nothing reaches the library unbounded and nothing honest is refused.
func FuzzOutline(f *testing.F) {
	addSeeds(f, func(_ valisev1.Kind, data string) { f.Add(data) })
	f.Fuzz(func(t *testing.T, data string) {
		text, err := source([]byte(data))
		if err != nil || len(text) > 2000 {
			return
		}
		lines, stopped, err := scan(text)
		if err != nil {
			return
		}
		var table map[string]any
		md, terr := toml.Decode(text, &table)
		if terr != nil {
			return
		}
		if stopped < len(text) {
			t.Fatalf("the scanner stops at byte %d of %q", stopped, text)
		}
		for _, key := range md.Keys() {
			if len(key) == 1 && lines.At(key[0]) == 0 && isPlain(key[0]) {
				t.Fatalf("no line for %q in %q", key, text)
			}
		}
	})
}

func isPlain(key string) bool {
	for i := range len(key) {
		if !strings.Contains("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", key[i:i+1]) {
			return false
		}
	}
	return key != ""
}
