package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"valise.example/api/locale"
)

var (
	pageTitle = regexp.MustCompile(`(?s)<title>(.*?)</title>`)
	pageTop   = regexp.MustCompile(`(?s)<body>(.*?)<main`)
	pageFoot  = regexp.MustCompile(`(?s)<footer class="foot">(.*?)</footer>`)
	sheetTop  = regexp.MustCompile(`(?s)<div class="sheethead">(.*?)</div>`)
	sheetFoot = regexp.MustCompile(`(?s)<div class="sheetfoot">(.*?)</div>`)
)

// marked: the page says in the reader's language and in English that it is one of an exercise and of which,
// in its title, at its top and at its foot; what is printed says so on every sheet.
func (b *browser) marked(l locale.Language, play string) (problems []string) {
	words := []string{locale.Of(l).Page().Frame.Exercise.String(), locale.Of(locale.English).Page().Frame.Exercise.String(), play}
	within := map[string]*regexp.Regexp{"title": pageTitle, "top": pageTop, "foot": pageFoot}
	if strings.Contains(b.page, `class="paper"`) {
		within["head of a sheet"], within["foot of a sheet"] = sheetTop, sheetFoot
	}
	for name, part := range within {
		found := part.FindStringSubmatch(b.page)
		for _, word := range words {
			if found == nil || word == "" || !strings.Contains(found[1], word) {
				problems = append(problems, fmt.Sprintf("its %s does not say %q", name, word))
			}
		}
	}
	if !strings.Contains(b.page, `class="exercise"`) || !strings.Contains(b.page, "static/exercise.svg") || !strings.Contains(b.page, "static/sheet/sheet."+l.String()+".") {
		problems = append(problems, "it has not the frame, the icon or the sheets of an exercise")
	}
	return problems
}

// TestEveryPageOfAnExerciseIsMarked walks through all routes as pages and as forms, sense or not, in all six
// languages; nothing answers without its marking but a file that is saved and the report of the node, which
// says so in its own way.
func TestEveryPageOfAnExerciseIsMarked(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	source, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := aRoute.FindAllStringSubmatch(string(source), -1)
	for _, l := range locale.Languages() {
		b := s.opened(t, "XB", l.String())
		b.until("", "Scans of energy operators")
		b.get("thread/" + thread)
		b.post("thread/"+thread+"/write/holding", nil)
		draft := regexp.MustCompile(`draft/([^/"]+)`).FindStringSubmatch(b.page)
		_, message := s.last(t, "XB", thread)
		if draft == nil {
			t.Fatalf("%s: no draft was begun: %s", l, b.url)
		}
		fill := strings.NewReplacer("{$}", "", "{thread}", thread, "{draft}", draft[1], "{message}", message.GetMessage(), "{state}", "XA",
			"{item}", "1", "{form}", "holding", "{language}", l.String(), "{step}", "1", "{index}", "0", "{inject}", "I01")
		pages := 0
		for _, route := range routes {
			path := fill.Replace(route[2])
			if path == "leave" || strings.HasSuffix(path, "/discard") {
				continue
			}
			if b.get(path); route[1] == "POST" {
				b.post(path, url.Values{})
			}
			if path == "node/report" {
				b.sees("exercise = true")
				continue
			}
			if strings.HasPrefix(b.header.Get("Content-Type"), "text/html") {
				pages++
			} else if b.status == http.StatusOK && !strings.Contains(path, "/file/") {
				t.Errorf("%s: %s %s answers with %s", l, route[1], path, b.header.Get("Content-Type"))
				continue
			}
			for _, problem := range b.marked(l, s.lab.Realm.Name()) {
				t.Errorf("%s: %s %s (%d): %s", l, route[1], path, b.status, problem)
			}
		}
		if pages < len(routes)-5 {
			t.Errorf("%s: only %d of %d routes gave a page", l, pages, len(routes))
		}
		b.post("leave", url.Values{})
		for _, problem := range b.marked(l, s.lab.Realm.Name()) {
			t.Errorf("%s: the page after leaving: %s", l, problem)
		}
	}
}
