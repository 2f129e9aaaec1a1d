package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestNoPackageNamesForPeople: what the packages put before their errors helps whoever reads the
// code, and nobody else.
func TestNoPackageNamesForPeople(t *testing.T) {
	for in, want := range map[string]string{
		"ident: no State": "no State", "node: seal: wrong passphrase": "wrong passphrase",
		"line 2: ident: no State": "line 2: ident: no State", "plain": "plain", "seal:x": "seal:x", "": "",
	} {
		if got := ownWords(in); got != want {
			t.Errorf("ownWords(%q) is %q, want %q", in, got, want)
		}
	}
	_, noAddress := ident.ParseAddress("nobody")
	for _, err := range []error{usage(noAddress.Error()), seal.ErrWrongRealm, fmt.Errorf("node: %w", seal.ErrWrongPassphrase), errors.New("store: lost")} {
		if got := explain(err).message; got != ownWords(got) || got == "" {
			t.Errorf("%v is told as %q", err, got)
		}
	}
}

// TestStuck: 5 means that nothing can leave now. An undo time ends by itself, so a script that
// asked for one has not met an obstacle. docs/protocol.md §10
func TestStuck(t *testing.T) {
	for reason, want := range map[valisev1.Reason]bool{
		valisev1.Reason_REASON_RELAY_DOWN: true, valisev1.Reason_REASON_NO_SEALING_KEY: true,
		valisev1.Reason_REASON_UNDO_HOLD: false, valisev1.Reason_REASON_UNSPECIFIED: false,
	} {
		if got := stuck(reason); got != want {
			t.Errorf("%v: stuck is %v", reason, got)
		}
	}
}

// TestAnErrorSteersNoScreen: a parser repeats what stands in a file, and what stands there may have been
// written to steer a terminal. reliability.md 36
func TestAnErrorSteersNoScreen(t *testing.T) {
	for lang, hint := range map[string]string{"en": "hint", "es": "sugerencia"} {
		var out strings.Builder
		p := &program{err: &out, lang: lang}
		p.fail(decodeTOML([]byte("name = \"\\\x1b]0;x\x07\"\n"), &struct{ Name string }{}))
		p.fail(&failure{message: "the peer says \u202egnp", hint: "ask \x1b[2J again"})
		if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
			t.Errorf("printed %q", out.String())
		}
		for _, line := range []string{"line 1:", "\ufffdgnp\n", hint + ": ask \ufffd[2J again\n"} {
			if !strings.Contains(out.String(), line) {
				t.Errorf("%q is missing in %q", line, out.String())
			}
		}
	}
}

// TestHintsAreOfTheFile: a fault in a file of the directory's people does not send them to the drafts of
// messages.
func TestHintsAreOfTheFile(t *testing.T) {
	_, facts := directory.ParseEntryTOML([]byte("review_by = \"soon\"\n"))
	_, people := directory.ParseAttendance([]byte("judge = \"x\"\n"))
	for err, want := range map[error]string{facts: "entry edit", people: "key ceremony"} {
		if f := explain(err); f.reason != valisev1.Reason_REASON_BAD_DRAFT || !strings.Contains(f.hint, want) {
			t.Errorf("%v: %v, hint %q", err, f.reason, f.hint)
		}
	}
}
