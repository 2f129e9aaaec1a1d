package control

import (
	"encoding/json"
	"html/template"
	"strconv"
	"time"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/exercise/telling"
	valisev1 "valise.example/proto/valise/v1"
)

// teller tells of the States by the names that the scenario gives them.
func (b *board) teller(l locale.Language) *telling.Teller {
	names := map[string]string{}
	for _, p := range b.GetExercise().GetParticipants() {
		names[p.GetState()] = p.GetName()
	}
	return telling.In(l, names)
}

func (b *board) told() *telling.Teller { return b.teller(b.v.language) }

// apart is a sentence of a teller in a language, which has set apart in it what people wrote. It runs as the language
// does: by itself a browser would let it run as the name does with which it begins.
func apart(l locale.Language, text string) template.HTML {
	return template.HTML(`<bdi dir="` + l.Direction().String() + `">` + template.HTMLEscapeString(text) + "</bdi>") //nolint:gosec // escaped
}

// Seat names one by State and track.
func (b *board) Seat(address string) template.HTML {
	return apart(b.v.language, b.told().Seat(address))
}

// Owes is what a seat is hoped to do next.
func (b *board) Owes(o *valisev1.OwedAct) string {
	return b.told().Owes(o.GetSeat(), scenario.Act(o.GetDoes()), o.GetTo())
}

// Hoped is an expectation in words: of whom and what, what must not happen, or what a person judges.
func (b *board) Hoped(x *valisev1.ExpectationState) string {
	told := b.told()
	if x.GetJudge() != "" {
		return b.v.language.Isolate(telling.Theirs(x.GetJudge()))
	}
	if kept := told.Never(scenario.Never(x.GetDoes())); kept != "" {
		return kept
	}
	all := make([]string, len(x.GetSeats()))
	for i, seat := range x.GetSeats() {
		all[i] = told.Owes(seat, scenario.Act(x.GetDoes()), "")
	}
	return told.List(all)
}

// Waivable are the expectations that still count.
func (b *board) Waivable() (all []*valisev1.ExpectationState) {
	for _, x := range b.GetExpectations() {
		if x.GetOutcome() != string(play.Waived) {
			all = append(all, x)
		}
	}
	return all
}

// Told tells a line of the recording as a sentence; one that cannot be read by its type.
func (b *board) Told(l *valisev1.RecordedLine) template.HTML {
	hopes := map[string]string{}
	for _, x := range b.GetExpectations() {
		hopes[x.GetId()] = b.Hoped(x)
	}
	var line play.Line
	if json.Unmarshal([]byte(l.GetJson()), &line) != nil {
		line = play.Line{Type: play.LineType(l.GetType())}
	}
	return apart(b.v.language, b.told().Hoping(hopes).Line(line))
}

// Clocked is what the clock of the exercise showed at a line, and how long that was after STARTEX.
func (b *board) Clocked(l *valisev1.RecordedLine) template.HTML {
	since := time.Duration(l.GetAt()-b.Clock().GetAt()) * time.Millisecond
	shown := b.Clock().GetShows().AsTime().Add(since).UTC().Format("15:04")
	return template.HTML(`<bdi dir="ltr">`+shown+`</bdi> (`) + b.At(l.GetAt()) + ")" //nolint:gosec // digits and a colon
}

// Raised says who stopped play, and when, in the language of the page or in English beside it.
func (b *board) Raised(t *locale.Page) (template.HTML, error) {
	l := locale.English
	if t == b.T {
		l = b.v.language
	}
	event := b.GetExercise().GetRealEvent()
	return b.Say(t.Exercise.RaisedBy, "seat", apart(l, b.teller(l).Raiser(event.GetSeat())), "at", b.At(event.GetAt()))
}

// Seats names several.
func (b *board) Seats(addresses []string) (all []template.HTML) {
	for _, a := range addresses {
		all = append(all, b.Seat(a))
	}
	return all
}

// SeatName is Seat where no markup can stand.
func (b *board) SeatName(address string) string { return b.told().Seat(address) }

// Rate is the rate of the clock in digits.
func (b *board) Rate() string { return strconv.FormatUint(uint64(b.Clock().GetRate()), 10) }
