package scenario

import (
	"slices"

	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
)

// carries says which facts a message of each act can have. docs/scenario.md §8
var carries = map[Act][]Fact{
	InquirySent: {Contact, Nature, TimeSensitivity, NeededBy, PreferredChannel, LeadAgency, Questions, Attachment, Translation},
	NoticeSent:  {Contact, Nature, TimeSensitivity, PreferredChannel, LeadAgency, Attachment, Translation},
	// An acknowledgement itself has no estimate: a holding reply of the same seat in the thread counts.
	Acknowledged:    {EstimateGiven},
	HoldingSent:     {EstimateGiven, Contact, Translation},
	EstimateSent:    {EstimateGiven},
	ResponseSent:    {Contact, LeadAgency, PreferredChannel, Questions, Attachment, Translation},
	QuestionSent:    {Questions, NeededBy, Translation},
	SupplementSent:  {Nature, TimeSensitivity, Questions, Attachment, Translation},
	ChannelProposed: {PreferredChannel},
	ChannelAgreed:   {PreferredChannel},
	AgencyNamed:     {LeadAgency, Contact},
	Referred:        {Contact, LeadAgency},
	CorrectionSent:  {Attachment, Translation},
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
		if !l.seatCan(s[0], s[1], e.Does, can) || !l.seatHas(s[0], e) {
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

// seatHas: what a profile writes has always the same facts.
func (l *linter) seatHas(who ident.Address, e Expectation) bool {
	p, known := l.Profiles[l.filled(who)]
	if !known {
		return true
	}
	for _, f := range e.Has {
		switch {
		case e.Does == InquirySent && !slices.Contains(simulatedInquiry, f),
			f == EstimateGiven && p.Estimate == 0,
			e.Does == ResponseSent, e.Does == HoldingSent && f != EstimateGiven:
			return false
		}
	}
	return true
}
