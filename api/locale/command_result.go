package locale

// ResultTexts are what verbs of the duty officer print when they have done something.
type ResultTexts struct {
	Sent          Text `toml:"sent" places:"kind,delivery"`
	SentReason    Text `toml:"sent_reason" places:"kind,delivery,reason"`
	SecondPerson  Text `toml:"second_person"`
	KeptDraft     Text `toml:"kept_draft"`
	Thread        Text `toml:"thread"`
	Message       Text `toml:"message"`
	Covers        Text `toml:"covers"`
	StillOpen     Text `toml:"still_open" places:"step,text"`
	Next          Text `toml:"next" places:"thread"`
	Retraction    Text `toml:"retraction"`
	Withdrawn     Text `toml:"withdrawn"`
	SentBack      Text `toml:"sent_back"`
	Recorded      Text `toml:"recorded" places:"item"`
	NothingToOpen Text `toml:"nothing_to_open"`
	Opened        Text `toml:"opened"`
	NoThreads     Text `toml:"no_threads"`
	NoNotes       Text `toml:"no_notes"`
	NoRoot        Text `toml:"no_root" places:"state"`
	LinkedAtHome  Text `toml:"linked_at_home" places:"count"`
	LinkedNothing Text `toml:"linked_nothing"`
}

// StepTexts are the steps of both procedures that our side has not taken; none of them is owed. A-10 s1
type StepTexts struct {
	Identify     Text `toml:"identify"`
	Nature       Text `toml:"nature"`
	Ask          Text `toml:"ask"`
	Channel      Text `toml:"channel"`
	Agency       Text `toml:"agency"`
	Answer       Text `toml:"answer"`
	Hold         Text `toml:"hold"`
	Estimate     Text `toml:"estimate"`
	AgreeChannel Text `toml:"agree_channel"`
	Informer     Text `toml:"informer"`
	Known        Text `toml:"known"`
	Check        Text `toml:"check"`
}
