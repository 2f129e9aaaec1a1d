package locale

// WarningTexts are what a node says of itself, each under the name that the contract gives it; its places are the
// names of its arguments. docs/protocol.md §12.3
type WarningTexts struct {
	NoDirectory           Text `toml:"no_directory"`
	DirectoryStale        Text `toml:"directory_stale"`
	SealingKeyEnds        Text `toml:"sealing_key_ends" places:"day"`
	DiskReserve           Text `toml:"disk_reserve" places:"free,total,reserve"`
	DiskLast              Text `toml:"disk_last" places:"free,total,reserve"`
	PeerOverQuota         Text `toml:"peer_over_quota"`
	RelayedSealed         Text `toml:"relayed_sealed"`
	RelayedOlder          Text `toml:"relayed_older" places:"number,held"`
	RelayedRefused        Text `toml:"relayed_refused" places:"reason,held"`
	RelayKeyUnknown       Text `toml:"relay_key_unknown"`
	RelayKeyOther         Text `toml:"relay_key_other"`
	RelayNotAdmitted      Text `toml:"relay_not_admitted"`
	RelayTakesLess        Text `toml:"relay_takes_less"`
	RelayOldServer        Text `toml:"relay_old_server"`
	SigningKeyEnds        Text `toml:"signing_key_ends" places:"address,day"`
	SigningKeyEnded       Text `toml:"signing_key_ended" places:"address,day"`
	PeersSigningKeysEnd   Text `toml:"peers_signing_keys_end" places:"peers"`
	PeersSealingKeysEnd   Text `toml:"peers_sealing_keys_end" places:"peers"`
	PeersSealingKeysEnded Text `toml:"peers_sealing_keys_ended" places:"peers"`
	ReviewDue             Text `toml:"review_due" places:"day"`
	ReviewPassed          Text `toml:"review_passed" places:"day"`
	RecordReopens         Text `toml:"record_reopens"`
	OfficerAdded          Text `toml:"officer_added" places:"day"`
	CopyRuns              Text `toml:"copy_runs" places:"time"`
	Restored              Text `toml:"restored" places:"from,to"`
	RestoredInPart        Text `toml:"restored_in_part" places:"from,to,number,newest"`
	WentBack              Text `toml:"went_back" places:"from,to"`
	WentBackInPart        Text `toml:"went_back_in_part" places:"from,to,number,newest"`
	RestoreUnheard        Text `toml:"restore_unheard" places:"peers"`
	CheckDue              Text `toml:"check_due" places:"day"`
	CallsFail             Text `toml:"calls_fail" places:"ways"`
	RootInQuestion        Text `toml:"root_in_question" places:"state"`
	RootDenied            Text `toml:"root_denied" places:"state"`
	SplitView             Text `toml:"split_view" places:"peer"`
	OwnOtherRoot          Text `toml:"own_other_root"`
	OwnRemoved            Text `toml:"own_removed"`
	OwnRolledBack         Text `toml:"own_rolled_back"`
	OwnOtherBundle        Text `toml:"own_other_bundle"`
	NotAsWritten          Text `toml:"not_as_written"`
}

// ToldValueTexts are what stands in the places of other texts.
type ToldValueTexts struct {
	Today      Text `toml:"today" places:"day"`
	Diplomatic Text `toml:"diplomatic"`
	Technical  Text `toml:"technical"`
	Manager    Text `toml:"manager"`
	Days       Text `toml:"days" places:"day,count"`
	More       Text `toml:"more" places:"names,count"`
}
