package main

import (
	"context"
	"encoding/json"
	"errors"

	"google.golang.org/protobuf/proto"

	"valise.example/api/draft/iodef"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// formatIODEF is the one form beside our own in which a thread is shown.
const formatIODEF = "iodef"

const iodefObject = `{"iodef":{}}; with ` + "`--format iodef`"

// runInquiryIODEF shows what one State said of the incident: the message that began the thread, and its
// own supplements. What it has taken back is not repeated. I-2
func (p *program) runInquiryIODEF(ctx context.Context, d *desk, thread string) error {
	view, err := d.thread(ctx, thread)
	if err != nil {
		return err
	}
	source, err := saidOfIncident(view)
	if err != nil {
		return err
	}
	source.Now = p.now()
	document, err := iodef.Build(source)
	if errors.Is(err, iodef.ErrNoIncident) {
		return noIncident(err.Error())
	}
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	return p.data(object{"iodef": document}, string(text))
}

func noIncident(why string) error {
	return refuse(valisev1.Reason_REASON_NOT_IN_THIS_STATE, why, "valise inquiry show T shows what is there")
}

// saidOfIncident finds the first message that has been said, and what its sender added.
func saidOfIncident(view *valisev1.GetThreadResponse) (iodef.Source, error) {
	s := iodef.Source{Thread: view.GetThread().GetThread(), Realm: ident.Realm(view.GetThread().GetRealm())}
	from := ""
	for _, m := range view.GetMessages() {
		payload := unwrap(m.GetPayload())
		if payload == nil || m.GetDigest() == "" || m.GetRefused() != valisev1.Reason_REASON_UNSPECIFIED {
			continue
		}
		if from == "" {
			if m.GetRetractedBy() != "" {
				return s, noIncident("its sender has taken back the message that began the thread")
			}
			from = m.GetFrom()
			if err := begin(&s, m, payload); err != nil {
				return s, err
			}
			continue
		}
		if m.GetFrom() == from && m.GetRetractedBy() == "" {
			add(&s, payload)
		}
	}
	if from == "" {
		return s, noIncident("nothing has been said in this thread yet")
	}
	return s, nil
}

func add(s *iodef.Source, payload proto.Message) {
	switch more := payload.(type) {
	case *valisev1.Supplement:
		s.Supplements = append(s.Supplements, more)
	case *valisev1.Correction:
		s.Corrections = append(s.Corrections, more)
	}
}

func begin(s *iodef.Source, m *valisev1.MessageView, payload proto.Message) (err error) {
	s.Payload, s.Said = payload, m.GetCreated().AsTime()
	if s.From, err = ident.ParseAddress(m.GetFrom()); err != nil {
		return err
	}
	s.To, err = ident.ParseAddress(m.GetTo())
	return err
}
