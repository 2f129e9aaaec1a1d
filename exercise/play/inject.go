package play

import (
	"slices"

	"valise.example/exercise/scenario"
	"valise.example/proto/ident"
)

// inject is one of the scenario, and how far it has come.
type inject struct {
	*scenario.Inject
	foreseen bool          // its time is known
	due      scenario.Span // that time
	held     bool          // by control, until it is released
	fired    Cause         // why it reached its seats, or that it never will; empty: not yet
	line     uint64        // of that
	sentBy   []ident.Address
}

// comesDue is the moment for which an inject was foreseen.
func (p *Play) comesDue(in *inject, why Cause) {
	if in.fired == "" && !in.held {
		p.fire(in, why)
	}
}

// fire lets an inject reach its seats, once.
func (p *Play) fire(in *inject, why Cause) {
	in.fired = why
	line := Line{Type: Injected, Inject: in.ID, Cause: why}
	for _, a := range in.To {
		line.To = append(line.To, a.String())
	}
	in.line = p.emit(line)
	p.reached(in.ID, in.line, nil)
	for _, a := range in.openers() {
		if s := p.seats[a]; s != nil && s.profile != nil {
			p.opensAfter(s, in)
		}
	}
	if in.Does == nil {
		return
	}
	for _, a := range in.To {
		if s := p.seats[a]; s != nil && s.profile != nil {
			p.toldBy(s, in)
		}
	}
}

// openers are the seats that an inject asks to open an inquiry.
func (in *inject) openers() []ident.Address {
	if in.Opens == nil {
		return nil
	}
	if in.Opens.From != (ident.Address{}) {
		return []ident.Address{in.Opens.From}
	}
	return in.To
}

// causeOf finds the inject upon which a person opened an inquiry, or sent a notice: the first that reached its seats,
// asks this seat for one to this address, and has none of it yet.
func (p *Play) causeOf(a Act) string {
	var first *inject
	for _, in := range p.injects {
		if in.fired == "" || in.fired == BySkip || slices.Contains(in.sentBy, a.Seat) {
			continue
		}
		if in.asksFor(a) && (first == nil || in.line < first.line) {
			first = in
		}
	}
	if first == nil {
		return ""
	}
	return first.ID
}

// asksFor reports whether an inject asks the seat of an act that opens a thread for it, to this address.
func (in *inject) asksFor(a Act) bool {
	if in.Opens != nil && in.Opens.To == a.To && slices.Contains(in.openers(), a.Seat) {
		return true
	}
	return a.Does == scenario.NoticeSent && in.Does != nil && in.Does.To == a.To && slices.Contains(in.To, a.Seat)
}

// sent notes that an inject has caused a message: what counts from that counts.
func (p *Play) sent(a act) {
	in := p.injectOf[a.Inject]
	if in == nil || !opens(a.Does) {
		return
	}
	in.sentBy = append(in.sentBy, a.Seat)
	if len(in.sentBy) == 1 {
		p.reached(in.ID+sentSuffix, a.line, a.thread)
	}
}

// sentSuffix after the id of an inject means the message that it caused. docs/scenario.md §7
const sentSuffix = ".sent"
