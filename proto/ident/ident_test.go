package ident_test

import (
	"fmt"
	"strings"
	"testing"

	"valise.example/proto/ident"
)

func ExampleParseAddress() {
	a, err := ident.ParseAddress("XB/technical")
	fmt.Println(a.State, a.Track, err)
	// Output: XB technical <nil>
}

func TestAddressRefusesWhatIsNotCanonical(t *testing.T) {
	for _, s := range []string{
		"", "XB", "XB/", "/technical", "xb/technical", "XB/Technical", "XB/technical ", "XBC/technical",
		"XB/manager", "@global/technical", "@/manager", "ХВ/technical", "XB/technical/x", "X\x00/technical",
	} {
		if a, err := ident.ParseAddress(s); err == nil {
			t.Errorf("%q was taken as %v", s, a)
		}
	}
}

func TestRealmAdmits(t *testing.T) {
	exercise, err := ident.ExerciseRealm("lab", [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		state                 ident.State
		operation, inExercise bool
	}{
		{"XA", false, true}, {"XK", true, false}, {"QM", false, true}, {"QL", true, false},
		{"AA", true, false}, {"ZZ", true, false}, {"@global", true, true},
	} {
		if got := ident.Operational.Admits(c.state); got != c.operation {
			t.Errorf("operational admits %s: %v, want %v", c.state, got, c.operation)
		}
		if got := exercise.Admits(c.state); got != c.inExercise {
			t.Errorf("exercise admits %s: %v, want %v", c.state, got, c.inExercise)
		}
	}
}

// TestRealmName: two exercises of one name are called the same, and what is no exercise has no name.
func TestRealmName(t *testing.T) {
	digits := strings.Repeat("0", 32)
	for realm, want := range map[ident.Realm]string{
		ident.Realm("exercise:lantern-ward-" + digits): "lantern-ward", ident.Realm("exercise:lab-" + digits): "lab",
		ident.Operational: "", "exercise:": "", "exercise:lab": "", "": "",
	} {
		if got := realm.Name(); got != want {
			t.Errorf("%q is called %q, want %q", realm, got, want)
		}
	}
}

func TestFingerprintIsTheSameKey(t *testing.T) {
	k := ident.KeyID{0, 1, 255, 255, 7}
	back, err := ident.ParseFingerprint(k.Fingerprint())
	if err != nil || back != k {
		t.Fatalf("%v came back as %v, %v", k, back, err)
	}
	for _, s := range []string{"", "00001", k.Fingerprint() + " 00000", "65536" + k.Fingerprint()[5:]} {
		if _, err := ident.ParseFingerprint(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

// FuzzParse asserts that whatever parses prints as it was read.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"XA", "@global", "XB/technical", "@global/manager", "operational",
		"exercise:lab-00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff",
		"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "0011223344556677", "diplomatic",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		check := func(v fmt.Stringer, err error) {
			if err == nil && v.String() != s {
				t.Errorf("%q came back as %q", s, v)
			}
		}
		st, err := ident.ParseState(s)
		check(st, err)
		tr, err := ident.ParseTrack(s)
		check(tr, err)
		a, err := ident.ParseAddress(s)
		check(a, err)
		r, err := ident.ParseRealm(s)
		check(r, err)
		d, err := ident.ParseDigest(s)
		check(d, err)
		th, err := ident.ParseThreadID(s)
		check(th, err)
		m, err := ident.ParseMessageID(s)
		check(m, err)
		k, err := ident.ParseKeyID(s)
		check(k, err)
		e, err := ident.ParseEpoch(s)
		check(e, err)
	})
}
