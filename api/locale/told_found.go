package locale

// FoundTexts are what a look at a home says of each thing.
type FoundTexts struct {
	FilesGood         Text `toml:"files_good"`
	HomeUnreadable    Text `toml:"home_unreadable"`
	FileNotPlain      Text `toml:"file_not_plain" places:"file"`
	HomeNotPlain      Text `toml:"home_not_plain"`
	FileOpen          Text `toml:"file_open" places:"file"`
	HomeOpen          Text `toml:"home_open"`
	ConfigLater       Text `toml:"config_later" places:"why"`
	ConfigBad         Text `toml:"config_bad" places:"why"`
	ConfigGood        Text `toml:"config_good" places:"file"`
	FormatOlder       Text `toml:"format_older" places:"has,next"`
	KeysLocked        Text `toml:"keys_locked"`
	KeysUnreadable    Text `toml:"keys_unreadable" places:"why"`
	KeysGood          Text `toml:"keys_good"`
	SealingMissing    Text `toml:"sealing_missing" places:"track"`
	SealingEnded      Text `toml:"sealing_ended" places:"track,ends"`
	SealingEnds       Text `toml:"sealing_ends" places:"track,made,ends"`
	SealingGood       Text `toml:"sealing_good" places:"track,made,ends"`
	DirectoryUnusable Text `toml:"directory_unusable" places:"why"`
	DirectoryNone     Text `toml:"directory_none"`
	DirectoryStale    Text `toml:"directory_stale" places:"number,issued,expires"`
	DirectoryGood     Text `toml:"directory_good" places:"number,issued,expires"`
	EntryMissing      Text `toml:"entry_missing"`
	RootsUnconfirmed  Text `toml:"roots_unconfirmed" places:"number"`
	RecordHeld        Text `toml:"record_held"`
	RecordDamaged     Text `toml:"record_damaged" places:"why"`
	RecordUnchecked   Text `toml:"record_unchecked" places:"why"`
	RecordKey         Text `toml:"record_key" places:"why"`
	RecordGood        Text `toml:"record_good" places:"number"`
	NodeAbsent        Text `toml:"node_absent"`
	NodeAccepts       Text `toml:"node_accepts" places:"number"`
	NodeRefuses       Text `toml:"node_refuses" places:"reason"`
	NodeWarns         Text `toml:"node_warns" places:"warning"`
	CopyRuns          Text `toml:"copy_runs" places:"time"`
	WaitsLong         Text `toml:"waits_long" places:"number"`
	Quarantine        Text `toml:"quarantine" places:"number"`
	NotAsWritten      Text `toml:"not_as_written" places:"time"`
	LookOld           Text `toml:"look_old" places:"time"`
	LookGood          Text `toml:"look_good" places:"time"`
	DiskUnknown       Text `toml:"disk_unknown"`
	DiskBelow         Text `toml:"disk_below" places:"free,total,reserve"`
	DiskNear          Text `toml:"disk_near" places:"free,total,reserve"`
	DiskGood          Text `toml:"disk_good" places:"free,total,reserve"`
	ClockAlone        Text `toml:"clock_alone" places:"time"`
	ClockBehind       Text `toml:"clock_behind" places:"time,newest"`
	ClockGood         Text `toml:"clock_good" places:"newest"`
	RelayUnknown      Text `toml:"relay_unknown"`
	RelayConfig       Text `toml:"relay_config" places:"why"`
	RelayRefuses      Text `toml:"relay_refuses" places:"warning"`
	RelaySilent       Text `toml:"relay_silent"`
	RelayWarns        Text `toml:"relay_warns" places:"warning"`
	RelayGood         Text `toml:"relay_good"`
	BackupNone        Text `toml:"backup_none"`
	BackupOld         Text `toml:"backup_old" places:"number"`
	BackupGood        Text `toml:"backup_good" places:"time"`
}

// FixTexts are what to do about it, under the same names; what is in order has none.
type FixTexts struct {
	HomeUnreadable    Text `toml:"home_unreadable"`
	FileNotPlain      Text `toml:"file_not_plain"`
	HomeNotPlain      Text `toml:"home_not_plain"`
	FileOpen          Text `toml:"file_open" places:"file"`
	HomeOpen          Text `toml:"home_open"`
	ConfigLater       Text `toml:"config_later"`
	ConfigBad         Text `toml:"config_bad"`
	FormatOlder       Text `toml:"format_older"`
	KeysLocked        Text `toml:"keys_locked"`
	KeysUnreadable    Text `toml:"keys_unreadable"`
	SealingMissing    Text `toml:"sealing_missing"`
	SealingEnded      Text `toml:"sealing_ended"`
	SealingEnds       Text `toml:"sealing_ends"`
	DirectoryUnusable Text `toml:"directory_unusable"`
	DirectoryNone     Text `toml:"directory_none"`
	DirectoryStale    Text `toml:"directory_stale"`
	EntryMissing      Text `toml:"entry_missing"`
	RootsUnconfirmed  Text `toml:"roots_unconfirmed"`
	RecordHeld        Text `toml:"record_held"`
	RecordDamaged     Text `toml:"record_damaged"`
	RecordUnchecked   Text `toml:"record_unchecked"`
	RecordKey         Text `toml:"record_key"`
	NodeAbsent        Text `toml:"node_absent"`
	NodeRefuses       Text `toml:"node_refuses"`
	NodeWarns         Text `toml:"node_warns"`
	CopyRuns          Text `toml:"copy_runs"`
	WaitsLong         Text `toml:"waits_long"`
	Quarantine        Text `toml:"quarantine"`
	NotAsWritten      Text `toml:"not_as_written"`
	LookOld           Text `toml:"look_old"`
	DiskUnknown       Text `toml:"disk_unknown"`
	DiskBelow         Text `toml:"disk_below"`
	DiskNear          Text `toml:"disk_near"`
	ClockBehind       Text `toml:"clock_behind"`
	RelayUnknown      Text `toml:"relay_unknown" places:"file"`
	RelayConfig       Text `toml:"relay_config" places:"file,key"`
	RelayRefuses      Text `toml:"relay_refuses"`
	RelaySilent       Text `toml:"relay_silent"`
	RelayWarns        Text `toml:"relay_warns"`
	BackupNone        Text `toml:"backup_none"`
	BackupOld         Text `toml:"backup_old"`
}
