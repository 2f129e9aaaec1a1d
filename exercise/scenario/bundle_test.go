package scenario_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

// TestBundledAreWithoutFindings: what the program brings along is what an organiser copies.
func TestBundledAreWithoutFindings(t *testing.T) {
	if got := scenario.Bundled(); !slices.Equal(got, []string{"communication-check", "form-drill", "lantern-ward"}) {
		t.Fatalf("bundled are %v", got)
	}
	for _, name := range scenario.Bundled() {
		s, data := bundled(t, name)
		if s.ID != name || len(s.Languages) != 6 {
			t.Errorf("%s is %s, in %v", name, s.ID, s.Languages)
		}
		for _, f := range scenario.Lint(s, data) {
			t.Errorf("%s line %d: %s %s: %s: %s", name, f.Line, f.Severity, f.Code, f.Key, f.Reason)
		}
	}
}

// TestOpenOpensNoFile: a name is one of the program's, and nothing that a path can mean.
func TestOpenOpensNoFile(t *testing.T) {
	for _, name := range []string{"", "lantern-ward.toml", "../scenario", "/etc/passwd", "LANTERN-WARD", "lantern-ward\x00", "none"} {
		if b, ok := scenario.Open(name); ok || b != nil {
			t.Errorf("%q is opened", name)
		}
	}
}

// TestTheCheckAsksEverySeat once, for two days. A-8
func TestTheCheckAsksEverySeat(t *testing.T) {
	s, _ := bundled(t, "communication-check")
	asked := map[string]int{}
	for _, e := range s.Expectations {
		if e.Does == scenario.CheckAnswered && e.Within == 48*scenario.Hour {
			asked[e.Who.String()]++
		}
	}
	seats := 0
	for _, p := range s.Participants {
		seats += len(p.Seats)
	}
	if s.Kind != scenario.CommunicationCheck || len(asked) != seats || seats != 12 || s.End != 48*scenario.Hour {
		t.Errorf("%d seats, asked %v", seats, asked)
	}
}

// TestBundledReadInEveryLanguage: texts are translations and not the English again.
func TestBundledReadInEveryLanguage(t *testing.T) {
	for _, name := range scenario.Bundled() {
		s, _ := bundled(t, name)
		texts := []scenario.Texts{s.Title}
		for _, in := range s.Injects {
			texts = append(texts, in.Text, in.As)
		}
		for _, o := range s.Objectives {
			texts = append(texts, o.Text)
		}
		for _, p := range s.Participants {
			texts = append(texts, p.Part)
		}
		for _, text := range append(texts, s.HotWash...) {
			for _, l := range scenario.Languages() {
				if l != "en" && (text[l] == "" || text[l] == text["en"]) {
					t.Errorf("%s: %q in %s is %q", name, text["en"], l, text[l])
				}
			}
		}
	}
}

// brokenWord is a word in Latin letters, a number, an address or a domain that goes on in the next line of the file.
var brokenWord = regexp.MustCompile(`[0-9A-Za-z.:@/_\[\]-]+\\\r?\n\s*[0-9A-Za-z.:@/_\[\]-]+`)

// TestWhoSearchesABundledFileFindsItsAddresses: a line that goes on in the next ends between two words, so that every
// address and domain stands whole in the file, as in the text that is read out of it.
func TestWhoSearchesABundledFileFindsItsAddresses(t *testing.T) {
	for _, name := range scenario.Bundled() {
		data, _ := scenario.Open(name)
		for _, at := range brokenWord.FindAllIndex(data, -1) {
			t.Errorf("%s line %d: %q is broken over two lines", name, 1+strings.Count(string(data[:at[0]]), "\n"), data[at[0]:at[1]])
		}
	}
}
