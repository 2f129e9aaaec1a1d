package locale

// RecordLineTexts are what the verbs of the record print: lines of a list, of a check, of paper. docs/protocol.md §9.6
type RecordLineTexts struct {
	Verifies       Text `toml:"verifies" places:"items,tree,root"`
	NotVerifies    Text `toml:"not_verifies" places:"items,tree,root"`
	ProblemRecord  Text `toml:"problem_record" places:"reason"`
	ProblemItem    Text `toml:"problem_item" places:"item,reason"`
	PaperNot       Text `toml:"paper_not" places:"reason"`
	PaperMessage   Text `toml:"paper_message" places:"thread,peer"`
	PaperPage      Text `toml:"paper_page" places:"thread,peer"`
	PaperCovers    Text `toml:"paper_covers" places:"covered,size,time"`
	Root           Text `toml:"root" places:"root"`
	PaperSince     Text `toml:"paper_since" places:"items"`
	ContentRemoved Text `toml:"content_removed"`
	RemovedNote    Text `toml:"removed_note"`
	Attention      Text `toml:"attention" places:"step,means"`
	AttentionNot   Text `toml:"attention_not" places:"line"`
	Removed        Text `toml:"removed"`
	Pruned         Text `toml:"pruned" places:"items,threads,time"`
	PrunedKeys     Text `toml:"pruned_keys" places:"line,months"`
	OtherImported  Text `toml:"other_imported" places:"id,contacts"`
	OtherRemoved   Text `toml:"other_removed" places:"id"`
	OtherSide      Text `toml:"other_side"`
	Head           Text `toml:"head" places:"items,root"`
	PaperHead      Text `toml:"paper_head" places:"state"`
	Realm          Text `toml:"realm" places:"realm"`
	Items          Text `toml:"items" places:"items"`
	RootFollows    Text `toml:"root_follows"`
	Read           Text `toml:"read" places:"time"`
	Banner         Text `toml:"banner"`
	FromRecord     Text `toml:"from_record" places:"state"`
	TakenBy        Text `toml:"taken_by" places:"time,officer,item"`
	AnOfficer      Text `toml:"an_officer"`
	OwnArchive     Text `toml:"own_archive"`
	ConsentOf      Text `toml:"consent_of" places:"consent,peer"`
	AllItems       Text `toml:"all_items" places:"items"`
	TakenOut       Text `toml:"taken_out" places:"items,whom"`
	PageDigest     Text `toml:"page_digest" places:"thread"`
	PageItems      Text `toml:"page_items" places:"items,size"`
	PageCheck      Text `toml:"page_check"`
	Result         Text `toml:"result" places:"items,whom,item"`
	Condition      Text `toml:"condition" places:"condition"`
	LeftOut        Text `toml:"left_out" places:"message"`
	NoKey          Text `toml:"no_key" places:"item"`
	Wrote          Text `toml:"wrote" places:"path"`
}

// RecordLabelTexts stand before a value of an item, or of the head of a page.
type RecordLabelTexts struct {
	Realm   Text `toml:"realm"`
	Taken   Text `toml:"taken"`
	Whom    Text `toml:"whom"`
	Consent Text `toml:"consent"`
	Thread  Text `toml:"thread"`
	Message Text `toml:"message"`
	Digest  Text `toml:"digest"`
	Officer Text `toml:"officer"`
	Act     Text `toml:"act"`
	Note    Text `toml:"note"`
	About   Text `toml:"about"`
	Root    Text `toml:"root"`
	Shown   Text `toml:"shown"`
	Called  Text `toml:"called"`
	Read    Text `toml:"read"`
	Number  Text `toml:"number"`
	Name    Text `toml:"name"`
	Date    Text `toml:"date"`
	Outcome Text `toml:"outcome"`
}

// AttentionStepTexts name who was called to the desk. docs/protocol.md §12.7
type AttentionStepTexts struct {
	First     Text `toml:"first"`
	Second    Text `toml:"second"`
	WatchRoom Text `toml:"watch_room"`
	AllQuiet  Text `toml:"all_quiet"`
}

// TrustEventTexts name what happened to who speaks for a State. docs/protocol.md §8.5
type TrustEventTexts struct {
	RootInQuestion Text `toml:"root_in_question"`
	CalledBack     Text `toml:"called_back"`
	Settled        Text `toml:"settled"`
	SplitView      Text `toml:"split_view"`
	OwnEntry       Text `toml:"own_entry"`
	FirstCall      Text `toml:"first_call"`
}

// TrustOutcomeTexts name how a call about a root ended.
type TrustOutcomeTexts struct {
	Confirmed Text `toml:"confirmed"`
	NotTheirs Text `toml:"not_theirs"`
}
