package locale

import "reflect"

// SaidTexts head what was said, by its kind.
type SaidTexts struct {
	Theirs TheirTexts `toml:"theirs"`
	Ours   OurTexts   `toml:"ours"`
}

// TheirTexts are for what the other State says.
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

// OurTexts are for what we say.
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
func (t TheirTexts) Of(kind string) (Text, bool) { return byTag(t, kind) }

// Of finds the heading for a kind of ours.
func (t OurTexts) Of(kind string) (Text, bool) { return byTag(t, kind) }

// byTag finds the text of a part by its key. A test of the page walks the contract, so that none is
// missed.
func byTag(part any, key string) (Text, bool) {
	v := reflect.ValueOf(part)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("toml") == key {
			return reflect.TypeAssert[Text](v.Field(i))
		}
	}
	return Text{}, false
}
