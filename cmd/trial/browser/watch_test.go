//go:build browser

package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"valise.example/api/console"
)

// TestWatchedDeskShowsWhatArrives: nobody touches Birch's desk, and what Alder asks comes to stand there, also in the
// title, which a tab behind others shows. One click ends it.
func TestWatchedDeskShowsWhatArrives(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	birch := s.desk("XB", options{})
	birch.open("/")
	birch.click("main .watch a")
	if birch.path() != "/watch" || strings.Contains(birch.text("main"), title) {
		t.Fatalf("at %s stands %s", birch.path(), birch.text("main"))
	}
	s.inquire("XA", "XB/diplomatic", title)
	for began := time.Now(); !strings.Contains(birch.text("main"), title); {
		if time.Since(began) > patience {
			t.Fatalf("nothing comes to stand at %s: %s", birch.path(), birch.text("body"))
		}
		birch.follow("wait for the desk to come again", chromedp.Sleep(time.Millisecond))
	}
	if got := run[string](birch, `(() => document.title)`); !strings.Contains(got, "(1) Desk") {
		t.Errorf("the tab says %q", got)
	}
	birch.click("body > .watch a")
	if birch.path() != "/" {
		t.Fatalf("the way out leads to %s", birch.path())
	}
	time.Sleep(console.WatchEvery + time.Second)
	if birch.path() != "/" || birch.count("main .watch a") != 1 {
		t.Errorf("the desk comes again: %s", birch.path())
	}
	for _, f := range birch.taken() {
		t.Error(f)
	}
}
