package directory_test

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// keyLines are those of a key in a transcript.
func keyLines(t testing.TB, key *seal.SigningKey) (id, fingerprint, public string) {
	t.Helper()
	k := key.Public().ID(realm)
	return k.String(), k.Fingerprint(), base64.StdEncoding.EncodeToString(encode(t, key.Public().Proto()))
}

// exchange writes a stranger's key over one of the folder's in a transcript, and signs it again with the
// given key.
func (s *seat) exchange(n int, was, is, by *seal.SigningKey) {
	s.t.Helper()
	name := "ceremony-" + string(rune('0'+n))
	text := s.read(name + ".toml")
	oldID, oldPrint, oldPublic := keyLines(s.t, was)
	newID, newPrint, newPublic := keyLines(s.t, is)
	changed := strings.NewReplacer(oldID, newID, oldPrint, newPrint, oldPublic, newPublic).Replace(text)
	if changed == text {
		s.t.Fatalf("%s does not name the key", name)
	}
	s.lay(n, changed, by)
}

// lay writes a transcript whose text somebody else has signed.
func (s *seat) lay(n int, text string, by *seal.SigningKey) {
	s.t.Helper()
	name := "ceremony-" + string(rune('0'+n))
	o, err := seal.SignObject(realm, seal.PurposeTranscript, []byte(text), by)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name+".toml", text)
	s.write(name+".signed", string(encode(s.t, o)))
}

var beforeLine = regexp.MustCompile(`(?m)^before = ".*"$`)

// follow makes a transcript name the one before it as it lies there now, signed by the given key.
func (s *seat) follow(n int, by *seal.SigningKey) {
	s.t.Helper()
	before := seal.ObjectDigest([]byte(s.read("ceremony-" + string(rune('0'+n-1)) + ".toml")))
	text := s.read("ceremony-" + string(rune('0'+n)) + ".toml")
	s.lay(n, beforeLine.ReplaceAllString(text, `before = "`+hex.EncodeToString(before[:])+`"`), by)
}

// TestExchangedRoots: a stranger who can write into the folder puts their own root into the chain, signs what
// they touch with it, and makes the next name it. Every link that an honest root has signed, and the
// sheet, say otherwise.
func TestExchangedRoots(t *testing.T) {
	stranger := signingKey(t, "stranger")
	for name, c := range map[string]struct {
		exchange func(s *seat, first, second *seal.SigningKey)
		want     valisev1.Reason
	}{
		"the first root, what follows untouched": {func(s *seat, first, _ *seal.SigningKey) {
			s.exchange(1, first, stranger, stranger)
		}, valisev1.Reason_REASON_CHAIN},
		"the first root, and the announcement follows it": {func(s *seat, first, _ *seal.SigningKey) {
			s.exchange(1, first, stranger, stranger)
			s.exchange(2, first, stranger, stranger)
			s.follow(2, stranger)
		}, valisev1.Reason_REASON_CHAIN},
		"the first root, and the switch follows it under a name of the honest one": {func(s *seat, first, _ *seal.SigningKey) {
			s.exchange(1, first, stranger, stranger)
			s.exchange(2, first, stranger, stranger)
			s.follow(2, stranger)
			s.follow(3, stranger)
		}, valisev1.Reason_REASON_BAD_SIGNATURE},
		"the announced root": {func(s *seat, _, second *seal.SigningKey) {
			s.exchange(2, second, stranger, stranger)
			s.exchange(3, second, stranger, stranger)
			s.follow(3, stranger)
		}, valisev1.Reason_REASON_BAD_SIGNATURE},
		"the root that took over": {func(s *seat, _, second *seal.SigningKey) {
			s.exchange(3, second, stranger, stranger)
		}, valisev1.Reason_REASON_CHAIN},
		"the last root": {func(s *seat, _, second *seal.SigningKey) {
			s.exchange(4, second, stranger, stranger)
		}, valisev1.Reason_REASON_CHAIN},
		"the root of a ceremony between, all that follows signed again": {func(s *seat, _, second *seal.SigningKey) {
			for n := 3; n <= 4; n++ {
				s.exchange(n, second, stranger, stranger)
				s.follow(n, stranger)
			}
		}, valisev1.Reason_REASON_CHAIN},
		"every root, the whole chain": {func(s *seat, first, second *seal.SigningKey) {
			other := signingKey(t, "stranger's next")
			s.exchange(1, first, stranger, stranger)
			s.exchange(2, first, stranger, stranger)
			s.exchange(2, second, other, stranger)
			s.follow(2, stranger)
			for n := 3; n <= 4; n++ {
				s.exchange(n, second, other, other)
				s.follow(n, other)
			}
		}, valisev1.Reason_REASON_CHAIN},
		"the key alone, beside the honest id": {func(s *seat, _, second *seal.SigningKey) {
			_, _, was := keyLines(t, second)
			_, _, is := keyLines(t, stranger)
			s.lay(4, strings.ReplaceAll(s.read("ceremony-4.toml"), was, is), stranger)
		}, valisev1.Reason_REASON_RECORD_DAMAGED},
	} {
		t.Run(name, func(t *testing.T) {
			s := succeeded(t)
			if _, err := s.verify(); err != nil {
				t.Fatal(err)
			}
			c.exchange(s, s.key(directory.RootKeyFile), s.key(s.sheet.Root.File))
			_, err := s.verify()
			wantReason(t, err, c.want)
			if _, err := os.Stat(filepath.Join(s.dir, "ceremony-4.signed")); err != nil {
				t.Error("the chain is not whole, so something else was tried")
			}
		})
	}
}
