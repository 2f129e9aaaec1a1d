package locale

// ExerciseTexts are what a desk says of the exercise that is conducted around it.
type ExerciseTexts struct {
	Bar          Text         `toml:"bar"`       // names the bar for those who hear the page
	StopWord     Text         `toml:"stop_word"` // where the scenario has none of its own; also on a button
	ExerciseTime Text         `toml:"exercise_time"`
	OurTime      Text         `toml:"our_time"`
	Prepared     Text         `toml:"prepared"`
	Running      Text         `toml:"running"`
	RunningFast  Text         `toml:"running_fast" places:"rate"`
	Paused       Text         `toml:"paused"`
	Over         Text         `toml:"over"`
	Unknown      Text         `toml:"unknown"`   // nobody tells what the clock shows
	StopText     Text         `toml:"stop_text"` // beside the button
	Frozen       Text         `toml:"frozen"`
	RaisedBy     Text         `toml:"raised_by" places:"seat,at"`
	Control      Text         `toml:"control"` // who raised it, where no seat did
	Evaluator    Text         `toml:"evaluator"`
	Observer     Text         `toml:"observer"`
	Where        Text         `toml:"where"`
	Across       Text         `toml:"across"`
	NoStop       Text         `toml:"no_stop"`
	NotPassed    Text         `toml:"not_passed"` // the stop reached nobody
	Injects      Text         `toml:"injects"`
	NoInjects    Text         `toml:"no_injects"`
	AllInjects   Text         `toml:"all_injects" places:"count"`
	Invented     Text         `toml:"invented"` // with each inject
	Played       Text         `toml:"played"`   // label of who is played
	How          Text         `toml:"how"`      // label of how it came
	Came         Text         `toml:"came"`
	For          Text         `toml:"for"`
	Unscored     Text         `toml:"unscored"`
	Jump         Text         `toml:"jump"` // heads what is said with a jump of the clock
	By           DeliverTexts `toml:"by"`
}

// Raiser names who raised a stop and has no seat, by the word of the contract; an unknown one is told as control.
func (t *ExerciseTexts) Raiser(who string) Text {
	switch who {
	case "evaluators":
		return t.Evaluator
	case "observers":
		return t.Observer
	}
	return t.Control
}

// DeliverTexts are the ways in which an inject comes.
type DeliverTexts struct {
	Note  Text `toml:"note"`
	Press Text `toml:"press"`
	Phone Text `toml:"phone"`
	Card  Text `toml:"card"`
	File  Text `toml:"file"`
}

// Of names a way by its word in the scenario; false for one that this version does not know.
func (t *DeliverTexts) Of(how string) (Text, bool) {
	text, known := map[string]Text{"note": t.Note, "press": t.Press, "phone": t.Phone, "sealed-card": t.Card, "file": t.File}[how]
	return text, known
}
