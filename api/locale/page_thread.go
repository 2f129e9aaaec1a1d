package locale

// ThreadTexts are the page of one thread.
type ThreadTexts struct {
	Acknowledge Text `toml:"acknowledge"` // the button
	Prejudice   Text `toml:"prejudice"`   // beside the button. A-10 s4
	MarkOpened  Text `toml:"mark_opened"` // the button
	NotOpened   Text `toml:"not_opened"`  // beside the button
}

// SentTexts are the page that follows an act.
type SentTexts struct {
	Acknowledged Text `toml:"acknowledged"`
	Sent         Text `toml:"sent" places:"state"`
	Reference    Text `toml:"reference"`
	Undo         Text `toml:"undo"` // the button
	UndoUntil    Text `toml:"undo_until" places:"clock"`
	Undone       Text `toml:"undone"`
	Next         Text `toml:"next"` // heads what happens now
	ToThread     Text `toml:"to_thread"`
}
