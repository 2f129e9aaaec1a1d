package indicators

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	badFile  = valisev1.Reason_REASON_BAD_ATTACHMENT
	badText  = valisev1.Reason_REASON_BAD_TEXT
	tooLarge = valisev1.Reason_REASON_TOO_LARGE
)

var officer = &valisev1.Person{Name: "N. Oduya", Phone: "+999 000 0002"}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestBundle: what a bundle says has its place, and nothing else is there.
func TestBundle(t *testing.T) {
	found, err := Read(STIX, sample(t, "bundle.json"))
	if err != nil {
		t.Fatal(err)
	}
	inquiry, err := found.Inquiry("bundle.json", officer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"title", inquiry.GetTitle(), "Beacons from viewers of radiology images"},
		{"reference", inquiry.GetPreamble().GetOwnReference(), "report--84e4d88f-8888-4abc-8def-000000000201"},
		{"indicators", fmt.Sprint(found.Indicators), "2"}, // one is there in two versions, one is revoked
		{"sectors", fmt.Sprint(inquiry.GetIncident().GetAffectedSectors().GetValues()), "[healthcare communications]"},
		{"started", fmt.Sprint(draft.Body(inquiry)["incident"].(map[string]any)["started"]), "2026-11-17T22:04:11Z"},
		{"label", inquiry.GetPreamble().GetTlp().String(), "TLP_RED"}, // of one pattern in one indicator
		{"label of the file", inquiry.GetAttachments()[0].GetTlp().String(), "TLP_RED"},
		{"type", inquiry.GetAttachments()[0].GetMediaType(), "application/stix+json;version=2.1"},
		{"ended", fmt.Sprint(inquiry.GetIncident().GetEnded() == nil), "true"},
		{"detected", fmt.Sprint(inquiry.GetIncident().GetDetected() == nil), "true"},
		{"cross border", fmt.Sprint(inquiry.GetIncident().GetCrossBorder() == nil), "true"},
		{"infrastructure", fmt.Sprint(inquiry.GetIncident().GetObservedInfrastructure() == nil), "true"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	text := found.Draft(inquiry)
	for _, never := range []string{"203.0.113.71", "radiology-viewer", "A loader without a name", "For the incident team"} {
		if strings.Contains(text, never) {
			t.Errorf("the draft repeats %q", never)
		}
	}
	if !strings.Contains(text, "none of TLP 2.0 or PAP") {
		t.Error("the statement goes by in silence")
	}
}

// TestDraftsParse: what is written is the draft of the same inquiry.
func TestDraftsParse(t *testing.T) {
	for name, format := range map[string]Format{"event.json": MISP, "bundle.json": STIX} {
		found, err := Read(format, sample(t, name))
		if err != nil {
			t.Fatal(err)
		}
		holdDraft(t, found, name)
	}
}

func holdDraft(t testing.TB, found *Found, name string) {
	t.Helper()
	inquiry, err := found.Inquiry(name, officer)
	if err != nil {
		t.Fatal(err)
	}
	back, _, err := draft.ParseInquiry([]byte(found.Draft(inquiry)))
	if err != nil {
		t.Fatalf("%v\n%s", err, found.Draft(inquiry))
	}
	if !proto.Equal(inquiry, back) {
		t.Fatalf("came back changed:\n%v\n%v", inquiry, back)
	}
	if inquiry.GetPreamble().GetTlp() < valisev1.Tlp_TLP_AMBER_STRICT || inquiry.GetAttachments()[0].GetTlp() < valisev1.Tlp_TLP_AMBER_STRICT {
		t.Fatalf("%v is more open than the default", inquiry.GetPreamble().GetTlp())
	}
}

func event(fields string) string {
	return `{"Event":{"uuid":"0d6f7a2e-6d36-4f0b-9a3c-5a1f0f6f2c11",` + fields + `}}`
}

func bundle(objects string) string {
	return `{"type":"bundle","id":"bundle--3c2f6a10-5f0f-4b46-9a0b-6cf1c1d8a001","objects":[` + objects + `]}`
}

func report(name string) string {
	return `{"type":"report","spec_version":"2.1","id":"report--84e4d88f-8888-4abc-8def-000000000201","modified":"2026-11-20T07:30:00.000Z","name":` + name + `}`
}

// badFiles are refused, each with its reason and a word of why.
var badFiles = []struct {
	name   string
	format Format
	data   string
	reason valisev1.Reason
	says   string
}{
	{"empty", MISP, "", badFile, "no JSON"},
	{"text", STIX, "title = \"x\"", badFile, "no JSON"},
	{"cut off", MISP, `{"Event":{"info":"x"`, badFile, "no JSON"},
	{"two values", MISP, event(`"info":"x"`) + "{}", badFile, "after its end"},
	{"not UTF-8", MISP, event("\"info\":\"x\xff\""), badText, "UTF-8"},
	{"UTF-16", STIX, "\xff\xfe{\x00}\x00", badText, "UTF-8"},
	{"nested deep", MISP, event(`"info":` + strings.Repeat("[", 100_000)), badFile, "deeper"},
	{"nested deep in a bundle", STIX, bundle(strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)), badFile, "deeper"},
	{"a key twice", MISP, event(`"info":"a","info":"b"`), badFile, "twice"},
	{"a key twice deep inside", STIX, bundle(report(`"a","name":"b"`)), badFile, "twice"},
	{"a key twice by an escape", MISP, event(`"info":"a","in\u0066o":"b"`), badFile, "twice"},
	{"too many values", MISP, event(`"info":"x","Attribute":[` + strings.Repeat("0,", 400_000) + "0]"), tooLarge, "more values"},
	{"too many bytes", STIX, strings.Repeat(" ", MaxFile+1), tooLarge, "16 MiB"},
	{"a number that is none", MISP, event(`"info":"x","id":1e`), badFile, "no JSON"},
	{"NaN", MISP, event(`"info":"x","id":NaN`), badFile, "no JSON"},
	{"a list", MISP, `[]`, badFile, "0 events"},
	{"two events", MISP, `{"response":[` + event(`"info":"a"`) + "," + event(`"info":"b"`) + `]}`, badFile, "2 events"},
	{"null", MISP, "null", badFile, "no MISP event"},
	{"an event without a name", MISP, `{"Event":{}}`, badFile, "no MISP event"},
	{"an event that is a text", MISP, `{"Event":"x"}`, badFile, "no MISP event"},
	{"a bundle as event", MISP, bundle(report(`"x"`)), badFile, "--from-stix"},
	{"an event as bundle", STIX, event(`"info":"x"`), badFile, "--from-misp"},
	{"no bundle", STIX, report(`"x"`), badFile, "no STIX bundle"},
	{"an empty bundle", STIX, bundle(""), badFile, "without objects"},
	{"a bundle of what has no id", STIX, bundle(`{"type":"report","name":"x"}`), badFile, "without objects"},
	{"STIX 2.0", STIX, `{"type":"bundle","spec_version":"2.0","id":"bundle--3c2f6a10-5f0f-4b46-9a0b-6cf1c1d8a001","objects":[]}`, badFile, "another version"},
	{"STIX 3 inside", STIX, bundle(`{"type":"report","spec_version":"3.0","id":"report--84e4d88f-8888-4abc-8def-000000000201"}`), badFile, "another version"},
}

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		found, err := Read(c.format, []byte(c.data))
		e, ok := errors.AsType[*draft.Error](err)
		if !ok || found != nil {
			t.Errorf("%s: %v, %v", c.name, found, err)
			continue
		}
		if e.Reason != c.reason || !strings.Contains(e.Detail, c.says) {
			t.Errorf("%s: %v %q, want %v and %q", c.name, e.Reason, e.Detail, c.reason, c.says)
		}
	}
}

// TestHostileText: what a file says is shown as it is, on one line, and breaks out of nothing.
func TestHostileText(t *testing.T) {
	for _, c := range []struct{ name, info, want string }{
		{"bidi", `"invoice\u202Egnp.exe"`, "invoice⟨U+202E⟩gnp.exe"},
		{"isolate", `"a\u2066b"`, "a⟨U+2066⟩b"},
		{"zero width", `"pay\u200Bpal"`, "pay⟨U+200B⟩pal"},
		{"tag characters", `"a\uDB40\uDC41b"`, "a⟨U+E0041⟩b"},
		{"escape", `"\u001b]52;c;eA==\u0007"`, "⟨U+001B⟩]52;c;eA==⟨U+0007⟩"},
		{"NUL", `"a\u0000b"`, "a⟨U+0000⟩b"},
		{"lines", `"a\r\nBcc: x\n[originator]\nname = 1"`, "a Bcc: x [originator] name = 1"},
		{"end of a text", `"\"\"\"\ntlp = \"TLP:CLEAR\"\n#"`, `""" tlp = "TLP:CLEAR" #`},
		{"formula", `"=cmd|'/c calc'!A0"`, "=cmd|'/c calc'!A0"},
		{"markup", `"<script>alert(1)</script>"`, "<script>alert(1)</script>"},
		{"half a pair", `"a\ud800b"`, "a\ufffdb"},
		{"marks", `"e` + strings.Repeat(`\u0301`, 10_000) + `"`, "e" + strings.Repeat("\u0301", 30)},
		{"long", `"` + strings.Repeat("漢", 100_000) + `"`, strings.Repeat("漢", 265) + "…"},
		{"a number", "1e99999", "1e99999"},
		{"a list", `["a"]`, ""},
	} {
		for format, data := range map[Format]string{MISP: event(`"info":` + c.info), STIX: bundle(report(c.info))} {
			found, err := Read(format, []byte(data))
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if found.Title != c.want {
				t.Errorf("%s: the title is %q, want %q", c.name, found.Title, c.want)
			}
			holdDraft(t, found, "a.json")
		}
	}
}

// TestHostileValues: numbers, ids, dates and types that are none are left out, and counted where that
// matters.
func TestHostileValues(t *testing.T) {
	found, err := Read(MISP, []byte(`{"Event":{"info":"x","uuid":"../../etc","date":"2026-11-20\nx = 1","distribution":999999999999999999999,"Attribute":[
		{"type":"<b>","to_ids":true,"first_seen":"2026-11-18"},
		{"type":"md5","to_ids":"1","first_seen":"99999-01-01T00:00:00Z"},
		{"type":"md5","to_ids":0,"first_seen":99999999999999999999999},
		{"type":"md5","first_seen":"2026-11-18T10:00:00","last_seen":"2026-11-18T10:00:00+99:00"},
		{"type":"md5","first_seen":"2026-11-18T10:00:00.123456+05:30"}, 7, null, []],
		"Tag":[{"name":"rsit:<b>=\"x\""},{"name":7},{"name":"misp-galaxy:sector=\"\u202Ea\""},"x"],
		"Object":[{"deleted":"1","Attribute":[{"type":"md5"}]},{"Attribute":{"type":"md5"}}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	holdDraft(t, found, "a.json")
	inquiry, _ := found.Inquiry("a.json", officer)
	text := found.Draft(inquiry)
	for _, want := range []string{
		"5 attributes and 1 objects (4 md5, 1 other)", "2 attributes are marked",
		"5 times in the file have no zone", `started = "2026-11-18T10:00:00.123456+05:30"`, "⟨U+202E⟩a",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, never := range []string{"etc", "x = 1", "<b>", "reference", "nature"} {
		if strings.Contains(text, never) {
			t.Errorf("%q stands in\n%s", never, text)
		}
	}
}

// TestLabels: only what is stricter than the default changes it. A-11 s2
func TestLabels(t *testing.T) {
	tag := func(names ...string) string {
		var tags []string
		for _, name := range names {
			tags = append(tags, `{"name":"`+name+`"}`)
		}
		return event(`"info":"x","Tag":[` + strings.Join(tags, ",") + `]`)
	}
	mark := func(objects string, ids ...string) string {
		return bundle(strings.TrimSuffix(report(`"x"`), "}") + `,"object_marking_refs":["` + strings.Join(ids, `","`) + `"]}` + objects)
	}
	const own = "marking-definition--0c9b2c8e-2222-4ccc-8ddd-0000000000b1"
	strict, red := valisev1.Tlp_TLP_AMBER_STRICT, valisev1.Tlp_TLP_RED
	for _, c := range []struct {
		name, data string
		want       valisev1.Tlp
		says       string
	}{
		{"no label", tag("workflow:state"), strict, "no TLP label"},
		{"clear", tag("tlp:clear"), strict, "TLP:CLEAR: TLP:AMBER+STRICT"},
		{"the older name", tag("tlp:white"), strict, "TLP:CLEAR: TLP:AMBER+STRICT"},
		{"green", tag("tlp:green"), strict, "TLP:GREEN: TLP:AMBER+STRICT"},
		{"amber", tag("tlp:amber"), strict, "TLP:AMBER: TLP:AMBER+STRICT"},
		{"strict", tag("tlp:amber+strict"), strict, "TLP:AMBER+STRICT."},
		{"red", tag("TLP:RED"), red, "TLP:RED."},
		{"the strictest of two", tag("tlp:red", "tlp:clear"), red, "TLP:RED."},
		{"one that nobody knows", tag("tlp:ex:chr"), strict, "none of TLP 2.0"},
		{"one that nobody knows beside red", tag("tlp:purple", "tlp:red"), red, "none of TLP 2.0"},
		{"of one attribute", event(`"info":"x","Attribute":[{"type":"md5","Tag":[{"name":"tlp:red"}]}]`), red, "TLP:RED."},
		{"of one attribute of an object", event(`"info":"x","Object":[{"Attribute":[{"type":"md5","Tag":[{"name":"tlp:red"}]}]}]`), red, "TLP:RED."},
		{"STIX without", bundle(report(`"x"`)), strict, "no TLP label"},
		{"STIX clear", mark("", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"), strict, "TLP:CLEAR: "},
		{"STIX white of the first edition", mark("", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), strict, "TLP:CLEAR: "},
		{"STIX red of the first edition", mark("", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"), red, "TLP:RED."},
		{"STIX red", mark("", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"), red, "TLP:RED."},
		{"STIX by the extension", mark(`,{"type":"marking-definition","spec_version":"2.1","id":"`+own+`","extensions":{"`+tlpExtension+`":{"tlp_2_0":"red"}}}`, own), red, "TLP:RED."},
		{"STIX by the definition", mark(`,{"type":"marking-definition","spec_version":"2.1","id":"`+own+`","definition_type":"tlp","definition":{"tlp":"red"}}`, own), red, "TLP:RED."},
		{"STIX with what is not there", mark("", own), strict, "none of TLP 2.0"},
		{"STIX with no id", mark("", "x"), strict, "none of TLP 2.0"},
	} {
		format := MISP
		if strings.HasPrefix(c.name, "STIX") {
			format = STIX
		}
		found, err := Read(format, []byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if found.Tlp() != c.want || !strings.Contains(strings.Join(found.Remarks(), "\n"), c.says) {
			t.Errorf("%s: %v with %q, want %v with %q", c.name, found.Tlp(), found.Remarks(), c.want, c.says)
		}
		holdDraft(t, found, "a.json")
	}
}

// TestNamesOfFiles: a name that no attachment may have is refused before anything is written.
func TestNamesOfFiles(t *testing.T) {
	found, err := Read(MISP, sample(t, "event.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "../event.json", "a/b", `a\b`, "NUL", "C:x", "a\x00", "a.json.", strings.Repeat("a", 201), "a\u202ejson"} {
		if _, err := found.Inquiry(name, officer); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

// FuzzRead asserts that any file is either refused with a reason, or gives a draft that parses to
// what it was written from and is no more open than the default.
func FuzzRead(f *testing.F) {
	for _, c := range badFiles {
		if len(c.data) < 4096 {
			f.Add(c.format == STIX, []byte(c.data))
		}
	}
	f.Add(false, sample(f, "event.json"))
	f.Add(true, sample(f, "bundle.json"))
	f.Fuzz(func(t *testing.T, stix bool, data []byte) {
		format := MISP
		if stix {
			format = STIX
		}
		found, err := Read(format, data)
		if err != nil {
			if e, ok := errors.AsType[*draft.Error](err); !ok || e.Reason == valisev1.Reason_REASON_UNSPECIFIED || draft.CheckLine(e.Error()) != nil {
				t.Fatalf("%T %v has no reason", err, err)
			}
			return
		}
		holdDraft(t, found, "a.json")
	})
}
