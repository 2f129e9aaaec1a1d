package locale

// RecordTexts are the record: looking, checking, taking out, and consents.
type RecordTexts struct {
	Lead               Text `toml:"lead"`
	Size               Text `toml:"size"`
	Root               Text `toml:"root"`
	AsOf               Text `toml:"as_of" places:"time"`
	Verify             Text `toml:"verify"`
	VerifyText         Text `toml:"verify_text"`
	Verified           Text `toml:"verified"`
	VerifiedText       Text `toml:"verified_text" places:"number"`
	Damaged            Text `toml:"damaged"`
	DamagedText        Text `toml:"damaged_text"`
	Search             Text `toml:"search"`
	SearchState        Text `toml:"search_state"`
	AllStates          Text `toml:"all_states"`
	SearchDo           Text `toml:"search_do"`
	FoundNone          Text `toml:"found_none"`
	ItemsOf            Text `toml:"items_of"`
	Items              Text `toml:"items"`
	Item               Text `toml:"item" places:"number"`
	Narrow             Text `toml:"narrow"`
	Kind               Text `toml:"kind"`
	Any                Text `toml:"any"`
	BadSpan            Text `toml:"bad_span"`
	FoundSoFar         Text `toml:"found_so_far"`
	What               Text `toml:"what"`
	When               Text `toml:"when"`
	Who                Text `toml:"who"`
	Machine            Text `toml:"machine"`
	From               Text `toml:"from"`
	To                 Text `toml:"to"`
	Digest             Text `toml:"digest"`
	Why                Text `toml:"why"`
	Removed            Text `toml:"removed"`
	More               Text `toml:"more"`
	Export             Text `toml:"export"`
	ExportText         Text `toml:"export_text"`
	Since              Text `toml:"since"`
	Until              Text `toml:"until"`
	ExportNext         Text `toml:"export_next"`
	ExportSure         Text `toml:"export_sure"`
	Whole              Text `toml:"whole"`
	ForArchive         Text `toml:"for_archive"`
	ForThird           Text `toml:"for_third" places:"name"`
	ThirdText          Text `toml:"third_text"`
	TypeThird          Text `toml:"type_third"`
	TypedWrong         Text `toml:"typed_wrong"`
	BadTime            Text `toml:"bad_time"`
	ExportDo           Text `toml:"export_do"`
	Consents           Text `toml:"consents"`
	ConsentsLead       Text `toml:"consents_lead"`
	NoConsents         Text `toml:"no_consents"`
	WeAsked            Text `toml:"we_asked"`
	TheyAsked          Text `toml:"they_asked"`
	Asked              Text `toml:"asked"`
	Granted            Text `toml:"granted"`
	NotGranted         Text `toml:"not_granted"`
	Expired            Text `toml:"expired"`
	Withdrawn          Text `toml:"withdrawn"`
	Purpose            Text `toml:"purpose"`
	Conditions         Text `toml:"conditions"`
	HoldsUntil         Text `toml:"holds_until"`
	Third              Text `toml:"third"`
	Messages           Text `toml:"messages"`
	TypeSent           Text `toml:"type_sent"`
	TypeReceived       Text `toml:"type_received"`
	TypeRefused        Text `toml:"type_refused"`
	TypeQuarantined    Text `toml:"type_quarantined"`
	TypeReceipt        Text `toml:"type_receipt"`
	TypeDelivery       Text `toml:"type_delivery"`
	TypeContact        Text `toml:"type_contact"`
	TypeNote           Text `toml:"type_note"`
	TypeDirectory      Text `toml:"type_directory"`
	TypeDraft          Text `toml:"type_draft"`
	TypeNode           Text `toml:"type_node"`
	TypeAttachment     Text `toml:"type_attachment"`
	TypeLink           Text `toml:"type_link"`
	TypeExport         Text `toml:"type_export"`
	TypeOpened         Text `toml:"type_opened"`
	TypeAttention      Text `toml:"type_attention"`
	TypePrune          Text `toml:"type_prune"`
	TypeCheck          Text `toml:"type_check"`
	TypeTrust          Text `toml:"type_trust"`
	TypeOtherDirectory Text `toml:"type_other_directory"`
	TypeUnknown        Text `toml:"type_unknown"`
}
