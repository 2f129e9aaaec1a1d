package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// No text of a message is a formula in a spreadsheet, whatever stands before it. reliability.md 44
func TestACellIsNoFormula(t *testing.T) {
	for _, s := range []string{
		"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\r=1", "\u200b=1", "\u00a0=1", "\u202e=1", "＝1", "＋1", "－1", "＠x",
		"|x", "%x", `"=1`, "x\n=1", "x\r\n=1", "\x00=1", "−1",
	} {
		for line := range strings.SplitSeq(cell(s), "\n") {
			bare := strings.TrimLeft(line, " \t\r\"\u200b\u00a0\ufffd")
			if bare != "" && strings.ContainsRune("=+-@|%＝＋－＠−", []rune(bare)[0]) {
				t.Errorf("%q stays %q", s, line)
			}
		}
	}
	for _, s := range []string{"", "XA/technical", "2031-05-04 10:00:00 UTC", "a=b", "1.5", "'=1"} {
		if got := cell(s); got != s {
			t.Errorf("%q becomes %q", s, got)
		}
	}
}

func TestATableHasOneRowAnItem(t *testing.T) {
	var out strings.Builder
	w := newExportWriter("csv", &out, inEnglish())
	piece := &valisev1.ExportRecordResponse{Item: &valisev1.ExportedItem{
		Item:    &valisev1.ItemView{Item: &valisev1.Item{Number: 7, Recorded: timestamppb.Now(), Kind: valisev1.Kind_KIND_INQUIRY}, From: "XA/technical"},
		Payload: wrap(&valisev1.Inquiry{Title: "=1", Narrative: "two\nlines, \"quoted\""}),
	}}
	for _, err := range []error{w.begin(nil), w.add(piece), w.add(piece), w.end(nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][0] != "7" || rows[1][11] != "'=1" || !strings.Contains(rows[1][12], "two") {
		t.Errorf("%q, %v", rows, err)
	}
}

// TestEachRowOfATableSaysItsRealm, because rows are sorted, filtered and pasted into other tables.
func TestEachRowOfATableSaysItsRealm(t *testing.T) {
	for _, realm := range []ident.Realm{ident.Operational, lanternWard} {
		var out strings.Builder
		w := newExportWriter("csv", &out, inEnglish())
		piece := &valisev1.ExportRecordResponse{Item: &valisev1.ExportedItem{Item: &valisev1.ItemView{Item: &valisev1.Item{Number: 7}}}}
		head := &valisev1.ExportHead{Realm: realm.String()}
		for _, err := range []error{w.begin(head), w.add(piece), w.add(piece), w.end(head)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%q, %v", rows, err)
		}
		for i, want := range []string{"realm", realm.String(), realm.String()} {
			if got := rows[i][len(rows[i])-1]; got != want {
				t.Errorf("row %d ends with %q, want %q", i, got, want)
			}
		}
	}
}

// TestBothEndsOfAPrintedRecordNameTheExercise in every language and in English too; in operation neither does.
func TestBothEndsOfAPrintedRecordNameTheExercise(t *testing.T) {
	for _, l := range locale.Languages() {
		p := newProgram(nil, nil, nil, nil)
		p.lang = l.String()
		for _, realm := range []ident.Realm{ident.Operational, lanternWard} {
			var out strings.Builder
			w := newExportWriter("paper", &out, p.speech())
			head := &valisev1.ExportHead{Realm: realm.String()}
			for _, err := range []error{w.begin(head), w.end(head)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			for end, line := range map[string]string{"head": lines[0], "foot": lines[len(lines)-1]} {
				for _, want := range []string{"EXERCISE", "lantern-ward"} {
					if got := strings.Contains(line, want); got != (realm == lanternWard) {
						t.Errorf("%v, %s: the %s says %s: %v: %q", l, realm, end, want, got, line)
					}
				}
			}
		}
	}
}
