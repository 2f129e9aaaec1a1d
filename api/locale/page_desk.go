package locale

// DeskTexts are the home page.
type DeskTexts struct {
	NeedYou   Text `toml:"need_you" places:"count"` // how many threads wait for somebody here
	Quiet     Text `toml:"quiet"`                   // none does
	Rest      Text `toml:"rest"`                    // heads all the others
	Empty     Text `toml:"empty"`                   // there is no thread at all
	More      Text `toml:"more"`                    // leads to the next page
	First     Text `toml:"first"`                   // leads to the first page
	With      Text `toml:"with"`                    // heads the column of States
	Subject   Text `toml:"subject"`
	Owed      Text `toml:"owed"`                 // what there is to do
	By        Text `toml:"by"`                   // until when
	Stands    Text `toml:"stands"`               // how it stands
	Changed   Text `toml:"changed"`              // when anything last happened
	NoSubject Text `toml:"no_subject"`           // in the place of a title
	Asked     Text `toml:"asked" places:"state"` // who wishes for an answer by then
	Promised  Text `toml:"promised"`             // we said so
	OwnRule   Text `toml:"own_rule"`             // only our own rule
	Passed    Text `toml:"passed"`               // the moment lies behind us
	MarkedBy  Text `toml:"marked_by" places:"level,state"`
	Open      Text `toml:"open"` // the button that opens what nobody has opened
}
