package seal_test

import (
	"bytes"
	"errors"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// TestPieceOpensUnderTheKeyItNames: every size that fits comes back, the key that opened it is named,
// and what is no envelope of the profile is refused at the same steps as a message.
func TestPieceOpensUnderTheKeyItNames(t *testing.T) {
	key, err := seal.GenerateSealingKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.GenerateSealingKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 16_380, 16_381, 65_532, 65_533, seal.MaxPiece} {
		content := bytes.Repeat([]byte{7}, size)
		piece, err := seal.Close(content, key.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		got, by, err := seal.OpenPiece(piece, other, key)
		if err != nil || !bytes.Equal(got, content) || by.Secret() != key.Secret() {
			t.Fatalf("%d bytes came back as %d: %v", size, len(got), err)
		}
		for reason, bad := range map[valisev1.Reason][]byte{
			valisev1.Reason_REASON_ENVELOPE_SIZE:    nil,
			valisev1.Reason_REASON_ENVELOPE_PROFILE: content,
			valisev1.Reason_REASON_ENVELOPE_DAMAGED: piece[:len(piece)-1],
		} {
			_, _, err := seal.OpenPiece(bad, key)
			if r, ok := errors.AsType[*seal.Refusal](err); !ok || r.Reason != reason {
				t.Errorf("%d bytes: ended with %v, want %v", size, err, reason)
			}
		}
		_, _, err = seal.OpenPiece(piece, other)
		if r, ok := errors.AsType[*seal.Refusal](err); !ok || r.Reason != valisev1.Reason_REASON_CANNOT_DECRYPT {
			t.Errorf("another key: ended with %v", err)
		}
	}
	if _, err := seal.Close(make([]byte, seal.MaxPiece+1), key.Recipient()); err == nil {
		t.Error("more than a piece holds was closed")
	}
}
