package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	transcript = regexp.MustCompile("(?s)(<!-- transcript -->\n```text\n)(.*?)(```\n)")
	opaque     = regexp.MustCompile(`\b(?:[a-z2-7]{26}|[0-9a-f]{8,})\b`)
	measured   = regexp.MustCompile(`\d[\d.,:]*(?:\s?(?:ns|µs|ms|s|B|KiB|MiB|bytes?)\b)?`)
)

// TestTranscript runs the demo as `make demo` does and compares what it prints with what the
// README shows: the same lines in the same order, apart from ids, times and sizes. With -update
// it writes the README.
func TestTranscript(t *testing.T) {
	binary := buildValise(t)
	var stderr strings.Builder
	demo := exec.CommandContext(t.Context(), binary, "demo", "--once")
	demo.Stderr = &stderr
	folder := t.TempDir()
	demo.Env = append(os.Environ(), "TMPDIR="+folder)
	printed, err := demo.Output()
	if err != nil {
		t.Fatalf("demo: %v\n%s\n%s", err, printed, stderr.String())
	}
	// A reader's temporary folder is not this test's.
	out := strings.ReplaceAll(string(printed), folder, "/tmp")
	page := filepath.Join(root, "README.md")
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := transcript.FindStringSubmatch(string(b))
	if parts == nil {
		t.Fatal("README.md has no transcript of the demo")
	}
	if *update {
		text := strings.Replace(string(b), parts[0], parts[1]+out+parts[3], 1)
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	compareSkeletons(t, skeleton(parts[2]), skeleton(out))
}

func compareSkeletons(t *testing.T, shown, real []string) {
	t.Helper()
	for i := range max(len(shown), len(real)) {
		a, b := "(nothing)", "(nothing)"
		if i < len(shown) {
			a = shown[i]
		}
		if i < len(real) {
			b = real[i]
		}
		if a != b {
			t.Fatalf("line %d of the transcript: README.md shows\n\t%s\nthe demo prints\n\t%s\nif that is right: go test ./docs -run Transcript -update", i+1, a, b)
		}
	}
}

// skeleton is what stays the same in every run. Lines that are alike and follow one another
// count once: how often the relay saw an envelope depends on the moment.
func skeleton(text string) (lines []string) {
	for line := range strings.Lines(text) {
		line = measured.ReplaceAllString(opaque.ReplaceAllString(line, "#"), "0")
		line = strings.Join(strings.Fields(line), " ")
		if len(lines) == 0 || line != lines[len(lines)-1] {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestSkeletonKeepsWords(t *testing.T) {
	a := skeleton("12:00:01  XA sends 3f2a9c11aa  (16384 bytes)\n12:00:02  XB acknowledges\n")
	b := skeleton("23:59:59.1  XA sends 00000000ff (65,536 bytes)\n00:00:00   XB acknowledges\n")
	if strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Errorf("the same run twice differs: %q and %q", a, b)
	}
	if c := skeleton("12:00:01  XA sends 3f2a9c11aa  (16384 bytes)\n12:00:02  XB declines\n"); strings.Join(a, "\n") == strings.Join(c, "\n") {
		t.Error("another run looks the same")
	}
}
