package locale

import (
	"strings"
	"testing"
)

func TestIsolate(t *testing.T) {
	for _, c := range []struct {
		l          Language
		text, want string
	}{
		{French, "no State", "no State"},
		{French, "", ""},
		{French, "12:30 ·", "12:30 ·"},
		{French, "من XB", "\u2068من XB\u2069"},
		{Arabic, "--home is empty", "\u2068--home is empty\u2069"},
		// A bare number reads the same either way; groups of digits would change places, and a sign its side.
		{Arabic, "42", "42"},
		{Arabic, "+999 000 0002", "\u2068+999 000 0002\u2069"},
		{Arabic, "+42", "\u2068+42\u2069"},
		{Arabic, "0001 هاتف", "0001 هاتف"},
		{Arabic, "–", "–"},
		{French, "+999 000 0002", "+999 000 0002"},
		{French, "٠١ ٢", "\u2068٠١ ٢\u2069"},
		{Arabic, "عقدة", "عقدة"},
		{Arabic, "one\n\ntwo", "\u2068one\u2069\n\n\u2068two\u2069"},
		// Nothing in it ends the isolate, turns what follows, or steers the terminal.
		{Arabic, "a\u2069b\u202ec\x1b[2J", "\u2068a\ufffdb\ufffdc\ufffd[2J\u2069"},
		{English, "אb\u2067", "\u2068אb\ufffd\u2069"},
		{Arabic, "a\xff", "\u2068a\ufffd\u2069"},
	} {
		if got := c.l.Isolate(c.text); got != c.want {
			t.Errorf("%q in %s is %q, want %q", c.text, c.l, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	if got := Russian.Line("узел"); got != "узел" {
		t.Errorf("%q", got)
	}
	if got := Arabic.Line("عقدة\nسجل"); got != "\u2067عقدة\u2069\n\u2067سجل\u2069" {
		t.Errorf("%q", got)
	}
}

// FuzzIsolate: whatever text it is, what follows an isolate runs as before.
func FuzzIsolate(f *testing.F) {
	for _, seed := range []string{"a", "\u2069\u2069", "א\u202e", "a\u2028b", "\n\n", "\r\x85"} {
		f.Add(seed, uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, language uint8) {
		got := Language(language % 6).Isolate(text)
		for line := range strings.SplitSeq(got, "\n") {
			inner := strings.TrimSuffix(strings.TrimPrefix(line, firstStrongIsolate), endOfIsolate)
			if (inner == line) != !strings.Contains(line, endOfIsolate) || strings.ContainsAny(inner, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029") {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
