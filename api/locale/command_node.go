package locale

// StatusTexts are what a running node says of itself at a terminal.
type StatusTexts struct {
	Relay        Text `toml:"relay"`
	Waiting      Text `toml:"waiting"`
	Quarantine   Text `toml:"quarantine"`
	Gap          Text `toml:"gap"`
	Desk         Text `toml:"desk"`
	Record       Text `toml:"record"`
	Key          Text `toml:"key"`
	Question     Text `toml:"question"`
	Warning      Text `toml:"warning"`
	Connected    Text `toml:"connected"`
	NotConnected Text `toml:"not_connected"`
	Since        Text `toml:"since" places:"link,time"`
	Waits        Text `toml:"waits" places:"message,peer,time,reason"`
	Apart        Text `toml:"apart" places:"item,reason"`
	UnderWay     Text `toml:"under_way" places:"peer"`
	DeskWaits    Text `toml:"desk_waits" places:"threads,deadlines"`
	LastCall     Text `toml:"last_call" places:"time"`
	QuietTaken   Text `toml:"quiet_taken" places:"time"`
	Whole        Text `toml:"whole" places:"time"`
	Damaged      Text `toml:"damaged" places:"time"`
	KeyLine      Text `toml:"key_line" places:"address,use,key"`
	KeyDates     Text `toml:"key_dates" places:"key,from,until"`
	KeyHow       Text `toml:"key_how" places:"key,how"`
	Revoked      Text `toml:"revoked" places:"time"`
	SignsNow     Text `toml:"signs_now"`
	NoEntry      Text `toml:"no_entry"`
	NextKey      Text `toml:"next_key"`
	Clock        Text `toml:"clock"`
	Evidence     Text `toml:"evidence" places:"others,hours"`
	DateAhead    Text `toml:"date_ahead"`
	Sealing      Text `toml:"sealing"`
	Signing      Text `toml:"signing"`
	QuestionLine Text `toml:"question_line" places:"item,state,event,time,held"`
	RootKnown    Text `toml:"root_known"`
	RootShown    Text `toml:"root_shown"`
	Call         Text `toml:"call"`
}

// DoctorTexts name how much each thing matters that a look at a home found.
type DoctorTexts struct {
	Ok   Text `toml:"ok"`
	Warn Text `toml:"warn"`
	Bad  Text `toml:"bad"`
	Fix  Text `toml:"fix" places:"fix"`
}
