package directory

import (
	"testing"

	"github.com/nats-io/nkeys"
	"pgregory.net/rapid"
)

// The few lines of nkey.go judge as the library does: keys of every type, and keys with one
// character changed.
func TestUserNKeysAreJudgedAsTheLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]nkeys.PrefixByte{
			nkeys.PrefixByteUser, nkeys.PrefixByteAccount, nkeys.PrefixByteServer, nkeys.PrefixByteCurve,
		}).Draw(t, "prefix")
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		key, err := nkeys.Encode(prefix, seed)
		if err != nil {
			t.Fatal(err)
		}
		if at := rapid.IntRange(-20, len(key)-1).Draw(t, "changed"); at >= 0 {
			key[at] = rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=a \n")).Draw(t, "to")
		}
		if got, want := isUserNKey(string(key)), nkeys.IsValidPublicUserKey(string(key)); got != want {
			t.Errorf("%q: %v, the library says %v", key, got, want)
		}
	})
}
