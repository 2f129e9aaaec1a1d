package control_test

import (
	"regexp"
	"strings"
	"testing"

	"valise.example/exercise/control"
	valisev1 "valise.example/proto/valise/v1"
)

var inputs = regexp.MustCompile(`<(?:input|textarea|select)[^>]*>`)

// typed is the first thing that somebody could type into or choose: it would be gone when the page comes again.
func typed(page string) string {
	for _, tag := range inputs.FindAllString(page, -1) {
		if !strings.Contains(tag, `type="hidden"`) {
			return tag
		}
	}
	return ""
}

// TestWatchedPagesComeAgain: each part can leave its page on a wall. It says what comes next to control alone, has
// nothing to type into, and still stops play with one click.
func TestWatchedPagesComeAgain(t *testing.T) {
	p := conducts(t)
	p.Orders(&valisev1.CommandRequest{Command: valisev1.ControlCommand_CONTROL_COMMAND_STARTEX})
	for _, part := range control.Parts() {
		b := at(t, part, p.conn, "en")
		b.sees("/watch\">Keep this page up to date</a>")
		if b.header.Get("Refresh") != "" {
			t.Errorf("%s comes again unasked", part)
		}
		b.get("watch")
		if got := b.header.Get("Refresh"); got != "15" {
			t.Errorf("%s says Refresh: %q", part, got)
		}
		b.sees("Stop loading it again", "<bdi>15</bdi>", "<bdi>240</bdi>", ">Who owes what</h2>")
		if found := typed(b.page); found != "" {
			t.Errorf("%s: what is typed into %s would be lost", part, found)
		}
		if _, next := b.form("real-event"); !next {
			t.Errorf("%s cannot stop play", part)
		}
		if got, want := regexp.MustCompile(`id="next"`).MatchString(b.page), part == control.Control; got != want {
			t.Errorf("%s is told what comes next: %v", part, got)
		}
	}
}
