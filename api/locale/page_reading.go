package locale

// ReadingTexts are what the page of a thread says beside what was said.
type ReadingTexts struct {
	Deadlines           Text `toml:"deadlines"`
	OwnAcknowledge      Text `toml:"own_acknowledge"`
	OwnAnswer           Text `toml:"own_answer"`
	InShort             Text `toml:"in_short"`
	Who                 Text `toml:"who"`
	WhoInforms          Text `toml:"who_informs"`
	Nature              Text `toml:"nature"`
	Urgency             Text `toml:"urgency"`
	Channel             Text `toml:"channel"`
	Agency              Text `toml:"agency"`
	Next                Text `toml:"next"`
	OurAgency           Text `toml:"our_agency"`
	TheirAgency         Text `toml:"their_agency" places:"state"`
	MarkedByUs          Text `toml:"marked_by_us" places:"level"`
	NeededBy            Text `toml:"needed_by"`
	Agreed              Text `toml:"agreed"`
	Proposed            Text `toml:"proposed"`
	NotSaid             Text `toml:"not_said"`
	None                Text `toml:"none"`
	Advice              Text `toml:"advice"`
	AdviceOnly          Text `toml:"advice_only"`
	Said                Text `toml:"said"`
	Nothing             Text `toml:"nothing"`
	Gap                 Text `toml:"gap" places:"state"`
	Pruned              Text `toml:"pruned" places:"time"`
	Linked              Text `toml:"linked"`
	SenderClock         Text `toml:"sender_clock" places:"state"`
	OurClock            Text `toml:"our_clock"`
	Recorded            Text `toml:"recorded"`
	Handling            Text `toml:"handling"`
	Officer             Text `toml:"officer"`
	InReplyTo           Text `toml:"in_reply_to"`
	StageDraft          Text `toml:"stage_draft"`
	StagePending        Text `toml:"stage_pending"`
	StageHeld           Text `toml:"stage_held"`
	Withdrawn           Text `toml:"withdrawn"`
	Retracted           Text `toml:"retracted"`
	Corrected           Text `toml:"corrected"`
	See                 Text `toml:"see"`
	LegalBasis          Text `toml:"legal_basis"`
	Steps               Text `toml:"steps"`
	Delivery            Text `toml:"delivery"`
	NotYet              Text `toml:"not_yet"`
	WhyWaits            Text `toml:"why_waits"`
	RefusedThere        Text `toml:"refused_there" places:"state"`
	RefusedHere         Text `toml:"refused_here" places:"state"`
	Why                 Text `toml:"why"`
	CannotShow          Text `toml:"cannot_show"`
	UnknownPart         Text `toml:"unknown_part"`
	UnknownValue        Text `toml:"unknown_value" places:"number"`
	NoteUnder           Text `toml:"note_under"`
	UnknownNote         Text `toml:"unknown_note" places:"id"`
	Original            Text `toml:"original"`
	Translation         Text `toml:"translation"`
	Question            Text `toml:"question" places:"number"`
	Reply               Text `toml:"reply"`
	Elsewhere           Text `toml:"elsewhere"`
	CoversAll           Text `toml:"covers_all" places:"count"`
	AsWritten           Text `toml:"as_written" places:"clock"`
	Attachments         Text `toml:"attachments"`
	NameSaid            Text `toml:"name_said"`
	SaveAs              Text `toml:"save_as"`
	Size                Text `toml:"size"`
	Bytes               Text `toml:"bytes" places:"count"`
	Arrived             Text `toml:"arrived" places:"arrived,parts"`
	ArrivedThere        Text `toml:"arrived_there" places:"arrived,parts,state"`
	Download            Text `toml:"download" places:"name"`
	DownloadNote        Text `toml:"download_note"`
	NotServed           Text `toml:"not_served"`
	PageOf              Text `toml:"page_of" places:"page,pages"`
	Oldest              Text `toml:"oldest"`
	Earlier             Text `toml:"earlier"`
	Later               Text `toml:"later"`
	Newest              Text `toml:"newest"`
	Pages               Text `toml:"pages"`
	ExerciseControl     Text `toml:"exercise_control"`
	ExerciseInject      Text `toml:"exercise_inject"`
	ExerciseObservation Text `toml:"exercise_observation"`
	NotePlain           Text `toml:"note_plain"`
	NoteCoordination    Text `toml:"note_coordination"`
	NoteHandOver        Text `toml:"note_hand_over"`
	NoteLegalBasis      Text `toml:"note_legal_basis"`
	NoteEscalation      Text `toml:"note_escalation"`
	About               Text `toml:"about"`
	ContactIn           Text `toml:"contact_in" places:"state"`
	ContactOut          Text `toml:"contact_out" places:"state"`
	Yes                 Text `toml:"yes"`
	No                  Text `toml:"no"`
}

// AdviceTexts are the steps of the procedures that may still be open, in words. A-10a
type AdviceTexts struct {
	Who      Text `toml:"who"`
	Nature   Text `toml:"nature"`
	Ask      Text `toml:"ask"`
	Name     Text `toml:"name"`
	Respond  Text `toml:"respond"`
	Estimate Text `toml:"estimate"`
	Agree    Text `toml:"agree"`
	Check    Text `toml:"check"`
}

// MarkTexts say what a reader should know of a message, and what to do. docs/protocol.md §8.5
type MarkTexts struct {
	KeyOutsideValidity Text `toml:"key_outside_validity" places:"state"`
	KeyRevokedSince    Text `toml:"key_revoked_since" places:"state"`
	SplitView          Text `toml:"split_view" places:"state"`
	UnknownParts       Text `toml:"unknown_parts" places:"state"`
	AfterLoss          Text `toml:"after_loss" places:"state"`
	Recovered          Text `toml:"recovered" places:"state"`
	ClockSkew          Text `toml:"clock_skew" places:"state"`
	StaleDirectory     Text `toml:"stale_directory" places:"state"`
	HeldForCallBack    Text `toml:"held_for_call_back" places:"state"`
	Unknown            Text `toml:"unknown" places:"number"`
}

// Of finds the text of a mark by its name in the contract, without MARK_ and in small letters.
func (t MarkTexts) Of(name string) (Text, bool) { return Named(t, name) }
