package directory

import (
	valisev1 "valise.example/proto/valise/v1"
)

// owners remembers whose each key, name and recipient is. One thing has one owner: two
// States with one signing key could speak for each other, two with one mailbox could read
// or crowd out each other's mail. docs/protocol.md §8.3
type owners map[string]string

func newOwners() owners { return owners{} }

// claim gives the thing to its owner and refuses a second one. The same owner may claim
// again: keys stay from one entry to the next.
func (o owners) claim(s subject, kind, value, owner string) error {
	k := kind + "\x00" + value
	if held, ok := o[k]; ok && held != owner {
		return s.refuse(valisev1.Reason_REASON_SHARED_KEY, "has a %s that is another's already", kind)
	}
	o[k] = owner
	return nil
}

// claimKey claims both halves, so that nobody counts twice with half a key.
// docs/protocol.md §4.2
func (o owners) claimKey(s subject, key *valisev1.PublicKey, owner string) error {
	if err := o.claim(s, "key", "ed25519"+string(key.GetEd25519()), owner); err != nil {
		return err
	}
	return o.claim(s, "key", "mldsa65"+string(key.GetMldsa65()), owner)
}

// claimNewKey claims a key that must not have been claimed at all.
func (o owners) claimNewKey(s subject, key *valisev1.PublicKey) error {
	for _, half := range []string{"ed25519" + string(key.GetEd25519()), "mldsa65" + string(key.GetMldsa65())} {
		if _, ok := o["key\x00"+half]; ok {
			return s.refuse(valisev1.Reason_REASON_SHARED_KEY, "holds one key twice")
		}
		o["key\x00"+half] = "listed"
	}
	return nil
}

// claimEntry claims the root for the State and each signing key for its point of contact.
func (o owners) claimEntry(e *entry) error {
	s := subject{object: "entry", name: string(e.state)}
	for _, root := range []*valisev1.PublicKey{e.body.GetRoot(), e.body.GetNextRoot()} {
		if root == nil {
			continue
		}
		if err := o.claimKey(s, root, "root of "+string(e.state)); err != nil {
			return err
		}
	}
	for _, k := range e.keys {
		if err := o.claimKey(s, k.proto, k.address.String()); err != nil {
			return err
		}
	}
	return nil
}

// claimBundle claims what a bundle names. Connection keys belong to the State, whose two
// points of contact may share one node. docs/protocol.md §7.8
func (o owners) claimBundle(b *bundle) error {
	s, owner := b.about(), b.address.String()
	if err := o.claim(s, "mailbox", b.body.GetMailbox(), owner); err != nil {
		return err
	}
	if err := o.claim(s, "sender token", b.body.GetSenderToken(), owner); err != nil {
		return err
	}
	for _, k := range b.body.GetSealingKeys() {
		if err := o.claim(s, "sealing key", k.GetRecipient(), owner); err != nil {
			return err
		}
	}
	for _, k := range b.body.GetRelayNkeys() {
		if err := o.claim(s, "relay key", k, string(b.address.State)); err != nil {
			return err
		}
	}
	return nil
}
