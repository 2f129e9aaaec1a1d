package locale

// ShownTexts are lines of a thread, of a list of them and of what happened in them.
type ShownTexts struct {
	Head            Text `toml:"head" places:"thread,state,peer,ours"`
	Realm           Text `toml:"realm"`
	AgreedChannel   Text `toml:"agreed_channel" places:"value"`
	OurAgency       Text `toml:"our_agency" places:"value"`
	TheirAgency     Text `toml:"their_agency" places:"value"`
	Estimate        Text `toml:"estimate" places:"time"`
	Linked          Text `toml:"linked" places:"thread,peer,ours"`
	OurSide         Text `toml:"our_side" places:"flags"`
	Unopened        Text `toml:"unopened" places:"time"`
	Asked           Text `toml:"asked" places:"time"`
	Promised        Text `toml:"promised" places:"time"`
	OwnAcknowledge  Text `toml:"own_acknowledge" places:"time"`
	OwnAnswer       Text `toml:"own_answer" places:"time"`
	Passed          Text `toml:"passed" places:"line"`
	Pruned          Text `toml:"pruned" places:"time"`
	Gap             Text `toml:"gap"`
	Contact         Text `toml:"contact" places:"means,person,officer"`
	Waiting         Text `toml:"waiting" places:"time"`
	Left            Text `toml:"left" places:"time"`
	Reached         Text `toml:"reached" places:"peer,time"`
	Acknowledged    Text `toml:"acknowledged" places:"peer,time"`
	NotSent         Text `toml:"not_sent" places:"reason"`
	Refused         Text `toml:"refused" places:"reason"`
	Step            Text `toml:"step" places:"act,officer,time"`
	TheNode         Text `toml:"the_node"`
	WithWords       Text `toml:"with_words" places:"line,words"`
	InError         Text `toml:"in_error" places:"state,message"`
	PutRight        Text `toml:"put_right" places:"state,message"`
	LegalBasis      Text `toml:"legal_basis" places:"item"`
	Mark            Text `toml:"mark" places:"mark"`
	Attachment      Text `toml:"attachment" places:"index,name,size"`
	Whole           Text `toml:"whole" places:"line"`
	Parts           Text `toml:"parts" places:"line,arrived,parts"`
	PartsState      Text `toml:"parts_state" places:"line,state,arrived,parts"`
	SaidToBe        Text `toml:"said_to_be" places:"type"`
	Note            Text `toml:"note" places:"kind,officer"`
	NoteOf          Text `toml:"note_of" places:"line,track"`
	NoteTo          Text `toml:"note_to" places:"line,track"`
	OfThread        Text `toml:"of_thread" places:"thread"`
	OfMessage       Text `toml:"of_message" places:"message"`
	From            Text `toml:"from"`
	To              Text `toml:"to"`
	ToOpen          Text `toml:"to_open"`
	ContentsRemoved Text `toml:"contents_removed"`
	UnderWay        Text `toml:"under_way"`
	Both            Text `toml:"both" places:"first,second"`
}

// ConsentTexts are lines of the ledger of consents.
type ConsentTexts struct {
	WeAsked   Text `toml:"we_asked" places:"peer"`
	AskedUs   Text `toml:"asked_us" places:"peer"`
	To        Text `toml:"to" places:"party"`
	Purpose   Text `toml:"purpose" places:"purpose"`
	Condition Text `toml:"condition" places:"condition"`
	Until     Text `toml:"until" places:"time"`
}
