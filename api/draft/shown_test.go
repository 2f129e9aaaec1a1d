package draft

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestShown: what a peer wrote is seen, never obeyed, and nothing of it is hidden.
func TestShown(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Линии 漢字 café\n\tend", "Линии 漢字 café\n\tend"},
		{"Arabic with its joiners", "ن\u200cم \u200e(1)", "ن\u200cم \u200e(1)"},
		{"override", "invoice\u202egnp.exe", "invoice\ufffdgnp.exe"},
		{"isolate", "a\u2066b\u2069c", "a\ufffdb\ufffdc"},
		{"zero width", "pay\u200bpal\ufeff\u2060", "pay\ufffdpal\ufffd\ufffd"},
		{"tag characters", "a\U000e0041\U000e007f", "a\ufffd\ufffd"},
		{"separators", "a\u2028b\u2029c", "a\ufffdb\ufffdc"},
		{"variation selectors in a row", "a" + strings.Repeat("\ufe01", 500), "a" + strings.Repeat("\ufe01", 30)},
		{"selectors of the supplement", "a" + strings.Repeat("\U000e0101", 500), "a" + strings.Repeat("\U000e0101", 30)},
		{"one variation selector", "☎\ufe0f", "☎\ufe0f"},
		{"marks", "e" + strings.Repeat("\u0301", 10_000) + "x", "e" + strings.Repeat("\u0301", 30) + "x"},
		{"title of the terminal", "\x1b]0;x\x07", "\ufffd]0;x\ufffd"},
		{"link of the terminal", "\x1b]8;;http://host.example\x1b\\here\x1b]8;;\x1b\\", "\ufffd]8;;http://host.example\ufffd\\here\ufffd]8;;\ufffd\\"},
		{"C1", "\u009b31mred", "\ufffd31mred"},
		{"carriage return", "mine\rthine", "mine\ufffdthine"},
		{"NUL", "a\x00b", "a\ufffdb"},
		{"not UTF-8", "a\xff\xfeb", "a\ufffdb"},
		{"a line of 1 MiB", strings.Repeat("a", 1<<20), strings.Repeat("a", 1<<20)},
	} {
		if got := Shown(c.text); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%s: %.80q, want %.80q", c.name, got, c.want)
		}
	}
}
