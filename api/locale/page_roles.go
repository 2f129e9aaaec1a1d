package locale

// RoleTexts are what an officer may be.
type RoleTexts struct {
	DutyOfficer        Text `toml:"duty_officer"`
	Drafter            Text `toml:"drafter"`
	Clearer            Text `toml:"clearer"`
	RecordKeeper       Text `toml:"record_keeper"`
	NodeAdmin          Text `toml:"node_admin"`
	ExerciseController Text `toml:"exercise_controller"`
	WhoMay             Text `toml:"who_may" places:"roles"`
}
