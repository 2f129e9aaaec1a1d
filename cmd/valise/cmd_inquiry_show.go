package main

import (
	"context"

	"github.com/spf13/cobra"

	"valise.example/api/draft"
	valisev1 "valise.example/proto/valise/v1"
)

func newInquiryShowCommand(p *program) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show T",
		Short: "One thread with its messages and the dated facts of each",
		Annotations: documented("T: one thread with its messages and their dated facts; `--format iodef`, or `--as iodef`: what was said of the incident as JSON IODEF (RFC 8727)",
			inquiryObject, iodefObject),
		Args: idArgument("thread", 1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if p.as == formatIODEF && format == "" {
				format, p.as = formatIODEF, "" // --as names an officer everywhere else; nobody is called so
			}
			if format != "" && format != formatIODEF {
				return usageHint("a thread is not shown as "+shorten(format), "--format "+formatIODEF)
			}
			return p.atDesk(cmd.Context(), func(d *desk) error {
				if format == formatIODEF {
					return p.runInquiryIODEF(cmd.Context(), d, args[0])
				}
				return p.runInquiryShow(cmd.Context(), d, args[0])
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "iodef: what was said of the incident, as JSON IODEF (RFC 8727); --as iodef says the same")
	return cmd
}

func (p *program) runInquiryShow(ctx context.Context, d *desk, thread string) error {
	view, err := d.thread(ctx, thread)
	if err != nil {
		return err
	}
	o := threadObject(view.GetThread())
	messages, contacts, atHome := []object{}, []object{}, []object{}
	for _, m := range view.GetMessages() {
		if m.GetContactLog() != nil {
			contacts = append(contacts, contactObject(m))
			continue
		}
		if m.GetNote() != nil {
			atHome = append(atHome, localNoteObject(m.GetNote()))
			continue
		}
		messages = append(messages, messageObject(m, p.lang))
	}
	o["messages"] = messages
	o["contacts"] = contacts
	o["notes_at_home"] = atHome
	o["advice"] = adviceList(view.GetAdvice())
	if err := p.result(o, viewLines(p.speech(), view)...); err != nil {
		return err
	}
	return p.openedByShowing(ctx, d, view)
}

// What show prints, as docs/cli.md shows it.
const (
	inquiryObject = `{` + threadKeys + `,"messages":[` + messageForm + `],"contacts":[{"item","recorded","officer","role",` + contactKeys + `}],` +
		`"notes_at_home":[` + noteForm + `],"advice":[{"step","text"}]}; ` + "`body` has the keys of the draft"
	messageForm = `{"message","digest","kind","direction","from","to","created","recorded","delivery","delivery_reason",` +
		`"facts":{"waiting","left","reached","acknowledged"},"body":{},"in_reply_to","officer","role","marks":[],"item","refused","stage",` +
		`"notes":[{"id","version","text"}],"attachments":[{"index","name","save_as","size","sha256","parts","arrived","state","reason","media_type","tlp","pap"}],` +
		`"steps":[{"act","officer","role","at","note"}],"retracted_by","corrected_by":[],"legal_basis":[]}`
	contactKeys = `"means","at","inbound","person","detail","note","peer"`
)

func messageObject(m *valisev1.MessageView, lang string) object {
	o := object{
		"message": m.GetMessage(), "digest": m.GetDigest(), "kind": kindName(m.GetKind()),
		"direction": direction(m.GetOutbound()), "from": m.GetFrom(), "to": m.GetTo(),
		"created": stamp(m.GetCreated()), "recorded": stamp(m.GetRecorded()), "delivery": nil, "delivery_reason": nil, "facts": nil, "body": nil,
		"in_reply_to": m.GetInReplyTo(), "officer": m.GetOfficer(), "role": m.GetRole(),
		"marks": markNames(m.GetMarks()), "item": m.GetItem(), "refused": reasonOrNull(m.GetRefused()),
		"stage": stageName(m.GetStage()), "notes": noteObjects(unwrap(m.GetPayload()), lang),
		"attachments": attachmentObjects(m.GetAttachments()), "steps": stepObjects(m.GetSteps()),
		"retracted_by": m.GetRetractedBy(), "corrected_by": strs(m.GetCorrectedBy()),
		"legal_basis": listOf(m.GetLegalBasis()),
	}
	if m.GetOutbound() {
		o["delivery"] = deliveryName(m.GetDelivery())
		o["delivery_reason"] = reasonOrNull(m.GetDeliveryReason())
		f := m.GetFacts()
		o["facts"] = object{"waiting": stamp(f.GetWaiting()), "left": stamp(f.GetLeft()), "reached": stamp(f.GetReached()), "acknowledged": stamp(f.GetAcknowledged())}
	}
	if payload := unwrap(m.GetPayload()); payload != nil {
		o["body"] = draft.Body(payload)
	}
	return o
}

// contactObject is a call or letter outside the node, which is recorded but no message. A-8 s3
func contactObject(m *valisev1.MessageView) object {
	o := contactLogObject(m.GetContactLog())
	o["item"], o["recorded"], o["officer"], o["role"] = m.GetItem(), stamp(m.GetRecorded()), m.GetOfficer(), m.GetRole()
	return o
}

func contactLogObject(log *valisev1.ContactLog) object {
	return object{
		"means": lowerName(log.GetMeans().String(), "CONTACT_MEANS_"), "at": stamp(log.GetAt()), "inbound": log.GetInbound(),
		"person": log.GetPerson(), "detail": log.GetDetail(), "note": log.GetNote(), "peer": log.GetPeer(),
	}
}

func markNames(marks []valisev1.Mark) []string {
	names := []string{}
	for _, m := range marks {
		names = append(names, markName(m))
	}
	return names
}
