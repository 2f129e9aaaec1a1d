package locale

// NewTexts are the pages on which an inquiry or a notice is begun. I-1..I-4
type NewTexts struct {
	Lead        Text            `toml:"lead"`
	ToNotice    Text            `toml:"to_notice"`
	NoticeLead  Text            `toml:"notice_lead"`
	ToInquiry   Text            `toml:"to_inquiry"`
	Whom        Text            `toml:"whom"`
	WhomAll     Text            `toml:"whom_all"`
	CanLeave    Text            `toml:"can_leave"`
	WillWait    Text            `toml:"will_wait"`
	NotCalled   Text            `toml:"not_called"`
	NoStates    Text            `toml:"no_states"`
	ChooseState Text            `toml:"choose_state"`
	OneState    Text            `toml:"one_state"`
	OneTrack    Text            `toml:"one_track"`
	TooMany     Text            `toml:"too_many"`
	OnlyMust    Text            `toml:"only_must"`
	AnyOrder    Text            `toml:"any_order"`
	AllSteps    Text            `toml:"all_steps"`
	StepOf      Text            `toml:"step_of" places:"number,all"`
	Here        Text            `toml:"here"`
	CheckNow    Text            `toml:"check_now"`
	WhomChange  Text            `toml:"whom_change"`
	Paste       Text            `toml:"paste"`
	PasteLead   Text            `toml:"paste_lead"`
	PasteBox    Text            `toml:"paste_box"`
	PasteDo     Text            `toml:"paste_do"`
	BadLineKey  Text            `toml:"bad_line_key" places:"line,key"`
	BadLine     Text            `toml:"bad_line" places:"line"`
	BadKey      Text            `toml:"bad_key" places:"key"`
	NoPlace     Text            `toml:"no_place" places:"key"`
	SendEach    Text            `toml:"send_each"`
	EachSent    Text            `toml:"each_sent"`
	EachText    Text            `toml:"each_text"`
	UndoAll     Text            `toml:"undo_all"`
	BeginThere  Text            `toml:"begin_there"`
	BeginText   Text            `toml:"begin_text" places:"state,track"`
	Step        NewStepTexts    `toml:"step"`
	Field       NewFieldTexts   `toml:"field"`
	Option      NewOptionTexts  `toml:"option"`
	Heading     NewHeadingTexts `toml:"heading"`
	Hint        NewHintTexts    `toml:"hint"`
}

// NewStepTexts name the steps. I-1..I-4
type NewStepTexts struct {
	Asks     Text `toml:"asks"`
	Informs  Text `toml:"informs"`
	Happened Text `toml:"happened"`
	Wanted   Text `toml:"wanted"`
	Onward   Text `toml:"onward"`
}

// NewFieldTexts are labels as FieldTexts has them, of what only such a form asks.
type NewFieldTexts struct {
	OriginatorName                 Text `toml:"originator_name"`
	OriginatorAffiliation          Text `toml:"originator_affiliation"`
	OriginatorDesignation          Text `toml:"originator_designation"`
	OriginatorPhone                Text `toml:"originator_phone"`
	OriginatorEmail                Text `toml:"originator_email"`
	OriginatorHours                Text `toml:"originator_hours"`
	FirstContact                   Text `toml:"first_contact"`
	PeerReference                  Text `toml:"peer_reference"`
	Title                          Text `toml:"title"`
	Type                           Text `toml:"type"`
	IncidentNature                 Text `toml:"incident_nature"`
	IncidentOccurrence             Text `toml:"incident_occurrence"`
	IncidentDetected               Text `toml:"incident_detected"`
	IncidentStarted                Text `toml:"incident_started"`
	IncidentEnded                  Text `toml:"incident_ended"`
	IncidentAffectedSectors        Text `toml:"incident_affected_sectors"`
	IncidentCrossBorder            Text `toml:"incident_cross_border"`
	IncidentObservedInfrastructure Text `toml:"incident_observed_infrastructure"`
	IncidentConfidence             Text `toml:"incident_confidence"`
	IncidentSeverity               Text `toml:"incident_severity"`
	TranslationTitle               Text `toml:"translation_title"`
	RequestType                    Text `toml:"request_type"`
	TimeSensitivity                Text `toml:"time_sensitivity"`
	NeededBy                       Text `toml:"needed_by"`
	NeededReason                   Text `toml:"needed_reason"`
	PreferredChannelFingerprint    Text `toml:"preferred_channel_fingerprint"`
	Pap                            Text `toml:"pap"`
	HandlingNote                   Text `toml:"handling_note"`
}

// NewOptionTexts are what there is to choose on such a form alone.
type NewOptionTexts struct {
	LeftOut        Text `toml:"left_out"`
	Actual         Text `toml:"actual"`
	Potential      Text `toml:"potential"`
	Low            Text `toml:"low"`
	Medium         Text `toml:"medium"`
	High           Text `toml:"high"`
	Information    Text `toml:"information"`
	SpecificAction Text `toml:"specific_action"`
	Assistance     Text `toml:"assistance"`
	Routine        Text `toml:"routine"`
	Priority       Text `toml:"priority"`
	Urgent         Text `toml:"urgent"`
	Incident       Text `toml:"incident"`
	BestPractice   Text `toml:"best_practice"`
	Lesson         Text `toml:"lesson"`
	Vulnerability  Text `toml:"vulnerability"`
}

// NewHeadingTexts stand before groups of fields of such a form.
type NewHeadingTexts struct {
	WhoAsks       Text `toml:"who_asks"`
	Reach         Text `toml:"reach"`
	FirstContact  Text `toml:"first_contact"`
	References    Text `toml:"references"`
	Incident      Text `toml:"incident"`
	ChannelFirst  Text `toml:"channel_first"`
	ChannelSecond Text `toml:"channel_second"`
	LeadAgency    Text `toml:"lead_agency"`
}

// NewHintTexts say how to fill in a field of such a form.
type NewHintTexts struct {
	Narrative                      Text `toml:"narrative"`
	FirstContact                   Text `toml:"first_contact"`
	IncidentNature                 Text `toml:"incident_nature"`
	IncidentAffectedSectors        Text `toml:"incident_affected_sectors"`
	IncidentObservedInfrastructure Text `toml:"incident_observed_infrastructure"`
	TimeSensitivity                Text `toml:"time_sensitivity"`
}

// StepNames is the name of a step of a form, by its number from 1; an empty text for one that it has not.
func (t NewTexts) StepNames(form string, n int) Text {
	s := t.Step
	names := []Text{s.Asks, s.Happened, s.Wanted, s.Onward}
	if form == "notice" {
		names = []Text{s.Informs, s.Happened}
	}
	if n < 1 || n > len(names) {
		return Text{}
	}
	return names[n-1]
}

// Field is the label of a field on whichever form; an empty text for one that has none.
func (p *Page) Field(name string) Text {
	return either(named[Text](p.New.Field, name), p.Write.Field.Of(name))
}

// Option is an option by its name; an empty text for one that has none.
func (p *Page) Option(name string) Text {
	return either(named[Text](p.New.Option, name), p.Write.Option.Of(name))
}

// Heading is the heading of a group; an empty text for one that has none.
func (p *Page) Heading(name string) Text {
	return either(named[Text](p.New.Heading, name), p.Write.Heading.Of(name))
}

// Hint is the hint of a field; an empty text for one that has none.
func (p *Page) Hint(name string) Text {
	return either(named[Text](p.New.Hint, name), p.Write.Hint.Of(name))
}

func either(own, shared Text) Text {
	if own.String() != "" {
		return own
	}
	return shared
}
