package scenario

import (
	"time"

	"valise.example/proto/ident"
)

// Format is the value of the key `valise` of every file of this version. docs/scenario.md §1
const Format = "scenario/v1"

// Kind says how much of an exercise is played. docs/scenario.md §2
type Kind string

// The kinds. A communication check is the smallest exercise: no injects, one acknowledgement from each. A-8, A-13e
const (
	CommunicationCheck Kind = "commcheck"
	Drill              Kind = "drill"
	Tabletop           Kind = "tabletop"
	Functional         Kind = "functional"
)

// Texts is one text by language tag: "ar", "zh", "en", "fr", "ru", "es".
type Texts map[string]string

// In is the text in a language, in English where it has none, and otherwise in the first of its languages by
// their tags.
func (t Texts) In(language string) string {
	for _, l := range []string{language, "en"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	least := ""
	for l, s := range t {
		if s != "" && (least == "" || l < least) {
			least = l
		}
	}
	return t[least]
}

// Scenario is what an organiser writes: who takes part, what happens, and what is hoped for. It is data; nothing
// in it is executed. docs/scenario.md
type Scenario struct {
	ID           string // a-z, 0-9 and hyphens, at most 40
	Title        Texts
	Kind         Kind
	Languages    []string // in which every text must be; "en" is always among them
	Clock        Clock
	Seed         uint64
	Mark         Mark
	Objectives   []Objective
	Participants []Participant // in the order of the file
	Profiles     map[string]Profile
	Injects      []Inject
	Jumps        []Jump
	Expectations []Expectation
	End          Span // since STARTEX; 0 in no valid scenario
	HotWash      []Texts
}

// Clock is the exercise clock before anybody touches it. docs/scenario.md §4
type Clock struct {
	Start time.Time // in UTC: what the clock of the exercise shows at STARTEX
	Rate  int       // exercise seconds a second, 1 to 1000
	Auto  int       // the rate while no human seat owes anything, 1 to 1000; 0: always Rate
}

// Mark is how players tell the exercise from reality. docs/scenario.md §3
type Mark struct {
	Codeword  string // spoken at STARTEX and ENDEX
	RealEvent Texts  // the stop word; where it is empty, that of this program
}

// Objective is what the exercise is for, and where that comes from.
type Objective struct {
	ID   string
	Text Texts
	From string // "A-10 s4", or in the organiser's words
}

// Participant is an invented State. Its seats are filled by people or by profiles.
type Participant struct {
	State ident.State
	Name  string // of the invented State, the same in every language
	Part  Texts  // what it has to do with the story
	Zone  string // its own time, "+03:00" to "-12:00" and "+14:00"
	Seats map[ident.Track]string
}

// Human is what a participant says of a seat that a person has; anything else names a profile.
const Human = "human"

// Profile is how a simulated seat behaves. docs/scenario.md §6
type Profile struct {
	Acknowledge Habit
	Estimate    Span // what its holding reply promises, sent with the acknowledgement; 0: it sends none
	Answer      Habit
	Channel     Habit // accepts the channel that an inquiry prefers; the zero value: with the acknowledgement
	Opens       Habit // writes the inquiry that an inject asks for; the zero value: as it acknowledges
	Does        Habit // does what an inject tells it to; the zero value: as it opens
	StandIn     bool  // plays human seats where nobody does, in dry runs and rehearsals
}

// Habit is with which chance something is done, in per cent, and after how long.
type Habit struct {
	Chance int // 0 to 100
	Least  Span
	Mode   Span
	Most   Span
}

// Inject is a piece of the story that reaches seats. It fires once. docs/scenario.md §5
type Inject struct {
	ID       string
	At       Span // since STARTEX; counts where When is nil and Manual is false
	When     *Trigger
	Delay    Span // after When has come true
	Manual   bool // only control releases it
	To       []ident.Address
	As       Texts // who is played: "hospital duty manager"
	How      How
	Text     Texts
	Opens    *Opens // what a simulated seat writes after reading it
	Does     *Does  // what a simulated seat does after reading it
	Unscored bool
}

// How an inject reaches a seat.
type How string

// The ways. docs/scenario.md §5
const (
	Note       How = "note"
	Press      How = "press"
	Phone      How = "phone"
	SealedCard How = "sealed-card"
	File       How = "file"
)

// Opens is an inquiry that a simulated seat writes. People decide themselves.
type Opens struct {
	From       ident.Address // the zero value: each simulated seat that the inject reaches
	To         ident.Address
	IncidentOf string // id of an inject whose incident this is too; empty: its own
}

// Does is what each simulated seat that an inject reaches does after reading it, act by act. People decide themselves.
// docs/scenario.md §5
type Does struct {
	Acts []Act         // of TellableActs, each once
	On   string        // id of an inject: on the thread of the message that it caused; empty: no act needs a thread
	To   ident.Address // of a notice; zero: there is none among the acts
}

// Trigger is one condition; exactly one of its fields is set. docs/scenario.md §5
type Trigger struct {
	Event  *Event
	Met    string // id of an expectation
	Missed string
	All    []Trigger
	Any    []Trigger
	Not    *Trigger
}

// Event is an act of a seat: the zero address is any.
type Event struct {
	Does     Act
	From, To ident.Address
}

// Jump moves the clock. Simulated seats do in order what falls into it; what people owed in it is not scored.
// docs/scenario.md §4
type Jump struct {
	At, To Span
	Say    Texts
}

// Expectation is what a seat is hoped to do. Exactly one of Does, Never and Judge is set. docs/scenario.md §7
type Expectation struct {
	ID        string
	Objective string
	Who, To   ident.Address
	Pair      [2]ident.Address // in the place of Who and To, where both must
	Does      Act
	Within    Span
	Of        string // id of an inject; with ".sent" the message that it caused; id of an expectation: when that was met; empty: STARTEX
	Has       []Fact
	Never     Never
	Judge     Texts
	Points    int // 0 to 100
	Unscored  bool
}

// Never is what must not happen until ENDEX.
type Never string

// What a machine sees. docs/scenario.md §7
const (
	CrossTrack     Never = "cross_track"
	RecordMismatch Never = "record_mismatch"
	ThirdParty     Never = "third_party_without_consent"
)

// Act is something that a seat does, as the procedures name it. docs/scenario.md §8
type Act string

// The acts. I-1..I-4, R-1..R-3, A-8, A-10, A-11
const (
	InquirySent      Act = "inquiry.sent"
	NoticeSent       Act = "notice.sent"
	Acknowledged     Act = "ack.sent"
	HoldingSent      Act = "holding.sent"
	EstimateSent     Act = "estimate.sent"
	ResponseSent     Act = "response.sent"
	Declined         Act = "decline.sent"
	QuestionSent     Act = "question.sent"
	SupplementSent   Act = "supplement.sent"
	ChannelProposed  Act = "channel.proposed"
	ChannelAgreed    Act = "channel.agreed"
	AgencyNamed      Act = "agency.named"
	Referred         Act = "referral.sent"
	CorrectionSent   Act = "correction.sent"
	SentInError      Act = "retraction.sent"
	ConsentRequested Act = "consent.requested"
	ConsentDecided   Act = "consent.decided"
	ConsentWithdrawn Act = "consent.withdrawn"
	Closed           Act = "closed"
	Reopened         Act = "reopened"
	CheckAnswered    Act = "check.answered"
	CallLogged       Act = "call.logged"
	RealEventRaised  Act = "real_event.raised"
)

// Fact is something that a message has or lacks; nobody sees what it says. docs/scenario.md §8
type Fact string

// The facts. I-1..I-4, R-2, R-3
const (
	Contact          Fact = "contact"
	Nature           Fact = "nature"
	TimeSensitivity  Fact = "time_sensitivity"
	NeededBy         Fact = "needed_by"
	PreferredChannel Fact = "channel.preferred"
	LeadAgency       Fact = "lead_agency"
	Questions        Fact = "questions"
	EstimateGiven    Fact = "eta"
	Attachment       Fact = "attachment"
	Translation      Fact = "translation"
)
