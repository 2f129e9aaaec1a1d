//go:build browser

package browser

import (
	"strings"
	"testing"
)

const title = "Scans of energy operators"

// TestAcknowledgedInArabicSeenInFrench: a diplomat of Birch acknowledges with one click, and Alder reads in
// French who did.
func TestAcknowledgedInArabicSeenInFrench(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	thread := s.inquire("XA", "XB/diplomatic", title)
	birch := s.desk("XB", options{language: "ar"})
	birch.until("/", "table.desk", title)
	if got := run[string](birch, `(() => document.documentElement.lang + ' ' + getComputedStyle(document.body).direction)`); got != "ar rtl" {
		t.Errorf("the desk is %s", got)
	}
	birch.click(`a[href$="` + thread + `"]`)
	birch.click(`form[action$="/acknowledge"] button`)
	if got := birch.text("h1"); !strings.Contains(got, "أفيد بالاستلام") {
		t.Errorf("after the click the page is headed %q", got)
	}
	alder := s.desk("XA", options{language: "fr"})
	alder.until("/thread/"+thread, "main", "en a accusé réception")
	alder.check("desk/acknowledged-fr")
}
