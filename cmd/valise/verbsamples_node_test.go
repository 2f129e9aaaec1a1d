package main

import (
	"reflect"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api/locale"
	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// sampleArgument is what stands in a place of a text, by the name of the place.
func sampleArgument(name string) *valisev1.WarningArgument {
	a, day := &valisev1.WarningArgument{Name: name}, timestamppb.New(statusAt.AddDate(0, 0, 3))
	switch name {
	case "day", "made", "ends", "issued", "expires":
		a.Value = &valisev1.WarningArgument_Day{Day: day}
	case "time", "from", "to", "newest":
		a.Value = &valisev1.WarningArgument_Time{Time: timestamppb.New(statusAt)}
	case "number", "held", "free", "total", "reserve", "has", "next":
		a.Value = &valisev1.WarningArgument_Number{Number: 7}
	case "reason":
		a.Value = &valisev1.WarningArgument_Reason{Reason: valisev1.Reason_REASON_QUORUM}
	case "peers", "ways":
		a.Value = &valisev1.WarningArgument_Names{Names: &valisev1.WarningNames{More: 2, Names: []*valisev1.WarningName{{Name: "XB/technical", Day: day}, {Name: "XC/technical"}}}}
	default:
		a.Value = &valisev1.WarningArgument_Named{Named: map[string]string{"track": "technical", "file": "valise.toml", "key": "keys/relay.key", "state": "XB"}[name]}
		if a.GetNamed() == "" {
			a.Value = &valisev1.WarningArgument_Named{Named: "XB/technical"}
		}
	}
	return a
}

func sampleArguments(texts ...locale.Text) (list []*valisev1.WarningArgument) {
	seen := map[string]bool{"": true}
	for _, text := range texts {
		for _, p := range text.Pieces() {
			if !seen[p.Place] {
				seen[p.Place], list = true, append(list, sampleArgument(p.Place))
			}
		}
	}
	return list
}

// sampleStatus has every line of a node that runs, and every warning that there is.
func sampleStatus() *valisev1.GetStatusResponse {
	s := everyLine()
	s.Standing = nil
	for n := 1; n < len(valisev1.Warning_name); n++ {
		w := valisev1.Warning(n)
		text, _ := locale.Named(locale.Of(locale.English).Told().Warning, locale.WarningName(w))
		s.Standing = append(s.Standing, &valisev1.StandingWarning{Warning: w, Arguments: sampleArguments(text)})
	}
	return s
}

// sampleFindings are all that a look at a home can find.
func sampleFindings() (list []node.Finding) {
	told, levels := locale.Of(locale.English).Told(), []node.Level{node.Bad, node.Warn}
	for field := range reflect.TypeFor[locale.FoundTexts]().Fields() {
		code, level := field.Tag.Get("toml"), node.Good
		text, _ := locale.Named(told.Found, code)
		fix, hasFix := locale.Named(told.Fix, code)
		if hasFix {
			level = levels[len(list)%2]
		}
		f := locale.Found{Code: code, Arguments: sampleArguments(text, fix), Warning: &valisev1.StandingWarning{Warning: valisev1.Warning_WARNING_RELAY_OLD_SERVER}}
		if strings.Contains(text.String(), "{why}") {
			f.Why, f.Detail = valisev1.Reason_REASON_BAD_CONFIG, `line 3: unknown key "undo"`
		}
		list = append(list, node.Finding{Level: level, Found: f})
	}
	return list
}
