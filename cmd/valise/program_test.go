package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"valise.example/api"
	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

func runMain(args ...string) (exit int, stdout, stderr string) {
	var out, errs strings.Builder
	exit = Main(args, strings.NewReader(""), &out, &errs, nil)
	return exit, out.String(), errs.String()
}

// TestArgumentsNoCallerPasses: what an operating system would not even hand over, and what it
// would. reliability.md 61
func TestArgumentsNoCallerPasses(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		reason valisev1.Reason
	}{
		"NUL":                  {[]string{"inquiry", "list", "--peer", "XA\x00"}, valisev1.Reason_REASON_BAD_TEXT},
		"a mebibyte":           {[]string{"inquiry", "list", "--peer", strings.Repeat("a", 1<<20)}, valisev1.Reason_REASON_BAD_REQUEST},
		"no UTF-8":             {[]string{"inquiry", "list", "--peer", "X\xff"}, valisev1.Reason_REASON_BAD_TEXT},
		"an escape sequence":   {[]string{"inquiry", "list", "--peer", "\x1b]0;x\x07"}, valisev1.Reason_REASON_BAD_TEXT},
		"a C1 control":         {[]string{"inquiry", "list", "--peer", "\u009b31m"}, valisev1.Reason_REASON_BAD_TEXT},
		"an empty home":        {[]string{"inquiry", "list", "--home", ""}, valisev1.Reason_REASON_BAD_REQUEST},
		"an unknown flag":      {[]string{"inquiry", "list", "--sort", "x"}, valisev1.Reason_REASON_BAD_REQUEST},
		"an unknown verb":      {[]string{"inquiry", "lits"}, valisev1.Reason_REASON_BAD_REQUEST},
		"an unknown noun":      {[]string{"packet"}, valisev1.Reason_REASON_BAD_REQUEST},
		"no thread":            {[]string{"inquiry", "show", "0011"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a path for a thread":  {[]string{"inquiry", "show", "../../../etc/passwd"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a flag for a name":    {[]string{"officer", "remove", "--", "--as"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a name like a flag":   {[]string{"inquiry", "list", "--as", "-x"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a secret":             {[]string{"node", "run", "--passphrase", "x"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a State like a flag":  {[]string{"node", "init", "--home", "x", "--state", "--yes"}, valisev1.Reason_REASON_BAD_REQUEST},
		"an unknown language":  {[]string{"version", "--lang", "xx"}, valisev1.Reason_REASON_BAD_REQUEST},
		"too long an undo":     {[]string{"inquiry", "close", "00112233", "--undo", "2h"}, valisev1.Reason_REASON_BAD_REQUEST},
		"an unknown wait":      {[]string{"inquiry", "close", "00112233", "--wait", "read"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a realm of one's own": {[]string{"node", "init", "--home", "x", "--state", "AA", "--realm", "live"}, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			exit, out, errs := runMain(append([]string{"--json"}, c.args...)...)
			var object struct {
				Error struct {
					Reason, Message, Hint string
					Exit                  int
				}
			}
			if err := json.Unmarshal([]byte(errs), &object); err != nil {
				t.Fatalf("stderr is no JSON object: %v: %.300q", err, errs)
			}
			if object.Error.Reason != reasonName(c.reason) || exit != exitUsage || object.Error.Exit != exit {
				t.Errorf("ended with %d and %+v, want %v", exit, object.Error, c.reason)
			}
			if out != "" || len(errs) > 2000 || strings.Count(errs, "\n") != 1 {
				t.Errorf("printed %q and %.300q", out, errs)
			}
		})
	}
}

// TestEveryReasonEnds: each Reason leads to one of the ten codes and a sentence.
func TestEveryReasonEnds(t *testing.T) {
	for n := range valisev1.Reason_name {
		reason := valisev1.Reason(n)
		if reason == valisev1.Reason_REASON_UNSPECIFIED {
			continue
		}
		f := refuse(reason, "", "")
		if f.exit < 1 || f.exit > 9 || f.message == "" || f.exit != api.Exit(reason) {
			t.Errorf("%v ends with %d and %q", reason, f.exit, f.message)
		}
	}
}

// TestWrapIsUndone: the API's Payload holds every kind that officers send.
func TestWrapIsUndone(t *testing.T) {
	for _, kind := range append(draftKinds, valisev1.Kind_KIND_CHANNEL_ANSWER, valisev1.Kind_KIND_RETRACTION) {
		payload, ok := valisev1.NewPayload(kind)
		if !ok {
			t.Fatalf("%v has no payload", kind)
		}
		if back := unwrap(wrap(payload)); !proto.Equal(back, payload) || valisev1.KindOf(back) != kind {
			t.Errorf("%v came back as %v", kind, back)
		}
	}
	if unwrap(nil) != nil || unwrap(new(valisev1.Payload)) != nil {
		t.Error("nothing came back as something")
	}
}

// senders are the verbs that send the drafts which `inquiry template` offers.
var senders = map[valisev1.Kind]string{
	valisev1.Kind_KIND_INQUIRY: "inquiry send", valisev1.Kind_KIND_ACKNOWLEDGEMENT: "inquiry acknowledge", valisev1.Kind_KIND_HOLDING_REPLY: "inquiry hold",
	valisev1.Kind_KIND_REVISED_ESTIMATE: "inquiry estimate", valisev1.Kind_KIND_RESPONSE: "inquiry answer", valisev1.Kind_KIND_CHANNEL_PROPOSAL: "inquiry channel",
	valisev1.Kind_KIND_AGENCY_NOMINATION: "inquiry agency", valisev1.Kind_KIND_CLARIFICATION_REQUEST: "inquiry ask", valisev1.Kind_KIND_SUPPLEMENT: "inquiry supplement",
	valisev1.Kind_KIND_CORRECTION: "inquiry correct", valisev1.Kind_KIND_REFERRAL: "inquiry refer", valisev1.Kind_KIND_VOLUNTARY_NOTICE: "notice send",
	valisev1.Kind_KIND_CONSENT_REQUEST: "consent request", valisev1.Kind_KIND_CONSENT_DECISION: "consent decide", valisev1.Kind_KIND_CONSENT_WITHDRAWAL: "consent withdraw",
	valisev1.Kind_KIND_CLOSURE: "inquiry close", valisev1.Kind_KIND_REOPEN: "inquiry reopen",
}

// TestEveryDraftHasAVerb: whatever draft is offered can be sent, and whatever can be written is
// offered, but for two kinds whose verbs take words.
func TestEveryDraftHasAVerb(t *testing.T) {
	verbs := map[string]described{}
	for _, d := range catalogue(wholeTree()) {
		verbs[d.name] = d
	}
	for number := range valisev1.Kind_name {
		kind := valisev1.Kind(number)
		words := kind == valisev1.Kind_KIND_CHANNEL_ANSWER || kind == valisev1.Kind_KIND_RETRACTION
		if offered, written := slices.Contains(draftKinds, kind), draft.Template(kind) != ""; offered != (written && !words) {
			t.Errorf("%v is offered: %v, can be written: %v", kind, offered, written)
		}
	}
	for _, kind := range draftKinds {
		verb, there := verbs[senders[kind]]
		if !there || verb.cmd.Flags().Lookup("file") == nil {
			t.Errorf("no verb takes the draft of %v with --file", kind)
		}
	}
}

// TestNamesOfTheContract: what scripts compare with.
func TestNamesOfTheContract(t *testing.T) {
	for _, c := range []struct{ got, want any }{
		{kindName(valisev1.Kind_KIND_HOLDING_REPLY), "holding_reply"},
		{kindName(valisev1.Kind_KIND_UNSPECIFIED), ""},
		{stateName(valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER), "closed_by_peer"},
		{deliveryName(valisev1.Delivery_DELIVERY_WAITING_TO_LEAVE), "waiting_to_leave"},
		{deliveryName(valisev1.Delivery_DELIVERY_UNSPECIFIED), nil},
		{reasonOrNull(valisev1.Reason_REASON_UNSPECIFIED), nil},
		{reasonOrNull(valisev1.Reason_REASON_RELAY_DOWN), "RELAY_DOWN"},
		{itemTypeName(valisev1.ItemType_ITEM_TYPE_CONTACT_LOG), "contact_log"},
		{roleName(valisev1.Role_ROLE_NODE_ADMIN), "node_admin"},
		{markName(valisev1.Mark_MARK_CLOCK_SKEW), "clock_skew"},
		{clean("a\x1b[31mb\u202ec\nd\u200be\U000e0041"), "a\ufffd[31mb\ufffdc\nd\ufffde\ufffd"},
		{lowerName(valisev1.Urgency_URGENCY_PRIORITY.String(), "URGENCY_"), "priority"},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}

// TestHomes: the flag, then the environment, then the service's folder.
func TestHomes(t *testing.T) {
	for name, c := range map[string]struct {
		home    string
		environ []string
		want    string
	}{
		"flag":        {"/a", []string{"VALISE_HOME=/b", "STATE_DIRECTORY=/c"}, "/a"},
		"environment": {"", []string{"VALISE_HOME=/b", "STATE_DIRECTORY=/c"}, "/b"},
		"service":     {"", []string{"STATE_DIRECTORY=/c:/d"}, "/c"},
		"otherwise":   {"", nil, "/var/lib/valise"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProgram(nil, nil, nil, c.environ)
			p.home = c.home
			if got, err := p.homeDir(); err != nil || got != c.want {
				t.Errorf("%s, %v, want %s", got, err, c.want)
			}
		})
	}
}

// TestSecretsComeFromWhereNobodyLooks: file, descriptor, credential; one line that only we can
// read.
func TestSecretsComeFromWhereNobodyLooks(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	file("valise-passphrase", "from the credential\n", 0o600)
	for name, c := range map[string]struct {
		secret secret
		env    []string
		want   string
		reason valisev1.Reason
	}{
		"file":               {secret{file: file("a", "from the file\r\n", 0o600), descriptor: -1}, nil, "from the file", 0},
		"credential":         {secret{descriptor: -1}, []string{"CREDENTIALS_DIRECTORY=" + dir}, "from the credential", 0},
		"file before it":     {secret{file: file("b", "from the file", 0o400), descriptor: -1}, []string{"CREDENTIALS_DIRECTORY=" + dir}, "from the file", 0},
		"none":               {secret{descriptor: -1}, nil, "", 0},
		"others can read it": {secret{file: file("c", "open", 0o640), descriptor: -1}, nil, "", valisev1.Reason_REASON_UNSAFE_PERMISSIONS},
		"empty":              {secret{file: file("d", "\n", 0o600), descriptor: -1}, nil, "", valisev1.Reason_REASON_BAD_REQUEST},
		"two lines":          {secret{file: file("e", "a\nb\n", 0o600), descriptor: -1}, nil, "", valisev1.Reason_REASON_BAD_REQUEST},
		"a NUL":              {secret{file: file("f", "a\x00b", 0o600), descriptor: -1}, nil, "", valisev1.Reason_REASON_BAD_REQUEST},
		"a book":             {secret{file: file("g", strings.Repeat("a", 5000), 0o600), descriptor: -1}, nil, "", valisev1.Reason_REASON_TOO_LARGE},
		"not there":          {secret{file: filepath.Join(dir, "none"), descriptor: -1}, nil, "", valisev1.Reason_REASON_NOT_FOUND},
		"both":               {secret{file: "x", descriptor: 0}, nil, "", valisev1.Reason_REASON_BAD_REQUEST},
		"a closed one":       {secret{descriptor: 9999}, nil, "", valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			c.secret.credential = "valise-passphrase"
			got, err := c.secret.read(newProgram(nil, nil, nil, c.env))
			if c.reason != 0 {
				if err == nil || explain(err).reason != c.reason {
					t.Errorf("%q, %v, want %v", got, err, c.reason)
				}
				return
			}
			if err != nil || string(got) != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("from the descriptor\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	descriptor, err := syscall.Dup(int(r.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	s := secret{descriptor: descriptor}
	if got, err := s.read(newProgram(nil, nil, nil, nil)); err != nil || string(got) != "from the descriptor" {
		t.Errorf("%q, %v", got, err)
	}
}
