package locale_test

import (
	"strings"
	"testing"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// TestEveryValueHasWords walks the contract: every kind of message, every state of a thread and every delivery
// has words in every language, and what has two forms has both.
func TestEveryValueHasWords(t *testing.T) {
	for _, l := range locale.Languages() {
		v := locale.Of(l).Vocabulary()
		for number, full := range valisev1.Kind_name {
			if number != 0 {
				checkKind(t, l, v, valisev1.Kind(number), strings.ToLower(strings.TrimPrefix(full, "KIND_")))
			}
		}
		for number, full := range valisev1.ThreadState_name {
			for _, outbound := range []bool{true, false} {
				text, ok := v.State.Of(valisev1.ThreadState(number), outbound)
				if ok == (number == 0) || ok == (text.String() == "") {
					t.Errorf("%s: %s, begun by us: %t, is %q, %t", l, full, outbound, text, ok)
				}
			}
		}
		for number, full := range valisev1.Delivery_name {
			if text, ok := v.Delivery.Of(valisev1.Delivery(number)); !ok || text.String() == "" {
				t.Errorf("%s: %s is %q, %t", l, full, text, ok)
			}
		}
		if text, ok := v.State.Of(999, true); ok {
			t.Errorf("%s: a state of a later version is %q", l, text)
		}
		if text, ok := v.Delivery.Of(999); ok {
			t.Errorf("%s: a delivery of a later version is %q", l, text)
		}
	}
}

// checkKind wants a noun of every kind, and of those that people read as messages a heading for each side. The
// page heads those of an exercise otherwise: they have no side.
func checkKind(t *testing.T, l locale.Language, v *locale.Vocabulary, k valisev1.Kind, name string) {
	t.Helper()
	if text, ok := locale.Named(v.Kind, name); !ok || text.String() == "" {
		t.Errorf("%s: the kind %s is %q, %t", l, name, text, ok)
	}
	if !valisev1.IsHuman(k) {
		return
	}
	theirs, ok := v.Theirs.Of(name)
	ours, also := v.Ours.Of(name)
	if !ok || !also || theirs.String() == ours.String() {
		t.Errorf("%s: the kind %s is headed %q, %t, and %q, %t", l, name, theirs, ok, ours, also)
	}
}

// TestWhoMadeItSo: a state names us or the other State, by who began the thread.
func TestWhoMadeItSo(t *testing.T) {
	states := locale.Of(locale.English).Vocabulary().State
	for _, c := range []struct {
		state    valisev1.ThreadState
		outbound bool
		want     string
	}{
		{valisev1.ThreadState_THREAD_STATE_RECEIVED, true, "Reached {state}"},
		{valisev1.ThreadState_THREAD_STATE_RECEIVED, false, "Received here"},
		{valisev1.ThreadState_THREAD_STATE_DECLINED, true, "{state} declined"},
		{valisev1.ThreadState_THREAD_STATE_DECLINED, false, "We declined"},
		{valisev1.ThreadState_THREAD_STATE_CLOSED, true, "Closed by both"},
		{valisev1.ThreadState_THREAD_STATE_CLOSED_BY_PEER, false, "Closed by {state}"},
	} {
		if text, _ := states.Of(c.state, c.outbound); text.String() != c.want {
			t.Errorf("%v, begun by us: %t, is %q, want %q", c.state, c.outbound, text, c.want)
		}
	}
}
