package console

import (
	"html/template"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// opening is the message that began the thread, if its text is here.
func (p *threadPage) opening() *valisev1.MessageView {
	for _, m := range p.GetMessages() {
		if m.GetKind() == p.GetThread().GetOpening() && m.GetOutbound() == p.GetThread().GetOutbound() {
			return m
		}
	}
	return nil
}

// Who asks or informs: name and affiliation as said, and the State.
func (p *threadPage) Who() template.HTML {
	code := p.GetThread().GetPeer()
	if p.GetThread().GetOutbound() {
		code = p.GetThread().GetOurs()
	}
	parts := []string{string(p.State(code))}
	if said, ok := saidOf(p.opening()).(interface{ GetOriginator() *valisev1.Person }); ok {
		for _, text := range []string{said.GetOriginator().GetName(), said.GetOriginator().GetAffiliation()} {
			if text != "" {
				parts = append(parts, string(peerText(text)))
			}
		}
	}
	return template.HTML(strings.Join(parts, "<br>")) //nolint:gosec // made of escaped parts
}

// Informs reports whether nothing was asked.
func (p *threadPage) Informs() bool {
	return p.GetThread().GetOpening() == valisev1.Kind_KIND_VOLUNTARY_NOTICE
}

// Nature of the incident as it was said first, or why it was not. I-2
func (p *threadPage) Nature() (template.HTML, error) {
	s := p.sayer()
	if said, ok := saidOf(p.opening()).(interface{ GetIncident() *valisev1.Incident }); ok && said.GetIncident().GetNature() != nil {
		value, _ := s.fact(said.GetIncident().GetNature())
		return shown(s, value)
	}
	return shown(s, s.say(p.T.Reading.NotSaid))
}

// Urgency is a claim of whoever asks, and says whose. I-3
func (p *threadPage) Urgency() (template.HTML, error) {
	t := p.GetThread()
	level := p.level(t.GetTimeSensitivity())
	switch {
	case level == "":
		return p.Say(p.T.Reading.NotSaid)
	case t.GetOutbound():
		return p.Say(p.T.Reading.MarkedByUs, "level", level)
	}
	return p.Say(p.T.Desk.MarkedBy, "level", level, "state", p.State(t.GetPeer()))
}

// Wished are the channels that were named and not agreed. I-4, R-3
func (p *threadPage) Wished() (all []template.HTML) {
	said, ok := saidOf(p.opening()).(interface{ GetPreferredChannels() []*valisev1.Channel })
	if !ok {
		return nil
	}
	for _, c := range said.GetPreferredChannels() {
		all = append(all, peerText(c.GetKind())+"<br>"+fixed(c.GetAddress()))
	}
	return all
}

// Next is the deadline on our side that comes first; nil where there is none.
func (p *threadPage) Next() *valisev1.Deadline { return deskRow{p.frame, p.GetThread()}.First() }

// Whose says whose wish a deadline is.
func (p *threadPage) Whose(d *valisev1.Deadline) (template.HTML, error) {
	switch d.GetType() {
	case valisev1.DeadlineType_DEADLINE_TYPE_OWN_ACKNOWLEDGE:
		return p.Say(p.T.Reading.OwnAcknowledge)
	case valisev1.DeadlineType_DEADLINE_TYPE_OWN_ANSWER:
		return p.Say(p.T.Reading.OwnAnswer)
	}
	return deskRow{p.frame, p.GetThread()}.Whose(d)
}

// Flags are what our own side should know of the thread; the other State is told nothing.
func (p *threadPage) Flags() (all []template.HTML) {
	for _, flag := range p.GetThread().GetFlags() {
		if text, ok := p.T.Value.Of("flag_" + lower(flag)); ok {
			all = append(all, p.words(text))
		} else {
			all = append(all, peerText(flag))
		}
	}
	return all
}

// Hints are the steps of the procedures that are still open, each once, in words. A-10a
func (p *threadPage) Hints() (all []string) {
	t := p.T.Advice
	words := map[string]string{
		"I-1": t.Who.String(), "I-2": t.Nature.String(), "I-3": t.Ask.String(), "I-4": t.Name.String(),
		"R-1": t.Respond.String(), "R-2": t.Estimate.String(), "R-3": t.Agree.String(), "A-8": t.Check.String(),
	}
	seen := map[string]bool{}
	for _, a := range p.GetAdvice() {
		if hint := words[a.GetStep()]; hint != "" && !seen[hint] {
			seen[hint] = true
			all = append(all, hint)
		}
	}
	return all
}
