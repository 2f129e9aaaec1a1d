package play

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// draw is one random number of a run: the first eight bytes of HMAC-SHA256 under the seed over what it is for.
// No draw depends on another, so that one seat more leaves those of all others as they are.
// docs/exercises.md §4
func (p *Play) draw(purpose string, ids ...string) uint64 {
	sum := drawn(p.seed, purpose, ids...)
	return binary.BigEndian.Uint64(sum[:])
}

func drawn(seed uint64, purpose string, ids ...string) [32]byte {
	mac := hmac.New(sha256.New, binary.BigEndian.AppendUint64(nil, seed))
	mac.Write([]byte(purpose))
	for _, id := range ids {
		mac.Write([]byte{0})
		mac.Write([]byte(id))
	}
	return [32]byte(mac.Sum(nil))
}

// RealmOf is the realm of a run: its 32 hexadecimal digits are drawn from the seed and the digest of the
// scenario's file, so that the same exercise has the same realm everywhere. docs/exercises.md §7
func RealmOf(s *scenario.Scenario, digest string, seed uint64) (ident.Realm, error) {
	sum := drawn(seed, "realm", digest)
	return ident.ExerciseRealm(s.ID, [16]byte(sum[:16]))
}

// chance says whether something that happens in percent of a hundred cases happens in this one.
func (p *Play) chance(percent int, purpose string, ids ...string) bool {
	return p.draw(purpose+".chance", ids...)%100 < uint64(max(percent, 0))
}

// delay is how long a habit takes in this case: a triangular distribution from least over mode to most. Nothing
// takes less than a millisecond, so that every act comes after its cause.
func (p *Play) delay(h scenario.Habit, purpose string, ids ...string) scenario.Span {
	return max(triangular(p.draw(purpose+".after", ids...), h), scenario.Millisecond)
}

// triangular turns 64 even bits into a length of time by integers only. Of the width of the whole, k is an even
// draw; the share of lengths below x of a triangle is (x-least)²/(width·(mode-least)) on its rising side, so the
// length of k is a square root, and likewise from the other end on the falling side.
func triangular(even uint64, h scenario.Habit) scenario.Span {
	if h.Least > h.Mode || h.Mode > h.Most || h.Least == h.Most {
		return h.Least
	}
	width, rising := uint64(h.Most-h.Least), uint64(h.Mode-h.Least)
	k, _ := bits.Mul64(even, width)
	if k < rising {
		return h.Least + scenario.Span(rootOfProduct(k, rising))
	}
	return h.Most - scenario.Span(rootOfProduct(width-k, width-rising))
}

// rootOfProduct is the largest whole number whose square is at most a·b, for a and b below 2^33.
func rootOfProduct(a, b uint64) (root uint64) {
	high, low := bits.Mul64(a, b)
	for bit := uint64(1) << 33; bit > 0; bit >>= 1 {
		h, l := bits.Mul64(root|bit, root|bit)
		if h < high || h == high && l <= low {
			root |= bit
		}
	}
	return root
}
