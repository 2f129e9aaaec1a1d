package tomlkey_test

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"valise.example/proto/tomlkey"
)

// FuzzQuote: every string goes out and comes back, alone and in an array; what is no UTF-8 comes back
// as U+FFFD.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "plain", `"`, `\`, `"""`, "'", "#", "\x00\a\b\t\n\v\f\r\x1b\x7f", "\u0080\u009f\u00a0\u00ad", "\u2028\ufeff\ufffe\uffff", "مرحبا", "🛰", "\xff\xfe", "a\xc3", `\u0041`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var read struct {
			One   string   `toml:"one"`
			All   []string `toml:"all"`
			Shown string   `toml:"shown"`
		}
		shown := tomlkey.QuoteHidden(a, func(r rune) bool { return r > '~' })
		if strings.ContainsFunc(shown, func(r rune) bool { return r > '~' }) {
			t.Fatalf("what is hidden stands open in %q", shown)
		}
		text := "shown = " + shown + "\none = " + tomlkey.Quote(a) + "\nall = " + tomlkey.QuoteAll([]string{b, a}) + "\n"
		if _, err := toml.Decode(text, &read); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		wantA, wantB := string([]rune(a)), string([]rune(b))
		if read.Shown != wantA || read.One != wantA || len(read.All) != 2 || read.All[0] != wantB || read.All[1] != wantA {
			t.Fatalf("%q came back as %q and %q", []string{a, b}, read.One, read.All)
		}
	})
}
