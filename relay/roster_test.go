package relay_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/relay/relaytest"
)

func marshal(t testing.TB, r *valisev1.Roster) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// badRosters breaks one rule each, from a good Roster of three parties.
func badRosters(t testing.TB) map[string][]byte {
	a, b, c := relaytest.NewParty(t), relaytest.NewParty(t), relaytest.NewParty(t)
	bad := make(map[string][]byte)
	for name, change := range map[string]func(*valisev1.Roster){
		"no number":              func(r *valisev1.Roster) { r.Number = 0 },
		"no realm":               func(r *valisev1.Roster) { r.Realm = "" },
		"another realm's form":   func(r *valisev1.Roster) { r.Realm = "exercise:x" },
		"short mailbox":          func(r *valisev1.Roster) { r.Mailboxes[0].Name = "abc" },
		"wildcard mailbox":       func(r *valisev1.Roster) { r.Mailboxes[0].Name = "*" },
		"mailbox with subject":   func(r *valisev1.Roster) { r.Mailboxes[0].Name = "aaaaaaaaaaaa.>.aaaaaaaaaaa" },
		"mailbox with a quote":   func(r *valisev1.Roster) { r.Mailboxes[0].Name = "aaaaaaaaaaaa\"] }\naaaaaaaaa" },
		"upper case":             func(r *valisev1.Roster) { r.Mailboxes[0].Name = strings.ToUpper(r.Mailboxes[0].Name) },
		"line at the end":        func(r *valisev1.Roster) { r.Mailboxes[0].Name = r.Mailboxes[0].Name[:25] + "\n" },
		"mailbox twice":          func(r *valisev1.Roster) { r.Mailboxes[1].Name = r.Mailboxes[0].Name },
		"mailboxes out of order": func(r *valisev1.Roster) { slices.Reverse(r.Mailboxes) },
		"sender twice":           func(r *valisev1.Roster) { r.Senders[1].Token = r.Senders[0].Token },
		"senders out of order":   func(r *valisev1.Roster) { slices.Reverse(r.Senders) },
		"wildcard token":         func(r *valisev1.Roster) { r.Senders[0].Token = ">" },
		"token in the box twice": func(r *valisev1.Roster) { r.Mailboxes[0].SenderTokens[1] = r.Mailboxes[0].SenderTokens[0] },
		"token of nobody":        func(r *valisev1.Roster) { r.Mailboxes[0].SenderTokens = []string{strings.Repeat("a", 26)} },
		"owner key is no key":    func(r *valisev1.Roster) { r.Mailboxes[0].OwnerNkeys = []string{"UABC"} },
		"owner key is a seed":    func(r *valisev1.Roster) { r.Mailboxes[0].OwnerNkeys = []string{string(a.Seed)} },
		"owner key twice":        func(r *valisev1.Roster) { r.Mailboxes[0].OwnerNkeys = []string{a.NKey, a.NKey} },
		"too many owner keys": func(r *valisev1.Roster) {
			for range 9 {
				r.Mailboxes[0].OwnerNkeys = append(r.Mailboxes[0].OwnerNkeys, relaytest.NewParty(t).NKey)
			}
		},
		"sender key with quote":     func(r *valisev1.Roster) { r.Senders[0].Nkeys = []string{a.NKey + "\""} },
		"empty mailbox row":         func(r *valisev1.Roster) { r.Mailboxes[0].Reset() },
		"unknown field":             func(r *valisev1.Roster) { r.ProtoReflect().SetUnknown(unknownField()) },
		"unknown field in a box":    func(r *valisev1.Roster) { r.Mailboxes[0].ProtoReflect().SetUnknown(unknownField()) },
		"unknown field in a sender": func(r *valisev1.Roster) { r.Senders[0].ProtoReflect().SetUnknown(unknownField()) },
		"too many senders": func(r *valisev1.Roster) {
			r.Senders = slices.Repeat(r.Senders, 1000)
		},
	} {
		r := relaytest.RosterOf(7, a, b, c)
		change(r)
		bad[name] = marshal(t, r)
	}
	good := marshal(t, relaytest.RosterOf(7, a, b, c))
	bad["cut off"] = good[:len(good)-1]
	bad["nothing"] = nil
	bad["text"] = []byte("number: 7")
	bad["too long"] = make([]byte, relay.MaxRosterBytes+1)
	bad["invalid UTF-8"] = append([]byte{0x12, 2, 0xff, 0xfe}, good...)
	return bad
}

func unknownField() []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1)
}

func TestParseRosterRefuses(t *testing.T) {
	for name, b := range badRosters(t) {
		if _, err := relay.ParseRoster(b); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := relay.CheckRoster(nil); err == nil {
		t.Error("no roster: taken")
	}
}

func TestParseRosterTakes(t *testing.T) {
	want := relaytest.RosterOf(7, relaytest.NewParty(t), relaytest.NewParty(t), relaytest.NewParty(t))
	got, err := relay.ParseRoster(marshal(t, want))
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("%v", err)
	}
	if _, err := relay.ParseRoster(marshal(t, &valisev1.Roster{Number: 1, Realm: "operational"})); err != nil {
		t.Errorf("a roster without mailboxes: %v", err)
	}
}

// FuzzParseRoster: no bytes crash it, and what is taken makes a configuration that holds
// nothing but what the Roster names.
func FuzzParseRoster(f *testing.F) {
	for _, b := range badRosters(f) {
		if len(b) < 1<<16 {
			f.Add(b)
		}
	}
	f.Add(marshal(f, relaytest.RosterOf(7, relaytest.NewParty(f), relaytest.NewParty(f))))
	admin := relaytest.NewParty(f).NKey
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := relay.ParseRoster(b)
		if err != nil {
			return
		}
		if err := relay.CheckRoster(r); err != nil {
			t.Fatalf("parsed, then refused: %v", err)
		}
		if _, err := relay.Accounts(r, admin); err != nil {
			t.Fatalf("a roster that was taken makes no configuration: %v", err)
		}
	})
}

func FuzzParseSubject(f *testing.F) {
	box := strings.Repeat("a", 26)
	for _, s := range []string{"v1." + box + "." + box + ".0", "v1." + box + "." + box + ".323", "v1." + box + "." + box + ".00", "v1.*.*.*", "", "....", "v1." + box + "." + box + ".+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := relay.ParseSubject(s)
		if err != nil {
			if a != (relay.Address{}) {
				t.Fatalf("refused, yet %+v", a)
			}
			return
		}
		if back, err := a.Subject(); err != nil || back != s {
			t.Fatalf("%q is read as %+v, which is written %q, %v", s, a, back, err)
		}
	})
}

func TestSubjectAndBack(t *testing.T) {
	name := rapid.StringMatching(`[a-z2-7]{26}`)
	rapid.Check(t, func(t *rapid.T) {
		a := relay.Address{Mailbox: name.Draw(t, "mailbox"), Token: name.Draw(t, "token"), Slot: rapid.IntRange(0, relay.Slots-1).Draw(t, "slot")}
		s, err := a.Subject()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := relay.ParseSubject(s); err != nil || back != a {
			t.Fatalf("%+v, %v", back, err)
		}
	})
}
