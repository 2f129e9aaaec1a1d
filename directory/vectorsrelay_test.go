package directory_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/proto/vectors"
	"valise.example/seal"
)

// relays are what readers find at a relay.
func (m *bench) relays(t *testing.T) {
	two, four := m.layout(t, "two"), m.layout(t, "four")
	box := randomName(t, "mailbox XA/technical")
	for _, row := range []vectors.DirectoryRelay{
		{Name: "relay/the next list", Before: upTo("three"), ReadingKey: "reading-2", Layout: "four", Outcome: vectors.Outcome{
			Why: "opened with the reading key of the list in force, and the same file as by hand", Source: "docs/protocol.md §8.6"}},
		{Name: "relay/the next reading key", Before: upTo("one"), ReadingKey: "reading-1", Mailbox: box, Identity: "alder-technical", Layout: "two", Outcome: vectors.Outcome{
			Why: "XE left, so that the head is sealed to another reading key, which lies under the reader's mailbox", Source: "docs/protocol.md §8.6"}},
		{Name: "relay/the list in force", Before: upTo("four"), ReadingKey: "reading-2", Layout: "four", Outcome: vectors.Outcome{
			Why: "the hash of the list in force means that there is nothing to do", Source: "docs/protocol.md §8.6"}},
		{Name: "relay/first contact", Before: []string{}, ReadingKey: "reading-2", Layout: "four", Outcome: vectors.Outcome{
			Reason: valisev1.Reason_REASON_NOT_FOUND.String(), Why: "who holds no list takes the first one by file", Source: "docs/protocol.md §8.6"}},
		{Name: "relay/an old reading key and no mailbox", Before: upTo("one"), ReadingKey: "reading-1", Layout: "two", Outcome: vectors.Outcome{
			Reason: valisev1.Reason_REASON_CANNOT_DECRYPT.String(), Why: "a State that left has no mailbox, and opens nothing that is published afterwards", Source: "docs/protocol.md §8.6"}},
	} {
		m.relay(t, row)
	}
	m.objectsOutOfPlace(t, four)
	m.headsAndKeys(t, two, four, box)
}

// layout lays a file of the chain out as managers do: pieces, head, and the reading key for every
// mailbox.
func (m *bench) layout(t *testing.T, name string) (shelf map[string][]byte) {
	t.Helper()
	seeded(t, "layout "+name, func(t *testing.T) {
		f := m.forger(t, name)
		e := m.chain[name]
		for _, a := range slices.Sorted(maps.Keys(e.bundles)) {
			to, err := seal.ParseRecipient(e.bundles[a].GetSealingKeys()[0].GetRecipient())
			must(t, err)
			o, err := seal.Close(encode(t, &valisev1.ReadingKey{Realm: string(realm), Key: f.reading.Secret()}), to)
			must(t, err)
			f.shelf.objects[e.bundles[a].GetMailbox()] = o
		}
		f.shelf.objects["head"] = f.closed(encode(t, f.head), f.reading)
		shelf = f.shelf.objects
		all := &valisev1.RelayObjects{Realm: string(realm), Number: f.head.GetNumber()}
		row := vectors.DirectoryLayout{Name: name, Number: decimal(f.head.GetNumber())}
		for _, n := range slices.Sorted(maps.Keys(shelf)) {
			all.Objects = append(all.Objects, &valisev1.RelayObject{Name: n, Data: shelf[n]})
			row.Objects = append(row.Objects, m.place(n, shelf[n]))
		}
		row.SHA256 = hashed(encode(t, all))
		m.index.Layouts = append(m.index.Layouts, row)
	})
	return shelf
}

func (m *bench) place(name string, object []byte) vectors.DirectoryPlace {
	return vectors.DirectoryPlace{Name: name, File: m.lay("directory/objects/", ".age", object)}
}

// forger cuts a file of the chain into the same pieces every time.
func (m *bench) forger(t *testing.T, name string) *forger {
	reseed(t, "pieces of "+name)
	f := newForger(t)
	f.reading = m.keys["reading-2"]
	m.chain[name].t = t
	return f.cut(m.withKey(m.chain[name], "reading-2"))
}

// objectsOutOfPlace are pieces and heads that no manager laid there.
func (m *bench) objectsOutOfPlace(t *testing.T, four map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(objectAttacks(t))) {
		seeded(t, "objects/"+name, func(t *testing.T) {
			f := m.forger(t, "four")
			a := objectAttacks(t)[name]
			reseed(t, "objects/"+name)
			a.change(f)
			f.shelf.objects["head"] = f.closed(encode(t, f.head), f.reading)
			row := vectors.DirectoryRelay{Name: "objects/" + name, Before: upTo("three"), ReadingKey: "reading-2", Layout: "four"}
			row.Outcome = m.outcome(t, row.Name, a.reason)
			row.With, row.Without = m.difference(four, f.shelf.objects)
			m.relay(t, row)
		})
	}
}

// headsAndKeys are objects that are no heads, or no reading keys.
func (m *bench) headsAndKeys(t *testing.T, two, four map[string][]byte, box string) {
	for _, name := range slices.Sorted(maps.Keys(m.forger(t, "four").headAttacks(m.keys["nobody"]))) {
		seeded(t, "head/"+name, func(t *testing.T) {
			f := m.forger(t, "four")
			reseed(t, "head/"+name)
			a := f.headAttacks(m.keys["nobody"])[name]
			row := vectors.DirectoryRelay{Name: "head/" + name, Before: upTo("three"), ReadingKey: "reading-2", Layout: "four"}
			row.Outcome = m.outcome(t, row.Name, a.reason)
			row.With = []vectors.DirectoryPlace{m.place("head", a.object)}
			m.relay(t, row)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(newForger(t).keyAttacks(m.keys["nobody"]))) {
		seeded(t, "reading key/"+name, func(t *testing.T) {
			f := newForger(t)
			f.reading = m.keys["alder-technical"]
			reseed(t, "reading key/"+name)
			a := f.keyAttacks(m.keys["nobody"])[name]
			row := vectors.DirectoryRelay{Name: "reading key/" + name, Before: upTo("one"), ReadingKey: "reading-1", Mailbox: box, Identity: "alder-technical", Layout: "two"}
			row.Outcome = m.outcome(t, row.Name, a.reason)
			row.With = []vectors.DirectoryPlace{m.place(box, a.object)}
			m.relay(t, row)
		})
	}
}

func (m *bench) outcome(t *testing.T, name string, reason valisev1.Reason) vectors.Outcome {
	t.Helper()
	why, known := whyRefused[name]
	if !known {
		t.Fatalf("nobody says why %s is refused", name)
	}
	return vectors.Outcome{Reason: reason.String(), Why: why.why, Source: why.source}
}

// difference is what is put over, and taken from, a layout to become another one. What only lies there
// unasked is left out.
func (m *bench) difference(from, to map[string][]byte) (with []vectors.DirectoryPlace, without []string) {
	for _, name := range slices.Sorted(maps.Keys(to)) {
		if !bytes.Equal(from[name], to[name]) {
			with = append(with, m.place(name, to[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if _, there := to[name]; !there && len(from[name]) > 0 && !m.isMailbox(name) {
			without = append(without, name)
		}
	}
	return with, without
}

func (m *bench) isMailbox(name string) bool {
	for _, b := range m.chain["four"].bundles {
		if b.GetMailbox() == name {
			return true
		}
	}
	return false
}

// relay adds one row, after a reader has done what it says.
func (m *bench) relay(t *testing.T, row vectors.DirectoryRelay) {
	t.Helper()
	row.Expect = "ok"
	if row.Reason != "" {
		row.Expect = "refused"
	}
	book := m.book(t, row.Before)
	file, err := readRelay(t, m.index, row, book, func(name string) []byte { return m.files[name] })
	if err == nil && file != nil {
		row.File = hashed(file)
		_, err = book.Import(file, trust(t))
	}
	if got := reasonOf(err); row.Expect == "refused" && got.String() != row.Reason || row.Expect == "ok" && err != nil {
		t.Fatalf("%s: %v (%v), want %s", row.Name, got, err, row.Reason)
	}
	if row.Expect == "ok" {
		row.InForce = inForce(t, book.Snapshot())
	}
	m.index.Relays = append(m.index.Relays, row)
}

func relayAttackNames(t *testing.T) (names []string) {
	for name := range objectAttacks(t) {
		names = append(names, "objects/"+name)
	}
	f := newForger(t)
	for name := range f.headAttacks(f.reading) {
		names = append(names, "head/"+name)
	}
	for name := range f.keyAttacks(f.reading) {
		names = append(names, "reading key/"+name)
	}
	return names
}
