package console

import (
	"encoding/hex"
	"html/template"

	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// revise writes a draft of the node anew, beginning with what it says. A-9 s4
func (v *visit) revise() error {
	message, err := v.id("message")
	if err != nil {
		return err
	}
	w, t, err := v.begin("answer")
	if err != nil {
		return err
	}
	for _, m := range t.GetMessages() {
		if m.GetMessage() != message || m.GetStage() != valisev1.Stage_STAGE_DRAFT {
			continue
		}
		said := unwrap(m.GetPayload())
		if w.form = formOf(m.GetKind(), said); w.form == "" {
			break
		}
		w.revises = message
		switch said := said.(type) {
		case *valisev1.ConsentWithdrawal:
			w.about = messageOf(t, said.GetDecision())
		case *valisev1.ConsentDecision:
			w.about = messageOf(t, said.GetRequest())
		}
		if aim := forms[w.form].aim; aim != nil {
			if err := aim(w, t); err != nil {
				return err
			}
		}
		w.keep(said)
		if err := v.keepsAll(w, said); err != nil {
			return err
		}
		v.c.writings.put(w, v.now)
		return v.goTo("draft/" + w.id)
	}
	return refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// messageOf is the message of a thread that has a digest; empty where none has.
func messageOf(t *valisev1.GetThreadResponse, digest []byte) string {
	for _, m := range t.GetMessages() {
		if m.GetDigest() != "" && m.GetDigest() == hex.EncodeToString(digest) {
			return m.GetMessage()
		}
	}
	return ""
}

// namesOf are the names of the files of a payload.
func namesOf(m proto.Message) (names []string) {
	if with, ok := m.(interface{ GetAttachments() []*valisev1.Attachment }); ok {
		for _, f := range with.GetAttachments() {
			names = append(names, f.GetName())
		}
	}
	return names
}

// FilesAgain says which files of the draft are not there anew; empty where none is missing.
func (p *writePage) FilesAgain() (template.HTML, error) {
	var names template.HTML
	for _, name := range p.had {
		if p.brought(name) {
			continue
		}
		if names != "" {
			names += " · "
		}
		names += peerText(name)
	}
	if names == "" {
		return "", nil
	}
	return p.Say(p.T.Write.FilesAgain, "files", names)
}
