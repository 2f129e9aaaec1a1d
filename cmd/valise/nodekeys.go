package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/seal"
)

// nodeKeys is what a State's root must know of the node to sign the entry: nothing of it is
// secret, so that the folders of root and node never meet. docs/protocol.md §8.2
type nodeKeys struct {
	state ident.State
	realm ident.Realm
	keys  map[ident.Track][]seal.PublicKey // oldest first
	// shown is the number of the State's entry as the node's directory shows it, 0 when it shows
	// none: a root's folder that was made anew must not begin again. docs/protocol.md §8.1
	shown uint64
	// door is the pin of the node's certificate over TCP, empty where there is none. The root does not
	// sign it: officers of this State alone know the node by it. docs/protocol.md §12
	door string
}

// nodeKeysText is nodeKeys as valise key show --json prints it. Keys are added to it and never
// changed.
type nodeKeysText struct {
	State       string        `json:"state"`
	Realm       string        `json:"realm"`
	EntryNumber uint64        `json:"entry_number"`
	Keys        []nodeKeyText `json:"keys"`
	Door        string        `json:"door"`
}

type nodeKeyText struct {
	Key         string `json:"key"`
	KeyID       string `json:"key_id"`
	Fingerprint string `json:"fingerprint"`
	Ed25519     []byte `json:"ed25519"`
	MLDSA65     []byte `json:"mldsa65"`
	Number      int    `json:"number"` // of the keys of one POC, from 1; 0 is 1
}

// nodeKey is one key and whose it is.
type nodeKey struct {
	address ident.Address
	number  int
	key     seal.PublicKey
}

func keysOfNode(home *node.Home) (nodeKeys, error) {
	c := home.Config()
	out := nodeKeys{state: c.State, realm: c.Realm, keys: home.PointKeys()}
	book, err := home.Directory()
	if err != nil {
		return nodeKeys{}, err
	}
	if entry, ok := book.Snapshot().Entry(c.State); ok {
		out.shown = entry.GetNumber()
	}
	return out, nil
}

// sorted gives the keys in the order of their tracks, the oldest of each first.
func (n nodeKeys) sorted() (list []nodeKey) {
	for _, track := range slices.Sorted(maps.Keys(n.keys)) {
		for i, key := range n.keys[track] {
			list = append(list, nodeKey{ident.Address{State: n.state, Track: track}, i + 1, key})
		}
	}
	return list
}

// signingLead is how long before it begins a further signing key stands in the entry: what it signs
// would be nobody's to a peer that has no newer list yet. docs/protocol.md §8.2
const signingLead = 7 * 24 * time.Hour

// addTo lists on the root's sheet the signing keys that it does not know yet. One beside a key that
// still speaks begins a week later; any other begins at once. docs/protocol.md §8.2
func (n nodeKeys) addTo(sheet *directory.KeySheet, now time.Time) (changed bool) {
	for _, k := range n.sorted() {
		id := k.key.ID(n.realm)
		if slices.ContainsFunc(sheet.Signing, func(known directory.SigningSheetKey) bool { return known.ID == id }) {
			continue
		}
		from := now.UTC().Truncate(time.Second)
		if sheet.Speaks(k.address, from.Add(signingLead)) {
			from = from.Add(signingLead)
		}
		sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
			SheetKey: directory.SheetKey{Key: k.key, ID: id, File: node.SigningKeyFile(k.address.Track, k.number)},
			Address:  k.address, ValidFrom: from, ValidUntil: from.Add(directory.MaxSigningKeyLife),
		})
		changed = true
	}
	return changed
}

// text is nodeKeys in the form that --json prints.
func (n nodeKeys) text() nodeKeysText {
	t := nodeKeysText{State: n.state.String(), Realm: n.realm.String(), EntryNumber: n.shown, Door: n.door}
	for _, k := range n.sorted() {
		public, id := k.key.Proto(), k.key.ID(n.realm)
		t.Keys = append(t.Keys, nodeKeyText{k.address.String(), id.String(), id.Fingerprint(), public.GetEd25519(), public.GetMldsa65(), k.number})
	}
	return t
}

// parseNodeKeys reads what text wrote. Every key must have the id that stands beside it: a slip
// of the hand is found before the root signs it.
func parseNodeKeys(b []byte) (nodeKeys, error) {
	hint := "want what valise key show --home NODEHOME --json prints"
	var t nodeKeysText
	if err := json.Unmarshal(b, &t); err != nil {
		return nodeKeys{}, usageHint("--node-keys is no JSON object of a node's keys", hint)
	}
	out := nodeKeys{shown: t.EntryNumber, keys: map[ident.Track][]seal.PublicKey{}}
	var err error
	if out.state, err = ident.ParseState(t.State); err != nil {
		return nodeKeys{}, usageHint("--node-keys: "+ownWords(err.Error()), hint)
	}
	if out.realm, err = ident.ParseRealm(t.Realm); err != nil {
		return nodeKeys{}, usageHint("--node-keys: "+ownWords(err.Error()), hint)
	}
	for _, k := range t.Keys {
		if err := out.take(k); err != nil {
			return nodeKeys{}, usageHint("--node-keys: "+ownWords(err.Error()), hint)
		}
	}
	if len(out.keys) == 0 {
		return nodeKeys{}, usageHint("--node-keys holds no key", hint)
	}
	return out, nil
}

func (n *nodeKeys) take(k nodeKeyText) error {
	address, err := ident.ParseAddress(k.Key)
	if err != nil {
		return err
	}
	if next := len(n.keys[address.Track]) + 1; max(k.Number, 1) != next || address.State != n.state {
		return fmt.Errorf("key %d of %s stands twice, or not after the one before it, or with another State's keys", max(k.Number, 1), address)
	}
	key, err := seal.ParsePublicKey(&valisev1.PublicKey{Suite: uint32(seal.SuiteEd25519MLDSA65), Ed25519: k.Ed25519, Mldsa65: k.MLDSA65})
	if err != nil {
		return err
	}
	if id := key.ID(n.realm); id.String() != k.KeyID || id.Fingerprint() != k.Fingerprint {
		return fmt.Errorf("the key of %s has another id than stands beside it", address)
	}
	n.keys[address.Track] = append(n.keys[address.Track], key)
	return nil
}
