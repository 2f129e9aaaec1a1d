package directory_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

func decode(t testing.TB, b []byte, m proto.Message) {
	t.Helper()
	if err := proto.Unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
}

// TestRosterPairs spells out who may write to whom, and that nothing else is said.
func TestRosterPairs(t *testing.T) {
	first := firstEdition(t)
	book := openBook(t, t.TempDir())
	mustImport(t, book, first)
	r := book.Snapshot().Roster()
	token := func(a string) string { return first.bundles[a].GetSenderToken() }
	boxOf := func(a string) *valisev1.Mailbox {
		for _, m := range r.GetMailboxes() {
			if m.GetName() == first.bundles[a].GetMailbox() {
				return m
			}
		}
		t.Fatalf("no mailbox for %s", a)
		return nil
	}
	for to, from := range map[string][]string{
		"XA/technical":    {"XB/technical", "XC/technical", "XE/technical", "@global/manager"},
		"XB/diplomatic":   {"XA/diplomatic", "XC/diplomatic", "XE/diplomatic", "@global/manager"},
		"@global/manager": {"XA/diplomatic", "XA/technical", "XB/diplomatic", "XB/technical", "XC/diplomatic", "XC/technical", "XE/diplomatic", "XE/technical"},
	} {
		var want []string
		for _, a := range from {
			want = append(want, token(a))
		}
		slices.Sort(want)
		if got := boxOf(to).GetSenderTokens(); !slices.Equal(got, want) {
			t.Errorf("%s is written to by %d tokens, want %d", to, len(got), len(want))
		}
		if owners := boxOf(to).GetOwnerNkeys(); len(owners) != 1 || owners[0] != first.bundles[to].GetRelayNkeys()[0] {
			t.Errorf("%s is read by %v", to, owners)
		}
	}
	b, err := directory.EncodeRoster(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"XA", "XB", "global", "technical", "diplomatic", "desk", "+999"} {
		if stripped := strings.ReplaceAll(string(b), relayKey(t, "XA"), ""); word == "XA" && strings.Contains(stripped, "/") {
			t.Error("an address stands in the roster")
		}
		if word != "XA" && word != "XB" && bytes.Contains(b, []byte(word)) {
			t.Errorf("the relay is told %q", word)
		}
	}
}

// TestRosterSaysNothingElse: any directory gives a roster in order, that its parser takes,
// the same bytes each time.
func TestRosterOfAnyDirectory(t *testing.T) {
	all := []string{"XA", "XB", "XC", "XE", "@global"}
	whole := firstEdition(t)
	rapid.Check(t, func(rt *rapid.T) {
		e := whole.next()
		e.list.Number, e.list.History = 1, nil
		for _, state := range all {
			for _, track := range []string{"diplomatic", "technical", "manager"} {
				if rapid.Bool().Draw(rt, state+track) {
					delete(e.bundles, state+"/"+track)
				}
			}
		}
		s, _, err := directory.CheckFile(realm, e.bytes(), trust(t))
		if err != nil {
			rt.Fatal(err)
		}
		b, err := directory.EncodeRoster(s.Roster())
		if err != nil {
			rt.Fatal(err)
		}
		again, err := directory.EncodeRoster(s.Roster())
		if err != nil || !bytes.Equal(b, again) {
			rt.Fatal("two rosters of one directory differ")
		}
		r, err := directory.ParseRoster(realm, b)
		if err != nil {
			rt.Fatal(err)
		}
		if len(r.GetMailboxes()) != len(e.bundles) || len(r.GetSenders()) != len(e.bundles) {
			rt.Fatalf("%d mailboxes for %d bundles", len(r.GetMailboxes()), len(e.bundles))
		}
		for a, bundle := range e.bundles {
			for _, m := range r.GetMailboxes() {
				if m.GetName() == bundle.GetMailbox() && slices.Contains(m.GetSenderTokens(), bundle.GetSenderToken()) {
					rt.Fatalf("%s may write to itself", a)
				}
			}
		}
	})
}

func TestParseRosterRefuses(t *testing.T) {
	book := openBook(t, t.TempDir())
	mustImport(t, book, firstEdition(t))
	for name, c := range map[string]struct {
		change func(*valisev1.Roster)
		want   valisev1.Reason
	}{
		"another realm":     {func(r *valisev1.Roster) { r.Realm = "operational" }, valisev1.Reason_REASON_WRONG_REALM},
		"not in order":      {func(r *valisev1.Roster) { slices.Reverse(r.Mailboxes) }, valisev1.Reason_REASON_SHARED_KEY},
		"a sender twice":    {func(r *valisev1.Roster) { r.Senders = append(r.Senders, r.Senders[len(r.Senders)-1]) }, valisev1.Reason_REASON_SHARED_KEY},
		"tokens reversed":   {func(r *valisev1.Roster) { slices.Reverse(r.Mailboxes[0].SenderTokens) }, valisev1.Reason_REASON_SHARED_KEY},
		"a token of nobody": {func(r *valisev1.Roster) { r.Senders = r.Senders[1:] }, valisev1.Reason_REASON_UNKNOWN_KEY},
		"a wildcard":        {func(r *valisev1.Roster) { r.Mailboxes[0].Name = ">" }, valisev1.Reason_REASON_PAYLOAD},
		"unknown part":      {func(r *valisev1.Roster) { r.ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01}) }, valisev1.Reason_REASON_WIRE_FORM},
	} {
		t.Run(name, func(t *testing.T) {
			r := book.Snapshot().Roster()
			c.change(r)
			_, err := directory.ParseRoster(realm, encode(t, r))
			wantReason(t, err, c.want)
		})
	}
	_, err := directory.ParseRoster(realm, nil)
	wantReason(t, err, valisev1.Reason_REASON_TOO_LARGE)
	_, err = directory.ParseRoster(realm, []byte{0xff})
	wantReason(t, err, valisev1.Reason_REASON_FRAME)
}
