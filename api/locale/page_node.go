package locale

// NodeTexts are how the node does.
type NodeTexts struct {
	Lead         Text `toml:"lead"`
	Good         Text `toml:"good"`
	Watch        Text `toml:"watch"`
	Bad          Text `toml:"bad"`
	AllGood      Text `toml:"all_good"`
	AllWatch     Text `toml:"all_watch"`
	AllBad       Text `toml:"all_bad"`
	Part         Text `toml:"part"`
	How          Text `toml:"how"`
	Last         Text `toml:"last"`
	Next         Text `toml:"next"`
	Link         Text `toml:"link"`
	Outbox       Text `toml:"outbox"`
	Quarantine   Text `toml:"quarantine"`
	Gaps         Text `toml:"gaps"`
	Directory    Text `toml:"directory"`
	Keys         Text `toml:"keys"`
	Backup       Text `toml:"backup"`
	Verified     Text `toml:"verified"`
	Clock        Text `toml:"clock"`
	Calls        Text `toml:"calls"`
	Trust        Text `toml:"trust"`
	Connected    Text `toml:"connected"`
	NotConnected Text `toml:"not_connected"`
	Tries        Text `toml:"tries"`
	Nothing      Text `toml:"nothing"`
	Oldest       Text `toml:"oldest" places:"time"`
	Leaves       Text `toml:"leaves"`
	AskSender    Text `toml:"ask_sender"`
	AskAgain     Text `toml:"ask_again"`
	ListNumber   Text `toml:"list_number" places:"number"`
	NoList       Text `toml:"no_list"`
	ListStale    Text `toml:"list_stale"`
	ListComes    Text `toml:"list_comes"`
	Refused      Text `toml:"refused" places:"reason"`
	Looked       Text `toml:"looked" places:"time"`
	KeyEnds      Text `toml:"key_ends" places:"time"`
	KeyNext      Text `toml:"key_next"`
	Never        Text `toml:"never"`
	NotYet       Text `toml:"not_yet"`
	NoBackup     Text `toml:"no_backup"`
	MakeBackup   Text `toml:"make_backup"`
	WasWhole     Text `toml:"was_whole"`
	WasDamaged   Text `toml:"was_damaged"`
	StartCheck   Text `toml:"start_check"`
	ClockAgrees  Text `toml:"clock_agrees"`
	ClockDiffers Text `toml:"clock_differs" places:"duration"`
	ClockSet     Text `toml:"clock_set"`
	NoCalls      Text `toml:"no_calls"`
	CallsSet     Text `toml:"calls_set"`
	CallsOn      Text `toml:"calls_on"`
	CallsFailing Text `toml:"calls_failing" places:"ways"`
	LastQuiet    Text `toml:"last_quiet" places:"time"`
	AskContacts  Text `toml:"ask_contacts"`
	Stopped      Text `toml:"stopped" places:"time"`
	Warnings     Text `toml:"warnings"`
	InEnglish    Text `toml:"in_english"`
	Report       Text `toml:"report"`
	ReportText   Text `toml:"report_text"`
	ReportGet    Text `toml:"report_get"`
}
