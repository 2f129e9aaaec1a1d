package seal

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	agetest "c2sp.org/CCTV/age"
	stock "filippo.io/age"
	"filippo.io/age/armor"

	valisev1 "valise.example/proto/valise/v1"
)

// ageVector is one file of c2sp.org/CCTV/age.
type ageVector struct {
	name, expect string
	payload      []byte // SHA-256 of what comes out, nil when not given
	identities   []stock.Identity
	hybrid       []SealingKey
	armored      bool
	file         []byte
}

func forEachVector(t *testing.T, f func(*testing.T, *ageVector)) {
	t.Helper()
	files, err := fs.ReadDir(agetest.Vectors, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(file.Name(), func(t *testing.T) {
			b, err := fs.ReadFile(agetest.Vectors, file.Name())
			if err != nil {
				t.Fatal(err)
			}
			v := parseVector(t, b)
			v.name = file.Name()
			f(t, v)
		})
	}
}

func parseVector(t *testing.T, b []byte) *ageVector {
	t.Helper()
	head, file, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		t.Fatal("no empty line after the vector's header")
	}
	v := &ageVector{file: file}
	for line := range strings.SplitSeq(string(head), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		v.set(t, key, value)
	}
	return v
}

func (v *ageVector) set(t *testing.T, key, value string) {
	t.Helper()
	var err error
	switch key {
	case "expect":
		v.expect = value
	case "payload":
		v.payload, err = hex.DecodeString(value)
	case "identity":
		err = v.addIdentity(value)
	case "passphrase":
		var id *stock.ScryptIdentity
		id, err = stock.NewScryptIdentity(value)
		v.identities = append(v.identities, id)
	case "armored":
		v.armored = true
	case "compressed":
		var r io.ReadCloser
		if r, err = zlib.NewReader(bytes.NewReader(v.file)); err == nil {
			v.file, err = io.ReadAll(r)
		}
	case "file key", "comment":
	default:
		t.Fatalf("unknown key %q", key)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (v *ageVector) addIdentity(s string) error {
	if id, err := stock.ParseX25519Identity(s); err == nil {
		v.identities = append(v.identities, id)
		return nil
	}
	id, err := stock.ParseHybridIdentity(s)
	if err != nil {
		return err
	}
	v.identities = append(v.identities, id)
	v.hybrid = append(v.hybrid, newSealingKey(id))
	return nil
}

// opener holds the vector's own keys when they are hybrid, else one of ours: our profile has no
// other kind of key.
func (v *ageVector) opener() Opener {
	w := newWorld()
	o := w.opener()
	held := []HeldKey{{w.birch, birchTechnical}}
	for _, k := range v.hybrid {
		held = append(held, HeldKey{k, birchTechnical})
	}
	o.Keys = func() []HeldKey { return held }
	return o
}

// TestStockAgeReadsTheVectors pins the age library to the 143 vectors, so that a new version of it
// cannot change what an envelope is without this test.
func TestStockAgeReadsTheVectors(t *testing.T) {
	count := 0
	forEachVector(t, func(t *testing.T, v *ageVector) {
		count++
		var in io.Reader = bytes.NewReader(v.file)
		if v.armored {
			in = armor.NewReader(in)
		}
		var out []byte
		r, err := stock.Decrypt(in, v.identities...)
		opened := err == nil
		if opened {
			out, err = io.ReadAll(r)
		}
		if got := stockOutcome(opened, err); got != v.expect {
			t.Fatalf("stock age says %s (%v), the vector says %s", got, err, v.expect)
		}
		if sum := sha256.Sum256(out); v.payload != nil && !bytes.Equal(sum[:], v.payload) {
			t.Errorf("stock age gave %d other bytes than the vector says", len(out))
		}
	})
	if count != 143 {
		t.Errorf("%d vectors, want 143", count)
	}
}

func stockOutcome(opened bool, err error) string {
	if err == nil {
		return "success"
	}
	if _, ok := errors.AsType[*armor.Error](err); ok {
		return "armor failure"
	}
	if _, ok := errors.AsType[*stock.NoIdentityMatchError](err); ok {
		return "no match"
	}
	switch {
	case opened:
		return "payload failure"
	case strings.HasSuffix(err.Error(), "bad header MAC"):
		return "HMAC failure"
	}
	return "header failure"
}

// TestProfileRefusesTheVectors: no vector is an envelope. The few that pass the profile fall at
// the step named here; every other one falls at the profile, whatever stock age makes of it.
func TestProfileRefusesTheVectors(t *testing.T) {
	size := want{StepSize, valisev1.Reason_REASON_ENVELOPE_SIZE}
	cannot := want{StepDecrypt, valisev1.Reason_REASON_CANNOT_DECRYPT}
	later := map[string]want{
		"empty":                       size,
		"stream_257_chunks":           size,
		"stream_257_chunks_full":      size,
		"stream_258_chunks":           size,
		"hybrid":                      {StepPadding, valisev1.Reason_REASON_PADDING},
		"hybrid_bad_tag":              cannot,
		"hybrid_currupted_enc_mlkem":  cannot,
		"hybrid_currupted_enc_x25519": cannot,
		"hybrid_identity":             cannot,
		"hybrid_low_order":            cannot,
		"hybrid_no_match":             cannot,
	}
	forEachVector(t, func(t *testing.T, v *ageVector) {
		w, ok := later[v.name]
		if !ok {
			w = want{StepProfile, valisev1.Reason_REASON_ENVELOPE_PROFILE}
		}
		opened, err := v.opener().Open(v.file)
		mustRefuse(t, opened, err, w)
	})
}
