package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// TestSheetsAreNumbered: the words stand in strings of CSS, and only the browser fills in the numbers.
func TestSheetsAreNumbered(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, exercise := range []string{"", "lantern-ward"} {
			style := sheetStyle(l, exercise)
			for _, want := range []string{"counter(page)", "counter(pages)", "direction: " + l.Direction().String()} {
				if !strings.Contains(style, want) {
					t.Errorf("%s has no %s:\n%s", l, want, style)
				}
			}
		}
	}
	if got := quoted("a\"b\\c\n<"); got != `"a\000022b\00005cc\00000a\00003c"` {
		t.Errorf("a text is quoted as %s", got)
	}
}

// TestBothEndsOfASheetSayWhichExercise in the language of the reader and in English; in operation neither does.
func TestBothEndsOfASheetSayWhichExercise(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, end := range []string{"@top-center { ", "@bottom-left { "} {
			_, said, _ := strings.Cut(sheetStyle(l, "lantern-ward"), end)
			said, _, _ = strings.Cut(said, "}")
			for _, want := range []string{locale.Of(l).Page().Frame.Exercise.String(), "Exercise lantern-ward", "direction: " + l.Direction().String()} {
				if !strings.Contains(said, want) {
					t.Errorf("%s: %s does not say %s: %s", l, end, want, said)
				}
			}
		}
		if style := sheetStyle(l, ""); strings.Contains(style, "exercise") || strings.Contains(style, "Exercise") {
			t.Errorf("%s: a sheet of operation says %s", l, style)
		}
	}
}

// TestSheetStyleIsServed under the name that pages use, and under no other.
func TestSheetStyleIsServed(t *testing.T) {
	for name, want := range map[string]int{SheetName(locale.Arabic, "lantern-ward"): http.StatusOK, "sheet.ar.css": http.StatusNotFound, SheetName(locale.Arabic, "another"): http.StatusNotFound} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("file", name)
		w := httptest.NewRecorder()
		Sheet("lantern-ward")(w, r)
		if w.Code != want {
			t.Errorf("%s is answered with %d", name, w.Code)
		}
	}
}

// markingOf is what stands on the sheets of a page with these messages.
func markingOf(messages ...*valisev1.MessageView) string {
	r := &valisev1.GetThreadResponse{Messages: messages}
	return (&printPage{threadPage: &threadPage{GetThreadResponse: r, x: newIndex(r)}}).Marking()
}

// TestMarkingIsTheStrictest of all that is on the page. A-11 s2
func TestMarkingIsTheStrictest(t *testing.T) {
	said := func(l valisev1.Tlp) *valisev1.MessageView {
		return &valisev1.MessageView{Payload: &valisev1.Payload{Payload: &valisev1.Payload_Supplement{
			Supplement: &valisev1.Supplement{Preamble: &valisev1.Preamble{Tlp: l}}}}}
	}
	clear, green, amber := said(valisev1.Tlp_TLP_CLEAR), said(valisev1.Tlp_TLP_GREEN), said(valisev1.Tlp_TLP_AMBER)
	red := &valisev1.MessageView{Payload: clear.GetPayload(), Attachments: []*valisev1.AttachmentView{{Tlp: valisev1.Tlp_TLP_RED}}}
	for want, messages := range map[string][]*valisev1.MessageView{
		"TLP:CLEAR":        {clear},
		"TLP:GREEN":        {green, clear},
		"TLP:AMBER":        {clear, amber, green},
		"TLP:AMBER+STRICT": {amber, said(valisev1.Tlp_TLP_UNSPECIFIED), clear},
		"TLP:RED":          {clear, red, amber},
	} {
		response := &valisev1.GetThreadResponse{Messages: messages}
		p := &printPage{threadPage: &threadPage{GetThreadResponse: response, x: newIndex(response)}}
		if got := p.Marking(); got != want {
			t.Errorf("%d messages are marked %s, want %s", len(messages), got, want)
		}
	}
	for name, messages := range map[string][]*valisev1.MessageView{
		"nothing":             nil,
		"a note at home":      {{Note: &valisev1.NoteView{Text: "ours"}}, clear},
		"an attachment alone": {{Attachments: []*valisev1.AttachmentView{{}}}},
	} {
		response := &valisev1.GetThreadResponse{Messages: messages}
		p := &printPage{threadPage: &threadPage{GetThreadResponse: response, x: newIndex(response)}}
		if got := p.Marking(); got != "TLP:AMBER+STRICT" {
			t.Errorf("%s is marked %s", name, got)
		}
	}
	// A label of a message holds for its attachments that have none, and of two labels the stricter stands. A-11 s2
	bare := &valisev1.MessageView{Payload: clear.GetPayload(), Attachments: []*valisev1.AttachmentView{{}}}
	if got := markingOf(bare); got != "TLP:CLEAR" {
		t.Errorf("an attachment without a label is marked %s", got)
	}
	order := []valisev1.Tlp{valisev1.Tlp_TLP_CLEAR, valisev1.Tlp_TLP_GREEN, valisev1.Tlp_TLP_AMBER, valisev1.Tlp_TLP_AMBER_STRICT, valisev1.Tlp_TLP_RED}
	for i, mild := range order {
		for j, strict := range order[i:] {
			want := markingOf(said(strict))
			for _, got := range []string{markingOf(said(mild), said(strict)), markingOf(said(strict), said(mild))} {
				if got != want {
					t.Errorf("%s and label %d above it are marked %s, want %s", mild, j, got, want)
				}
			}
		}
	}
	unknown := said(99)
	response := &valisev1.GetThreadResponse{Messages: []*valisev1.MessageView{unknown}}
	if got := (&printPage{threadPage: &threadPage{GetThreadResponse: response, x: newIndex(response)}}).Marking(); got != "TLP:RED" {
		t.Errorf("a label that nobody knows is marked %s", got)
	}
}
