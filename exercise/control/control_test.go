package control_test

import (
	"context"
	"crypto/rand"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"valise.example/exercise/conduct"
	"valise.example/exercise/conduct/conducttest"
	"valise.example/exercise/control"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

func TestMain(m *testing.M) {
	store.MaybeCheckChild()
	goleak.VerifyTestMain(m)
}

// play is an exercise at work: the small one, with a person at Alder's technical seat.
type play struct {
	*conducttest.Running
	t    *testing.T
	conn *grpc.ClientConn
}

func conducts(t *testing.T) *play {
	t.Helper()
	s, file := small.Scenario(t)
	r := conducttest.Run(t, conduct.Config{
		Dir: t.TempDir(), Scenario: s, File: file, Persons: []ident.Address{{State: "XA", Track: ident.Technical}},
	})
	return &play{r, t, r.Control}
}

func (p *play) now() *valisev1.GetControlResponse {
	p.t.Helper()
	r, err := valisev1.NewControlServiceClient(p.conn).GetControl(p.t.Context(), &valisev1.GetControlRequest{Lines: 1000})
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// browser is a person at a page who has cookies, follows where it leads, and has no script.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
	page   string
	status int
	header http.Header
}

// at enters the page of a part.
func at(t *testing.T, part control.Part, conn grpc.ClientConnInterface, tongue string) *browser {
	t.Helper()
	pages, err := control.New(control.Config{Part: part, Exercise: "small-ward", Conn: conn, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := pages.At(l.Addr()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pages.Serve(ctx, l) }()
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{}
	b := &browser{t: t, client: &http.Client{Jar: jar, Transport: transport}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	link, err := pages.Link()
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	r.Header.Set("Accept-Language", tongue)
	b.base = strings.SplitAfter(link, "enter/")[0]
	b.base = strings.TrimSuffix(b.base, "enter/")
	b.do(r)
	if again := b.get("enter/" + link[strings.LastIndex(link, "/")+1:]); again != http.StatusForbidden {
		t.Errorf("a link works twice: %d", again)
	}
	b.get("")
	return b
}

func (b *browser) do(r *http.Request) int {
	b.t.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.page, b.status, b.header = string(page), answer.StatusCode, answer.Header
	return b.status
}

func (b *browser) get(path string) int {
	b.t.Helper()
	r, _ := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values, site string) int {
	b.t.Helper()
	r, _ := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", site)
	return b.do(r)
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*action="/[a-z2-7]{26}/([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// form is what a form of the page would send.
func (b *browser) form(path string) (url.Values, bool) {
	for _, form := range formTag.FindAllStringSubmatch(b.page, -1) {
		if form[1] != path {
			continue
		}
		values := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(form[2], -1) {
			values.Set(in[1], html.UnescapeString(in[2]))
		}
		return values, true
	}
	return nil, false
}

// press sends a form of the page with more fields, and gives what was sent.
func (b *browser) press(path string, more ...string) url.Values {
	b.t.Helper()
	values, ok := b.form(path)
	if !ok {
		b.t.Fatalf("no form leads to %q:\n%s", path, b.page)
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	b.post(path, values, "same-origin")
	return values
}

func (b *browser) sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.t.Fatalf("the page (%d) does not say %q:\n%s", b.status, text, b.page)
		}
	}
}

// soon loads the page again until it says a text: what an act brings about comes right after it.
func (b *browser) soon(text string) {
	b.t.Helper()
	for range 200 {
		if b.get(""); strings.Contains(b.page, text) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.sees(text)
}

func phaseOf(p *play) string {
	return strings.TrimPrefix(p.now().GetExercise().GetClock().GetPhase().String(), "EXERCISE_PHASE_")
}

// TestControlSteers: STARTEX, a release, a hold, a skip, a pause, a speed, a jump, a stop and its end, ENDEX with the
// codeword alone; each is in the recording once.
func TestControlSteers(t *testing.T) {
	p := conducts(t)
	b := at(t, control.Control, p.conn, "fr")
	b.sees("Deux États", "Le jeu n’a pas commencé", "Play has not begun", "Exercice", "Exercise", "T+00:00:00", "I02", "Diffusé à la main")
	begun := b.press("begin")
	b.soon("Alder, voie technique : demande d’information, à Birch, voie technique")
	b.sees("En cours", "Running")
	if b.post("begin", begun, "same-origin"); b.status != http.StatusOK {
		t.Errorf("the same click again answers %d", b.status)
	}
	b.press("inject/I02/release")
	b.soon(`I02</code> · <bdi dir="ltr">Birch, voie technique</bdi>`)
	b.press("inject/I03/hold")
	b.soon("Retenu")
	b.press("inject/I03/skip")
	b.soon("Il ne reste aucun")
	b.press("speed", "rate", "30")
	b.soon("30</bdi> fois plus vite")
	if b.press("speed", "rate", "fast"); b.status != http.StatusUnprocessableEntity {
		t.Errorf("a speed that is none answers %d", b.status)
	}
	b.get("")
	b.press("jump", "to", "T+02:00:00")
	b.soon("T+02:00:")
	b.press("pause")
	b.soon("En pause")
	b.press("resume")
	b.press("real-event")
	b.sees("REAL EVENT: Play is frozen for everybody.", "la direction de l’exercice")
	if _, may := b.form("resume"); may {
		t.Error("play can be resumed while a real event stands")
	}
	b.press("stand-down")
	b.press("resume")
	b.press("end", "codeword", "lantern")
	b.sees("Ce n’est pas le mot-code")
	if got := phaseOf(p); got != "RUNNING" {
		t.Fatalf("another word than the codeword ended play: %s", got)
	}
	b.get("")
	b.press("end", "codeword", "LANTERN")
	b.soon("Le jeu est terminé")
	b.sees("&#34;do&#34;:&#34;endex&#34;")
	if strings.Contains(b.page, "prev") {
		t.Error("the page shows hashes, which say nothing to people")
	}
	var did []string
	for _, l := range p.now().GetLines() {
		if l.GetType() == "control" {
			did = append(did, regexp.MustCompile(`"do":"([a-z_]*)"`).FindStringSubmatch(l.GetJson())[1])
		}
	}
	want := []string{"startex", "release", "hold", "skip", "speed", "jump", "pause", "resume", "real_event", "stand_down", "resume", "endex"}
	if !slices.Equal(did, want) {
		t.Errorf("the recording has %q", did)
	}
}

// TestEvaluatorsJudge: one of four grades and a note; neither they nor observers steer.
func TestEvaluatorsJudge(t *testing.T) {
	p := conducts(t)
	steers := at(t, control.Control, p.conn, "en")
	steers.press("begin")
	b := at(t, control.Evaluators, p.conn, "en")
	b.sees("Acknowledge", "Tone &lt;b&gt;", "Nobody has judged it.", "Performed with major challenges", "Against the objectives of this exercise alone.")
	b.press("judge")
	b.sees("Choose one of the four.")
	b.get("")
	b.press("judge", "grade", "M", "text", "Too sharp")
	b.soon("Judged: Performed with major challenges")
	b.press("note", "text", "They found it quickly")
	var judged, noted int
	for _, l := range p.now().GetLines() {
		if strings.Contains(l.GetJson(), "Too sharp") && l.GetType() == "judged" {
			judged++
		}
		if strings.Contains(l.GetJson(), "They found it quickly") {
			noted++
		}
	}
	if judged != 1 || noted != 1 {
		t.Errorf("the recording has %d judgements and %d notes", judged, noted)
	}
	act, _ := b.form("note")
	for _, path := range []string{"begin", "pause", "end", "stand-down", "inject/I02/release"} {
		if b.post(path, act, "same-origin"); b.status != http.StatusNotFound {
			t.Errorf("an evaluator who posts to %s gets %d", path, b.status)
		}
	}
	if b.get(""); phaseOf(p) != "RUNNING" {
		t.Fatal("an evaluator has steered")
	}
	b.press("real-event")
	if phaseOf(p) != "PAUSED" {
		t.Error("the stop of an evaluator stops nothing")
	}
}

// TestObserversChangeNothing: their page has no form but those of language, of leaving and of the stop that everybody has, and
// no other path that does anything.
func TestObserversChangeNothing(t *testing.T) {
	p := conducts(t)
	at(t, control.Control, p.conn, "en").press("begin")
	b := at(t, control.Observers, p.conn, "ar")
	b.sees(`dir="rtl"`, "Exercise", "ترون ما يجري")
	for _, form := range formTag.FindAllStringSubmatch(b.page, -1) {
		if form[1] != "leave" && form[1] != "real-event" && !strings.HasPrefix(form[1], "language/") {
			t.Errorf("an observer has a form to %s", form[1])
		}
	}
	before := len(p.now().GetLines())
	for _, path := range []string{"begin", "pause", "note", "judge", "waive", "jump", "inject/I02/release", "close", "stand-down"} {
		if b.post(path, url.Values{"act": {strings.Repeat("a", 26)}}, "same-origin"); b.status != http.StatusNotFound {
			t.Errorf("an observer who posts to %s gets %d", path, b.status)
		}
	}
	if after := len(p.now().GetLines()); after != before {
		t.Errorf("an observer has added %d lines", after-before)
	}
}

// TestGuardsOfTheDeskStandHereToo: another name, another site, another kind of request; nothing is done by them.
func TestGuardsOfTheDeskStandHereToo(t *testing.T) {
	p := conducts(t)
	b := at(t, control.Control, p.conn, "en")
	if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(b.page, "<script") {
		t.Errorf("the policy is %q", policy)
	}
	form, _ := b.form("begin")
	if b.post("begin", form, "cross-site"); b.status != http.StatusForbidden {
		t.Errorf("a form of another site answers %d", b.status)
	}
	if b.get("begin"); b.status != http.StatusNotFound && b.status != http.StatusMethodNotAllowed {
		t.Errorf("an act by GET answers %d", b.status)
	}
	if b.post("begin", url.Values{"act": {"1"}}, "same-origin"); b.status != http.StatusUnprocessableEntity {
		t.Errorf("a form without an act answers %d", b.status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base, nil)
	r.Host = "desk.example"
	if b.do(r); b.status != http.StatusMisdirectedRequest {
		t.Errorf("another name answers %d", b.status)
	}
	b.client.Jar, _ = cookiejar.New(nil)
	if b.get(""); b.status != http.StatusForbidden {
		t.Errorf("a stranger gets %d", b.status)
	}
	if b.post("begin", form, "same-origin"); b.status != http.StatusForbidden {
		t.Errorf("a stranger who posts gets %d", b.status)
	}
	if got := phaseOf(p); got != "PREPARED" {
		t.Errorf("play is %s", got)
	}
}

// TestPagesSpeakSixLanguages: each page of each part, and what it says where control cannot be asked.
func TestPagesSpeakSixLanguages(t *testing.T) {
	p := conducts(t)
	at(t, control.Control, p.conn, "en").press("begin")
	for _, part := range control.Parts() {
		b := at(t, part, p.conn, "en")
		if strings.Count(b.page, `<strong>Exercise <bdi dir="ltr">small-ward</bdi></strong>`) != 2 {
			t.Errorf("%s in English: both ends do not say which exercise it is", part)
		}
		for tongue, word := range map[string]string{"ar": "تمرين", "zh": "演习", "fr": "Exercice", "ru": "Учения", "es": "Ejercicio"} {
			b.press("language/" + tongue)
			b.sees(`<html lang="`+tongue+`"`, word, "<strong>Exercise small-ward</strong>", "/ Exercise small-ward · ")
			for _, mark := range []string{word + ` <bdi dir="ltr">small-ward</bdi>`, "Exercise small-ward"} {
				if strings.Count(b.page, "<strong>"+mark+"</strong>") != 2 {
					t.Errorf("%s in %s: both ends do not say %s", part, tongue, mark)
				}
			}
			b.get("nothing")
			b.sees(`<html lang="`+tongue+`"`, word)
			b.get("")
		}
	}
	if b := at(t, control.Control, nobody{}, "en"); b.status != http.StatusServiceUnavailable {
		t.Errorf("without control the page answers %d", b.status)
	} else {
		b.sees("The exercise cannot be asked now.")
	}
}
