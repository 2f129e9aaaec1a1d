package console_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// someAct is the number of an act as a page would make it up.
const someAct = "abcdefghijklmnopqrstuvwxyz"

// hostile is what nobody writes by mistake.
const hostile = "<script>alert(1)</script>"

// rootOf is the root of a State as it would be read aloud.
func (s *stage) rootOf(t *testing.T, state ident.State) string {
	t.Helper()
	key, err := seal.ReadSigningKey(filepath.Join(s.lab.RootHome(state), directory.RootKeyFile), s.lab.Realm, nil)
	if err != nil {
		t.Fatal(err)
	}
	return key.Public().ID(s.lab.Realm).Fingerprint()
}

// as makes a desk that of a new officer with these roles alone.
func (s *stage) as(t *testing.T, state ident.State, name string, roles ...valisev1.Role) func(*console.Config) {
	t.Helper()
	added, err := valisev1.NewOfficerServiceClient(s.dial(t, state)).AddOfficer(t.Context(), &valisev1.AddOfficerRequest{
		Officer: &valisev1.Officer{Name: name, Roles: roles}, WithToken: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := api.Dial(t.Context(), filepath.Join(s.lab.Home(state), "valise.sock"), api.DialOptions{Token: added.GetToken()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(c *console.Config) { c.Conn = conn }
}

// TestNodeAndHelp: whoever runs the node sees how it does and nothing of what States say, in words, and
// everybody has the card to print.
func TestNodeAndHelp(t *testing.T) {
	s := newStage(t, "XA", "XB")
	s.relay()
	s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	admin := s.opened(t, "XA", "fr", s.as(t, "XA", "osei", valisev1.Role_ROLE_NODE_ADMIN))
	admin.until("node", "Non connecté")
	admin.sees("▲", "Aucune sauvegarde", `lang="en" dir="ltr"`)
	admin.seesNot("Scans of energy", `thread/`, `>Bureau</a>`)
	admin.get("")
	admin.sees(`<h1>Nœud</h1>`)
	admin.get("node/report")
	admin.sees("link_up = false", "outbox = 1", "last_backup = never")
	for _, word := range []string{"XA", "XB", "osei", "Scans", "lab"} {
		admin.seesNot(word)
	}
	desk := s.opened(t, "XA", "ar")
	desk.get("help")
	desk.sees("99900000001", "TLP:AMBER+STRICT", "osei", "لم يراجع أي دبلوماسي هذه الترجمة بعد")
	desk.get("node")
	desk.sees("يحتاج إلى نظر")
	if strings.Count(desk.page, `<h1>`) != 1 {
		t.Error("the page has not one heading")
	}
}

// TestWhatCanBeWithdrawnIsNoFault: a message that waits so that its writer can think better of it needs nobody.
func TestWhatCanBeWithdrawnIsNoFault(t *testing.T) {
	s := newStage(t, "XA", "XB")
	request := &valisev1.SendInquiryRequest{To: "XB/technical", Options: &valisev1.SendOptions{UndoSeconds: 3600}, Inquiry: &valisev1.Inquiry{
		Preamble: &valisev1.Preamble{Language: "en"}, Title: "Scans", Narrative: "Seen since 04:10 UTC.",
		Originator: &valisev1.Person{Name: "N. Oduya", Affiliation: "National CERT", Phone: "+999 000 0002"},
	}}
	if _, err := valisev1.NewInquiryServiceClient(s.dial(t, "XA")).SendInquiry(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	desk := s.opened(t, "XA", "en")
	desk.get("node")
	_, line, _ := strings.Cut(desk.page, "Messages that wait to leave")
	line, _, _ = strings.Cut(line, "</tr>")
	if !strings.Contains(line, "●") || !strings.Contains(line, "1</bdi>: <bdi>durable here, held back") {
		t.Errorf("the node says of what can be withdrawn %s", line)
	}
	desk.sees("It was not looked at yet.")
}

// TestContacts: what a State says of itself, a call that is logged, a check that is begun, and a root that
// counts as compared only once the State was typed.
func TestContacts(t *testing.T) {
	s := newStage(t, "XA", "XB")
	desk := s.opened(t, "XA", "ar")
	desk.get("contacts")
	desk.sees(`href="tel:`, `contacts/XB"`, "نعم، من هذا المكتب", "هذه جهتنا")
	desk.get("contacts/XA")
	desk.seesNot("نعم، من هذا المكتب")
	desk.get("contacts/XB")
	desk.sees("الإنجليزية", "English", "لم يبدأ هنا أي منها", `lang="en" dir="auto"`)
	desk.press("/log", "address", "XB/technical", "means", "CALL", "person", hostile, "detail", "+99900000002", "result", "WORKED", "note", hostile)
	desk.sees("&lt;script&gt;alert(1)&lt;/script&gt;", "الرقم أو العنوان صالح")
	desk.seesNot("<script")
	desk.post("contacts/XB/check", url.Values{"act": {someAct}})
	desk.sees(`role="alert"`, "اختاروا واحدة على الأقل")
	desk.press("/check", "to", "XB/technical")
	desk.sees("مطلوب قبل")
	s.compared(t, desk)
	clearer := s.opened(t, "XA", "zh", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	clearer.get("contacts/XB")
	clearer.sees("已通过电话比对", "&lt;script&gt;")
	clearer.seesNot("/log\"", "/check\"", "/called/sure")
	admin := s.opened(t, "XA", "ru", s.as(t, "XA", "mbeki", valisev1.Role_ROLE_NODE_ADMIN))
	admin.get("contacts/XB")
	admin.sees("Сверено по телефону")
	admin.seesNot("&lt;script&gt;", "/log\"", "/check\"")
}

// compared enters the call in which the root of XB was compared.
func (s *stage) compared(t *testing.T, desk *browser) {
	t.Helper()
	desk.get("contacts/XB")
	desk.press("/called/sure", "address", "XB/technical", "means", "CALL", "person", "N. Oduya", "detail", "+99900000002", "fingerprint", s.rootOf(t, "XB"))
	desk.press("/called", "typed", "XA")
	if desk.status != http.StatusUnprocessableEntity {
		t.Errorf("another State was typed, and the answer is %d", desk.status)
	}
	desk.sees("هذا ليس رمز هذه الدولة", "N. Oduya")
	desk.press("/called", "typed", "xb")
	desk.sees("قورنت هاتفيا", "lab")
}

// TestOurSide: notes and links stay at home, whoever comes next sees the hand-over on the desk, and whoever
// may not read sees none of it.
func TestOurSide(t *testing.T) {
	s := newStage(t, "XA", "XB")
	first := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	second := s.inquire(t, "XA", "XB/diplomatic", "A second matter")
	desk := s.opened(t, "XA", "ar")
	desk.get("ours")
	desk.sees("لم يترك أحد ملاحظة تسليم", "وعلى من يغادر المكتب أن يرتب ذلك هاتفيا")
	desk.press("/ours/over")
	desk.sees(`role="alert"`, `href="#over-text"`)
	desk.press("/ours/over", "text", hostile)
	desk.sees("&lt;script&gt;", "تسليم")
	desk.seesNot("<script")
	desk.get("thread/" + first)
	desk.sees("ours/thread/" + first)
	desk.get("ours/thread/" + first)
	desk.press("/ours/note", "type", "ESCALATION", "text", "To the director")
	desk.sees("To the director", "إلى مسؤولين أعلى")
	desk.press("/link", "with", second)
	desk.sees("A second matter", "/unlink")
	desk.press("/unlink")
	desk.seesNot("/unlink")
	clearer := s.opened(t, "XA", "es", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	clearer.get("")
	clearer.sees("Último relevo", "&lt;script&gt;")
	clearer.get("ours/thread/" + first)
	clearer.sees("Elevado a altos cargos", "To the director")
	clearer.seesNot("/link\"")
	admin := s.opened(t, "XA", "zh", s.as(t, "XA", "mbeki", valisev1.Role_ROLE_NODE_ADMIN))
	admin.get("ours")
	if admin.status != http.StatusForbidden {
		t.Errorf("whoever runs the node reads notes: %d", admin.status)
	}
	admin.get("node")
	admin.seesNot("&lt;script&gt;", "ours\"")
}

// reply says something in a thread, as a State.
func (s *stage) reply(t *testing.T, state ident.State, thread string, said *valisev1.Payload) {
	t.Helper()
	_, err := valisev1.NewInquiryServiceClient(s.dial(t, state)).Reply(t.Context(), &valisev1.ReplyRequest{Thread: thread, Payload: said})
	if err != nil {
		t.Fatal(err)
	}
}

// TestExportForThirdParty: what another State consented to goes to the third party that it named, once its
// name is typed, and nobody else gets it. A-11 s2
func TestExportForThirdParty(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", "Scans of energy operators")
	const third = "Sector CERT <b>of energy</b>"
	desk := s.opened(t, "XB", "fr")
	desk.until("", "Scans of energy operators")
	inquiry := s.digestOf(t, "XB", thread)
	s.reply(t, "XB", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentRequest{ConsentRequest: &valisev1.ConsentRequest{
		Preamble: &valisev1.Preamble{}, ThirdParty: third, Purpose: "To warn its members.", Messages: [][]byte{inquiry},
	}}})
	alder := s.opened(t, "XA", "ar")
	alder.until("record/consents", "To warn its members.")
	alder.seesNot("record/export?consent=")
	s.reply(t, "XA", thread, &valisev1.Payload{Payload: &valisev1.Payload_ConsentDecision{ConsentDecision: &valisev1.ConsentDecision{
		Preamble: &valisev1.Preamble{}, Consents: true, Conditions: "without names",
	}}})
	desk.until("record/consents", "record/export?consent=")
	desk.sees("Accordé", "&lt;b&gt;of energy", "without names")
	desk.get("record/export?consent=" + consentLink.FindStringSubmatch(desk.page)[1])
	desk.press("record/export", "typed", "Sector CERT")
	desk.sees(`role="alert"`, "without names")
	desk.press("record/export", "typed", third)
	desk.sees(`{"head":{`, `"third_party":"Sector CERT`)
	desk.seesNot("left_out")
}

var consentLink = regexp.MustCompile(`export\?consent=([0-9a-f]{32})`)

// badTimesAreMarked: what was typed stands in its field again, which says what is wrong with it; from there the way
// goes on.
func badTimesAreMarked(t *testing.T, keeper *browser, thread string) {
	t.Helper()
	for query, says := range map[string][]string{
		"since=yesterday&until=2031-02-02T10:00":        {`href="#since"`, `id="since-wrong"`, `value="yesterday" aria-invalid="true" aria-describedby="since-wrong"`, `value="2031-02-02T10:00"></p>`},
		"since=2031-02-02T10:00&until=2031-02-30T00:00": {`href="#until"`, `id="until-wrong"`, `value="2031-02-30T00:00" aria-invalid="true" aria-describedby="until-wrong"`},
		"since=2031-02-02T00:00&until=2031-02-02T00:00": {`href="#until"`, `id="until-wrong"`, `aria-describedby="until-wrong"`},
	} {
		keeper.get("record/export?thread=" + thread + "&" + query)
		keeper.sees(append(says, `role="alert"`, `name="thread" value="`+thread)...)
		if keeper.seesNot(`method="post" action="` + between(keeper.page, `<p class="name"><a href="`, `"`) + `record/export"`); keeper.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered with %d", query, keeper.status)
		}
	}
	keeper.get("record/export?thread=" + thread + "&since=2031-02-02T00:00&until=2031-02-03T00:00")
	keeper.seesNot(`role="alert"`, "aria-invalid")
}

// digestOf is the digest of the first message of a thread.
func (s *stage) digestOf(t *testing.T, state ident.State, thread string) []byte {
	t.Helper()
	found, err := valisev1.NewInquiryServiceClient(s.dial(t, state)).GetThread(t.Context(), &valisev1.GetThreadRequest{Thread: thread})
	if err != nil {
		t.Fatal(err)
	}
	d, err := hex.DecodeString(found.GetMessages()[0].GetDigest())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRecord: everybody sees how long the record is and has it checked; who keeps it reads items and takes
// them out, which the record itself then tells; nobody else does.
func TestRecord(t *testing.T) {
	s := newStage(t, "XA", "XB")
	thread := s.inquire(t, "XA", "XB/diplomatic", hostile)
	keeper := s.opened(t, "XA", "ar", s.as(t, "XA", "mbeki", valisev1.Role_ROLE_RECORD_KEEPER))
	keeper.get("record?state=XB")
	keeper.sees("&lt;script&gt;", "record?thread="+thread)
	keeper.seesNot("<script")
	keeper.get("record?thread=" + thread)
	keeper.sees("رسالة منا", `<code dir="ltr">`)
	keeper.press("record/verify")
	keeper.sees("السجل سليم")
	keeper.get("record/export?thread=" + thread + "&since=yesterday")
	keeper.sees(`role="alert"`, "هذا ليس موعدا")
	keeper.t.Run("a bad time", func(t *testing.T) { badTimesAreMarked(t, keeper, thread) })
	keeper.get("record/export?thread=" + thread)
	keeper.press("record/export")
	keeper.sees(`{"head":{`, `"officer":"mbeki"`, "Since 04:10 UTC")
	keeper.get("record/consents")
	keeper.sees("والصمت ليس موافقة")
	desk := s.opened(t, "XA", "ru", s.as(t, "XA", "osei", valisev1.Role_ROLE_CLEARER))
	desk.get("record?state=")
	desk.sees("ведёт журнал", "thread/"+thread)
	desk.seesNot("record/item", "record/export", "record?thread=")
	desk.get("record/export?thread=" + thread)
	desk.seesNot("<button>Извлечь")
	desk.post("record/export", url.Values{"act": {someAct}, "thread": {thread}})
	if desk.status != http.StatusForbidden {
		t.Errorf("a clearer takes something out: %d", desk.status)
	}
}
