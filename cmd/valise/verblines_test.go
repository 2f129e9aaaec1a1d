package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"valise.example/api/locale"
)

// TestVerbsInEveryLanguage compares what verbs of the record, the directory, checks and keys print of samples
// with what testdata/languages has of them, for reviewers. -update writes them. The samples have every text: one
// that they lack is one that nobody reads before it is shipped.
func TestVerbsInEveryLanguage(t *testing.T) {
	english := sampleVerbs(t, inEnglish())
	for _, l := range locale.Languages() {
		got := sampleVerbs(t, speechOf(locale.Of(l)))
		file := filepath.Join("testdata", "languages", "verbs-"+l.String()+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s, %v: the verbs print\n%s", file, err, got)
		}
		for _, text := range verbTexts() {
			if l != locale.English && longest(text) > 8 && pieceIn(got, text) {
				t.Errorf("%s has %q in English", file, text)
			}
		}
	}
	for key, text := range verbTexts() {
		if key != notInEnglish && !pieceIn(english, text) {
			t.Errorf("no sample has %s: %q", key, text)
		}
	}
}

// verbTexts are the English texts of these verbs by their names.
func verbTexts() map[string]locale.Text {
	s, all := inEnglish(), map[string]locale.Text{}
	for name, group := range map[string]any{
		"record": s.Record, "record_label": s.RecordLabel, "attention_step": s.AttentionStep, "trust_event": s.TrustEvent,
		"trust_outcome": s.TrustOutcome, "directory": s.Directory, "directory_label": s.DirectoryLabel, "campaign": s.Campaign,
		"check_state": s.CheckState, "check_answer": s.CheckAnswer, "contact_result": s.ContactResult, "check_outcome": s.CheckOutcome,
		"key": s.Key, "status": s.Status, "doctor": s.Doctor, "warning": locale.Of(locale.English).Told().Warning,
		"found": locale.Of(locale.English).Told().Found, "fix": locale.Of(locale.English).Told().Fix,
	} {
		v := reflect.ValueOf(group)
		for i := range v.NumField() {
			if text, ok := reflect.TypeAssert[locale.Text](v.Field(i)); ok {
				all[name+"."+v.Type().Field(i).Name] = text
			}
		}
	}
	return all
}

// notInEnglish is said where English output has the name of the contract alone.
const notInEnglish = "record.OtherSide"

// pieceIn reports whether the longest piece of a text stands in out; that of nothing but marks always does.
func pieceIn(out string, text locale.Text) bool {
	best := ""
	for _, p := range text.Pieces() {
		if p.Place == "" && len(p.Text) > len(best) {
			best = p.Text
		}
	}
	return strings.Contains(strings.ReplaceAll(out, "_", " "), strings.ReplaceAll(strings.TrimSpace(best), "_", " "))
}

// longest is how many letters the longest piece of a text has.
func longest(text locale.Text) (n int) {
	for _, p := range text.Pieces() {
		if p.Place == "" {
			n = max(n, len(strings.TrimSpace(p.Text)))
		}
	}
	return n
}

// sampleVerbs is what the verbs print, one after the other.
func sampleVerbs(t *testing.T, s speech) string {
	t.Helper()
	var lines []string
	add := func(title string, more ...string) { lines = append(append(append(lines, "# "+title), more...), "") }
	var list []string
	for _, item := range sampleItems() {
		list = append(list, itemLines(s, item)...)
		list = append(list, trustLines(s, item.GetItem().GetTrust())...)
	}
	add("record list, record show", list...)
	add("record verify", sampleReport(t, s)...)
	add("record head --print", paperHead(s, "XA", sampleRealm, sampleHead())...)
	add("record print", samplePrint(t, s)...)
	add("directory show", listingLines(s, sampleListing(t))...)
	add("directory show XB", comparisonLines(s, sampleComparison())...)
	add("directory show XD", s.line(s.say(s.Directory.NotIn, "state", s.theirs("XD"))), s.line(s.say(s.Directory.LeftDirectory, "state", s.theirs("XD"), "date", s.date(sampleTime(0)))))
	add("directory verify", sampleChanges(t, s)...)
	add("directory check", sampleChecks(s)...)
	add("key show", sheetLines(s, "XA", sampleRealm, []keyRow{{"XA/technical", sampleKey(t)}, {managerRow, sampleKey(t)}})...)
	add("node status", statusLines(s, sampleStatus())...)
	add("node doctor", s.findings(sampleFindings(), statusAt)...)
	add("key show of a node", s.line(s.Key.Door.String()))
	return strings.Join(lines, "\n")
}

// inLanguage is a program that speaks as s does and writes into out.
func inLanguage(s speech, out *bytes.Buffer) *program {
	p := newProgram(nil, out, out, nil)
	p.lang = s.l.String()
	return p
}
