package tomlkey_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"valise.example/proto/tomlkey"
)

var bounds = tomlkey.Bounds{Of: "file", Depth: 4, Parts: 3, KeyLen: 8, Keys: 20, Elements: 5}

func ExampleScan() {
	o, _, err := tomlkey.Scan("[[card]]\nto = [\n  \"a\",\n  \"b\",\n]\n", bounds)
	fmt.Println(o.At("card[0].to[1]"), err)
	// Output: 4 <nil>
}

// TestOutline: keys of lists and inline tables stand on their own lines, text that looks like a table is text, and
// what is not there stands where its table does.
func TestOutline(t *testing.T) {
	const file = "a = { b = 1, c = [\n 1,\n { d = 2 },\n] }\n[[t]]\nx = \"\"\"\n[t.y]\nz = 1\n\"\"\"\ny = 3\n[t.sub]\nq = 1\n# end\n[[t]]\ny = 4\n\n[u]\n"
	o, stopped, err := tomlkey.Scan(file, bounds)
	if err != nil || stopped != len(file) {
		t.Fatalf("stopped at %d of %d, %v", stopped, len(file), err)
	}
	for path, want := range map[string]int{
		"a": 1, "a.b": 1, "a.c[0]": 2, "a.c[1].d": 3, "t": 5, "t[0].x": 6, "t[0].y": 10, "t[0].z": 5, "t[0].sub.q": 12, "t[1]": 14, "t[1].y": 15, "u": 17, "u.none": 17, "none": 0,
	} {
		if got := o.At(path); got != want {
			t.Errorf("%s stands on line %d, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"t[0]": 14, "t[1]": 17, "u": 0, "a": 5} {
		if got := o.Next(path); got != want {
			t.Errorf("after %s comes line %d, want %d", path, got, want)
		}
	}
}

// TestBounds: each is refused with its line before a decoder sees the file.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ says, file string }{
		{"nested deeper", "a = [[[[[[1]]]]]]"}, {"nested deeper", "a = { a = { a = { a = { a = { a = 1 } } } } }"}, {"more dots", "a.b.c.d = 1"}, {"longer than", "abcdefghi = 1"},
		{"more keys", "a = { " + strings.Repeat("k = 1, ", 30) + "}"}, {"longer list", "a = [1, 2, 3, 4, 5, 6]"},
	} {
		_, _, err := tomlkey.Scan("\n"+c.file, bounds)
		refused, ok := errors.AsType[*tomlkey.Refused](err)
		if !ok || refused.Line != 2 || !strings.Contains(refused.Detail, c.says) || !strings.Contains(refused.Detail, "any file") {
			t.Errorf("%q: got %v", c.file, err)
		}
	}
}
