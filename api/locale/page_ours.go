package locale

// HomeTexts are notes at home, hand-overs and links, which never leave.
type HomeTexts struct {
	Lead         Text `toml:"lead"`
	LastOver     Text `toml:"last_over"`
	NoOver       Text `toml:"no_over"`
	HandOver     Text `toml:"hand_over"`
	HandOverText Text `toml:"hand_over_text"`
	HandOverDo   Text `toml:"hand_over_do"`
	Notes        Text `toml:"notes"`
	NoNotes      Text `toml:"no_notes"`
	Add          Text `toml:"add"`
	Kind         Text `toml:"kind"`
	Plain        Text `toml:"plain"`
	Coordination Text `toml:"coordination"`
	Over         Text `toml:"over"`
	Legal        Text `toml:"legal"`
	Escalation   Text `toml:"escalation"`
	Text         Text `toml:"text"`
	Empty        Text `toml:"empty"`
	Written      Text `toml:"written" places:"officer,time"`
	OfThread     Text `toml:"of_thread"`
	Here         Text `toml:"here"`
	Linked       Text `toml:"linked"`
	Link         Text `toml:"link"`
	LinkText     Text `toml:"link_text"`
	LinkDo       Text `toml:"link_do"`
	Unlink       Text `toml:"unlink"`
	Away         Text `toml:"away"`
	Called       Text `toml:"called"`
	NotCalled    Text `toml:"not_called"`
	LastCall     Text `toml:"last_call" places:"time"`
	Failing      Text `toml:"failing" places:"ways"`
	Unopened     Text `toml:"unopened" places:"number"`
	Passed       Text `toml:"passed" places:"number"`
	More         Text `toml:"more"`
}
