package gateway

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func digestNumber(n uint64) ident.Digest {
	if n == 0 {
		return ident.Digest{}
	}
	return ident.Digest{byte(n), byte(n >> 8), byte(n >> 16), 1}
}

func honest(n uint64) arrival {
	return arrival{sequence: n, digest: digestNumber(n), previous: digestNumber(n - 1)}
}

// receiver is an inbound channel with the numbers it has recorded.
type receiver struct {
	ch   *valisev1.InboundChannel
	held map[uint64]numbered
}

func newReceiver(lane uint32) *receiver {
	return &receiver{ch: &valisev1.InboundChannel{Mark: &valisev1.ChannelMark{Lane: lane, Epoch: 7}}, held: map[uint64]numbered{}}
}

func (r *receiver) near(n uint64) (near neighbours) {
	at := func(n uint64) *numbered {
		if v, ok := r.held[n]; ok {
			return &v
		}
		return nil
	}
	return neighbours{before: at(n - 1), at: at(n), after: at(n + 1)}
}

func (r *receiver) take(a arrival, refused valisev1.Reason) valisev1.Reason {
	reason := judgeArrival(r.ch, a, r.near(a.sequence))
	if reason == valisev1.Reason_REASON_UNSPECIFIED {
		r.ch, _ = takeArrival(r.ch, a, refused)
		r.held[a.sequence] = numbered{digest: a.digest, previous: a.previous}
	}
	return reason
}

func TestJudgeArrival(t *testing.T) {
	for _, c := range []struct {
		name  string
		lane  uint32
		taken []uint64
		a     arrival
		want  valisev1.Reason
	}{
		{"the first", 0, nil, honest(1), 0},
		{"the next", 0, []uint64{1, 2}, honest(3), 0},
		{"beyond a gap", 0, []uint64{1}, honest(5), 0},
		{"number 0", 0, nil, honest(0), valisev1.Reason_REASON_SEQUENCE},
		{"the last of the window", 0, []uint64{1}, honest(257), 0},
		{"one beyond the window", 0, []uint64{1}, honest(258), valisev1.Reason_REASON_SEQUENCE},
		{"the window does not move with what is held", 0, []uint64{1, 200}, honest(258), valisev1.Reason_REASON_SEQUENCE},
		{"the last of the window of parts", 1, nil, honest(64), 0},
		{"one beyond the window of parts", 1, nil, honest(65), valisev1.Reason_REASON_SEQUENCE},
		{"2^63", 0, []uint64{1}, honest(1 << 63), valisev1.Reason_REASON_SEQUENCE},
		{"the highest number", 0, []uint64{1}, honest(highest), valisev1.Reason_REASON_SEQUENCE},
		{"again", 0, []uint64{1, 2}, honest(1), valisev1.Reason_REASON_DUPLICATE},
		{"again beyond a gap", 0, []uint64{1, 9}, honest(9), valisev1.Reason_REASON_DUPLICATE},
		{"same number, other message", 0, []uint64{1, 2}, arrival{2, digestNumber(77), digestNumber(1)}, valisev1.Reason_REASON_EQUIVOCATION},
		{"same number beyond a gap, other message", 0, []uint64{1, 9}, arrival{9, digestNumber(77), digestNumber(8)}, valisev1.Reason_REASON_EQUIVOCATION},
		{"does not follow the one before", 0, []uint64{1}, arrival{2, digestNumber(2), digestNumber(9)}, valisev1.Reason_REASON_CHAIN},
		{"the one after does not follow it", 0, []uint64{1, 3}, arrival{2, digestNumber(77), digestNumber(1)}, valisev1.Reason_REASON_CHAIN},
		{"the first follows something", 0, nil, arrival{1, digestNumber(1), digestNumber(9)}, valisev1.Reason_REASON_CHAIN},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReceiver(c.lane)
			for _, n := range c.taken {
				r.take(honest(n), 0)
			}
			before := proto.CloneOf(r.ch)
			if got := judgeArrival(r.ch, c.a, r.near(c.a.sequence)); got != c.want {
				t.Fatalf("%v, want %v", got, c.want)
			}
			if !proto.Equal(before, r.ch) {
				t.Fatal("judging changed the channel")
			}
		})
	}
}

// TestChannelProperties: in whatever order numbers come, each is taken once, the mark is the
// length of the run without gaps, nothing beyond the window is taken, and what is held is exactly
// what was taken beyond the mark.
func TestChannelProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lane := rapid.Uint32Range(0, 1).Draw(t, "lane")
		r, taken := newReceiver(lane), map[uint64]bool{}
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			n := rapid.Uint64Range(1, r.ch.GetMark().GetMark()+window(lane)+3).Draw(t, "number")
			mark := r.ch.GetMark().GetMark()
			refused := rapid.SampledFrom([]valisev1.Reason{0, 0, 0, valisev1.Reason_REASON_UNSUPPORTED}).Draw(t, "refused")
			reason := r.take(honest(n), refused)
			want := valisev1.Reason_REASON_UNSPECIFIED
			switch {
			case taken[n]:
				want = valisev1.Reason_REASON_DUPLICATE
			case n > mark+window(lane):
				want = valisev1.Reason_REASON_SEQUENCE
			}
			if reason != want {
				t.Fatalf("number %d with mark %d: %v, want %v", n, mark, reason, want)
			}
			taken[n] = taken[n] || reason == 0
			run := uint64(0)
			for taken[run+1] {
				run++
			}
			if got := r.ch.GetMark().GetMark(); got != run {
				t.Fatalf("mark %d, want %d", got, run)
			}
			if run > 0 && string(r.ch.GetMark().GetDigest()) != string(func() []byte { d := digestNumber(run); return d[:] }()) {
				t.Fatal("the mark's digest is not that of its number")
			}
			var held []uint64
			for _, h := range r.ch.GetHeld() {
				held = append(held, h.GetSequence())
				if h.GetSequence() <= run || !taken[h.GetSequence()] {
					t.Fatalf("number %d is held", h.GetSequence())
				}
			}
			if !slices.IsSorted(held) || uint64(len(held)) > window(lane) || uint64(len(r.ch.GetRefused())) > 2*window(lane) {
				t.Fatalf("%d are held, %d listed as refused", len(held), len(r.ch.GetRefused()))
			}
			for _, x := range r.ch.GetRefused() {
				if x.GetSequence()+window(lane) <= run {
					t.Fatal("a refusal before the last window is still listed")
				}
			}
		}
	})
}

// TestReadReceipt: only a receipt that names our own digests clears anything.
func TestReadReceipt(t *testing.T) {
	ours := func(n uint64) (ident.Digest, bool, error) {
		if n == 0 || n > 10 {
			return ident.Digest{}, false, nil
		}
		return digestNumber(n), true, nil
	}
	ch := &valisev1.OutboundChannel{Next: 11, Mark: 3}
	d := func(n uint64) []byte { x := digestNumber(n); return x[:] }
	mark := func(n uint64) *valisev1.ChannelMark { return &valisev1.ChannelMark{Mark: n, Digest: d(n)} }
	for _, c := range []struct {
		name string
		line *valisev1.ChannelReceipt
		want []uint64
		why  valisev1.Reason
	}{
		{"nothing yet", &valisev1.ChannelReceipt{Mark: &valisev1.ChannelMark{}}, nil, 0},
		{"the mark moved", &valisev1.ChannelReceipt{Mark: mark(6)}, []uint64{4, 5, 6}, 0},
		{"an older mark", &valisev1.ChannelReceipt{Mark: mark(2)}, nil, 0},
		{"held beyond a gap", &valisev1.ChannelReceipt{Mark: mark(4), Held: []*valisev1.NumberedDigest{{Sequence: 8, Digest: d(8)}}}, []uint64{8, 4}, 0},
		{"refused", &valisev1.ChannelReceipt{Mark: mark(4), Refused: []*valisev1.RefusedDigest{{Sequence: 4, Digest: d(4), Reason: valisev1.Reason_REASON_UNSUPPORTED}}}, []uint64{4, 4}, 0},
		{"a mark that is not ours", &valisev1.ChannelReceipt{Mark: &valisev1.ChannelMark{Mark: 6, Digest: d(99)}}, nil, valisev1.Reason_REASON_EQUIVOCATION},
		{"a mark never used", &valisev1.ChannelReceipt{Mark: mark(11)}, nil, valisev1.Reason_REASON_SEQUENCE},
		{"a held one that is not ours", &valisev1.ChannelReceipt{Mark: mark(6), Held: []*valisev1.NumberedDigest{{Sequence: 8, Digest: d(9)}}}, []uint64{4, 5, 6}, valisev1.Reason_REASON_EQUIVOCATION},
		{"a held one never used", &valisev1.ChannelReceipt{Mark: mark(4), Held: []*valisev1.NumberedDigest{{Sequence: 8, Digest: d(8)}, {Sequence: 12, Digest: d(12)}}}, []uint64{8, 4}, valisev1.Reason_REASON_SEQUENCE},
		{"a refused one that is not ours", &valisev1.ChannelReceipt{Mark: mark(6), Refused: []*valisev1.RefusedDigest{{Sequence: 4, Digest: d(5)}}}, nil, valisev1.Reason_REASON_EQUIVOCATION},
		{"a digest cut short", &valisev1.ChannelReceipt{Mark: &valisev1.ChannelMark{Mark: 6, Digest: d(6)[:31]}}, nil, valisev1.Reason_REASON_EQUIVOCATION},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, _, why, err := readReceipt(ch, c.line, ours)
			if err != nil || why != c.why {
				t.Fatalf("%v, %v; want %v", why, err, c.why)
			}
			var got []uint64
			for _, x := range list {
				got = append(got, x.sequence)
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("covers %v, want %v", got, c.want)
			}
		})
	}
}

func TestReasonsOfAPeerStayReasons(t *testing.T) {
	for _, c := range []struct{ got, want valisev1.Reason }{
		{valisev1.Reason_REASON_PAYLOAD, valisev1.Reason_REASON_PAYLOAD},
		{0, valisev1.Reason_REASON_UNSUPPORTED},
		{9999, valisev1.Reason_REASON_UNSUPPORTED},
	} {
		if got := orUnsupported(c.got); got != c.want {
			t.Errorf("%v is read as %v, want %v", c.got, got, c.want)
		}
	}
}

// TestSlots: no slot is given twice, each lane keeps to its own, and all can be used.
func TestSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s slots
		taken := map[int]bool{}
		for range rapid.IntRange(1, 600).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "free") == 0 && len(taken) > 0 {
				slot := slices.Min(slices.Collect(maps.Keys(taken)))
				s.free(slot)
				delete(taken, slot)
				continue
			}
			lane := rapid.Uint32Range(0, 1).Draw(t, "lane")
			slot, ok := s.take(lane)
			used := 0
			for x := range taken {
				if (x >= 256) == (lane == 1) {
					used++
				}
			}
			if !ok {
				if used != int(window(lane)) {
					t.Fatalf("no slot, but only %d are taken", used)
				}
				continue
			}
			if taken[slot] || (slot >= 256) != (lane == 1) || slot < 0 || slot >= 320 {
				t.Fatalf("slot %d of lane %d", slot, lane)
			}
			taken[slot] = true
		}
	})
}
