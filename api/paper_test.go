package api

import (
	"strings"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// What is typed is judged at the door, and the field and row are named. docs/protocol.md §9.6
func TestTypedPaper(t *testing.T) {
	w := newWorld(t)
	record := valisev1.NewRecordServiceClient(w.call(t, roleToken(keeps)))
	page := ident.Page{Size: 1}.Rows()
	page[3] = page[2]
	for typed, want := range map[string]string{
		"":                        "is missing",
		strings.Repeat("A", 1025): "at most 1024",
		strings.Join(page, " "):   "row 4",
		"AB12":                    "row 1",
	} {
		_, err := record.CheckPaper(t.Context(), &valisev1.CheckPaperRequest{Digest: typed})
		e, ok := FromStatus(err)
		if !ok || e.Reason != valisev1.Reason_REASON_BAD_REQUEST || e.Field != "digest" || !strings.Contains(e.Message, want) {
			t.Errorf("%.40q: %v", typed, err)
		}
	}
	if _, err := record.GetPaper(t.Context(), &valisev1.GetPaperRequest{Thread: "no id"}); err == nil {
		t.Error("a page of no thread")
	}
}
