package locale

// OtherFieldText names what an entry and the directory of another body say otherwise.
type OtherFieldText struct {
	PointOfContact Text `toml:"point_of_contact"`
	Entity         Text `toml:"entity"`
	Name           Text `toml:"name"`
	Designation    Text `toml:"designation"`
	Telephone      Text `toml:"telephone"`
	Email          Text `toml:"email"`
}

// FlagTexts are for our own side alone.
type FlagTexts struct {
	Overdue     Text `toml:"overdue"`
	Undelivered Text `toml:"undelivered"`
	Escalated   Text `toml:"escalated"`
}

// DraftActTexts name what officers of ours did to a message before its release.
type DraftActTexts struct {
	Drafted   Text `toml:"drafted"`
	Revised   Text `toml:"revised"`
	Submitted Text `toml:"submitted"`
	Cleared   Text `toml:"cleared"`
	SentBack  Text `toml:"sent_back"`
	Held      Text `toml:"held"`
	Withdrawn Text `toml:"withdrawn"`
	Stopped   Text `toml:"stopped"`
}

// MarkNameTexts name what a node has noted of a message.
type MarkNameTexts struct {
	KeyOutsideValidity Text `toml:"key_outside_validity"`
	KeyRevokedSince    Text `toml:"key_revoked_since"`
	SplitView          Text `toml:"split_view"`
	UnknownParts       Text `toml:"unknown_parts"`
	AfterLoss          Text `toml:"after_loss"`
	Recovered          Text `toml:"recovered"`
	ClockSkew          Text `toml:"clock_skew"`
	StaleDirectory     Text `toml:"stale_directory"`
	HeldForCallBack    Text `toml:"held_for_call_back"`
}

// MeansTexts name ways to reach people outside of the node.
type MeansTexts struct {
	Call    Text `toml:"call"`
	Email   Text `toml:"email"`
	Meeting Text `toml:"meeting"`
	Other   Text `toml:"other"`
}

// NoteKindTexts name the kinds of notes at home.
type NoteKindTexts struct {
	Plain        Text `toml:"plain"`
	Coordination Text `toml:"coordination"`
	HandOver     Text `toml:"hand_over"`
	LegalBasis   Text `toml:"legal_basis"`
	Escalation   Text `toml:"escalation"`
}

// AttachmentStateTexts name how an attachment stands that is not whole.
type AttachmentStateTexts struct {
	Damaged Text `toml:"damaged"`
	Refused Text `toml:"refused"`
	Stopped Text `toml:"stopped"`
}

// ItemTexts name what the record holds.
type ItemTexts struct {
	Sent           Text `toml:"sent"`
	Received       Text `toml:"received"`
	Refused        Text `toml:"refused"`
	Quarantined    Text `toml:"quarantined"`
	ReceiptIn      Text `toml:"receipt_in"`
	Delivery       Text `toml:"delivery"`
	ContactLog     Text `toml:"contact_log"`
	Note           Text `toml:"note"`
	Directory      Text `toml:"directory"`
	Draft          Text `toml:"draft"`
	Node           Text `toml:"node"`
	Attachment     Text `toml:"attachment"`
	Export         Text `toml:"export"`
	Trust          Text `toml:"trust"`
	OtherDirectory Text `toml:"other_directory"`
	Prune          Text `toml:"prune"`
	Check          Text `toml:"check"`
	Opened         Text `toml:"opened"`
	Attention      Text `toml:"attention"`
	Link           Text `toml:"link"`
}

// ConsentStateTexts name how a consent stands.
type ConsentStateTexts struct {
	Asked      Text `toml:"asked"`
	Granted    Text `toml:"granted"`
	NotGranted Text `toml:"not_granted"`
	Expired    Text `toml:"expired"`
	Withdrawn  Text `toml:"withdrawn"`
}
