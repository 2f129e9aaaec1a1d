package directory

import (
	"bytes"
	"slices"

	"github.com/BurntSushi/toml"

	"valise.example/proto/mutant"
	valisev1 "valise.example/proto/valise/v1"
)

const signedFile = "signed.toml"

// keptSignatures is how many signatures of each kind a manager remembers: lists reach no further
// back. docs/protocol.md §8.3
const keptSignatures = maxStep

// signedBefore is signed.toml: what this manager's key has signed for others to join. It is on disk
// before the signature leaves, because a second list under one number would let two directories be
// in force. docs/protocol.md §8.7
type signedBefore struct {
	Lists []signedList `toml:"list"`
	Sets  []signedSet  `toml:"manager_set"`
}

type signedList struct {
	Number uint64 `toml:"number"`
	Hash   string `toml:"hash"`
	Parts  string `toml:"parts"`
	// Earlier are the lists that it names between itself and the one in force then, newest first:
	// they were proposed and perhaps never published.
	Earlier []string `toml:"earlier"`
}

type signedSet struct {
	Number uint64 `toml:"number"`
	Hash   string `toml:"hash"`
}

func (r *Registry) loadSigned() error {
	r.signed = signedBefore{}
	b, err := readBounded(r.path(signedFile), maxCurrentSize)
	if err != nil || b == nil {
		return err
	}
	if err := decodeStrict(b, &r.signed); err != nil {
		return damaged("%s cannot be read: %w", signedFile, err)
	}
	return nil
}

func (r *Registry) saveSigned() error {
	r.signed.Lists = r.signed.Lists[max(0, len(r.signed.Lists)-keptSignatures):]
	r.signed.Sets = r.signed.Sets[max(0, len(r.signed.Sets)-keptSignatures):]
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(r.signed); err != nil {
		return storage(err)
	}
	return storage(writeDurably(r.disk, r.path(signedFile), text.Bytes()))
}

// mayList tells whether this manager can sign the list without a contradiction to what it signed:
// never another under one number, and none that says something else of a list between.
// givenUp lets go of lists between that a person knows were never published.
// docs/protocol.md §8.7
func (r *Registry) mayList(l *list, parts [32]byte, givenUp bool) error {
	n, inForce := l.body.GetNumber(), r.book.Snapshot().Number()
	for _, m := range r.signed.Lists {
		hash, _ := parseHashName(m.Hash)
		switch {
		case m.Number == n && m.Hash != hashName(l.hash) && !mutant.Is("two-lists-of-a-number"):
			return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "this manager signed another list %d before, and two lists of one number must never be in force", n)
		case m.Number == n && m.Parts != hashName(parts):
			return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "this manager signed list %d before, with other key bundles or another reading key", n)
		case m.Number > n && m.names(n) != "" && m.names(n) != hashName(l.hash):
			return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "this manager signed list %d before, which names another list %d", m.Number, n)
		case m.Number < n && m.Number > inForce && !givenUp:
			if same, decided := l.knows(m.Number, hash); decided && !same {
				return aboutList.refuse(valisev1.Reason_REASON_EQUIVOCATION, "list %d names another list %d than the one this manager signed", n, m.Number)
			}
		}
	}
	return nil
}

// names is the hash of an earlier list that m names, empty where it was in force already.
func (m signedList) names(n uint64) string {
	if m.Number <= n || m.Number-n > uint64(len(m.Earlier)) {
		return ""
	}
	return m.Earlier[m.Number-n-1]
}

// rememberList writes down what is about to be signed.
func (r *Registry) rememberList(l *list, parts [32]byte) error {
	n := l.body.GetNumber()
	if slices.ContainsFunc(r.signed.Lists, func(m signedList) bool { return m.Number == n }) {
		return nil
	}
	m := signedList{Number: n, Hash: hashName(l.hash), Parts: hashName(parts)}
	for _, h := range l.body.GetHistory()[:n-1-r.book.Snapshot().Number()] {
		m.Earlier = append(m.Earlier, hashName([32]byte(h)))
	}
	r.signed.Lists = append(r.signed.Lists, m)
	if mutant.Is("signature-not-remembered") {
		return nil
	}
	return r.saveSigned()
}

// maySet is mayList for manager sets, whose numbers leave no gap: a set that was never agreed on
// must be given up before another takes its number. docs/protocol.md §8.7
func (r *Registry) maySet(m *managerSet, givenUp bool) error {
	for _, s := range r.signed.Sets {
		if s.Number == m.set.GetNumber() && s.Hash != hashName(m.hash) && !givenUp {
			return aboutSet.refuse(valisev1.Reason_REASON_EQUIVOCATION, "this manager signed another set %d before, and two sets of one number must never be in force", s.Number)
		}
	}
	return nil
}

func (r *Registry) rememberSet(m *managerSet) error {
	s := signedSet{Number: m.set.GetNumber(), Hash: hashName(m.hash)}
	if slices.Contains(r.signed.Sets, s) {
		return nil
	}
	r.signed.Sets = slices.DeleteFunc(r.signed.Sets, func(o signedSet) bool { return o.Number == s.Number })
	r.signed.Sets = append(r.signed.Sets, s)
	return r.saveSigned()
}

// signedNumber is the highest number of a list that this manager signed, and the hashes of it and of
// those that it names down to the list in force, newest first.
func (r *Registry) signedNumber() (number uint64, hashes [][]byte) {
	var top signedList
	for _, m := range r.signed.Lists {
		if m.Number > top.Number {
			top = m
		}
	}
	inForce := r.book.Snapshot().Number()
	if top.Number <= inForce {
		return inForce, nil
	}
	for i, name := range append([]string{top.Hash}, top.Earlier...) {
		if top.Number-uint64(i) <= inForce {
			break
		}
		hash, _ := parseHashName(name)
		hashes = append(hashes, hash[:])
	}
	return top.Number, hashes
}
