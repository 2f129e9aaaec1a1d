package locale

// ReportDidTexts say that a seat did each act of a scenario, behind its name and a colon. Pages, command and report say
// them alike; where something is not done but hoped for, ReportActTexts and KindTexts name it.
type ReportDidTexts struct {
	InquirySent      Text `toml:"inquiry_sent" places:"to"`
	NoticeSent       Text `toml:"notice_sent" places:"to"`
	AckSent          Text `toml:"ack_sent" places:"to"`
	HoldingSent      Text `toml:"holding_sent" places:"to"`
	EstimateSent     Text `toml:"estimate_sent" places:"to"`
	ResponseSent     Text `toml:"response_sent" places:"to"`
	DeclineSent      Text `toml:"decline_sent" places:"to"`
	QuestionSent     Text `toml:"question_sent" places:"to"`
	SupplementSent   Text `toml:"supplement_sent" places:"to"`
	ChannelProposed  Text `toml:"channel_proposed" places:"to"`
	ChannelAgreed    Text `toml:"channel_agreed" places:"to"`
	AgencyNamed      Text `toml:"agency_named" places:"to"`
	ReferralSent     Text `toml:"referral_sent" places:"to"`
	CorrectionSent   Text `toml:"correction_sent" places:"to"`
	RetractionSent   Text `toml:"retraction_sent" places:"to"`
	ConsentRequested Text `toml:"consent_requested" places:"to"`
	ConsentDecided   Text `toml:"consent_decided" places:"to"`
	ConsentWithdrawn Text `toml:"consent_withdrawn" places:"to"`
	Closed           Text `toml:"closed" places:"to"`
	Reopened         Text `toml:"reopened" places:"to"`
	CheckAnswered    Text `toml:"check_answered"`
	CallLogged       Text `toml:"call_logged" places:"to"`
	RealEventRaised  Text `toml:"real_event_raised"`
}

// ReportToldTexts tell each line of a recording as one sentence, on the pages of an exercise and in the command.
type ReportToldTexts struct {
	Seat        Text `toml:"seat" places:"state,track"`
	Anybody     Text `toml:"anybody"`
	Opened      Text `toml:"opened" places:"scenario,seed"`
	Acted       Text `toml:"acted" places:"seat,act"`
	More        Text `toml:"more" places:"said,more"`
	Raised      Text `toml:"raised" places:"said,who"`
	Injected    Text `toml:"injected" places:"inject,seats"`
	Skipped     Text `toml:"skipped" places:"inject"`
	Refused     Text `toml:"refused" places:"seat"`
	RefusedTo   Text `toml:"refused_to" places:"seat,to"`
	Result      Text `toml:"result" places:"expectation,outcome"`
	Judged      Text `toml:"judged" places:"expectation,grade"`
	Noted       Text `toml:"noted"`
	NotedOn     Text `toml:"noted_on" places:"about"`
	Waived      Text `toml:"waived" places:"expectation"`
	After       Text `toml:"after" places:"duration"`
	Compared    Text `toml:"compared" places:"seats"`
	ComparedNot Text `toml:"compared_not" places:"seats"`
	Ended       Text `toml:"ended" places:"lines"`
	Unknown     Text `toml:"unknown" places:"type"`
	Owes        Text `toml:"owes" places:"seat,act"`
	OwesTo      Text `toml:"owes_to" places:"seat,act,to"`
	Thread      Text `toml:"thread" places:"thread"`
	Upon        Text `toml:"upon" places:"inject"`
}
