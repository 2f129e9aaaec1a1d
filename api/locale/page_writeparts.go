package locale

import "reflect"

// ActText is one act of writing: what leads to it, and the button that sends.
type ActText struct {
	Link Text `toml:"link"`
	Send Text `toml:"send" places:"state"`
}

// ActTexts are the acts, by the names of their forms.
type ActTexts struct {
	Holding       ActText `toml:"holding"`
	Estimate      ActText `toml:"estimate"`
	Answer        ActText `toml:"answer"`
	Decline       ActText `toml:"decline"`
	Ask           ActText `toml:"ask"`
	Supplement    ActText `toml:"supplement"`
	Channel       ActText `toml:"channel"`
	ChannelAnswer ActText `toml:"channel_answer"`
	Agency        ActText `toml:"agency"`
	Refer         ActText `toml:"refer"`
	Consent       ActText `toml:"consent"`
	ConsentAsk    ActText `toml:"consent_ask"`
	ConsentEnd    ActText `toml:"consent_end"`
	Close         ActText `toml:"close"`
	Reopen        ActText `toml:"reopen"`
	Correct       ActText `toml:"correct"`
	Retract       ActText `toml:"retract"`
	Ping          ActText `toml:"ping"`
	Inquiry       ActText `toml:"inquiry"`
	Notice        ActText `toml:"notice"`
}

// FieldTexts are the labels of fields, by the keys of api/draft with "_" for their dots.
type FieldTexts struct {
	Text                       Text `toml:"text"`
	Estimate                   Text `toml:"estimate"`
	Reason                     Text `toml:"reason"`
	InterimContactName         Text `toml:"interim_contact_name"`
	InterimContactPhone        Text `toml:"interim_contact_phone"`
	InterimContactEmail        Text `toml:"interim_contact_email"`
	InterimContactHours        Text `toml:"interim_contact_hours"`
	Outcome                    Text `toml:"outcome"`
	Narrative                  Text `toml:"narrative"`
	ActionsTaken               Text `toml:"actions_taken"`
	FurtherExpected            Text `toml:"further_expected"`
	Questions                  Text `toml:"questions"`
	PreferredChannelKind       Text `toml:"preferred_channel_kind"`
	PreferredChannelAddress    Text `toml:"preferred_channel_address"`
	PreferredChannelProtection Text `toml:"preferred_channel_protection"`
	PreferredChannelHours      Text `toml:"preferred_channel_hours"`
	ChannelKind                Text `toml:"channel_kind"`
	ChannelAddress             Text `toml:"channel_address"`
	ChannelProtection          Text `toml:"channel_protection"`
	ChannelHours               Text `toml:"channel_hours"`
	Decision                   Text `toml:"decision"`
	NominatedAgencyName        Text `toml:"nominated_agency_name"`
	NominatedAgencyContact     Text `toml:"nominated_agency_contact"`
	To                         Text `toml:"to"`
	AgencyName                 Text `toml:"agency_name"`
	AgencyContact              Text `toml:"agency_contact"`
	Request                    Text `toml:"request"`
	Consents                   Text `toml:"consents"`
	Conditions                 Text `toml:"conditions"`
	Expires                    Text `toml:"expires"`
	Messages                   Text `toml:"messages"`
	ThirdParty                 Text `toml:"third_party"`
	Purpose                    Text `toml:"purpose"`
	EntryCorrect               Text `toml:"entry_correct"`
	Tlp                        Text `toml:"tlp"`
	Language                   Text `toml:"language"`
	Reference                  Text `toml:"reference"`
	TranslationLanguage        Text `toml:"translation_language"`
	TranslationStatus          Text `toml:"translation_status"`
	TranslationText            Text `toml:"translation_text"`
}

// OptionTexts are what there is to choose.
type OptionTexts struct {
	Full          Text `toml:"full"`
	Partial       Text `toml:"partial"`
	NothingFound  Text `toml:"nothing_found"`
	Referred      Text `toml:"referred"`
	Accept        Text `toml:"accept"`
	Counter       Text `toml:"counter"`
	Decline       Text `toml:"decline"`
	Yes           Text `toml:"yes"`
	No            Text `toml:"no"`
	EntryRight    Text `toml:"entry_right"`
	EntryChange   Text `toml:"entry_change"`
	Courtesy      Text `toml:"courtesy"`
	Official      Text `toml:"official"`
	Given         Text `toml:"given"`
	Unknown       Text `toml:"unknown"`
	Withheld      Text `toml:"withheld"`
	NotApplicable Text `toml:"not_applicable"`
}

// HeadingTexts stand before groups of fields.
type HeadingTexts struct {
	InterimContact Text `toml:"interim_contact"`
	Marking        Text `toml:"marking"`
	Translation    Text `toml:"translation"`
}

// HintTexts say how to fill a field in, where its label does not.
type HintTexts struct {
	Questions            Text `toml:"questions"`
	PreferredChannelKind Text `toml:"preferred_channel_kind"`
	TranslationText      Text `toml:"translation_text"`
	ThirdParty           Text `toml:"third_party"`
	Messages             Text `toml:"messages"`
}

// FaultTexts say what is wrong with a field.
type FaultTexts struct {
	Missing    Text `toml:"missing"`
	Choose     Text `toml:"choose"`
	ChooseSome Text `toml:"choose_some"`
	Character  Text `toml:"character" places:"character"`
	TooLong    Text `toml:"too_long" places:"most"`
	TooLongBy  Text `toml:"too_long_by" places:"over,most"`
	TooMany    Text `toml:"too_many" places:"most"`
	BadTime    Text `toml:"bad_time"`
	BadNumber  Text `toml:"bad_number"`
	TooLarge   Text `toml:"too_large"`
	File       Text `toml:"file"`
	FileNone   Text `toml:"file_none"`
	FileOne    Text `toml:"file_one"`
	FileMany   Text `toml:"file_many" places:"most"`
	FileName   Text `toml:"file_name"`
	FileTwice  Text `toml:"file_twice"`
	FileLarge  Text `toml:"file_large"`
	Whole      Text `toml:"whole"`
	Reach      Text `toml:"reach"`
}

// EstimateTexts are the ways to say when an answer may come. R-2
type EstimateTexts struct {
	None     Text `toml:"none"`
	ByMoment Text `toml:"by_moment" places:"time"`
	By       Text `toml:"by"`
	Within   Text `toml:"within"`
	Number   Text `toml:"number"`
	Unit     Text `toml:"unit"`
	Hours    Text `toml:"hours"`
	Days     Text `toml:"days"`
	Words    Text `toml:"words"`
}

// NextTexts say what happens after something was sent.
type NextTexts struct {
	Clear   Text `toml:"clear"`
	Draft   Text `toml:"draft"`
	Held    Text `toml:"held" places:"state,time"`
	Waits   Text `toml:"waits" places:"state"`
	Left    Text `toml:"left" places:"state,time"`
	Reached Text `toml:"reached" places:"state,time"`
}

// Of is the act of a form; empty texts for a name that is none.
func (t ActTexts) Of(name string) ActText { return named[ActText](t, name) }

// Of is the label of a field; an empty text for one that has none.
func (t FieldTexts) Of(name string) Text { return named[Text](t, name) }

// Of is an option by its name; an empty text for one that has none.
func (t OptionTexts) Of(name string) Text { return named[Text](t, name) }

// Of is the heading of a group; an empty text for one that has none.
func (t HeadingTexts) Of(name string) Text { return named[Text](t, name) }

// Of is the hint of a field; an empty text for one that has none.
func (t HintTexts) Of(name string) Text { return named[Text](t, name) }

// named finds a field of a struct by what a catalog calls it.
func named[T any](texts any, name string) (found T) {
	v := reflect.ValueOf(texts)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("toml") != name {
			continue
		}
		if text, ok := reflect.TypeAssert[T](v.Field(i)); ok {
			return text
		}
	}
	return found
}
