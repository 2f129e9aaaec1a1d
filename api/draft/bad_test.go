package draft

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

const who = "\n[originator]\nname = \"A. Officer\"\nphone = \"+000 555 0100\"\n"

const (
	badDraft      = valisev1.Reason_REASON_BAD_DRAFT
	badText       = valisev1.Reason_REASON_BAD_TEXT
	badAttachment = valisev1.Reason_REASON_BAD_ATTACHMENT
	tooLarge      = valisev1.Reason_REASON_TOO_LARGE
)

// badDrafts are inquiries that must be refused, with what the officer must be told. They are
// the seeds of the fuzz targets too.
var badDrafts = []struct {
	name, draft string
	reason      valisev1.Reason
	line        int
	key, hint   string
}{
	{"empty", "", badDraft, 0, "originator", ""},
	{"only comments", "# nothing\n", badDraft, 0, "originator", ""},
	{"no way to reach", "[originator]\nname = \"A\"\n", badDraft, 0, "originator", ""},
	{"blank name", "[originator]\nname = \" \"\nphone=\"1\"\n", badDraft, 0, "originator.name", ""},
	{"misspelt key", "narative = \"x\"" + who, badDraft, 1, "narative", "narrative"},
	{"swapped letters", "\n\ntilte = \"x\"" + who, badDraft, 3, "tilte", "title"},
	{"capital key", "Title = \"x\"" + who, badDraft, 1, "Title", "title"},
	{"key of another table", "email = \"x@cert.example\"" + who, badDraft, 1, "email", "originator.email"},
	{"fact at the top", "cross_border = true" + who, badDraft, 1, "cross_border", "incident.cross_border"},
	{"nothing near", "zzzzzzzzzz = 1" + who, badDraft, 1, "zzzzzzzzzz", ""},
	{"misspelt key in a table", who + "emial = \"x\"\n", badDraft, 5, "originator.emial", "email"},
	{"misspelt in the second of two", who + "[[preferred_channel]]\nkind=\"phone\"\n[[preferred_channel]]\nkind=\"phone\"\nadress=\"1\"\n", badDraft, 9, "preferred_channel[1].adress", "address"},
	{"misspelt in an inline table", "originator = { name = \"A\", phone = \"1\",\n  fone = \"2\" }", badDraft, 2, "originator.fone", "phone"},
	{"unknown table", who + "[originatr]\nname=\"x\"\n", badDraft, 5, "originatr", "originator"},
	{"a key that only the node fills in", "officer = \"Somebody\"" + who, badDraft, 1, "officer", ""},
	{"same key twice", "title = \"a\"\ntitle = \"b\"" + who, badDraft, 2, "", ""},
	{"no TOML", "title: x\n" + who, badDraft, 1, "", ""},
	{"open string", "title = \"x\n" + who, badDraft, 1, "", ""},
	{"YAML alias bomb", "a: &a [x,x]\nb: *a\n", badDraft, 1, "", ""},
	{"include", "include = \"/etc/hostname\"" + who, badDraft, 1, "include", ""},
	{"number for text", "title = 7" + who, badDraft, 1, "title", ""},
	{"text for list", "questions = \"one?\"" + who, badDraft, 1, "questions", ""},
	{"number in list", "questions = [\"one?\", 2]" + who, badDraft, 1, "questions", ""},
	{"empty question", "questions = [\"\"]" + who, badDraft, 1, "questions", ""},
	{"nobody asks", "originator = { withheld = true }", badDraft, 1, "originator", ""},
	{"a name withheld", "[originator]\nname = { withheld = true }\nphone = \"1\"\n", badDraft, 2, "originator.name", ""},
	{"every way to reach withheld", "[originator]\nname = \"A\"\nphone = { withheld = true }\nemail = { unknown = true }\n", badDraft, 0, "originator", ""},
	{"an absent label", "tlp = { withheld = true }" + who, badDraft, 1, "tlp", ""},
	{"an absent translation", "translation = { withheld = true }" + who, badDraft, 1, "translation", ""},
	{"an absent kind of channel", who + "[[preferred_channel]]\nkind = { unknown = true }\n", badDraft, 6, "preferred_channel[0].kind", ""},
	{"an absence beside a fact", who + "[nominated_agency]\nname = \"A\"\nunknown = true\n", badDraft, 7, "nominated_agency.unknown", ""},
	{"given and absent", "title = \"x\"\ntitle = { withheld = true }" + who, badDraft, 2, "", ""},
	{"a list of absences", "absent = []" + who, badDraft, 1, "absent", ""},
	{"an absence that is no absence", "title = { unknown = false }" + who, badDraft, 1, "title", ""},
	{"false absence", who + "[incident]\nnature = { unknown = false }\n", badDraft, 6, "incident.nature", ""},
	{"two absences", who + "[incident]\nnature = { unknown = true, withheld = true }\n", badDraft, 6, "incident.nature", ""},
	{"no such absence", who + "[incident]\nstarted = { maybe = true }\n", badDraft, 6, "incident.started", ""},
	{"bool as text", who + "[incident]\ncross_border = \"no\"\n", badDraft, 6, "incident.cross_border", ""},
	{"enum", "time_sensitivity = \"urgend\"" + who, badDraft, 1, "time_sensitivity", "urgent"},
	{"enum in capitals", "request_type = \"INFORMATION\"" + who, badDraft, 1, "request_type", "information"},
	{"enum zero", "request_type = \"unspecified\"" + who, badDraft, 1, "request_type", ""},
	{"label", "tlp = \"AMBER\"" + who, badDraft, 1, "tlp", ""},
	{"time without offset", "needed_by = 2026-12-24T12:00:00" + who, badDraft, 1, "needed_by", ""},
	{"date", "needed_by = 2026-12-24" + who, badDraft, 1, "needed_by", ""},
	{"clock", "needed_by = 12:00:00" + who, badDraft, 1, "needed_by", ""},
	{"text without offset", "needed_by = \"2026-12-24T12:00:00\"" + who, badDraft, 1, "needed_by", ""},
	{"leap second", "needed_by = \"2026-12-31T23:59:60Z\"" + who, badDraft, 1, "needed_by", ""},
	{"year zero", "needed_by = \"0000-01-01T00:00:00Z\"" + who, badDraft, 1, "needed_by", ""},
	{"past the year 9999", "needed_by = \"9999-12-31T23:59:59-01:00\"" + who, badDraft, 1, "needed_by", ""},
	{"offset of a day", who + "[incident]\nstarted = \"2026-01-01T00:00:00+19:00\"\n", badDraft, 6, "incident.started", ""},
	{"time as number", "needed_by = 1790000000" + who, badDraft, 1, "needed_by", ""},
	{"file described and not named", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"b.json\"\n", badAttachment, 6, "attachment[0].name", ""},
	{"file described without a name", "attachments = [\"a.json\"]" + who + "[[attachment]]\ntlp = \"TLP:RED\"\n", badDraft, 5, "attachment[0].name", ""},
	{"file described twice", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\n[[attachment]]\nname = \"a.json\"\n", badAttachment, 8, "attachment[1].name", ""},
	{"no media type", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\nmedia_type = \"MISP event\"\n", badDraft, 7, "attachment[0].media_type", ""},
	{"a label of a file that is none", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\ntlp = \"TLP:WHITE\"\n", badDraft, 7, "attachment[0].tlp", ""},
	{"an absent label of a file", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\ntlp = { unknown = true }\n", badDraft, 7, "attachment[0].tlp", ""},
	{"an absent description", "attachments = [\"a.json\"]\nattachment = { unknown = true }" + who, badDraft, 2, "attachment", ""},
	{"a size that is claimed", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\nsize = 5\n", badDraft, 7, "attachment[0].size", ""},
	{"a script as media type", "attachments = [\"a.json\"]" + who + "[[attachment]]\nname = \"a.json\"\nmedia_type = \"text/html<script>\"\n", badDraft, 7, "attachment[0].media_type", ""},
	{"language", "language = \"en_GB\"" + who, badDraft, 1, "language", ""},
	{"channel without kind", who + "[[preferred_channel]]\naddress=\"1\"\n", badDraft, 5, "preferred_channel[0].kind", ""},
	{"agency without name", who + "[nominated_agency]\ncontact=\"1\"\n", badDraft, 5, "nominated_agency.name", ""},
	{"translation without language", who + "[[translation]]\ntext=\"x\"\n", badDraft, 5, "translation[0].language", ""},
	{"table for tables", who + "[preferred_channel]\nkind=\"phone\"\n", badDraft, 5, "preferred_channel", ""},
	{"tables for table", "[[originator]]\nname=\"A\"\n", badDraft, 1, "originator", ""},
	{"title of 801 bytes", "title = \"" + strings.Repeat("a", 801) + "\"" + who, badDraft, 1, "title", ""},
	{"line of 1 MiB", "title = \"" + strings.Repeat("a", 1<<20) + "\"" + who, tooLarge, 0, "", ""},
	{"narrative over its limit", "narrative = \"" + strings.Repeat("a", 120001) + "\"" + who, badDraft, 1, "narrative", ""},
	{"65 questions", "questions = [" + strings.Repeat("\"a\",", 65) + "]" + who, badDraft, 1, "questions", ""},
	{"too much in all", "narrative = \"" + strings.Repeat("a", 120000) + "\"" + who + strings.Repeat("[[translation]]\nlanguage=\"fr\"\ntext=\""+strings.Repeat("b", 70000)+"\"\n", 2), tooLarge, 0, "", ""},
	{"deep list", "title = " + strings.Repeat("[", 400000), badDraft, 1, "", ""},
	{"deep tables", "a = " + strings.Repeat("{a=", 20000), badDraft, 1, "", ""},
	{"many dots", strings.Repeat("a.", 20000) + "a = 1", badDraft, 1, "", ""},
	{"many dots in a header", "[" + strings.Repeat("a.", 20000) + "a]", badDraft, 1, "", ""},
	{"long key", strings.Repeat("a", 100000) + " = 1", badDraft, 1, "", ""},
	{"many keys", manyKeys(), badDraft, 4097, "", ""},
	{"not UTF-8", "title = \"a\"\nnarrative = \"\xff\xfe\"" + who, badText, 2, "", ""},
	{"UTF-16", "\xff\xfet\x00i\x00", badText, 1, "", ""},
	{"NUL", "title = \"a\x00b\"" + who, badText, 1, "", ""},
	{"escape sequence", "title = \"\x1b]52;c;eA==\x07\"" + who, badText, 1, "", ""},
	{"escape sequence, escaped", "title = \"\\u001b]52;c;eA==\\u0007\"" + who, badText, 1, "title", ""},
	{"escape by its short name", "narrative = \"\\e[2J\"" + who, badText, 1, "narrative", ""},
	{"C1 control", "narrative = \"\\u009b2J\"" + who, badText, 1, "narrative", ""},
	{"header injection", "title = \"a\\r\\nBcc: x\"" + who, badText, 1, "title", ""},
	{"line break in a name", "[originator]\nname = \"A\\nB\"\nphone = \"1\"\n", badText, 2, "originator.name", ""},
	{"lone carriage return", "narrative = \"a\rb\"" + who, badText, 1, "", ""},
	{"bidi override in a title", "title = \"a\u202eb\"" + who, badText, 1, "title", ""},
	{"isolate in a name", "[originator]\nname = \"A\u2066B\"\nphone=\"1\"\n", badText, 2, "originator.name", ""},
	{"zero width in a name", "[originator]\nname = \"A\u200bB\"\nphone=\"1\"\n", badText, 2, "originator.name", ""},
	{"tag characters in a title", "title = \"a\U000E0041\"" + who, badText, 1, "title", ""},
	{"combining marks", "narrative = \"a" + strings.Repeat("\u0301", 10000) + "\"" + who, badText, 1, "narrative", ""},
	{"text in a list", "questions = [\"a\\u0000\"]" + who, badText, 1, "questions", ""},
	{"parent folder", "attachments = [\"../../x\"]" + who, badAttachment, 1, "attachments[0]", ""},
	{"33 attachments", "attachments = [" + strings.Repeat("\"a\",", 33) + "]" + who, badAttachment, 1, "attachments", ""},
	{"10,000 attachments", "attachments = [" + strings.Repeat("\"a\",", 10_000) + "]" + who, badDraft, 1, "", ""},
	{"one name twice", "attachments = [\"caf\u00e9.txt\",\n\"CAFE\u0301.TXT\"]" + who, badAttachment, 2, "attachments[1]", ""},
	{"attachment as table", "attachments = [{name=\"x\"}]" + who, badDraft, 1, "attachments[0]", ""},
}

func manyKeys() string {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "k%d = 1\n", i)
	}
	return b.String()
}

func TestBadDrafts(t *testing.T) {
	for _, c := range badDrafts {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := ParseInquiry([]byte(c.draft))
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("not refused: %v", err)
			}
			if e.Reason != c.reason || e.Line != c.line || e.Key != c.key || e.Suggestion != c.hint {
				t.Errorf("got %v line %d key %q suggestion %q (%s), want %v line %d key %q suggestion %q",
					e.Reason, e.Line, e.Key, e.Suggestion, e.Detail, c.reason, c.line, c.key, c.hint)
			}
			if n := len(e.Error()); n > 400 {
				t.Errorf("the error has %d bytes", n)
			}
			if CheckLine(e.Error()) != nil {
				t.Errorf("the error %q is not one clean line", e.Error())
			}
		})
	}
}

func TestAttachmentNames(t *testing.T) {
	for _, name := range []string{
		"", ".", "..", "../../x", "/etc/x", `a\..\b`, "C:x", "NUL", "nul.txt", "com1", "LPT9.log", "COM¹", "aux ", "con.",
		strings.Repeat("a", 201), strings.Repeat("é", 150), "a.", "a ", " a", "-rf", "a\x00b", "a\nb", "a\u202etxt.exe",
		"a\u200b", "\xff", "what?.txt", "a|b", "conout$", "NUL .txt", "a\x7f",
	} {
		err := CheckAttachmentName(name)
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != badAttachment {
			t.Errorf("%q gave %v", name, err)
		}
	}
	for _, name := range []string{"log.txt", ".profile", "a..b", "auxiliary.txt", "COM10", "com", "отчёт.pdf", "تقرير.txt", strings.Repeat("a", 200)} {
		if err := CheckAttachmentName(name); err != nil {
			t.Errorf("%q is refused: %v", name, err)
		}
	}
}

func TestBadReplies(t *testing.T) {
	for _, c := range []struct {
		kind   valisev1.Kind
		draft  string
		reason valisev1.Reason
		key    string
	}{
		{valisev1.Kind_KIND_RESPONSE, "narrative = \"x\"", badDraft, "outcome"},
		{valisev1.Kind_KIND_RESPONSE, "just words", badDraft, ""},
		{valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\n[[answer]]\ntext = \"x\"", badDraft, "answer[0].question"},
		{valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\n[[answer]]\nquestion = 0\ntext = \"x\"", badDraft, "answer[0].question"},
		{valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\n[[answer]]\nquestion = 65", badDraft, "answer[0].question"},
		{valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\n[[answer]]\nquestion = -1", badDraft, "answer[0].question"},
		{valisev1.Kind_KIND_RESPONSE, "outcome = \"full\"\n[[answer]]\nquestion = 1\n[[answer]]\nquestion = 1", badDraft, "answer"},
		{valisev1.Kind_KIND_HOLDING_REPLY, "estimate = \"PT\"", badDraft, "estimate"},
		{valisev1.Kind_KIND_REVISED_ESTIMATE, "reason = \"x\"", badDraft, "estimate"},
		{valisev1.Kind_KIND_CHANNEL_PROPOSAL, "text = \"x\"", badDraft, "preferred_channel"},
		{valisev1.Kind_KIND_CHANNEL_PROPOSAL, "preferred_channel = []", badDraft, "preferred_channel"},
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, "", badDraft, "questions"},
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, " \n\t\n", badDraft, "questions"},
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, "questions = []\nreference = \"X-1\"", badDraft, "questions"},
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, "questions = [\" \"]", badDraft, "questions"},
		{valisev1.Kind_KIND_SUPPLEMENT, "", badDraft, "narrative"},
		{valisev1.Kind_KIND_SUPPLEMENT, "narrative = \" \"\nanswer = []\n[incident]\n", badDraft, "narrative"},
		{valisev1.Kind_KIND_SUPPLEMENT, "tlp = \"TLP:RED\"", badDraft, "narrative"},
		{valisev1.Kind_KIND_RESPONSE, "outcome = { withheld = true }", badDraft, "outcome"},
		{valisev1.Kind_KIND_HOLDING_REPLY, "[interim_contact]\nphone = { withheld = true }", badDraft, "interim_contact.name"},
		{valisev1.Kind_KIND_CLOSURE, "text = { withheld = true }", badDraft, "text"},
		{valisev1.Kind_KIND_CHANNEL_ANSWER, "text = \"x\"", badDraft, "decision"},
		{valisev1.Kind_KIND_AGENCY_NOMINATION, "text = \"x\"", badDraft, "nominated_agency"},
		{valisev1.Kind_KIND_CORRECTION, "", badDraft, "text"},
		{valisev1.Kind_KIND_CLOSURE, "txt = \"x\"", badDraft, "txt"},
		{valisev1.Kind_KIND_CLOSURE, "words\x1b[2J", badText, ""},
		{valisev1.Kind_KIND_CLOSURE, strings.Repeat("a", 4001), badDraft, "text"},
		{valisev1.Kind_KIND_PING, "detail = \"x\"", valisev1.Reason_REASON_UNIMPLEMENTED, ""},
		{valisev1.Kind_KIND_VOID, "", valisev1.Reason_REASON_UNIMPLEMENTED, ""},
		{valisev1.Kind(99), "words", valisev1.Reason_REASON_UNIMPLEMENTED, ""},
	} {
		_, _, err := ParseText(c.kind, []byte(c.draft))
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Reason != c.reason || e.Key != c.key {
			t.Errorf("%v %.30q gave %v, want %v at %q", c.kind, c.draft, err, c.reason, c.key)
		}
	}
}

// TestSubstance: one thing of its kind is enough.
func TestSubstance(t *testing.T) {
	for _, c := range []struct {
		kind  valisev1.Kind
		draft string
	}{
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, "questions = [\"Which zone?\"]"},
		{valisev1.Kind_KIND_CLARIFICATION_REQUEST, "Which zone do the logs have?"},
		{valisev1.Kind_KIND_SUPPLEMENT, "narrative = \"more\""},
		{valisev1.Kind_KIND_SUPPLEMENT, "attachments = [\"log.txt\"]"},
		{valisev1.Kind_KIND_SUPPLEMENT, "[incident]\nstarted = { unknown = true }"},
		{valisev1.Kind_KIND_SUPPLEMENT, "[[answer]]\nquestion = 1\ntext = \"UTC\""},
		{valisev1.Kind_KIND_SUPPLEMENT, "[[translation]]\nlanguage = \"fr\"\ntext = \"Un texte\""},
		{valisev1.Kind_KIND_CHANNEL_PROPOSAL, "[[preferred_channel]]\nkind = \"valise\""},
		{valisev1.Kind_KIND_HOLDING_REPLY, ""},
		{valisev1.Kind_KIND_CLOSURE, ""},
		{valisev1.Kind_KIND_ACKNOWLEDGEMENT, ""},
	} {
		if _, _, err := ParseText(c.kind, []byte(c.draft)); err != nil {
			t.Errorf("%v %q: %v", c.kind, c.draft, err)
		}
	}
}

// A notice says who informs and how to reach them, as an inquiry does. I-1, A-10b
func TestBadNotices(t *testing.T) {
	for _, c := range []struct{ name, draft, key string }{
		{"empty", "", "originator"},
		{"blank name", "[originator]\nname = \" \"\nphone = \"1\"\n", "originator.name"},
		{"no way to reach", "[originator]\nname = \"A\"\n", "originator"},
		{"nobody informs", "originator = { withheld = true }", "originator"},
		{"a question", "questions = [\"Is it yours?\"]" + who, "questions"},
		{"of another type", "type = \"rumour\"" + who, "type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Parse(valisev1.Kind_KIND_VOLUNTARY_NOTICE, []byte(c.draft))
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != badDraft || e.Key != c.key {
				t.Errorf("%v, want %s", err, c.key)
			}
		})
	}
	if _, _, err := Parse(valisev1.Kind_KIND_VOLUNTARY_NOTICE, []byte("type = \"lesson\""+who)); err != nil {
		t.Error(err)
	}
}
