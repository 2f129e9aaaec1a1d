package node

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

// warn is a standing warning without its sentence, which speak adds: nobody else makes one, so that
// each has its value. docs/protocol.md §12.3
func warn(w valisev1.Warning, arguments ...*valisev1.WarningArgument) *valisev1.StandingWarning {
	return &valisev1.StandingWarning{Warning: w, Arguments: arguments}
}

// ofLink are the warnings that a relay's courier has.
func ofLink(list []valisev1.Warning) (all []*valisev1.StandingWarning) {
	for _, w := range list {
		all = append(all, warn(w))
	}
	return all
}

// speak adds the English sentences, for programs that know none of the values.
func speak(out *valisev1.GetStatusResponse, now time.Time) {
	out.Link.Warning = joinedWords(out.GetLink().GetStanding(), now)
	for _, w := range out.GetStanding() {
		w.Text = inWords(w, now)
		out.Warnings = append(out.Warnings, w.GetText())
	}
}

// joinedWords are the sentences of all of them on one line.
func joinedWords(list []*valisev1.StandingWarning, now time.Time) (text string) {
	for i, w := range list {
		if w.Text = inWords(w, now); i > 0 {
			text += "; "
		}
		text += w.GetText()
	}
	return text
}

// inWords is the English sentence of a warning.
func inWords(w *valisev1.StandingWarning, now time.Time) string {
	english := locale.Of(locale.English)
	return english.Plain(english.Warning(w, now))
}

func withName(name, value string) *valisev1.WarningArgument {
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Named{Named: value}}
}

func withNumber(name string, n uint64) *valisev1.WarningArgument {
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Number{Number: n}}
}

func withTime(name string, t time.Time) *valisev1.WarningArgument {
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Time{Time: timestamppb.New(t)}}
}

func withDay(name string, t time.Time) *valisev1.WarningArgument {
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Day{Day: timestamppb.New(t)}}
}

func withReason(name string, r valisev1.Reason) *valisev1.WarningArgument {
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Reason{Reason: r}}
}

// mostNamed bounds how many POCs one warning names.
const mostNamed = 20

// withNames names at most mostNamed of them, and counts the others.
func withNames(name string, list []*valisev1.WarningName) *valisev1.WarningArgument {
	first := list[:min(len(list), mostNamed)]
	names := &valisev1.WarningNames{Names: first, More: uint32(len(list) - len(first))}
	return &valisev1.WarningArgument{Name: name, Value: &valisev1.WarningArgument_Names{Names: names}}
}

// undated are names without a day.
func undated(list []string) (names []*valisev1.WarningName) {
	for _, one := range list {
		names = append(names, &valisev1.WarningName{Name: one})
	}
	return names
}

// dated is a name with its day; a day that is not known stays away.
func dated(name string, day time.Time) *valisev1.WarningName {
	one := &valisev1.WarningName{Name: name}
	if !day.IsZero() {
		one.Day = timestamppb.New(day)
	}
	return one
}
