package locale

// ContactTexts are what States say of themselves, and what was compared by telephone.
type ContactTexts struct {
	Lead             Text `toml:"lead"`
	State            Text `toml:"state"`
	Track            Text `toml:"track"`
	Office           Text `toml:"office"`
	Telephone        Text `toml:"telephone"`
	Email            Text `toml:"email"`
	Writable         Text `toml:"writable"`
	OurOwn           Text `toml:"our_own"`
	Reachable        Text `toml:"reachable"`
	Unreachable      Text `toml:"unreachable"`
	ByTelephone      Text `toml:"by_telephone"`
	Open             Text `toml:"open" places:"distance"`
	AlwaysOpen       Text `toml:"always_open"`
	Closed           Text `toml:"closed" places:"distance"`
	Shut             Text `toml:"shut"`
	Hours            Text `toml:"hours"`
	Zone             Text `toml:"zone"`
	Person           Text `toml:"person"`
	Designation      Text `toml:"designation"`
	Languages        Text `toml:"languages"`
	Courtesy         Text `toml:"courtesy"`
	Original         Text `toml:"original"`
	Further          Text `toml:"further"`
	Fingerprints     Text `toml:"fingerprints"`
	CalledBack       Text `toml:"called_back" places:"officer,time"`
	OwnNumber        Text `toml:"own_number"`
	NotCalled        Text `toml:"not_called"`
	NotCalledDo      Text `toml:"not_called_do"`
	LastCheck        Text `toml:"last_check"`
	NoCheck          Text `toml:"no_check"`
	CheckSent        Text `toml:"check_sent" places:"time,deadline"`
	CheckReplied     Text `toml:"check_replied" places:"time"`
	CheckSilent      Text `toml:"check_silent"`
	CheckFollowed    Text `toml:"check_followed"`
	CheckUpdated     Text `toml:"check_updated"`
	CheckUnresolved  Text `toml:"check_unresolved"`
	CheckWithdrawn   Text `toml:"check_withdrawn"`
	CheckStart       Text `toml:"check_start"`
	CheckLead        Text `toml:"check_lead"`
	CheckWhom        Text `toml:"check_whom"`
	CheckNone        Text `toml:"check_none"`
	CheckWithin      Text `toml:"check_within"`
	Logged           Text `toml:"logged"`
	NoneLogged       Text `toml:"none_logged"`
	Log              Text `toml:"log"`
	Means            Text `toml:"means"`
	Call             Text `toml:"call"`
	Meeting          Text `toml:"meeting"`
	OtherWay         Text `toml:"other_way"`
	Which            Text `toml:"which"`
	WithWhom         Text `toml:"with_whom"`
	Number           Text `toml:"number"`
	At               Text `toml:"at"`
	TheyCalled       Text `toml:"they_called"`
	Result           Text `toml:"result"`
	Worked           Text `toml:"worked"`
	DidNotWork       Text `toml:"did_not_work"`
	Said             Text `toml:"said"`
	LogDo            Text `toml:"log_do"`
	LogStays         Text `toml:"log_stays"`
	OthersSay        Text `toml:"others_say"`
	OthersLead       Text `toml:"others_lead"`
	FromOther        Text `toml:"from_other" places:"name,row,officer,time"`
	CheckBy          Text `toml:"check_by" places:"officer,time"`
	CheckThread      Text `toml:"check_thread"`
	CheckEntry       Text `toml:"check_entry" places:"asked,number"`
	CheckEarlier     Text `toml:"check_earlier"`
	PastSent         Text `toml:"past_sent"`
	PastReplied      Text `toml:"past_replied"`
	FollowUp         Text `toml:"follow_up"`
	FollowLead       Text `toml:"follow_lead"`
	FollowedUp       Text `toml:"followed_up"`
	FollowWhom       Text `toml:"follow_whom"`
	FollowEnd        Text `toml:"follow_end"`
	GoesOn           Text `toml:"goes_on"`
	DueNever         Text `toml:"due_never"`
	DueNext          Text `toml:"due_next" places:"last,time"`
	OtherKept        Text `toml:"other_kept"`
	OtherWhole       Text `toml:"other_whole" places:"name,officer,time"`
	OtherAgreed      Text `toml:"other_agreed"`
	OtherMembers     Text `toml:"other_members"`
	OtherContacts    Text `toml:"other_contacts"`
	OtherDamaged     Text `toml:"other_damaged" places:"name"`
	OtherLabel       Text `toml:"other_label"`
	OtherInstitution Text `toml:"other_institution"`
	RootQuestion     Text `toml:"root_question"`
	RootQuestionDo   Text `toml:"root_question_do"`
	SplitQuestion    Text `toml:"split_question" places:"state"`
	OwnQuestion      Text `toml:"own_question"`
	Held             Text `toml:"held" places:"number"`
	RootKnown        Text `toml:"root_known"`
	RootShown        Text `toml:"root_shown"`
	RootForm         Text `toml:"root_form"`
	RootRead         Text `toml:"root_read"`
	RootSource       Text `toml:"root_source"`
	RootIs           Text `toml:"root_is"`
	RootIsNot        Text `toml:"root_is_not"`
	RootNext         Text `toml:"root_next"`
	RootSure         Text `toml:"root_sure" places:"state"`
	RootEffect       Text `toml:"root_effect"`
	RootSince        Text `toml:"root_since" places:"time"`
	SplitList        Text `toml:"split_list" places:"number"`
	SettleSure       Text `toml:"settle_sure" places:"state"`
	SettleEffect     Text `toml:"settle_effect"`
	RootChoose       Text `toml:"root_choose"`
	TypeName         Text `toml:"type_name" places:"code"`
	TypedWrong       Text `toml:"typed_wrong"`
	Confirm          Text `toml:"confirm"`
	Settle           Text `toml:"settle"`
	SettleNote       Text `toml:"settle_note"`
	Back             Text `toml:"back" places:"state"`
}
