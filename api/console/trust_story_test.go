package console_test

import (
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	aYear     = 365 * 24 * time.Hour
	newNumber = "+99900000666" // which only the entry in question names
)

// questioned is a stage on which XB shows another root, with a message of XB that is held at XA for it; the root is as
// it would be read aloud.
func questioned(t *testing.T) (s *stage, root string) {
	t.Helper()
	s = newStage(t, "XA", "XB")
	s.inquire(t, "XB", "XA/technical", "What came before")
	entry, id := s.another(t, "XB", newNumber)
	if err := s.shows(t, "XA", s.published(t, s.lab.DirectoryHome(), entry, id, aYear)); err != nil {
		t.Fatal(err)
	}
	s.inquire(t, "XB", "XA/technical", "What came after")
	return s, id.Fingerprint()
}

// TestChangedRootIsHeld: until an officer has called back, nothing new is shown as the State's, one click confirms
// nothing, a wrong fingerprint, name or number is refused; then what was held is there. docs/protocol.md §8.5, ux 3.4
func TestChangedRootIsHeld(t *testing.T) {
	s, root := questioned(t)
	desk := s.opened(t, "XA", "en")
	desk.until("contacts/XB", "Messages of this State that are held until then: <bdi>1</bdi>")
	desk.sees("Another root key is shown for this State, and nobody has called back", "Call one of these numbers", `href="tel:+99900000001"`, s.rootOf(t, "XB"), root,
		"Known here since", "called/sure", `id="root-yes"`, `id="root-no"`)
	desk.seesNot(newNumber, "contacts/XB/settle")
	desk.get("contacts")
	desk.sees("Another root key is shown for this State", `contacts/XB"`)
	desk.get("")
	desk.seesNot("What came after")

	clearer := s.opened(t, "XA", "fr", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	clearer.get("contacts/XB")
	clearer.sees("Une autre clé racine est présentée pour cet État", root)
	clearer.seesNot("/called", "/settle")
	form := url.Values{"act": {someAct}, "address": {"XB/technical"}, "means": {"CALL"}, "person": {"B. Alder"}, "detail": {"+99900000001"}, "fingerprint": {root}, "theirs": {"yes"}}
	clearer.post("contacts/XB/called", with(form, "typed", "XB"))
	if clearer.status != http.StatusForbidden {
		t.Errorf("a clearer confirms a root: %d", clearer.status)
	}
	for _, typed := range []string{"", "XA", "xb/technical", "X B"} {
		desk.post("contacts/XB/called", with(form, "typed", typed)) // a form that skips the page between
		if desk.sees("That is not the code of this State", "B. Alder"); desk.status != http.StatusUnprocessableEntity {
			t.Errorf("%q is typed for XB, and the answer is %d", typed, desk.status)
		}
	}
	for name, wrong := range map[string]url.Values{
		"the root before":    with(form, "fingerprint", s.rootOf(t, "XB")),
		"their new number":   with(form, "detail", newNumber),
		"nobody":             with(form, "person", ""),
		"an email":           with(form, "means", "EMAIL"),
		"tomorrow":           with(form, "at", "2100-01-01T00:00"),
		"no moment":          with(form, "at", "yesterday"),
		"neither yes nor no": with(form, "theirs", ""),
	} {
		wrong.Set("typed", "XB")
		desk.post("contacts/XB/called", wrong)
		if desk.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered with %d", name, desk.status)
		}
	}
	desk.get("contacts/XB")
	desk.sees("held until then: <bdi>1</bdi>")
	desk.press("/called/sure", "address", "XB/technical", "means", "CALL", "person", "B. Alder", "source", "note verbale 12/2032", "fingerprint", "12345 "+hostile)
	desk.sees(`role="alert"`, "Choose one of the two.", `href="#root-theirs"`, `value="note verbale 12/2032"`, "12345 &lt;script&gt;", "<details open>")
	desk.seesNot("<script")
	desk.get("contacts/XB")
	desk.press("/called/sure", "address", "XB/technical", "means", "CALL", "person", "B. Alder", "detail", "+99900000001", "fingerprint", "  "+strings.ReplaceAll(root, " ", "\r\n"), "theirs", "yes")
	desk.sees("You are about to say who speaks for", "They say: this root key is theirs", "B. Alder", root[:5], "To confirm, type the code of the State")
	desk.press("/called", "typed", " xb ")
	desk.sees("Compared by telephone: <bdi>lab</bdi>")
	desk.seesNot("Another root key is shown")
	desk.until("", "What came after")
	thread := regexp.MustCompile(`thread/([0-9a-f]{32})"[^>]*>[^<]*(?:<[^>]*>)*What came after`).FindStringSubmatch(desk.page)
	if thread == nil {
		t.Fatal("no link leads to what was held")
	}
	desk.get("thread/" + thread[1])
	desk.sees("held", "What came after")
	desk.post("contacts/XB/called", with(form, "typed", "XB", "theirs", "no"))
	if desk.status == http.StatusOK {
		t.Error("a root that is in no question any more is denied")
	}
}

// with is a form with other fields.
func with(form url.Values, more ...string) url.Values {
	all := maps.Clone(form)
	for i := 0; i+1 < len(more); i += 2 {
		all.Set(more[i], more[i+1])
	}
	return all
}

// TestDeniedRoot: the State says by telephone that the other root is not its own. What it had stays in force, and what it
// says is shown as before.
func TestDeniedRoot(t *testing.T) {
	s, root := questioned(t)
	desk := s.opened(t, "XA", "ar")
	desk.until("contacts/XB", root)
	desk.press("/called/sure", "address", "XB/technical", "means", "MEETING", "person", "B. Alder", "fingerprint", root, "theirs", "no")
	desk.sees("يقولون: ليس لهم")
	desk.press("/called", "typed", "XB")
	desk.seesNot(root)
	desk.sees(`href="tel:+99900000002"`)
	desk.until("", "What came after")
}

// TestSplitView: two States hold two lists of one number. The desk says so at once; a call-back cannot settle it, a note
// and the typed code do, each question by itself and on the page of its own State. docs/protocol.md §8.3, §8.5
func TestSplitView(t *testing.T) {
	s := newStage(t, "XA", "XB", "XC")
	evil := filepath.Join(t.TempDir(), "evil")
	if err := os.CopyFS(evil, os.DirFS(s.lab.DirectoryHome())); err != nil {
		t.Fatal(err)
	}
	ours := func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			err = os.Chmod(path, 0o600)
		}
		return err
	}
	if err := filepath.WalkDir(evil, ours); err != nil {
		t.Fatal(err)
	}
	if err := s.shows(t, "XA", s.published(t, s.lab.DirectoryHome(), nil, ident.KeyID{}, aYear)); err != nil {
		t.Fatal(err)
	}
	other := s.published(t, evil, nil, ident.KeyID{}, aYear-time.Hour)
	for _, state := range []ident.State{"XB", "XC"} {
		if err := s.shows(t, state, other); err != nil {
			t.Fatal(err)
		}
	}
	s.inquire(t, "XB", "XA/technical", "Scans of energy operators")
	s.inquire(t, "XC", "XA/technical", "Another")
	desk := s.opened(t, "XA", "en")
	desk.until("contacts/XB", "holds another directory list with the same number")
	desk.sees("Call, and tell the manager", "Known here since", "List <bdi>2</bdi>", "contacts/XB/settle/sure")
	desk.seesNot(`id="root-yes"`)
	desk.until("contacts/XC", "holds another directory list with the same number")
	desk.get("contacts")
	desk.sees(`contacts/XB"`, `contacts/XC"`)
	desk.get("contacts/XC")
	ofXC := regexp.MustCompile(`name="item" value="([0-9]+)"`).FindStringSubmatch(desk.page)[1]
	desk.post("contacts/XB/settle", url.Values{"act": {someAct}, "item": {ofXC}, "note": {"x"}, "typed": {"XB"}})
	if desk.get("contacts/XC"); !strings.Contains(desk.page, "holds another directory list") {
		t.Error("who types the code of XB settles a question about XC")
	}
	desk.get("contacts/XB")
	desk.press("/settle/sure", "note", " ")
	desk.sees(`role="alert"`, `aria-invalid="true"`)
	desk.press("/settle/sure", "note", "All managers "+hostile+" were called.")
	desk.sees("You are about to end a question about", "nobody is reminded of it", "&lt;script&gt;", "To confirm, type the code")
	desk.seesNot("who speaks for")
	desk.seesNot("<script")
	desk.press("/settle", "typed", "XC")
	desk.sees("That is not the code of this State", "&lt;script&gt;")
	desk.press("/settle", "typed", "XB")
	desk.seesNot(`contacts/XB/settle`)
	desk.get("contacts/XB")
	desk.seesNot("holds another directory list")
	desk.get("contacts/XC")
	desk.sees("holds another directory list")
	keeper := s.opened(t, "XA", "en", s.as(t, "XA", "mbeki", valisev1.Role_ROLE_RECORD_KEEPER))
	keeper.get("record?type=trust")
	if len(keeper.items()) != 3 {
		t.Errorf("the record tells of %v", keeper.items())
	}
	keeper.get("contacts/XC")
	keeper.seesNot("/settle", "/called")
}

// TestOwnEntryWithAnotherRoot: a directory that shows a root as ours which we do not have is told on our own page, and an
// officer says there what came of it; nobody calls themselves.
func TestOwnEntryWithAnotherRoot(t *testing.T) {
	s := newStage(t, "XA", "XB")
	entry, id := s.another(t, "XB", newNumber)
	_ = s.shows(t, "XB", s.published(t, s.lab.DirectoryHome(), entry, id, aYear))
	desk := s.opened(t, "XB", "en")
	desk.until("contacts", "The directory does not say of us what our root key signed")
	desk.get("contacts/XB")
	desk.sees("Tell the manager by telephone", id.Fingerprint(), "contacts/XB/settle/sure")
	desk.seesNot("called/sure")
	desk.press("/settle/sure", "note", strings.Repeat("ع", 10_000)) // all that there is room for
	desk.press("/settle", "typed", "XB")
	desk.get("contacts/XB")
	desk.seesNot("The directory does not say of us")
}
