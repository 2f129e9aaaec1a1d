package scenario_test

import (
	"testing"

	"valise.example/exercise/scenario"
)

// TestBundledAreWithoutFindings: what the program brings along is what an organiser copies.
func TestBundledAreWithoutFindings(t *testing.T) {
	for _, name := range scenario.Bundled() {
		s, data := bundled(t, name)
		for _, f := range scenario.Lint(s, data) {
			t.Errorf("%s line %d: %s %s: %s: %s", name, f.Line, f.Severity, f.Code, f.Key, f.Reason)
		}
	}
}
