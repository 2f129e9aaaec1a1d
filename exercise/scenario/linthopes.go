package scenario

import (
	"slices"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// carries says which facts a message of each act can have. docs/scenario.md §8
var carries = map[Act][]Fact{
	InquirySent: {Contact, Nature, TimeSensitivity, NeededBy, PreferredChannel, LeadAgency, Questions, Attachment, Translation},
	NoticeSent:  {Contact, Nature, Attachment, Translation},
	// An acknowledgement itself has no estimate: a holding reply of the same seat in the thread counts.
	Acknowledged:    {EstimateGiven},
	HoldingSent:     {EstimateGiven, Contact, PreferredChannel, LeadAgency, Translation},
	EstimateSent:    {EstimateGiven},
	ResponseSent:    {Attachment, Translation},
	QuestionSent:    {Questions, Translation},
	SupplementSent:  {Nature, Attachment, Translation},
	ChannelProposed: {PreferredChannel},
	AgencyNamed:     {LeadAgency, Contact},
	Referred:        {Contact, LeadAgency},
	CorrectionSent:  {Translation},
}

// simulatedInquiry are the facts of every inquiry that a profile writes. docs/scenario.md §6
var simulatedInquiry = []Fact{Contact, Nature, TimeSensitivity, PreferredChannel, LeadAgency, Questions}

// hopes: what is scored can be met by somebody in some run. What is not scored may be hopeless on purpose.
func (l *linter) hopes() {
	can := l.possible()
	for i, e := range l.Expectations {
		if e.Does == "" {
			continue
		}
		at := expectAt(i)
		for j, f := range e.Has {
			if !slices.Contains(carries[e.Does], f) {
				l.fault(NeverMet, tomlkey.Index(at+".has", j), "", "no %s has %s", e.Does, f)
			}
		}
		if e.Unscored {
			continue
		}
		if !l.begins(e.Of, can) && !l.onCycle(e) {
			l.fault(NeverMet, at+".of", "", "what it counts from never comes")
		} else if !l.doable(e, can) {
			l.fault(NeverMet, at, "give the seat to a person, change its profile, or write unscored = true", "whoever has the seat never does %s so", e.Does)
		}
	}
}

func (l *linter) onCycle(e Expectation) bool {
	id, _ := splitOf(e.Of)
	for seen := map[string]bool{}; id != "" && !seen[id]; {
		seen[id] = true
		next := l.waits(id)
		if len(next) == 0 {
			return false
		}
		id = next[0]
	}
	return true
}

func (l *linter) doable(e Expectation, can outlook) bool {
	seats := [][2]ident.Address{{e.Who, e.To}}
	if e.Who.IsZero() {
		seats = [][2]ident.Address{{e.Pair[0], e.Pair[1]}, {e.Pair[1], e.Pair[0]}}
	}
	for _, s := range seats {
		if !l.seatCan(s[0], s[1], e.Does, can) || !l.seatHas(s[0], e, can) {
			return false
		}
	}
	return true
}

// seatCan: people can do everything, but answer a check that nobody asks for; a profile does what
// docs/scenario.md §6 says and nothing else.
func (l *linter) seatCan(who, to ident.Address, does Act, can outlook) bool {
	if does == CheckAnswered && l.Kind != CommunicationCheck {
		return false
	}
	name := l.filled(who)
	p, known := l.Profiles[name]
	if name == Human || !known {
		return true // a seat or profile that is not there has its own finding
	}
	if p.does() && can.acts[told{who, to, does}] && (p.Estimate > 0 || does != EstimateSent) {
		return true
	}
	acknowledges := p.Acknowledge.Chance > 0
	switch does {
	case InquirySent:
		return p.opens() && can.told[[2]ident.Address{who, to}]
	case Acknowledged, CheckAnswered:
		return acknowledges
	case HoldingSent:
		return acknowledges && p.Estimate > 0
	case ResponseSent:
		return acknowledges && p.Answer.Chance > 0
	case ChannelAgreed, AgencyNamed:
		return acknowledges && (p.Channel == Habit{} || p.Channel.Chance > 0)
	default:
		return false
	}
}

func (p Profile) opens() bool {
	if p.Opens == (Habit{}) {
		return p.Acknowledge.Chance > 0
	}
	return p.Opens.Chance > 0
}

func (p Profile) does() bool {
	if p.Does == (Habit{}) {
		return p.opens()
	}
	return p.Does.Chance > 0
}

// seatHas: what a profile writes has always the same facts. Only what an inject tells it to write names more than an
// estimate and what every inquiry has.
func (l *linter) seatHas(who ident.Address, e Expectation, can outlook) bool {
	p, known := l.Profiles[l.filled(who)]
	if !known {
		return true
	}
	var has []Fact
	switch {
	case e.Does == InquirySent:
		has = simulatedInquiry
	case (e.Does == AgencyNamed || e.Does == ChannelProposed) && p.opens():
		has = append(e.Does.ToldFacts(), simulatedInquiry...) // an inquiry names an agency and prefers a channel too
	case e.Does == Acknowledged, e.Does == HoldingSent:
		has = []Fact{EstimateGiven}
	case p.does() && can.acts[told{who, e.To, e.Does}]:
		has = e.Does.ToldFacts()
	}
	for _, f := range e.Has {
		if !slices.Contains(has, f) || f == EstimateGiven && p.Estimate == 0 {
			return false
		}
	}
	return true
}

// toldFacts are the facts of what a simulated seat writes because an inject tells it to.
var toldFacts = map[Act][]Fact{
	NoticeSent:      {Contact, Nature},
	HoldingSent:     {EstimateGiven},
	EstimateSent:    {EstimateGiven},
	ChannelProposed: {PreferredChannel},
	AgencyNamed:     {LeadAgency, Contact},
	QuestionSent:    {Questions},
}

// ToldFacts are the facts that a message of a simulated seat has which an inject told it to write; an estimate only
// where its profile has one. docs/scenario.md §6
func (a Act) ToldFacts() []Fact { return slices.Clone(toldFacts[a]) }
