package gateway

import (
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// noteReceivedFile lets an attachment of a peer be known again when it is whole: before that a peer
// could name any file and so keep us from sending it. A-11 s2
func (w *work) noteReceivedFile(d []byte, index uint32, row *valisev1.AttachmentRow) error {
	if row.GetOutbound() || row.GetState() != valisev1.AttachmentState_ATTACHMENT_STATE_WHOLE {
		return nil
	}
	p, found, err := w.placeAt(tableDigest, d)
	if err != nil || !found {
		return err
	}
	return w.tx.PutRow(tableReceivedFile, row.GetSha256(), p.item, attachmentKey(d, index))
}

// mayForward refuses a message whose attachments came from another State than the one written to,
// unless that State has consented that they go to it; the third party is named by its code. What
// people write in their own words cannot be compared, and is theirs to answer for. A-11 s2
func (w *work) mayForward(to ident.State, m proto.Message) error {
	var red, missing refused
	for _, a := range attachmentsOf(m) {
		err := w.tx.Rows(tableReceivedFile, a.GetSha256(), 0, false, func(n uint64, _ []byte) (bool, error) {
			return true, w.judgeForward(to, n, &red, &missing)
		})
		if err != nil {
			return err
		}
	}
	if red.n > 0 {
		return refuse(valisev1.Reason_REASON_HANDLING, "an attachment came from another State under TLP:RED, which goes to no third party: %s", red.list())
	}
	if missing.n > 0 {
		return refuse(valisev1.Reason_REASON_NO_CONSENT,
			"an attachment came from another State, which has not consented that it goes to the third party %q: %s", to, missing.list())
	}
	return nil
}

// judgeForward judges one message of a peer that brought the same file.
func (w *work) judgeForward(to ident.State, n uint64, red, missing *refused) error {
	item, gone, err := w.leaf(n)
	if err != nil {
		return err
	}
	if gone {
		return w.judgeRemoved(to, item, missing)
	}
	h, said, err := readItem(item)
	if err != nil || h.From.State == to {
		return err
	}
	m := exported{item: n, thread: h.Thread, id: h.MessageID}
	m.d, _ = ident.DigestFrom(item.GetDigest())
	if labelOf(said) > valisev1.Tlp_TLP_AMBER_STRICT {
		red.add(m, "")
		return nil
	}
	l, why, err := w.consentTo(m, to.String())
	if err == nil && l == nil {
		missing.add(m, why)
	}
	return err
}

// judgeRemoved judges one of which the retention rule has removed what was said: no consent held for
// it then, and none can be given now. Its State may still get it back. A-11 s2
func (w *work) judgeRemoved(to ident.State, left *valisev1.Item, missing *refused) error {
	th, found, err := w.threadOfLeaf(left)
	if err != nil {
		return err
	}
	if p, err := pairOf(th); err == nil && found && p.Peer.State == to {
		return nil
	}
	m := exported{item: left.GetNumber()}
	if found {
		m.thread = idOf(th)
	}
	m.d, _ = ident.DigestFrom(left.GetDigest())
	if p, known, err := w.placeAt(tableDigest, left.GetDigest()); err != nil {
		return err
	} else if known {
		m.id = p.id
	}
	missing.add(m, "")
	return nil
}
