package locale

import "reflect"

// Command is what the command says to a person at a terminal, by what it is said of. Errors stand elsewhere:
// the Reasons have them. Its fields are as those of Page.
type Command struct {
	Check           CheckTexts           `toml:"check"`
	Others          OthersTexts          `toml:"others"`
	OtherField      OtherFieldText       `toml:"other_field"`
	Result          ResultTexts          `toml:"result"`
	Advice          StepTexts            `toml:"advice"`
	Thread          ShownTexts           `toml:"thread"`
	Consent         ConsentTexts         `toml:"consent"`
	Flag            FlagTexts            `toml:"flag"`
	Act             DraftActTexts        `toml:"act"`
	Mark            MarkNameTexts        `toml:"mark"`
	Means           MeansTexts           `toml:"means"`
	NoteKind        NoteKindTexts        `toml:"note_kind"`
	AttachmentState AttachmentStateTexts `toml:"attachment_state"`
	Item            ItemTexts            `toml:"item"`
	ConsentState    ConsentStateTexts    `toml:"consent_state"`
	Record          RecordLineTexts      `toml:"record"`
	RecordLabel     RecordLabelTexts     `toml:"record_label"`
	AttentionStep   AttentionStepTexts   `toml:"attention_step"`
	TrustEvent      TrustEventTexts      `toml:"trust_event"`
	TrustOutcome    TrustOutcomeTexts    `toml:"trust_outcome"`
	Directory       DirectoryLineTexts   `toml:"directory"`
	DirectoryLabel  DirectoryLabelTexts  `toml:"directory_label"`
	Campaign        CampaignTexts        `toml:"campaign"`
	CampaignDetail  CampaignDetailTexts  `toml:"campaign_detail"`
	CheckState      CheckStateTexts      `toml:"check_state"`
	CheckAnswer     CheckAnswerTexts     `toml:"check_answer"`
	ContactResult   ContactResultTexts   `toml:"contact_result"`
	CheckOutcome    CheckOutcomeTexts    `toml:"check_outcome"`
	Key             KeyLineTexts         `toml:"key"`
	Made            MadeTexts            `toml:"made"`
	Status          StatusTexts          `toml:"status"`
	Doctor          DoctorTexts          `toml:"doctor"`
}

// Command is what the command says in the language of c.
func (c *Catalog) Command() *Command { return &c.written.Command }

// Counterpart is the text of here that stands where the texts of English have these words; false where none
// of them does. It finds what a node says in English in another language.
func Counterpart(english, here any, words string) (Text, bool) {
	e, h := reflect.ValueOf(english), reflect.ValueOf(here)
	for i := range e.NumField() {
		if text, ok := reflect.TypeAssert[Text](e.Field(i)); ok && text.String() == words {
			return reflect.TypeAssert[Text](h.Field(i))
		}
	}
	return Text{}, false
}

// Named is the field of a struct of texts that has this key; false for a name that this version has no
// text for, such as one of a later version of the contract. Tests walk the contract, so that none is missed.
func Named(texts any, name string) (Text, bool) {
	v := reflect.ValueOf(texts)
	for i := range v.NumField() {
		if text, ok := reflect.TypeAssert[Text](v.Field(i)); ok && v.Type().Field(i).Tag.Get("toml") == name {
			return text, true
		}
	}
	return Text{}, false
}
