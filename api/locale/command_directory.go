package locale

// DirectoryLineTexts are what directory show and directory verify print. A-7a
type DirectoryLineTexts struct {
	NoList         Text `toml:"no_list"`
	List           Text `toml:"list" places:"number,issued,expires"`
	Stale          Text `toml:"stale"`
	Manager        Text `toml:"manager"`
	Relay          Text `toml:"relay"`
	Left           Text `toml:"left" places:"state,date"`
	LeftDirectory  Text `toml:"left_directory" places:"state,date"`
	NotIn          Text `toml:"not_in" places:"state"`
	Entry          Text `toml:"entry" places:"number"`
	NewRoot        Text `toml:"new_root" places:"root"`
	NotCalled      Text `toml:"not_called" places:"state"`
	Called         Text `toml:"called" places:"date,officer,item"`
	CalledOwn      Text `toml:"called_own" places:"line"`
	Nominated      Text `toml:"nominated" places:"authority"`
	ValidFrom      Text `toml:"valid_from" places:"date"`
	Review         Text `toml:"review" places:"date"`
	Reachable      Text `toml:"reachable"`
	Unreachable    Text `toml:"unreachable"`
	Further        Text `toml:"further" places:"track"`
	Unofficial     Text `toml:"unofficial" places:"language"`
	OfficeCloses   Text `toml:"office_closes" places:"span,time,now"`
	OfficeOpens    Text `toml:"office_opens" places:"span,time,now"`
	AlwaysOpen     Text `toml:"always_open"`
	AlwaysClosed   Text `toml:"always_closed"`
	OthersHead     Text `toml:"others_head"`
	OthersSource   Text `toml:"others_source" places:"name,row,time,officer,file"`
	AskWhich       Text `toml:"ask_which" places:"paragraph"`
	AnotherWay     Text `toml:"another_way" places:"paragraph"`
	Damaged        Text `toml:"damaged" places:"id"`
	Verified       Text `toml:"verified" places:"number,states,hash"`
	NobodyCompared Text `toml:"nobody_compared"`
	Follows        Text `toml:"follows" places:"number"`
	Joined         Text `toml:"joined" places:"state"`
	Updated        Text `toml:"updated" places:"state"`
	Gone           Text `toml:"gone" places:"state"`
	KeyChanged     Text `toml:"key_changed" places:"state,root"`
	NewKeys        Text `toml:"new_keys" places:"address"`
	NotUsed        Text `toml:"not_used" places:"address,reason"`
}

// DirectoryLabelTexts stand before what is said of a point of contact. A-7a
type DirectoryLabelTexts struct {
	Entity      Text `toml:"entity"`
	Person      Text `toml:"person"`
	Name        Text `toml:"name"`
	Designation Text `toml:"designation"`
	Purpose     Text `toml:"purpose"`
	Telephone   Text `toml:"telephone"`
	Email       Text `toml:"email"`
	Languages   Text `toml:"languages"`
	Hours       Text `toml:"hours"`
	Now         Text `toml:"now"`
	Track       Text `toml:"track"`
	Kind        Text `toml:"kind"`
	Institution Text `toml:"institution"`
	Capacity    Text `toml:"capacity"`
	Notes       Text `toml:"notes"`
}

// CampaignTexts are lines of communication checks; no State is measured by them. A-8
type CampaignTexts struct {
	Asked        Text `toml:"asked" places:"campaign,time"`
	Begun        Text `toml:"begun" places:"started,deadline,asked,detail"`
	None         Text `toml:"none" places:"command"`
	Calendar     Text `toml:"calendar" places:"last,next"`
	Due          Text `toml:"due" places:"line,command"`
	Question     Text `toml:"question" places:"delivery"`
	Answered     Text `toml:"answered" places:"answer,time,way"`
	ByNode       Text `toml:"by_node"`
	ByWay        Text `toml:"by_way" places:"way"`
	Registered   Text `toml:"registered" places:"line"`
	Alternative  Text `toml:"alternative" places:"line"`
	EntryChanged Text `toml:"entry_changed" places:"asked,now"`
	Followed     Text `toml:"followed" places:"line"`
	Earlier      Text `toml:"earlier" places:"time,state"`
	Report       Text `toml:"report" places:"path,form"`
	UnknownState Text `toml:"unknown_state"`
}

// CampaignDetailTexts name the contact detail that a check is about.
type CampaignDetailTexts struct {
	Node      Text `toml:"node"`
	Telephone Text `toml:"telephone"`
	Email     Text `toml:"email"`
}

// CheckStateTexts say how a check stands, and no more: silence is no verdict. s1
type CheckStateTexts struct {
	Replied      Text `toml:"replied"`
	RepliedLate  Text `toml:"replied_late"`
	Sent         Text `toml:"sent"`
	NoReply      Text `toml:"no_reply"`
	FollowUp     Text `toml:"follow_up"`
	EntryUpdated Text `toml:"entry_updated"`
	Unresolved   Text `toml:"unresolved"`
	Withdrawn    Text `toml:"withdrawn"`
}

// CheckAnswerTexts name what a person answered to a check. A-8
type CheckAnswerTexts struct {
	EntryCorrect Text `toml:"entry_correct"`
	NeedsChange  Text `toml:"needs_change"`
}

// ContactResultTexts name how a call or email ended.
type ContactResultTexts struct {
	Worked     Text `toml:"worked"`
	DidNotWork Text `toml:"did_not_work"`
}

// CheckOutcomeTexts name how following up ended. A-8 s3
type CheckOutcomeTexts struct {
	EntryUpdated Text `toml:"entry_updated"`
	Unresolved   Text `toml:"unresolved"`
}

// KeyLineTexts are the sheet of fingerprints that is read aloud. docs/protocol.md §4.2
type KeyLineTexts struct {
	Sheet     Text `toml:"sheet" places:"state"`
	Door      Text `toml:"door"`
	Manager   Text `toml:"manager"`
	ReadAloud Text `toml:"read_aloud" places:"line,line,day"`
}

// MadeTexts are told where a verb has made a page, a file or a draft.
type MadeTexts struct {
	Escalated   Text `toml:"escalated" places:"item"`
	Briefing    Text `toml:"briefing" places:"path,tlp,item"`
	Saved       Text `toml:"saved" places:"path,size,digest"`
	WriteBeside Text `toml:"write_beside" places:"file"`
}
