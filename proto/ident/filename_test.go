package ident

import (
	"strings"
	"testing"
)

// What a peer may call a file to get out of a folder or into a device, and how it is saved.
// docs/protocol.md §6
func TestFileNamesThatWantMore(t *testing.T) {
	for _, c := range []struct{ name, safe string }{
		{"../../x", ".._.._x"},
		{"/etc/x", "_etc_x"},
		{`a\..\b`, "a_.._b"},
		{"C:x", "C_x"},
		{"NUL", "_NUL"},
		{"nul.txt", "_nul.txt"},
		{"com1", "_com1"},
		{"LPT³.log", "_LPT³.log"},
		{"a\x00b", "a_b"},
		{"trailing.", "trailing"},
		{"trailing ", "trailing"},
		{" -rf", "rf"},
		{"..", "attachment"},
		{".", "attachment"},
		{"", "attachment"},
		{"\xff\xfe", "__"},
		{"invoice\u202etxt.exe", "invoice_txt.exe"},
		{strings.Repeat("n", 300) + ".csv", strings.Repeat("n", 195) + ".csv"},
		{strings.Repeat("é", 150), strings.Repeat("é", 99)},
		{"a" + strings.Repeat("\u0301", 60), "a" + strings.Repeat("\u0301", 30)},
	} {
		if FileNameFlaw(c.name) == "" {
			t.Errorf("%q passes for a plain file name", c.name)
		}
		if got := SafeFileName(c.name); got != c.safe {
			t.Errorf("%q is saved as %q, want %q", c.name, got, c.safe)
		}
	}
}

func TestPlainFileNamesStay(t *testing.T) {
	for _, name := range []string{"log.txt", "Журнал 1.csv", "سجل.txt", ".bashrc", "a.tar.gz", "Ünlü-çığ.pdf", "日志.txt"} {
		if flaw := FileNameFlaw(name); flaw != "" || SafeFileName(name) != name {
			t.Errorf("%q: %q, saved as %q", name, flaw, SafeFileName(name))
		}
	}
}

// Whatever the name is, the safe one is plain, and stays as it is when made safe again.
func FuzzSafeFileName(f *testing.F) {
	for _, s := range []string{"../../x", "COM1.", "a\x00", strings.Repeat("x", 300), "\xff", " . - NUL .", "LPT9 .x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		safe := SafeFileName(s)
		if flaw := FileNameFlaw(safe); flaw != "" {
			t.Fatalf("%q became %q: %s", s, safe, flaw)
		}
		if again := SafeFileName(safe); again != safe {
			t.Fatalf("%q became %q and then %q", s, safe, again)
		}
	})
}
