package main

import (
	"errors"
	"fmt"
	"testing"

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
