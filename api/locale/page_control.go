package locale

// ControlTexts are what the pages of exercise control, evaluators and observers say.
type ControlTexts struct {
	Control    Text         `toml:"control"`
	Evaluators Text         `toml:"evaluators"`
	Observers  Text         `toml:"observers"`
	Watches    Text         `toml:"watches"`
	Unknown    Text         `toml:"unknown"`
	Clock      Text         `toml:"clock"`
	Begin      Text         `toml:"begin"`
	Pause      Text         `toml:"pause"`
	Resume     Text         `toml:"resume"`
	Speed      Text         `toml:"speed"`
	SetSpeed   Text         `toml:"set_speed"`
	Jump       Text         `toml:"jump" places:"example"`
	SetJump    Text         `toml:"set_jump"`
	Ends       Text         `toml:"ends" places:"at"`
	Codeword   Text         `toml:"codeword"`
	End        Text         `toml:"end"`
	Close      Text         `toml:"close"`
	WrongWord  Text         `toml:"wrong_word"`
	BadValue   Text         `toml:"bad_value"`
	StandDown  Text         `toml:"stand_down"`
	StandText  Text         `toml:"stand_text"`
	Next       Text         `toml:"next"`
	NoneNext   Text         `toml:"none_next"`
	Due        Text         `toml:"due" places:"at"`
	Waiting    Text         `toml:"waiting"`
	Manual     Text         `toml:"manual"`
	Held       Text         `toml:"held"`
	Release    Text         `toml:"release"`
	Hold       Text         `toml:"hold"`
	Skip       Text         `toml:"skip"`
	Owed       Text         `toml:"owed"`
	NoneOwed   Text         `toml:"none_owed"`
	Until      Text         `toml:"until" places:"at"`
	UntilEnd   Text         `toml:"until_end"`
	Person     Text         `toml:"person"`
	Simulated  Text         `toml:"simulated"`
	Came       Text         `toml:"came"`
	NoneCame   Text         `toml:"none_came"`
	Lines      Text         `toml:"lines"`
	NoneLines  Text         `toml:"none_lines"`
	Objectives Text         `toml:"objectives"`
	Against    Text         `toml:"against"`
	Judge      Text         `toml:"judge"`
	Judged     Text         `toml:"judged" places:"grade"`
	NotJudged  Text         `toml:"not_judged"`
	Note       Text         `toml:"note"`
	AddNote    Text         `toml:"add_note"`
	NoteText   Text         `toml:"note_text"`
	Choose     Text         `toml:"choose"`
	Waive      Text         `toml:"waive"`
	WaiveText  Text         `toml:"waive_text"`
	WaiveWhich Text         `toml:"waive_which"`
	WaiveWho   Text         `toml:"waive_who"`
	WaiveWhy   Text         `toml:"waive_why"`
	WaiveDo    Text         `toml:"waive_do"`
	WaivedBy   Text         `toml:"waived_by" places:"who,why"`
	Missing    Text         `toml:"missing"`
	AboutSeat  Text         `toml:"about_seat"`
	NoSeat     Text         `toml:"no_seat"`
	Raw        Text         `toml:"raw"`
	Seen       Text         `toml:"seen"`
	TryAgain   Text         `toml:"try_again"`
	Grade      GradeTexts   `toml:"grade"`
	Outcome    OutcomeTexts `toml:"outcome"`
}

// GradeTexts are what a person may judge.
type GradeTexts struct {
	P Text `toml:"p"`
	S Text `toml:"s"`
	M Text `toml:"m"`
	U Text `toml:"u"`
}

// Of names a grade by its letter; false for one that this version does not know.
func (t *GradeTexts) Of(grade string) (Text, bool) {
	text, known := map[string]Text{"P": t.P, "S": t.S, "M": t.M, "U": t.U}[grade]
	return text, known
}

// OutcomeTexts are what becomes of an expectation.
type OutcomeTexts struct {
	Open       Text `toml:"open"`
	Met        Text `toml:"met"`
	Missed     Text `toml:"missed"`
	Late       Text `toml:"late"`
	NotReached Text `toml:"not_reached"`
	NotScored  Text `toml:"not_scored"`
	Waived     Text `toml:"waived"`
	Unjudged   Text `toml:"unjudged"`
}

// Of names an outcome by its word in the contract, empty while it is open; false for one that this version does not
// know.
func (t *OutcomeTexts) Of(outcome string) (Text, bool) {
	text, known := map[string]Text{
		"": t.Open, "met": t.Met, "missed": t.Missed, "late": t.Late, "not_reached": t.NotReached, "not_scored": t.NotScored,
		"waived": t.Waived, "unjudged": t.Unjudged,
	}[outcome]
	return text, known
}
