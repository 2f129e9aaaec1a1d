//go:build !race

package seal

import (
	"go/build"
	"testing"
)

// TestPassphrasesCostWork: the cheap work is in no ordinary build.
func TestPassphrasesCostWork(t *testing.T) {
	for name, want := range map[string]bool{"passphrase.go": true, "passphrase_race.go": false} {
		if in, err := build.Default.MatchFile(".", name); err != nil || in != want {
			t.Errorf("%s is in an ordinary build: %v, %v", name, in, err)
		}
	}
	if work := PassphraseWork; work < 18 {
		t.Errorf("a passphrase costs 2^%d rounds of scrypt, less than age takes", work)
	}
}
