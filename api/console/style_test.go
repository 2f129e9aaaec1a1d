package console

import (
	"regexp"
	"strings"
	"testing"
)

var (
	// physical is whatever names a side of the screen, so that it would not turn with the language.
	physical = regexp.MustCompile(`(?i)\b(?:left|right)\b|(?:^|[\s;{])(?:(?:margin|padding|border)-(?:top|bottom)|(?:max-|min-)?(?:width|height))\s*:`)
	// media may ask for the width of the window: that has no direction.
	media = regexp.MustCompile(`@media[^{]*\{`)
	// abroad is whatever would make a browser ask for something.
	abroad = regexp.MustCompile(`(?i)url\(|@import|expression\(|//`)
)

// TestStyle: the style sheet turns with the language, asks for nothing, and each block of it is closed: one that is
// not swallows all rules after it, and nothing else says so.
func TestStyle(t *testing.T) {
	b, err := files.ReadFile("static/desk.css")
	if err != nil {
		t.Fatal(err)
	}
	if faults := styleFaults(string(b)); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	for _, seeded := range []string{
		"a { margin-left: 1px }", "a { text-align: right }", "a { width: 1px }", "@media print {\n@media screen {\n a { color: red }\n}\n",
		"a { color: red } }", "a { background: url(x.png) }", "@import 'x';",
	} {
		if len(styleFaults(seeded)) == 0 {
			t.Errorf("nothing is wrong with %q", seeded)
		}
	}
}

func styleFaults(css string) (faults []string) {
	rules := media.ReplaceAllString(css, "@media {")
	for _, re := range []*regexp.Regexp{physical, abroad} {
		faults = append(faults, re.FindAllString(rules, -1)...)
	}
	depth := 0
	for line := range strings.Lines(css) {
		if strings.HasPrefix(line, "@") && depth != 0 {
			faults = append(faults, "within another block: "+line)
		}
		depth += strings.Count(line, "{") - strings.Count(line, "}")
	}
	if depth != 0 {
		faults = append(faults, "the blocks do not all close")
	}
	return faults
}
