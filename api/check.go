package api

import (
	"fmt"

	"valise.example/api/draft"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Limits of a request's own fields.
const (
	minPrefix    = 8
	maxID        = 32
	maxRequestID = 128
	maxUndo      = 3600
)

// checkID takes a full id of 32 lower-case hexadecimal digits or a prefix of eight or more.
func checkID(field, id string) error {
	if id == "" {
		return refuseField(field, "is missing")
	}
	if len(id) < minPrefix || len(id) > maxID || !isHex(id) {
		return refuseField(field, fmt.Sprintf("is no id: want %d to %d lower-case hexadecimal digits", minPrefix, maxID))
	}
	return nil
}

// checkOptionalID is checkID where none need be given.
func checkOptionalID(field, id string) error {
	if id == "" {
		return nil
	}
	return checkID(field, id)
}

// checkIDs names the first of several ids that is none.
func checkIDs(field string, ids []string) error {
	for i, id := range ids {
		if err := checkID(fmt.Sprintf("%s[%d]", field, i), id); err != nil {
			return err
		}
	}
	return nil
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func checkAddress(field, address string) error {
	if _, err := ident.ParseAddress(address); err != nil {
		return refuseField(field, "is no address: want for example XB/technical")
	}
	return nil
}

// checkRequestID takes printable ASCII without blanks; empty is allowed, the gateway makes one.
func checkRequestID(id string) error {
	if len(id) > maxRequestID {
		return refuseField("request_id", fmt.Sprintf("has more than %d bytes", maxRequestID))
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return refuseField("request_id", "holds more than printable ASCII without blanks")
		}
	}
	return nil
}

func checkOptions(o *valisev1.SendOptions) error {
	if o.GetUndoSeconds() > maxUndo {
		return refuseField("options.undo_seconds", fmt.Sprintf("is more than %d", maxUndo))
	}
	return checkRequestID(o.GetRequestId())
}

func checkSendInquiry(r *valisev1.SendInquiryRequest) error {
	if err := checkAddress("to", r.GetTo()); err != nil {
		return err
	}
	if r.GetFrom() != "" {
		if err := checkAddress("from", r.GetFrom()); err != nil {
			return err
		}
	}
	if err := checkOptionalID("follows", r.GetFollows()); err != nil {
		return err
	}
	if err := checkInquiry(r.GetInquiry()); err != nil {
		return err
	}
	return checkOptions(r.GetOptions())
}

func checkReply(r *valisev1.ReplyRequest) error {
	if err := checkID("thread", r.GetThread()); err != nil {
		return err
	}
	if err := checkOptionalID("in_reply_to", r.GetInReplyTo()); err != nil {
		return err
	}
	if r.GetPayload().GetInquiry() != nil {
		return refuseField("payload", "is an inquiry, which begins a thread of its own")
	}
	if err := checkPayload(r.GetPayload()); err != nil {
		return err
	}
	return checkOptions(r.GetOptions())
}

// checkPayload holds a payload of any kind to what can be said of it alone.
func checkPayload(payload *valisev1.Payload) error {
	if payload.GetPayload() == nil {
		return refuseField("payload", "is missing")
	}
	if inquiry := payload.GetInquiry(); inquiry != nil {
		return checkInquiry(inquiry)
	}
	for _, attachments := range [][]*valisev1.Attachment{
		payload.GetResponse().GetAttachments(), payload.GetSupplement().GetAttachments(),
		payload.GetVoluntaryNotice().GetAttachments(),
	} {
		if err := checkAttachments(attachments); err != nil {
			return err
		}
	}
	return checkSubstance(payload)
}

func checkInquiry(inquiry *valisev1.Inquiry) error {
	if err := checkAttachments(inquiry.GetAttachments()); err != nil {
		return err
	}
	return draft.CheckOriginator(inquiry)
}

// checkSubstance holds what an officer says to what its kind is for. I-2, I-3, I-4
func checkSubstance(payload *valisev1.Payload) error {
	said := payload.ProtoReflect()
	which := said.WhichOneof(said.Descriptor().Oneofs().ByName("payload"))
	return draft.CheckSubstance(said.Get(which).Message().Interface())
}

func checkLogContact(r *valisev1.LogContactRequest) error {
	if err := checkOptionalID("thread", r.GetThread()); err != nil {
		return err
	}
	contact := r.GetContact()
	if contact == nil {
		return refuseField("contact", "is missing")
	}
	if r.GetThread() == "" || contact.GetPeer() != "" {
		if err := checkAddress("contact.peer", contact.GetPeer()); err != nil {
			return err
		}
	}
	return checkRequestID(r.GetRequestId())
}

func checkRetract(r *valisev1.RetractMessageRequest) error {
	if err := checkID("message", r.GetMessage()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}

func checkClear(r *valisev1.ClearMessageRequest) error {
	if err := checkID("message", r.GetMessage()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}

func checkSendBack(r *valisev1.SendBackMessageRequest) error {
	if err := checkID("message", r.GetMessage()); err != nil {
		return err
	}
	return checkRequestID(r.GetRequestId())
}

func checkListThreads(r *valisev1.ListThreadsRequest) error {
	if err := checkPeer(r.GetPeer()); err != nil {
		return err
	}
	if _, known := valisev1.ThreadOrder_name[int32(r.GetOrder())]; !known {
		return refuseField("order", "is none that this node knows")
	}
	if r.GetTrack() == "" {
		return nil
	}
	return checkTrack("track", r.GetTrack())
}

// checkPeer takes a peer as State or as address, or none.
func checkPeer(peer string) error {
	if peer == "" {
		return nil
	}
	if _, err := ident.ParseState(peer); err == nil {
		return nil
	}
	return checkAddress("peer", peer)
}

// checkTrack takes a track on which a State has a POC. A-9 s2
func checkTrack(field, name string) error {
	if track, err := ident.ParseTrack(name); err != nil || track == ident.Manager {
		return refuseField(field, "is no track of a State: want diplomatic or technical")
	}
	return nil
}
