package gateway

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
	"valise.example/proto/notes"
	"valise.example/seal"
)

// complete fills in what the node adds to every message of an officer and then holds it against
// the contract: references, handling, who acted, and the notes that no one can remove.
// A-10 s4, s5
func (w *work) complete(th *valisev1.Thread, m *outgoing) error {
	p, err := preambleOf(m.payload)
	if err != nil {
		return err
	}
	if p.Tlp == valisev1.Tlp_TLP_UNSPECIFIED {
		p.Tlp = valisev1.Tlp_TLP_AMBER_STRICT // A-11 s2
	}
	// A message says what the node knows of the actor, never what a draft claims. A-9 s4
	p.Officer, p.Role = m.actor.ShownAs, m.role
	p.Notes = notes.References(m.kind())
	if err := w.keepReferences(th, p); err != nil {
		return err
	}
	if !m.bound {
		if err := w.bindAttachments(m); err != nil {
			return err
		}
	}
	if err := w.mayForward(m.pair.Peer.State, m.payload); err != nil {
		return err
	}
	if f := checkLines(m.payload.ProtoReflect()); f != nil {
		return f.err()
	}
	unknown, f := checkPayload(w.g.validator, m.payload)
	if f != nil {
		return f.err()
	}
	if unknown {
		return refuse(valisev1.Reason_REASON_PAYLOAD, "a choice has a number that the contract does not have")
	}
	return nil
}

// preambleOf returns the preamble of a message, made where it is absent. Every kind between
// States has one. docs/protocol.md §5.1
func preambleOf(m proto.Message) (*valisev1.Preamble, error) {
	r := m.ProtoReflect()
	fd := r.Descriptor().Fields().ByName("preamble")
	if fd == nil || fd.Kind() != protoreflect.MessageKind {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "officers do not send this kind")
	}
	p, ok := r.Mutable(fd).Message().Interface().(*valisev1.Preamble)
	if !ok {
		return nil, refuse(valisev1.Reason_REASON_BAD_REQUEST, "officers do not send this kind")
	}
	return p, nil
}

// keepReferences repeats both sides' references in every reply, so that neither loses its own.
// docs/protocol.md §5.2
func (w *work) keepReferences(th *valisev1.Thread, p *valisev1.Preamble) error {
	if p.GetPeerReference() == "" {
		for _, d := range [][]byte{th.GetLastSeen(), inquiryOf(th, false)} {
			said, err := w.preambleAt(d)
			if err != nil {
				return err
			}
			if p.PeerReference = said.GetOwnReference(); p.PeerReference != "" {
				break
			}
		}
	}
	if p.GetOwnReference() == "" {
		said, err := w.preambleAt(inquiryOf(th, true))
		if err != nil {
			return err
		}
		p.OwnReference = said.GetOwnReference()
	}
	return nil
}

// inquiryOf is the digest of the thread's inquiry if that side sent it, else empty.
func inquiryOf(th *valisev1.Thread, ours bool) []byte {
	if th.GetOutbound() == ours {
		return th.GetInquiry()
	}
	return nil
}

// preambleAt reads the preamble of a recorded message; nil where there is none.
func (w *work) preambleAt(digest []byte) (*valisev1.Preamble, error) {
	_, m, err := w.messageAt(digest)
	if err != nil || m == nil {
		return nil, err
	}
	fd := m.ProtoReflect().Descriptor().Fields().ByName("preamble")
	if fd == nil || !m.ProtoReflect().Has(fd) {
		return nil, nil
	}
	p, _ := m.ProtoReflect().Get(fd).Message().Interface().(*valisev1.Preamble)
	return p, nil
}

// messageAt finds a recorded message by its digest; nil where the record has none, or no longer has
// what it said.
func (w *work) messageAt(digest []byte) (p place, m proto.Message, err error) {
	if len(digest) != 32 {
		return place{}, nil, nil
	}
	p, found, err := w.placeAt(tableDigest, digest)
	if err != nil || !found {
		return place{}, nil, err
	}
	item, err := w.kept(p.item)
	if err != nil || item == nil {
		return p, nil, err
	}
	_, m, err = readItem(item)
	return p, m, err
}

// readItem reads header and payload of an item's Signed. Both were verified before they were
// recorded, so this only reads. m is nil for a kind that this version does not know.
func readItem(item *valisev1.Item) (seal.Header, proto.Message, error) {
	s, h, err := parseItem(item)
	if err != nil {
		return seal.Header{}, nil, err
	}
	m, known := valisev1.NewPayload(h.Kind)
	if !known {
		return h, nil, nil
	}
	return h, m, unmarshalOwn(s.Content.Payload(), m)
}

// itemHeader reads the header alone; an item without Signed is an error.
func itemHeader(item *valisev1.Item) (seal.Header, error) {
	_, h, err := parseItem(item)
	return h, err
}

func parseItem(item *valisev1.Item) (seal.Signed, seal.Header, error) {
	s, err := seal.ParseSigned(item.GetSigned())
	if err != nil {
		return seal.Signed{}, seal.Header{}, &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	h, err := seal.ParseHeader(s.Content.Header)
	if err != nil {
		return seal.Signed{}, seal.Header{}, &Error{Reason: valisev1.Reason_REASON_RECORD_DAMAGED, Err: err}
	}
	return s, h, nil
}

// requireOriginator: who speaks and how to reach them is all that an inquiry or a notice must have.
// A way that they prefer is one. I-1, I-3, A-10b
func requireOriginator(m opening) error {
	o := m.GetOriginator()
	if o.GetName() == "" {
		return refuseAt("originator.name", valisev1.Reason_REASON_BAD_REQUEST, "an inquiry or a notice says who speaks: the originator's name is missing")
	}
	if o.GetPhone() != "" || o.GetEmail() != "" {
		return nil
	}
	if q, is := m.(*valisev1.Inquiry); is && slices.ContainsFunc(q.GetPreferredChannels(), reaches) {
		return nil
	}
	return refuseAt("originator", valisev1.Reason_REASON_BAD_REQUEST, "an inquiry or a notice says how to reach whoever speaks: give a telephone number, an email address or a preferred channel")
}

// reaches reports whether a channel is one that the other side can use: this one, or one with an address.
func reaches(c *valisev1.Channel) bool { return c.GetKind() == "valise" || c.GetAddress() != "" }

// digestOf is the digest of a message by its place, as bytes for a payload.
func digestOf(d ident.Digest) []byte { return append([]byte(nil), d[:]...) }
