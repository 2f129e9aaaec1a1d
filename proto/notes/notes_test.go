package notes_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"valise.example/proto/notes"
	valisev1 "valise.example/proto/valise/v1"
)

// published holds the first 16 digits of the SHA-256 of every text that has been published. A
// line is added with a new version and never changed: peers hold messages that name it.
var published = map[string]string{
	"territory.1.ar":         "6c3f3cbd9026a963",
	"territory.1.en":         "98e13fe0b1ee26ef",
	"territory.1.es":         "229e0c85075486b1",
	"territory.1.fr":         "e5399220802ff214",
	"territory.1.ru":         "24b432db15f9c5bc",
	"territory.1.zh":         "6ffad0caea10c88f",
	"without-prejudice.1.ar": "3fe0047518eda856",
	"without-prejudice.1.en": "d025dc79ad0f8860",
	"without-prejudice.1.es": "7f7c373df42bf9af",
	"without-prejudice.1.fr": "3bccb6498b88f9e6",
	"without-prejudice.1.ru": "5be0d966caa1ed51",
	"without-prejudice.1.zh": "b8ccd5b60c5d534c",
}

// scripts tells in which script the letters of a language's text are written.
var scripts = map[string]*unicode.RangeTable{
	"ar": unicode.Arabic, "zh": unicode.Han, "en": unicode.Latin,
	"fr": unicode.Latin, "ru": unicode.Cyrillic, "es": unicode.Latin,
}

func TestEveryNoteIsThereInSixLanguages(t *testing.T) {
	seen := map[string]string{}
	for _, n := range attached(t) {
		for _, lang := range notes.Languages() {
			text, ok := notes.Text(n.ID, n.Version, lang)
			if !ok {
				t.Errorf("%s version %d has no text in %s", n.ID, n.Version, lang)
				continue
			}
			if other, twice := seen[text]; twice {
				t.Errorf("%s in %s is the same text as %s", n.ID, lang, other)
			}
			seen[text] = n.ID + " in " + lang
			checkText(t, n.ID+" in "+lang, text, scripts[lang])
		}
	}
	if want := 2 * len(scripts); len(seen) != want {
		t.Errorf("%d texts, want %d", len(seen), want)
	}
}

func checkText(t *testing.T, name, text string, script *unicode.RangeTable) {
	t.Helper()
	if !utf8.ValidString(text) || strings.TrimSpace(text) != text || strings.ContainsAny(text, "\r\n\t") {
		t.Errorf("%s is not one clean line of UTF-8", name)
	}
	if end, _ := utf8.DecodeLastRuneInString(text); end != '.' && end != '。' {
		t.Errorf("%s does not end as a sentence", name)
	}
	for _, r := range text {
		if unicode.IsLetter(r) && !unicode.Is(script, r) {
			t.Errorf("%s holds %q, a letter of another script", name, r)
		}
		if unicode.Is(unicode.Cf, r) {
			t.Errorf("%s holds the invisible character %U", name, r)
		}
	}
}

// TestPublishedTextsNeverChange also finds a file that no published version names.
func TestPublishedTextsNeverChange(t *testing.T) {
	paths, err := filepath.Glob("text/*")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:8]); published[name] != got {
			t.Errorf("%s has the hash %s, published is %q: another wording is another version", path, got, published[name])
		}
		names = append(names, name)
	}
	for name := range published {
		if !slices.Contains(names, name) {
			t.Errorf("%s was published and is gone", name)
		}
	}
}

func TestWhichKindsCarryWhichNote(t *testing.T) {
	want := map[valisev1.Kind]string{
		valisev1.Kind_KIND_INQUIRY:          notes.Territory,
		valisev1.Kind_KIND_VOLUNTARY_NOTICE: notes.Territory,
		valisev1.Kind_KIND_ACKNOWLEDGEMENT:  notes.WithoutPrejudice,
		valisev1.Kind_KIND_HOLDING_REPLY:    notes.WithoutPrejudice,
		valisev1.Kind_KIND_RESPONSE:         notes.WithoutPrejudice,
	}
	for number := range valisev1.Kind_name {
		kind := valisev1.Kind(number)
		got := ""
		if list := notes.For(kind); len(list) > 0 {
			got = list[0].ID
		}
		if got != want[kind] {
			t.Errorf("%v carries %q, want %q", kind, got, want[kind])
		}
		refs := notes.References(kind)
		if !notes.Carried(kind, refs) {
			t.Errorf("%v with its own references does not count as carrying its notes", kind)
		}
		if want[kind] == "" {
			continue
		}
		for name, bad := range map[string][]*valisev1.NoteReference{
			"none":         nil,
			"a nil one":    {nil},
			"version 0":    {{Id: want[kind]}},
			"another note": {{Id: "another", Version: 1}},
		} {
			if notes.Carried(kind, bad) {
				t.Errorf("%v with %s counts as carrying its notes", kind, name)
			}
		}
		newer := []*valisev1.NoteReference{{Id: want[kind], Version: 9}}
		if !notes.Carried(kind, newer) {
			t.Errorf("%v with a newer version counts as lacking its note", kind)
		}
	}
}

func TestTextRefusesWhatIsNoNote(t *testing.T) {
	for _, c := range []struct {
		id       string
		version  uint32
		language string
	}{
		{notes.Territory, 0, "en"}, {notes.Territory, 2, "en"}, {notes.Territory, 1, "de"}, {notes.Territory, 1, ""},
		{"", 1, "en"}, {"../text/territory", 1, "en"}, {"text/../territory", 1, "en"}, {notes.Territory, 1, "en/../en"},
		{notes.Territory + "\x00", 1, "en"}, {notes.Territory, 1, "*"},
	} {
		if text, ok := notes.Text(c.id, c.version, c.language); ok {
			t.Errorf("%q version %d in %q gave %q", c.id, c.version, c.language, text)
		}
	}
	plain, _ := notes.Text(notes.Territory, 1, "zh")
	for _, tag := range []string{"zh-Hans-CN", "ZH", "zh-TW"} {
		if got, ok := notes.Text(notes.Territory, 1, tag); !ok || got != plain {
			t.Errorf("%s is not read as zh", tag)
		}
	}
}

// attached collects every note that some kind carries.
func attached(t *testing.T) []notes.Note {
	t.Helper()
	var all []notes.Note
	for number := range valisev1.Kind_name {
		for _, n := range notes.For(valisev1.Kind(number)) {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	if len(all) != 2 {
		t.Fatalf("%d notes are attached, want 2", len(all))
	}
	return all
}
