package locale

import (
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// Vocabulary names the kinds of messages, the states of a thread and how far a message has come: once, for the
// page and for the command. Where one thing has two texts, they stand in sentences of different forms, and
// the comment of each says in which.
type Vocabulary struct {
	Kind     KindTexts     `toml:"kind"`
	Theirs   TheirTexts    `toml:"theirs"`
	Ours     OurTexts      `toml:"ours"`
	State    StateTexts    `toml:"state"`
	Delivery DeliveryTexts `toml:"delivery"`
	Fact     FactTexts     `toml:"fact"`
}

// Vocabulary is what c calls kinds, states and deliveries.
func (c *Catalog) Vocabulary() *Vocabulary { return &c.written.Vocabulary }

// KindTexts name the kinds of messages by a noun: in a list, behind a label and before a colon, where from and
// to stand beside it and a sentence such as those of TheirTexts would say them twice.
type KindTexts struct {
	Inquiry              Text `toml:"inquiry"`
	Acknowledgement      Text `toml:"acknowledgement"`
	HoldingReply         Text `toml:"holding_reply"`
	RevisedEstimate      Text `toml:"revised_estimate"`
	Response             Text `toml:"response"`
	ChannelProposal      Text `toml:"channel_proposal"`
	ChannelAnswer        Text `toml:"channel_answer"`
	AgencyNomination     Text `toml:"agency_nomination"`
	ClarificationRequest Text `toml:"clarification_request"`
	Supplement           Text `toml:"supplement"`
	Correction           Text `toml:"correction"`
	Retraction           Text `toml:"retraction"`
	Referral             Text `toml:"referral"`
	VoluntaryNotice      Text `toml:"voluntary_notice"`
	ConsentRequest       Text `toml:"consent_request"`
	ConsentDecision      Text `toml:"consent_decision"`
	ConsentWithdrawal    Text `toml:"consent_withdrawal"`
	Closure              Text `toml:"closure"`
	Reopen               Text `toml:"reopen"`
	Ping                 Text `toml:"ping"`
	PingReply            Text `toml:"ping_reply"`
	TransparencyShare    Text `toml:"transparency_share"`
	TermView             Text `toml:"term_view"`
	ReceiptBatch         Text `toml:"receipt_batch"`
	KeyNotice            Text `toml:"key_notice"`
	Void                 Text `toml:"void"`
	Return               Text `toml:"return"`
	CannotOpen           Text `toml:"cannot_open"`
	AttachmentPart       Text `toml:"attachment_part"`
	ExerciseControl      Text `toml:"exercise_control"`
	ExerciseInject       Text `toml:"exercise_inject"`
	ExerciseObservation  Text `toml:"exercise_observation"`
}

// TheirTexts head what the other State says: alone above a message, so that they say who does what. A noun
// would leave out who.
type TheirTexts struct {
	Inquiry              Text `toml:"inquiry" places:"state"`
	Acknowledgement      Text `toml:"acknowledgement" places:"state"`
	HoldingReply         Text `toml:"holding_reply" places:"state"`
	RevisedEstimate      Text `toml:"revised_estimate" places:"state"`
	Response             Text `toml:"response" places:"state"`
	ChannelProposal      Text `toml:"channel_proposal" places:"state"`
	ChannelAnswer        Text `toml:"channel_answer" places:"state"`
	AgencyNomination     Text `toml:"agency_nomination" places:"state"`
	ClarificationRequest Text `toml:"clarification_request" places:"state"`
	Supplement           Text `toml:"supplement" places:"state"`
	Correction           Text `toml:"correction" places:"state"`
	Retraction           Text `toml:"retraction" places:"state"`
	Referral             Text `toml:"referral" places:"state"`
	VoluntaryNotice      Text `toml:"voluntary_notice" places:"state"`
	ConsentRequest       Text `toml:"consent_request" places:"state"`
	ConsentDecision      Text `toml:"consent_decision" places:"state"`
	ConsentWithdrawal    Text `toml:"consent_withdrawal" places:"state"`
	Closure              Text `toml:"closure" places:"state"`
	Reopen               Text `toml:"reopen" places:"state"`
	Ping                 Text `toml:"ping" places:"state"`
	PingReply            Text `toml:"ping_reply" places:"state"`
	TransparencyShare    Text `toml:"transparency_share" places:"state"`
	TermView             Text `toml:"term_view" places:"state"`
	Void                 Text `toml:"void" places:"state"`
	UnknownKind          Text `toml:"unknown_kind" places:"state"`
	Refused              Text `toml:"refused" places:"state"`
}

// OurTexts head what we say, as TheirTexts do.
type OurTexts struct {
	Inquiry              Text `toml:"inquiry"`
	Acknowledgement      Text `toml:"acknowledgement"`
	HoldingReply         Text `toml:"holding_reply"`
	RevisedEstimate      Text `toml:"revised_estimate"`
	Response             Text `toml:"response"`
	ChannelProposal      Text `toml:"channel_proposal"`
	ChannelAnswer        Text `toml:"channel_answer"`
	AgencyNomination     Text `toml:"agency_nomination"`
	ClarificationRequest Text `toml:"clarification_request"`
	Supplement           Text `toml:"supplement"`
	Correction           Text `toml:"correction"`
	Retraction           Text `toml:"retraction"`
	Referral             Text `toml:"referral"`
	VoluntaryNotice      Text `toml:"voluntary_notice"`
	ConsentRequest       Text `toml:"consent_request"`
	ConsentDecision      Text `toml:"consent_decision"`
	ConsentWithdrawal    Text `toml:"consent_withdrawal"`
	Closure              Text `toml:"closure"`
	Reopen               Text `toml:"reopen"`
	Ping                 Text `toml:"ping"`
	PingReply            Text `toml:"ping_reply"`
	TransparencyShare    Text `toml:"transparency_share"`
	TermView             Text `toml:"term_view"`
	Void                 Text `toml:"void"`
	UnknownKind          Text `toml:"unknown_kind"`
}

// Of finds the heading for a kind by its name in the contract, without KIND_ and in small letters.
func (t TheirTexts) Of(kind string) (Text, bool) { return Named(t, kind) }

// Of finds the heading for a kind of ours.
func (t OurTexts) Of(kind string) (Text, bool) { return Named(t, kind) }

// StateTexts say how a thread stands, and who made it so: we, or the State with which it is. Page and command
// say the same sentence; only in English the command prints the name of the contract, because scripts read it.
type StateTexts struct {
	Draft            Text `toml:"draft"`
	PendingClearance Text `toml:"pending_clearance"`
	Queued           Text `toml:"queued"`
	Received         Text `toml:"received"`
	ReceivedThere    Text `toml:"received_there" places:"state"` // the same where we began
	Acknowledged     Text `toml:"acknowledged"`
	AcknowledgedBy   Text `toml:"acknowledged_by" places:"state"`
	Holding          Text `toml:"holding"`
	HoldingBy        Text `toml:"holding_by" places:"state"`
	Responded        Text `toml:"responded"`
	RespondedBy      Text `toml:"responded_by" places:"state"`
	Declined         Text `toml:"declined"`
	DeclinedBy       Text `toml:"declined_by" places:"state"`
	Referred         Text `toml:"referred"`
	OffPlatform      Text `toml:"off_platform"`
	ClosedByUs       Text `toml:"closed_by_us"`
	ClosedByPeer     Text `toml:"closed_by_peer" places:"state"`
	Closed           Text `toml:"closed"`
	Withdrawn        Text `toml:"withdrawn"`
}

// Of finds the sentence for a state in a thread that we began, or the other State; false for a state that this
// version does not know. Its place "state" is the other State.
func (t StateTexts) Of(s valisev1.ThreadState, outbound bool) (Text, bool) {
	name := strings.ToLower(strings.TrimPrefix(s.String(), "THREAD_STATE_"))
	if outbound {
		for _, there := range []string{"_by", "_there"} {
			if text, ok := Named(t, name+there); ok {
				return text, true
			}
		}
	}
	return Named(t, name)
}

// DeliveryTexts say who did what with a message, and never that it was "sent" or "delivered". A-10 s4
// They stand behind a kind and a colon, for people who know what a node is.
type DeliveryTexts struct {
	WaitingToLeave Text `toml:"waiting_to_leave"`
	Left           Text `toml:"left"`
	Reached        Text `toml:"reached" places:"peer"`
	Acknowledged   Text `toml:"acknowledged" places:"peer"`
	Refused        Text `toml:"refused" places:"peer"`
	Withdrawn      Text `toml:"withdrawn"`
	Received       Text `toml:"received"`
}

// Of finds the words for a delivery; those of what is not ours for none, and false for one that this version
// does not know. The place "peer" is the other State.
func (t DeliveryTexts) Of(d valisev1.Delivery) (Text, bool) {
	if d == valisev1.Delivery_DELIVERY_UNSPECIFIED {
		return t.Received, true
	}
	return Named(t, strings.ToLower(strings.TrimPrefix(d.String(), "DELIVERY_")))
}

// FactTexts label the four dated facts, each of which may have come or not: a delivery that has not come is
// none. The page is read at a desk, so that they name offices and gateways in the place of nodes.
// docs/protocol.md §7.4
type FactTexts struct {
	Waiting      Text `toml:"waiting"`
	Left         Text `toml:"left"`
	Reached      Text `toml:"reached" places:"state"`
	Acknowledged Text `toml:"acknowledged" places:"state"`
}
