package locale

// Report is every text of the after-action report of an exercise. Its fields are as those of Page. What people wrote
// into a scenario or a recording stands in none of them. docs/exercises.md §8
type Report struct {
	Head     ReportHeadTexts     `toml:"head"`
	Section  ReportSectionTexts  `toml:"section"`
	Label    ReportLabelTexts    `toml:"label"`
	Line     ReportLineTexts     `toml:"line"`
	Kind     ReportKindTexts     `toml:"kind"`
	Act      ReportActTexts      `toml:"act"`
	Did      ReportDidTexts      `toml:"did"`
	Told     ReportToldTexts     `toml:"told"`
	Fact     ReportFactTexts     `toml:"fact"`
	Control  ReportControlTexts  `toml:"control"`
	How      ReportHowTexts      `toml:"how"`
	Cause    ReportCauseTexts    `toml:"cause"`
	Outcome  ReportOutcomeTexts  `toml:"outcome"`
	Reached  ReportReachedTexts  `toml:"reached"`
	Grade    ReportGradeTexts    `toml:"grade"`
	Never    ReportNeverTexts    `toml:"never"`
	Kept     ReportNeverTexts    `toml:"kept"`
	Time     ReportTimeTexts     `toml:"time"`
	Picture  ReportPictureTexts  `toml:"picture"`
	Legend   ReportLegendTexts   `toml:"legend"`
	Finding  ReportFindingTexts  `toml:"finding"`
	Question ReportQuestionTexts `toml:"question"`
	Result   ReportResultTexts   `toml:"result"`
}

// Report is what an after-action report says in the language of c.
func (c *Catalog) Report() *Report { return &c.written.Report }

// ReportHeadTexts stand at the top of a report and on every page of it.
type ReportHeadTexts struct {
	Mark        Text `toml:"mark"` // top and bottom of every page, beside the English word
	Title       Text `toml:"title"`
	Unreal      Text `toml:"unreal"`
	Lead        Text `toml:"lead"`
	ForControl  Text `toml:"for_control"`
	ForState    Text `toml:"for_state" places:"state"`
	Cut         Text `toml:"cut"` // the recording has no end
	Against     Text `toml:"against"`
	NothingHere Text `toml:"nothing_here"` // in the place of a table without rows
}

// ReportSectionTexts head the parts of a report.
type ReportSectionTexts struct {
	Cover        Text `toml:"cover"`
	Page         Text `toml:"page"`
	Sequence     Text `toml:"sequence"`
	Timeline     Text `toml:"timeline"`
	Times        Text `toml:"times"`
	Expectations Text `toml:"expectations"`
	Plan         Text `toml:"plan"`
	Notes        Text `toml:"notes"`
	HotWash      Text `toml:"hot_wash"`
	Improvement  Text `toml:"improvement"`
	Annex        Text `toml:"annex"`
	Participants Text `toml:"participants"`
	Objectives   Text `toml:"objectives"`
	Strengths    Text `toml:"strengths"`
	Gaps         Text `toml:"gaps"`
	Spread       Text `toml:"spread"`
	Control      Text `toml:"control"`
	Records      Text `toml:"records"`
}

// ReportLabelTexts head columns and stand before facts.
type ReportLabelTexts struct {
	Exercise     Text `toml:"exercise"`
	Kind         Text `toml:"kind"`
	Start        Text `toml:"start"`
	Length       Text `toml:"length"`
	Digest       Text `toml:"digest"`
	Seed         Text `toml:"seed"`
	Versions     Text `toml:"versions"`
	Realm        Text `toml:"realm"`
	Lines        Text `toml:"lines"`
	State        Text `toml:"state"`
	Name         Text `toml:"name"`
	Part         Text `toml:"part"`
	Seat         Text `toml:"seat"`
	Played       Text `toml:"played"`
	Asked        Text `toml:"asked"`
	Received     Text `toml:"received"`
	Acknowledged Text `toml:"acknowledged"`
	Objective    Text `toml:"objective"`
	From         Text `toml:"from"` // where an objective comes from
	Standing     Text `toml:"standing"`
	Met          Text `toml:"met"`
	Points       Text `toml:"points"`
	Median       Text `toml:"median"`
	Silence      Text `toml:"silence"`
	Measure      Text `toml:"measure"`
	Own          Text `toml:"own"`
	Lowest       Text `toml:"lowest"`
	Middle       Text `toml:"middle"`
	Highest      Text `toml:"highest"`
	MetShare     Text `toml:"met_share"`
	Time         Text `toml:"time"`
	Line         Text `toml:"line"`
	Sender       Text `toml:"sender"`
	To           Text `toml:"to"`
	What         Text `toml:"what"`
	Thread       Text `toml:"thread"`
	Remark       Text `toml:"remark"`
	Sent         Text `toml:"sent"`
	Holding      Text `toml:"holding"`
	Answered     Text `toml:"answered"`
	Deadlines    Text `toml:"deadlines"`
	After        Text `toml:"after"`
	Expectation  Text `toml:"expectation"`
	Who          Text `toml:"who"`
	Within       Text `toml:"within"`
	Counted      Text `toml:"counted"` // from what a time counts
	Outcome      Text `toml:"outcome"`
	Inject       Text `toml:"inject"`
	Planned      Text `toml:"planned"`
	Actual       Text `toml:"actual"`
	Difference   Text `toml:"difference"`
	Cause        Text `toml:"cause"`
	How          Text `toml:"how"`
	As           Text `toml:"as"`
	Text         Text `toml:"text"`
	About        Text `toml:"about"`
	Grade        Text `toml:"grade"`
	Finding      Text `toml:"finding"`
	Action       Text `toml:"action"`
	Owner        Text `toml:"owner"`
	Due          Text `toml:"due"`
	Progress     Text `toml:"progress"`
	Hash         Text `toml:"hash"`
	Verify       Text `toml:"verify"`
}

// ReportLineTexts are sentences and short pieces of a report.
type ReportLineTexts struct {
	Person      Text `toml:"person"`
	Simulated   Text `toml:"simulated"`
	Summary     Text `toml:"summary" places:"met,counted"`
	MedianOf    Text `toml:"median_of" places:"duration"`
	NoMedian    Text `toml:"no_median"`
	Unmeasured  Text `toml:"unmeasured" places:"count"`
	SilenceOf   Text `toml:"silence_of" places:"duration,thread,seat"`
	NoSilence   Text `toml:"no_silence"`
	NoFurther   Text `toml:"no_further"`
	ByRule      Text `toml:"by_rule"`
	TooFew      Text `toml:"too_few"`
	LeftOut     Text `toml:"left_out" places:"count"`
	NotesOut    Text `toml:"notes_out" places:"count"`
	Unscored    Text `toml:"unscored"`
	Each        Text `toml:"each" places:"first,second"` // both of a pair
	Has         Text `toml:"has" places:"facts"`
	All         Text `toml:"all" places:"list"`
	Any         Text `toml:"any" places:"list"`
	Not         Text `toml:"not" places:"condition"`
	Later       Text `toml:"later" places:"condition,duration"`
	Event       Text `toml:"event" places:"act,from,to"`
	Anybody     Text `toml:"anybody"`
	ByHand      Text `toml:"by_hand"`
	NotFired    Text `toml:"not_fired"`
	Startex     Text `toml:"startex"` // what a time counts from, where nothing is named
	Agree       Text `toml:"agree"`
	Differ      Text `toml:"differ"`
	Bare        Text `toml:"bare"` // reached at the moment at which it was sent
	VerifyHow   Text `toml:"verify_how"`
	GapWait     Text `toml:"gap_wait"`
	CheckThread Text `toml:"check_thread"`
	Versions    Text `toml:"versions" places:"recording,engine,report"`
}

// ReportKindTexts name the kinds of exercises.
type ReportKindTexts struct {
	Commcheck  Text `toml:"commcheck"`
	Drill      Text `toml:"drill"`
	Tabletop   Text `toml:"tabletop"`
	Functional Text `toml:"functional"`
}

// ReportActTexts name the acts of a seat for which no kind of message stands alone.
type ReportActTexts struct {
	ChannelAgreed   Text `toml:"channel_agreed"`
	DeclineSent     Text `toml:"decline_sent"`
	CallLogged      Text `toml:"call_logged"`
	CheckAnswered   Text `toml:"check_answered"`
	RealEventRaised Text `toml:"real_event_raised"`
}

// ReportFactTexts name what a message has or lacks. I-1..I-4, R-2, R-3
type ReportFactTexts struct {
	Contact          Text `toml:"contact"`
	Nature           Text `toml:"nature"`
	TimeSensitivity  Text `toml:"time_sensitivity"`
	NeededBy         Text `toml:"needed_by"`
	ChannelPreferred Text `toml:"channel_preferred"`
	LeadAgency       Text `toml:"lead_agency"`
	Questions        Text `toml:"questions"`
	Eta              Text `toml:"eta"`
	Attachment       Text `toml:"attachment"`
	Translation      Text `toml:"translation"`
}

// ReportControlTexts name what control does.
type ReportControlTexts struct {
	Startex   Text `toml:"startex"`
	Pause     Text `toml:"pause"`
	Resume    Text `toml:"resume"`
	Speed     Text `toml:"speed" places:"rate"`
	Auto      Text `toml:"auto"` // the speed follows whether people owe something
	Jump      Text `toml:"jump" places:"time"`
	Release   Text `toml:"release" places:"inject"`
	Hold      Text `toml:"hold" places:"inject"`
	Skip      Text `toml:"skip" places:"inject"`
	RealEvent Text `toml:"real_event"`
	StandDown Text `toml:"stand_down"`
	Endex     Text `toml:"endex"`
}

// ReportHowTexts say how an inject reaches a seat.
type ReportHowTexts struct {
	Note       Text `toml:"note"`
	Press      Text `toml:"press"`
	Phone      Text `toml:"phone"`
	SealedCard Text `toml:"sealed_card"`
	File       Text `toml:"file"`
}

// ReportCauseTexts say why an inject fired.
type ReportCauseTexts struct {
	At      Text `toml:"at"`
	When    Text `toml:"when"`
	Control Text `toml:"control"`
	Skipped Text `toml:"skipped"`
}

// ReportOutcomeTexts say what became of an expectation.
type ReportOutcomeTexts struct {
	Met        Text `toml:"met"`
	Missed     Text `toml:"missed"`
	Late       Text `toml:"late"`
	NotReached Text `toml:"not_reached"`
	NotScored  Text `toml:"not_scored"`
	Waived     Text `toml:"waived"`
	Unjudged   Text `toml:"unjudged"`
	Open       Text `toml:"open"`
}

// ReportReachedTexts say how far an objective was reached.
type ReportReachedTexts struct {
	Full Text `toml:"full"`
	Part Text `toml:"part"`
	None Text `toml:"none"`
	Not  Text `toml:"not"` // nothing of it was seen
}

// ReportGradeTexts are the four judgements of an evaluator.
type ReportGradeTexts struct {
	Performed Text `toml:"performed"`
	Some      Text `toml:"some"`
	Major     Text `toml:"major"`
	Not       Text `toml:"not"`
}

// ReportNeverTexts say of what must not happen that it did, or that it did not.
type ReportNeverTexts struct {
	CrossTrack     Text `toml:"cross_track"`
	RecordMismatch Text `toml:"record_mismatch"`
	ThirdParty     Text `toml:"third_party_without_consent"`
}

// ReportTimeTexts are lengths of time, as short as a table wants them.
type ReportTimeTexts struct {
	Hours   Text `toml:"hours" places:"count"`
	Minutes Text `toml:"minutes" places:"count"`
	Seconds Text `toml:"seconds" places:"count"`
	Quiet   Text `toml:"quiet" places:"duration"` // nobody did anything
	Later   Text `toml:"later" places:"duration"` // than planned
	Sooner  Text `toml:"sooner" places:"duration"`
}

// ReportPictureTexts are the titles and descriptions of the three pictures.
type ReportPictureTexts struct {
	Sequence      Text `toml:"sequence"`
	SequenceText  Text `toml:"sequence_text"`
	Timeline      Text `toml:"timeline"`
	TimelineText  Text `toml:"timeline_text"`
	Times         Text `toml:"times"`
	TimesText     Text `toml:"times_text"`
	Sheet         Text `toml:"sheet" places:"title,sheet,sheets"`
	Rows          Text `toml:"rows" places:"count"`
	Table         Text `toml:"table" places:"picture"`
	Diplomatic    Text `toml:"diplomatic"` // one letter, above a lane
	Technical     Text `toml:"technical"`
	Others        Text `toml:"others" places:"count"` // seats that are not drawn
	OtherStates   Text `toml:"other_states"`
	MedianOfTimes Text `toml:"median_of_times" places:"duration"`
}

// ReportLegendTexts say what the signs of a picture mean.
type ReportLegendTexts struct {
	Technical    Text `toml:"technical"`
	Diplomatic   Text `toml:"diplomatic"`
	Inject       Text `toml:"inject"`
	Missed       Text `toml:"missed"`
	Alone        Text `toml:"alone"` // an act that goes to no seat
	Waiting      Text `toml:"waiting"`
	Working      Text `toml:"working"`
	Sent         Text `toml:"sent"`
	Acknowledged Text `toml:"acknowledged"`
	Holding      Text `toml:"holding"`
	Answered     Text `toml:"answered"`
	Open         Text `toml:"open"`
	DueMet       Text `toml:"due_met"`
	DueMissed    Text `toml:"due_missed"`
	Jump         Text `toml:"jump"`
	Pause        Text `toml:"pause"`
	Own          Text `toml:"own"`
	Others       Text `toml:"others"`
	Seat         Text `toml:"seat"`
	Median       Text `toml:"median"`
}

// ReportFindingTexts are strengths and gaps in words; each belongs to one rule. docs/exercises.md §8
type ReportFindingTexts struct {
	ObjectiveMet    Text `toml:"objective_met" places:"objective"`
	Quick           Text `toml:"quick" places:"what,took,within"`
	AllAcknowledged Text `toml:"all_acknowledged" places:"count"`
	JudgedWell      Text `toml:"judged_well" places:"what,grade"`
	Missed          Text `toml:"missed" places:"what,within"`
	Late            Text `toml:"late" places:"what,took"`
	Unacknowledged  Text `toml:"unacknowledged" places:"count"`
	Silence         Text `toml:"silence" places:"thread,duration"`
	JudgedPoorly    Text `toml:"judged_poorly" places:"what,grade"`
	NotReached      Text `toml:"not_reached" places:"count"`
}

// ReportQuestionTexts are asked in the hot wash where the scenario asks nothing.
type ReportQuestionTexts struct {
	Planned  Text `toml:"planned"`
	Surprise Text `toml:"surprise"`
	Lacked   Text `toml:"lacked"`
	Change   Text `toml:"change"`
}

// ReportResultTexts are what the command says when it has written a report.
type ReportResultTexts struct {
	Written Text `toml:"written" places:"folder"`
}
