package locale

// PaperTexts are a thread on paper, and the check of a paper. docs/protocol.md §9.6
type PaperTexts struct {
	Print          Text `toml:"print"`                       // leads to the page
	Title          Text `toml:"title"`                       // heads it, for those who hear it
	Hint           Text `toml:"hint"`                        // on the screen alone
	PageOf         Text `toml:"page_of" places:"page,pages"` // at the foot of every sheet, by the browser
	Part           Text `toml:"part" places:"part,parts"`
	PartText       Text `toml:"part_text"`
	Before         Text `toml:"before"`
	After          Text `toml:"after"`
	Between        Text `toml:"between"`
	OurReference   Text `toml:"our_reference"`
	TheirReference Text `toml:"their_reference" places:"state"`
	MessageDigest  Text `toml:"message_digest"`
	PageDigest     Text `toml:"page_digest"`
	How            Text `toml:"how" places:"place,command"` // under the digest
	NoProof        Text `toml:"no_proof"`
	Covered        Text `toml:"covered"`
	Size           Text `toml:"size"`
	Root           Text `toml:"root"`
	Asked          Text `toml:"asked"`
	Check          Text `toml:"check"` // heads the page that checks a paper
	CheckLead      Text `toml:"check_lead"`
	Typed          Text `toml:"typed"`
	Do             Text `toml:"do"`                    // the button
	Mistyped       Text `toml:"mistyped" places:"row"` // beside the field
	Same           Text `toml:"same"`                  // heads an answer
	SamePage       Text `toml:"same_page"`
	SameWords      Text `toml:"same_words"`
	SameMessage    Text `toml:"same_message"`
	Recorded       Text `toml:"recorded"`
	Since          Text `toml:"since"`
	Thread         Text `toml:"thread"`
	Messages       Text `toml:"messages"`
	Removed        Text `toml:"removed"`
	NotOurs        Text `toml:"not_ours"` // heads an answer
	NotOursText    Text `toml:"not_ours_text"`
	Differs        Text `toml:"differs"` // heads an answer
	DiffersText    Text `toml:"differs_text"`
	Whole          Text `toml:"whole" places:"time"`
	NotWhole       Text `toml:"not_whole"`
	Again          Text `toml:"again"`   // leads back to the form
	Unsound        Text `toml:"unsound"` // above an answer
	Parts          Text `toml:"parts"`   // names the list of links to them
}
