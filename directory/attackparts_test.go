package directory_test

import (
	"bytes"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

func entryAttacks(t *testing.T) []attack {
	point := func(e *edition, state string) *valisev1.PointOfContact {
		e.entries[state].Number++
		return e.entries[state].GetPointsOfContact()[0]
	}
	key := func(name string) func(*edition) {
		return func(e *edition) {
			point(e, "XC").SigningKeys[0].Key = signingKey(t, name).Public().Proto()
			delete(e.bundles, "XC/diplomatic")
		}
	}
	fact := func(change func(*valisev1.Entry, *valisev1.PointOfContact)) func(*edition) {
		return func(e *edition) { p := point(e, "XC"); change(e.entries["XC"], p) }
	}
	resigned := func(keys ...*seal.SigningKey) func(*edition, *valisev1.ImportBundle) {
		return func(e *edition, f *valisev1.ImportBundle) {
			f.Entries[3] = signed(e.t, seal.PurposeEntry, e.entries["XC"], keys...)
		}
	}
	return []attack{
		{name: "entry/missing", file: func(_ *edition, f *valisev1.ImportBundle) { f.Entries = f.Entries[:3] }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/one too many", file: func(e *edition, f *valisev1.ImportBundle) {
			f.Entries = append(f.Entries, signed(e.t, seal.PurposeEntry, &valisev1.Entry{Realm: string(realm), State: "XZ"}, managerKey(t)))
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/twice", file: func(_ *edition, f *valisev1.ImportBundle) { f.Entries = append(f.Entries, f.Entries[0]) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/of an earlier version", file: func(e *edition, f *valisev1.ImportBundle) {
			old := e.entries["XC"]
			old.Number = 1
			f.Entries[3] = signed(e.t, seal.PurposeEntry, old, e.roots["XC"])
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/number differs from the list", list: func(e *edition) { e.member("XC").EntryNumber = 3 }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/root differs from the list", list: func(e *edition) { e.member("XC").Root = make([]byte, 32) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/of another State", list: func(e *edition) {
			a, b := e.member("XA"), e.member("XC")
			b.EntryHash, b.EntryNumber, b.Root = a.EntryHash, 2, make([]byte, 32)
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "entry/unsigned", file: resigned(), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/signed by the manager", file: resigned(managerKey(t)), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/signed by its own desk", file: resigned(signingKey(t, "XC/diplomatic")), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "entry/another realm", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Realm = "operational" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "entry/key of another State", parts: key("XA/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/earlier key of another State", parts: key("XB/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/key of a State that left", parts: key("XE/technical"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/key of its other desk", parts: key("second key of XC"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/its root as a desk's key", parts: key("root of XC"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/the manager's key", parts: key("manager"), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/root of another State as the next", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.NextRoot = signingKey(t, "root of XA").Public().Proto()
		}), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/its root as the next", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.NextRoot = e.GetRoot() }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "entry/no root", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Root = nil }), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

// factAttacks change what an honest root would sign.
func factAttacks() []attack {
	fact := func(change func(*valisev1.Entry, *valisev1.PointOfContact)) func(*edition) {
		return func(e *edition) {
			e.entries["XC"].Number++
			change(e.entries["XC"], e.entries["XC"].GetPointsOfContact()[0])
		}
	}
	dates := func(from, until time.Time) func(*edition) {
		return fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) {
			p.SigningKeys[0].ValidFrom, p.SigningKeys[0].ValidUntil = timestamppb.New(from), timestamppb.New(until)
		})
	}
	return []attack{
		{name: "entry/key without validity", parts: dates(start, start), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/key with negative validity", parts: dates(start, start.Add(-time.Hour)), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/reviewed before it is valid", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.ValidFrom, e.ReviewBy = timestamppb.New(start), timestamppb.New(start)
		}), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/revocation without a date", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.Revocations = []*valisev1.Revocation{{KeyId: make([]byte, 32)}}
		}), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "entry/revocation of no key", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) {
			e.Revocations = []*valisev1.Revocation{{KeyId: []byte{1}, Since: timestamppb.New(start)}}
		}), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/two desks on one track", parts: fact(func(e *valisev1.Entry, p *valisev1.PointOfContact) { p.Track = "technical" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/a manager desk", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Track = "manager" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/direction override", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Name = "desk\u202eBX" }), reason: valisev1.Reason_REASON_BAD_TEXT},
		{name: "entry/control character", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Names[0].Text = "XA\x1b[2J" }), reason: valisev1.Reason_REASON_BAD_TEXT},
		{name: "entry/line break in a telephone", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Telephones = []string{"+99900000001\n"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/telephone that is not E.164", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Telephones = []string{"00 999"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no email address", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Emails = []string{"desk"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no language", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.Languages = []string{"e n"} }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no time zone", parts: fact(func(_ *valisev1.Entry, p *valisev1.PointOfContact) { p.TimeZone = "../../etc" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/no date", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.NoteVerbaleDate = "2026-13-01" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "entry/text without a language", parts: fact(func(e *valisev1.Entry, _ *valisev1.PointOfContact) { e.Names[0].Language = "" }), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func bundleAttacks(t *testing.T) []attack {
	const victim = "XC/diplomatic"
	change := func(f func(b *valisev1.KeyBundle)) func(*edition) {
		return func(e *edition) { e.bundles[victim].Number++; f(e.bundles[victim]) }
	}
	speaker := func(name string) func(*edition) {
		return func(e *edition) { e.speakers[victim] = signingKey(t, name) }
	}
	return []attack{
		{name: "bundle/two for one desk", file: func(_ *edition, f *valisev1.ImportBundle) { f.KeyBundles = append(f.KeyBundles, f.KeyBundles[0]) }, reason: valisev1.Reason_REASON_MIXED},
		{name: "bundle/of no member", list: func(e *edition) {
			e.bundles["XE/technical"], e.speakers["XE/technical"] = e.newBundle("XE/technical", 1, 9), signingKey(t, "XE/technical")
		}, reason: valisev1.Reason_REASON_MIXED},
		{name: "bundle/signed by another State", list: speaker("XA/diplomatic"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by its other desk", list: speaker("second key of XC"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by its root", list: speaker("root of XC"), reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by an earlier key", list: func(e *edition) { e.speakers["XC/technical"] = signingKey(t, "XC/technical") }, reason: valisev1.Reason_REASON_UNKNOWN_KEY},
		{name: "bundle/signed by a revoked key", parts: func(e *edition) {
			e.entries["XB"].Number++
			p := e.entries["XB"].GetPointsOfContact()[1]
			old := signingKey(t, "XB/technical")
			p.SigningKeys = append(p.SigningKeys, &valisev1.SigningKey{Key: old.Public().Proto(), ValidFrom: timestamppb.New(start), ValidUntil: timestamppb.New(start.AddDate(1, 0, 0))})
			e.entries["XB"].Revocations = nil
			e.speakers["XB/technical"] = old
		}, reason: valisev1.Reason_REASON_REVOKED_KEY},
		{name: "bundle/one bit", file: func(_ *edition, f *valisev1.ImportBundle) { f.KeyBundles[0].Signatures[0].Ed25519[3] ^= 1 }, reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "bundle/another realm", list: change(func(b *valisev1.KeyBundle) { b.Realm = "operational" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "bundle/no address", list: change(func(b *valisev1.KeyBundle) { b.Address = "XC" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/State of the other realm", list: change(func(b *valisev1.KeyBundle) { b.Address = "AA/technical" }), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "bundle/46 days", list: change(func(b *valisev1.KeyBundle) { b.Expires = timestamppb.New(start.AddDate(0, 0, 46)) }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/no validity", list: change(func(b *valisev1.KeyBundle) { b.Expires = b.Issued }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/sealing key without validity", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys[0].AcceptedUntil = b.SealingKeys[0].ValidFrom }), reason: valisev1.Reason_REASON_VALIDITY},
		{name: "bundle/number of the far future", list: change(func(b *valisev1.KeyBundle) { b.Number = 1<<33 + 1 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/entry of the far future", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber = 1 << 40 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/entry that is not there yet", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber = 3 }), reason: valisev1.Reason_REASON_FAST_FORWARD},
		{name: "bundle/number 0", list: change(func(b *valisev1.KeyBundle) { b.EntryNumber, b.Number = 2, 0 }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/mailbox of another", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = randomName(t, "mailbox XA/diplomatic") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/mailbox of its other desk", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = randomName(t, "mailbox XC/technical") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/token of another", list: change(func(b *valisev1.KeyBundle) { b.SenderToken = randomName(t, "token XA/diplomatic") }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/connection of another", list: change(func(b *valisev1.KeyBundle) { b.RelayNkeys = []string{relayKey(t, "XA")} }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/sealing key of another", list: func(e *edition) {
			e.bundles[victim].Number++
			e.bundles[victim].SealingKeys[0].Recipient = e.bundles["XA/technical"].GetSealingKeys()[0].GetRecipient()
		}, reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/one sealing key twice", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys = append(b.SealingKeys, b.SealingKeys[0]) }), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "bundle/no sealing key", list: change(func(b *valisev1.KeyBundle) { b.SealingKeys = nil }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/classic recipient", list: change(func(b *valisev1.KeyBundle) {
			b.SealingKeys[0].Recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
		}), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/mailbox with a wildcard", list: change(func(b *valisev1.KeyBundle) { b.Mailbox = "*" }), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/connection key with another checksum", list: change(func(b *valisev1.KeyBundle) {
			k := b.GetRelayNkeys()[0]
			other := "A"
			if k[20] == 'A' {
				other = "B"
			}
			b.RelayNkeys = []string{k[:20] + other + k[21:]}
		}), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "bundle/no connection key", list: change(func(b *valisev1.KeyBundle) { b.RelayNkeys = []string{"UABC"} }), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func fileAttacks() []attack {
	to := func(b []byte) func([]byte) []byte { return func([]byte) []byte { return b } }
	return []attack{
		{name: "file/empty", bytes: to(nil), reason: valisev1.Reason_REASON_FRAME},
		{name: "file/text", bytes: to([]byte("this is no directory")), reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/too large", bytes: to(make([]byte, directory.MaxImportSize+1)), reason: valisev1.Reason_REASON_TOO_LARGE},
		{name: "file/truncated", bytes: func(b []byte) []byte { return b[:len(b)-1] }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/unknown part", bytes: func(b []byte) []byte { return append(b, 0xf8, 0x07, 0x01) }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/two lists", bytes: func(b []byte) []byte { return append(b, 0x12, 0x00) }, reason: valisev1.Reason_REASON_WIRE_FORM},
		{name: "file/no list", file: func(_ *edition, f *valisev1.ImportBundle) { f.List = nil }, reason: valisev1.Reason_REASON_MIXED},
		{name: "file/reading key of another kind", file: func(_ *edition, f *valisev1.ImportBundle) { f.ReadingKey = "AGE-SECRET-KEY-1" }, reason: valisev1.Reason_REASON_PAYLOAD},
	}
}

func relayAttacks(t *testing.T) []attack {
	card := func(name, addr string) *valisev1.RelayCard {
		return &valisev1.RelayCard{Realm: string(realm), Name: name, Address: addr, TlsKey: bytes.Repeat([]byte{1}, 32)}
	}
	with := func(cards ...*valisev1.RelayCard) func(*edition) {
		return func(e *edition) {
			for _, c := range cards {
				e.list.Relays = append(e.list.Relays, signed(t, seal.PurposeRelayCard, c))
			}
		}
	}
	elsewhere := card("a", "192.0.2.1:4222")
	elsewhere.Realm = "operational"
	keyed := card("a", "192.0.2.1:4222")
	keyed.Key = signingKey(t, "relay").Public().Proto()
	short := card("a", "192.0.2.1:4222")
	short.TlsKey = short.TlsKey[:31]
	return []attack{
		{name: "relay/another realm", list: with(elsewhere), reason: valisev1.Reason_REASON_WRONG_REALM},
		{name: "relay/one name twice", list: with(card("a", "192.0.2.1:4222"), card("a", "192.0.2.2:4222")), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "relay/one address twice", list: with(card("a", "192.0.2.1:4222"), card("b", "192.0.2.1:4222")), reason: valisev1.Reason_REASON_SHARED_KEY},
		{name: "relay/names a key and is unsigned", list: with(keyed), reason: valisev1.Reason_REASON_BAD_SIGNATURE},
		{name: "relay/short TLS key", list: with(short), reason: valisev1.Reason_REASON_PAYLOAD},
		{name: "relay/no address", list: with(card("a", "")), reason: valisev1.Reason_REASON_PAYLOAD},
	}
}
