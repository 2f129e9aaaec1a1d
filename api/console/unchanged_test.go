package console_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

var aRoute = regexp.MustCompile(`"(GET|POST) ([^"]*)":`)

// TestGetChangesNothing is 70: every page is asked for, every act is tried as a GET, and the record has not
// one item more; the same acts as forms do change it.
func TestGetChangesNothing(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	birch := s.opened(t, "XB", "en")
	birch.until("", "Scans of energy operators")
	birch.get("thread/" + thread)
	node := valisev1.NewNodeServiceClient(s.dial(t, "XB"))
	items := func() uint64 {
		status, err := node.GetStatus(t.Context(), &valisev1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return status.GetItems()
	}
	source, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := aRoute.FindAllStringSubmatch(string(source), -1)
	if len(routes) < 8 {
		t.Fatalf("only %d routes are found", len(routes))
	}
	before := items()
	for _, route := range routes {
		path := strings.NewReplacer("{$}", "", "{thread}", thread, "{language}", "fr").Replace(route[2])
		path = regexp.MustCompile(`\{[a-z.]+\}`).ReplaceAllString(path, thread)
		birch.get(path)
		if route[1] == "POST" && path != "leave" && birch.status == http.StatusOK && !strings.Contains(string(source), `"GET `+route[2]+`"`) {
			t.Errorf("GET %s answers %d, and it is an act", route[2], birch.status)
		}
	}
	birch.get("")
	birch.sees(`lang="en"`, "Log out")
	if after := items(); after != before {
		t.Errorf("the record had %d items and has %d", before, after)
	}
	birch.get("thread/" + thread)
	birch.press("/open")
	if items() == before {
		t.Error("the check sees no act")
	}
}
