package locale

// CheckTexts are the page that a person reads before something leaves, and its question.
type CheckTexts struct {
	To            Text `toml:"to"`
	From          Text `toml:"from"`
	Realm         Text `toml:"realm"`
	Kind          Text `toml:"kind"`
	EachAlone     Text `toml:"each_alone" places:"to"` // one message to each of several
	NotClassified Text `toml:"not_classified"`
	Question      Text `toml:"question" places:"yes"`
	YesWord       Text `toml:"yes_word"` // the word that sends, beside "yes"
	TakeBack      Text `toml:"take_back" places:"message"`
	NothingSent   Text `toml:"nothing_sent"`
	InFull        Text `toml:"in_full" places:"yes"`            // the hint where another word was typed
	NotCalled     Text `toml:"not_called" places:"state,state"` // docs/protocol.md §8.5
}

// OthersTexts are what directories of other bodies say of a State, and say that it is they who say it.
// A-12a, A-12b
type OthersTexts struct {
	Unknown     Text `toml:"unknown" places:"state"`
	Head        Text `toml:"head"`
	YouChoose   Text `toml:"you_choose" places:"line"`
	Source      Text `toml:"source" places:"name,row"`
	NoContact   Text `toml:"no_contact" places:"address,source,contact"`
	Differs     Text `toml:"differs" places:"field,address,entry,source,other"`
	RouteNobody Text `toml:"route_nobody" places:"ours,theirs,source,theirs"`
	RouteOne    Text `toml:"route_one" places:"ours,theirs,source,contact"`
	RouteMore   Text `toml:"route_more" places:"ours,theirs,source,contact"`
}
