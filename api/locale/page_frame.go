package locale

// FrameTexts stand around every page.
type FrameTexts struct {
	Exercise     Text `toml:"exercise"`     // one word, on top of every page of an exercise
	NothingReal  Text `toml:"nothing_real"` // beside it
	Skip         Text `toml:"skip"`         // the first link of every page
	Desk         Text `toml:"desk"`         // the home page
	New          Text `toml:"new"`          // to write an inquiry
	Contacts     Text `toml:"contacts"`
	Record       Text `toml:"record"`
	OurSide      Text `toml:"our_side"` // notes that never leave
	Node         Text `toml:"node"`     // how the node does
	Help         Text `toml:"help"`
	Menu         Text `toml:"menu"` // names the list of these, for those who hear the page
	Language     Text `toml:"language"`
	Leave        Text `toml:"leave"` // ends the session
	SignedIn     Text `toml:"signed_in" places:"officer,state"`
	Offline      Text `toml:"offline" places:"time"`
	WaitsToLeave Text `toml:"waits_to_leave" places:"count"`
	Problem      Text `toml:"problem"`  // stands over what is wrong with a form
	NotDone      Text `toml:"not_done"` // heads a page that tells why something was not done
	NoPage       Text `toml:"no_page"`
	NoPageText   Text `toml:"no_page_text"`
	Ended        Text `toml:"ended"` // the session
	EndedText    Text `toml:"ended_text" places:"minutes"`
	NewLink      Text `toml:"new_link"` // how to come back
	LinkUsed     Text `toml:"link_used"`
	KeptDraft    Text `toml:"kept_draft"` // what was written when the session had ended
	Back         Text `toml:"back"`       // to the desk
	PrintedBy    Text `toml:"printed_by" places:"officer,time"`
	Named        Text `toml:"named" places:"label,value"` // what a value is, before it
	Watch        Text `toml:"watch"`                      // leads to the page that is asked for again by itself
	Watching     Text `toml:"watching" places:"seconds,minutes"`
	StopWatching Text `toml:"stop_watching"` // leads away from it
	AsOf         Text `toml:"as_of" places:"time"`
	Stopped      Text `toml:"stopped" places:"sentence"` // a sentence of the list of reasons, alone in its line
}
