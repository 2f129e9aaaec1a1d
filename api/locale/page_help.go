package locale

// HelpTexts are the card to print.
type HelpTexts struct {
	Lead             Text `toml:"lead"`
	Day              Text `toml:"day"`
	DayRead          Text `toml:"day_read"`
	DayAcknowledge   Text `toml:"day_acknowledge"`
	DayAnswer        Text `toml:"day_answer"`
	DayLook          Text `toml:"day_look"`
	DayPrint         Text `toml:"day_print"`
	DayOver          Text `toml:"day_over"`
	Words            Text `toml:"words"`
	Waiting          Text `toml:"waiting"`
	WaitingText      Text `toml:"waiting_text"`
	Left             Text `toml:"left"`
	LeftText         Text `toml:"left_text"`
	Reached          Text `toml:"reached"`
	ReachedText      Text `toml:"reached_text"`
	Acknowledged     Text `toml:"acknowledged"`
	AcknowledgedText Text `toml:"acknowledged_text"`
	Labels           Text `toml:"labels"`
	Red              Text `toml:"red"`
	AmberStrict      Text `toml:"amber_strict"`
	Amber            Text `toml:"amber"`
	Green            Text `toml:"green"`
	Clear            Text `toml:"clear"`
	Down             Text `toml:"down"`
	DownPhone        Text `toml:"down_phone"`
	DownGoOn         Text `toml:"down_go_on"`
	DownLog          Text `toml:"down_log"`
	Numbers          Text `toml:"numbers" places:"date"`
	AtHome           Text `toml:"at_home"`
	NotReviewed      Text `toml:"not_reviewed"`
}
