package draft

import (
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

func TestEstimates(t *testing.T) {
	for in, want := range map[string]string{
		"2026-12-24T12:00:00+01:00": "2026-12-24T12:00:00+01:00",
		"2026-12-24T12:00:00Z":      "2026-12-24T12:00:00Z",
		" PT6H ":                    "PT6H",
		"P2D":                       "P2D",
		"PT48H":                     "P2D",
		"P1W":                       "P7D",
		"P1DT1M1S":                  "P1DT1M1S",
		"within the week":           "within the week",
		"Perhaps tomorrow":          "Perhaps tomorrow",
		"2 days":                    "2 days",
	} {
		e, err := ParseEstimate(in)
		if err != nil || FormatEstimate(e) != want {
			t.Errorf("%q became %q, %v", in, FormatEstimate(e), err)
		}
	}
	for _, in := range []string{
		"", " ", "PT", "P", "P1DT", "P1Y", "P1M", "pt6h", "PT6", "PT0S", "P99999W", "P999999999WT999999999H", "PT9999999999S",
		"2026-12-24", "2026-12-24T12:00", "2026-12-24T12:00:00", "2026-13-01T00:00:00Z", "2026-12-24 12:00:00Z", "to\x1bmorrow", "a\nb",
	} {
		// "P" alone reads as a word; every other slip must not become a promise in words.
		if e, err := ParseEstimate(in); err == nil && in != "P" {
			t.Errorf("%q was taken as %v", in, e)
		}
	}
	if FormatEstimate(&valisev1.Estimate{Estimate: &valisev1.Estimate_WithinSeconds{}}) != "PT0S" {
		t.Error("a peer's zero is not shown")
	}
}

func TestPlainText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"We will look into it.\n", "We will look into it."},
		{"\n\nTwo\r\nlines\r\n", "Two\nlines"},
		{"# a remark\nNot TOML: words", "# a remark\nNot TOML: words"},
		{"text = \"as a draft\"", "as a draft"},
		{"# a remark\ntext = \"as a draft\"", "as a draft"},
		{"\xef\xbb\xbftext = \"with a mark\"", "with a mark"},
		{"", ""},
	} {
		m, refs, err := ParseText(valisev1.Kind_KIND_HOLDING_REPLY, []byte(c.in))
		if err != nil || len(refs) != 0 {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got := m.(*valisev1.HoldingReply).GetText(); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
	// A slip in a draft does not travel as running text.
	if _, _, err := ParseText(valisev1.Kind_KIND_HOLDING_REPLY, []byte("estimat = \"P2D\"\n")); err == nil {
		t.Error("a misspelt draft was taken as words")
	}
}
