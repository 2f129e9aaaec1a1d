package locale

// OtherFieldText names what an entry and the directory of another body say otherwise.
type OtherFieldText struct {
	PointOfContact Text `toml:"point_of_contact"`
	Entity         Text `toml:"entity"`
	Name           Text `toml:"name"`
	Designation    Text `toml:"designation"`
	Telephone      Text `toml:"telephone"`
	Email          Text `toml:"email"`
}

// KindTexts name the kinds of messages.
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
