package directory_test

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// The files that follow from each other, in order; every other file is read after some of them.
var mainChain = []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}

func upTo(name string) []string { return mainChain[:slices.Index(mainChain, name)+1] }

// ok is a row that must be taken.
func ok(name string, before []string, why, source string) vectors.DirectoryFile {
	return vectors.DirectoryFile{Name: name, Before: slices.Clone(before), Outcome: vectors.Outcome{Expect: "ok", Why: why, Source: source}}
}

// accepted makes the chain of files that must be taken.
func (m *bench) accepted(t *testing.T) {
	for i, c := range []struct {
		name, reading, why, source string
		make                       func(*testing.T, *edition) *edition
	}{
		{"one", "reading-1", "the first file: one manager, whose key id came by another way, and five members", "docs/protocol.md §8.3", m.one},
		{"two", "reading-2", "the next list: a tombstone for XE, another signing key of XB, and another reading key, because a State left", "docs/protocol.md §8.6", two},
		{"three", "reading-2", "XB revokes the signing key that it had before", "docs/protocol.md §8.5", three},
		{"four", "reading-2", "the list after which no attack may change anything: another signing key of XC", "docs/protocol.md §8.2", four},
		{"five", "reading-2", "XA's entry with every fact of A-7a and the root that is to follow; XF joins with an entry of nothing but its root", "A-7a", five},
		{"six", "reading-2", "XA's entry signed by the root that the one before announced", "docs/protocol.md §8.1", six},
		{"seven", "reading-2", "two of three managers must sign from here on: the set is signed by the old one and by two of its own, the list by two of its own", "docs/protocol.md §8.3", seven},
		{"eight", "reading-2", "two relay cards, one signed by the key that it names and one that names none", "docs/protocol.md §8.6", eight},
	} {
		seeded(t, c.name, func(t *testing.T) {
			var before *edition
			if i > 0 {
				before = m.chain[mainChain[i-1]]
			}
			e := c.make(t, before)
			e.t = t
			m.chain[c.name] = e
			m.file(t, ok(c.name, mainChain[:i], c.why, c.source), encode(t, m.withKey(e, c.reading)))
		})
	}
	m.besideTheChain(t)
}

func (m *bench) withKey(e *edition, reading string) *valisev1.ImportBundle {
	f := e.file()
	f.ReadingKey = m.keys[reading].Secret()
	return f
}

func (m *bench) one(t *testing.T, _ *edition) *edition {
	e := firstEdition(t)
	e.bundles["XA/technical"].SealingKeys[0].Recipient = m.keys["alder-technical"].Recipient().String()
	return e
}

func two(t *testing.T, one *edition) *edition {
	one.t = t
	e, _, _ := laterEditions(t, one)
	return e
}

// three and four are those of laterEditions, made from the list before.
func three(t *testing.T, two *edition) *edition {
	two.t = t
	e := two.next()
	id := signingKey(t, "XB/technical").Public().ID(realm)
	e.entries["XB"].Number++
	e.entries["XB"].Revocations = []*valisev1.Revocation{{KeyId: id[:], Since: timestamppb.New(start)}}
	e.enrol()
	return e
}

func four(t *testing.T, three *edition) *edition {
	three.t = t
	e := three.next()
	renewKey(t, e, "XC", "technical", "second key of XC")
	e.enrol()
	return e
}

func five(t *testing.T, four *edition) *edition {
	four.t = t
	e := four.next()
	x := e.entries["XA"]
	x.Number++
	x.NextRoot = signingKey(t, "next root of XA").Public().Proto()
	allFacts(x)
	e.join("XF")
	e.entries["XF"].Names = nil
	e.enrol()
	return e
}

// allFacts fills in whatever A-7a names.
func allFacts(x *valisev1.Entry) {
	english := func(s string) *valisev1.LocalText {
		return &valisev1.LocalText{Language: "en", Text: s, Courtesy: true}
	}
	x.Names = []*valisev1.LocalText{{Language: "fr", Text: "République d’Aulne"}, english("Republic of Alder")}
	x.NominatingAuthority, x.NoteVerbale, x.NoteVerbaleDate = "Ministère des affaires étrangères", "NV/2026/17", "2026-02-27"
	x.ValidFrom, x.ReviewBy = timestamppb.New(start), timestamppb.New(start.AddDate(0, 6, 0))
	p := x.GetPointsOfContact()[0]
	p.Type = valisev1.ContactType_CONTACT_TYPE_PERSON
	p.Entity = []*valisev1.LocalText{{Language: "fr", Text: "Direction du numérique"}, english("Digital Directorate")}
	p.Name = "A. Rowan"
	p.Designation = []*valisev1.LocalText{{Language: "ar", Text: "منسق"}, english("Coordinator")}
	p.Telephones, p.Emails = []string{"+99900000001", "+99900000002"}, []string{"desk@mfa.xa.example"}
	p.Languages, p.Hours, p.TimeZone = []string{"fr", "en", "zh-Hans"}, "on working days", "Africa/Tunis"
	p.Open, p.Labels = []string{"Mon-Fri 08:00-16:00", "Sat 22:00-06:00"}, []string{"policy", "legal"}
	x.GetPointsOfContact()[1].Type = valisev1.ContactType_CONTACT_TYPE_ENTITY
	x.FurtherPoints = []*valisev1.PointOfContact{{Track: "technical", Telephones: []string{"+99900000003"}, Languages: []string{"en"}}}
}

func six(t *testing.T, five *edition) *edition {
	five.t = t
	e := five.next()
	e.roots["XA"] = signingKey(t, "next root of XA")
	x := e.entries["XA"]
	x.Number, x.Root, x.NextRoot = x.GetNumber()+1, x.GetNextRoot(), nil
	e.enrol()
	return e
}

func seven(t *testing.T, six *edition) *edition {
	six.t = t
	e := six.next()
	m1, m2, m3 := managerKey(t), signingKey(t, "m2"), signingKey(t, "m3")
	e.sets = append(e.sets, managerSet(t, 2, 2, []*seal.SigningKey{m1, m2}, m1, m2, m3))
	e.list.ManagerSet, e.signers = 2, []*seal.SigningKey{m2, m3}
	return e
}

func eight(t *testing.T, seven *edition) *edition {
	seven.t = t
	e := seven.next()
	key := signingKey(t, "relay")
	card := func(name, addr string) *valisev1.RelayCard {
		return &valisev1.RelayCard{Realm: string(realm), Name: name, Address: addr, TlsKey: signingKey(t, name).Public().Proto().GetEd25519()}
	}
	first := card("bridge", "192.0.2.1:4222")
	first.Key = key.Public().Proto()
	e.list.Relays = []*valisev1.SignedObject{
		signed(t, seal.PurposeRelayCard, first, key), signed(t, seal.PurposeRelayCard, card("ferry", "relay.xb.example:4222")),
	}
	return e
}

// besideTheChain are files that must be taken although something about them is unusual.
func (m *bench) besideTheChain(t *testing.T) {
	for _, c := range []struct {
		row  vectors.DirectoryFile
		make func(*testing.T) *edition
	}{
		{ok("the same again", upTo("four"), "a file that is in force already changes nothing", "docs/protocol.md §8.6"), func(t *testing.T) *edition { return m.chain["four"] }},
		{ok("lists left out", upTo("two"), "lists 3 and 4 were not seen: the history of list 5 names the one in force", "docs/protocol.md §8.3"), func(t *testing.T) *edition { return m.chain["five"] }},
		{ok("stale", upTo("three"), "a list long past its date is stale, which is a mark and never a refusal", "docs/protocol.md §8.3"), m.stale},
		{ok("another root", upTo("three"), "an entry of a root that nobody announced: the one before stays in force and the root is in question", "docs/protocol.md §8.1"), m.anotherRoot},
		{ok("an older bundle", upTo("three"), "a bundle that is older than the one held is passed over, and the one held stays", "docs/protocol.md §8.4"), m.bundleNumbered(^uint64(0))},
		{ok("another bundle of one number", upTo("three"), "another bundle under the number of the one held is passed over, and the one held stays", "docs/protocol.md §8.4"), m.bundleNumbered(0)},
		{ok("an entry of a newer version", upTo("three"), "a field that the reader does not know, in an entry: a State with a newer node does not shut the others out", "docs/protocol.md §8.8"), m.newerEntry},
		{ok("a State comes back", upTo("three"), "XE is back with its root and a number above that of its tombstone", "A-6"), m.comeBack},
	} {
		seeded(t, c.row.Name, func(t *testing.T) {
			e := c.make(t)
			e.t = t
			m.file(t, c.row, encode(t, m.withKey(e, "reading-2")))
		})
	}
}

func (m *bench) afterThree(t *testing.T) *edition {
	e := m.chain["three"]
	e.t = t
	return e.next()
}

func (m *bench) stale(t *testing.T) *edition {
	e := m.afterThree(t)
	e.list.Issued, e.list.Expires = timestamppb.New(start.AddDate(-9, 0, 0)), timestamppb.New(start.AddDate(-9, 0, 1))
	return e
}

func (m *bench) anotherRoot(t *testing.T) *edition { return otherRoot(t, m.afterThree(t), "XA") }

func (m *bench) bundleNumbered(step uint64) func(*testing.T) *edition {
	return func(t *testing.T) *edition {
		e := m.afterThree(t)
		b := e.bundles["XC/technical"]
		b.Number += step
		b.Expires = timestamppb.New(start.AddDate(0, 0, 39))
		return e
	}
}

func (m *bench) newerEntry(t *testing.T) *edition {
	e := m.afterThree(t)
	e.entries["XA"].Number++
	e.entries["XA"].ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01})
	e.enrol()
	return e
}

func (m *bench) comeBack(t *testing.T) *edition {
	e := m.afterThree(t)
	e.join("XE", "technical")
	e.entries["XE"].Number = 2
	e.enrol()
	return e
}

// singles are objects of the chain by themselves, with what they say.
func (m *bench) singles(t *testing.T) {
	entry := func(name, file, state, note string) {
		e := m.chain[file]
		i := slices.Index(slices.Sorted(maps.Keys(e.entries)), state)
		m.single(t, name, seal.PurposeEntry, e.file().GetEntries()[i], &valisev1.Entry{}, note, e.roots[state].Public())
	}
	entry("entry", "one", "XB", "a first entry")
	entry("entry-next", "two", "XB", "the next number, with another signing key")
	entry("entry-revocation", "three", "XB", "a key that is not trusted any more")
	entry("entry-full", "five", "XA", "every fact of A-7a, and the root that is to follow")
	entry("entry-minimal", "five", "XF", "no fact at all: everything may be absent")
	entry("entry-next-root", "six", "XA", "signed by the root that was announced")
	managers := []seal.PublicKey{managerKey(t).Public(), signingKey(t, "m2").Public(), signingKey(t, "m3").Public()}
	list := func(name, file, note string) {
		m.single(t, name, seal.PurposeList, m.chain[file].file().GetList(), &valisev1.List{}, note, managers...)
	}
	list("list-one-manager", "one", "signed by the only manager")
	list("list-next", "four", "names the three lists before it")
	list("list-tombstone", "two", "a State left")
	list("list-two-of-three", "seven", "signed by two of the three managers of set 2")
	sets := m.chain["seven"].sets
	m.single(t, "manager-set-first", seal.PurposeManagerSet, sets[0], &valisev1.ManagerSet{}, "signed by all its managers", managers...)
	m.single(t, "manager-set-change", seal.PurposeManagerSet, sets[1], &valisev1.ManagerSet{}, "signed by the only manager of set 1, who is one of set 2, and by another of set 2", managers...)
	m.single(t, "key-bundle", seal.PurposeKeyBundle, m.chain["one"].file().GetKeyBundles()[1], &valisev1.KeyBundle{}, "of XA/technical", m.chain["one"].speakers["XA/technical"].Public())
	relays := m.chain["eight"].list.GetRelays()
	m.single(t, "relay-card-signed", seal.PurposeRelayCard, relays[0], &valisev1.RelayCard{}, "signed by the key that it names", signingKey(t, "relay").Public())
	m.single(t, "relay-card", seal.PurposeRelayCard, relays[1], &valisev1.RelayCard{}, "signed by nobody: the managers admit it by listing it")
}

func (m *bench) single(t *testing.T, name string, purpose seal.Purpose, o *valisev1.SignedObject, body proto.Message, note string, keys ...seal.PublicKey) {
	t.Helper()
	decode(t, o.GetObject(), body)
	says, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(body)
	must(t, err)
	v := vectors.DirectoryObject{
		Name: name, File: m.lay("directory/objects/", ".signed-object", encode(t, o)), Purpose: string(purpose),
		Type: string(body.ProtoReflect().Descriptor().FullName()), SHA256: hashed(o.GetObject()),
		Keys: []vectors.PublicKey{}, Signers: []string{}, Says: json.RawMessage(says), Note: note,
	}
	known := map[ident.KeyID]seal.PublicKey{}
	for _, k := range keys {
		p := k.Proto()
		known[k.ID(realm)] = k
		v.Keys = append(v.Keys, vectors.PublicKey{KeyID: k.ID(realm).String(), Ed25519: hex.EncodeToString(p.GetEd25519()), MLDSA65: hex.EncodeToString(p.GetMldsa65())})
	}
	ids, err := seal.VerifyObject(realm, purpose, o, func(id ident.KeyID) (seal.PublicKey, bool) { k, ok := known[id]; return k, ok })
	must(t, err)
	for _, id := range ids {
		v.Signers = append(v.Signers, id.String())
	}
	m.index.Objects = append(m.index.Objects, v)
}

// firstContact are files that come to somebody who holds no list.
func (m *bench) firstContact(t *testing.T) {
	id := func(name string) string { return signingKey(t, name).Public().ID(realm).String() }
	row := func(name string, trust []string, reason valisev1.Reason, why string) vectors.DirectoryFile {
		return vectors.DirectoryFile{Name: name, Before: []string{}, Trust: trust, Outcome: vectors.Outcome{Reason: reason.String(), Why: why, Source: "docs/protocol.md §8.3"}}
	}
	m.file(t, row("first/other managers", []string{id("m2")}, valisev1.Reason_REASON_KEY_CHANGED, "the managers of the file are not those on the sheet"), m.forged["one"])
	m.file(t, row("first/a manager beside the sheet", []string{id("manager"), id("m2")}, valisev1.Reason_REASON_KEY_CHANGED, "the sheet names one more than the file"), m.forged["one"])
	m.file(t, row("first/a sheet of a set that not all have signed", []string{id("manager"), id("m2"), id("m3")}, valisev1.Reason_REASON_QUORUM,
		"key ids alone do not say how many must sign, so all of them must have"), m.forged["seven"])
	seeded(t, "first/far ahead", func(t *testing.T) {
		e := m.chain["one"]
		e.t = t
		e = e.next()
		e.list.Number, e.list.History = 1_000_001, nil
		for range 512 {
			e.list.History = append(e.list.History, make([]byte, 32))
		}
		e.list.Issued, e.list.Expires = timestamppb.New(start), timestamppb.New(start.Add(24*time.Hour))
		m.file(t, row("first/far ahead", nil, valisev1.Reason_REASON_FAST_FORWARD, "such a number would shut out every later list"), e.bytes())
	})
	m.index.Files[len(m.index.Files)-1].Source = "docs/protocol.md §8.8"
}
