package main

import (
	"valise.example/exercise/scenario"
	valisev1 "valise.example/proto/valise/v1"
)

// playable reads a scenario, bundled or from a file, that can be played; with its digest. One with an error is
// refused with the first.
func (p *program) playable(name string) (*scenario.Scenario, string, error) {
	data, err := p.readScenario(name)
	if err != nil {
		return nil, "", err
	}
	s, found := scenario.Check(name, data)
	for _, f := range found {
		if f.Severity == scenario.Fault {
			first := &scenario.Error{File: name, Line: f.Line, Key: f.Key, Reason: f.Reason}
			return nil, "", refuse(valisev1.Reason_REASON_BAD_DRAFT, clean(first.Error()), "valise exercise lint tells everything that is wrong with it")
		}
	}
	return s, scenario.Digest(data), nil
}
