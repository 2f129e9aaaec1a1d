package scenario_test

import (
	"testing"

	"valise.example/exercise/scenario"
)

func bundled(t testing.TB, name string) (*scenario.Scenario, []byte) {
	t.Helper()
	data, ok := scenario.Open(name)
	if !ok {
		t.Fatalf("no bundled scenario %s", name)
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

func TestLanternWardIsRead(t *testing.T) {
	s, _ := bundled(t, "lantern-ward")
	if len(s.Injects) != 9 || len(s.Expectations) != 9 || len(s.Participants) != 6 || s.Participants[3].Name != "Dogwood" || s.Objectives[2].ID != "O3" {
		t.Errorf("read %d injects, %d expectations, participants %v", len(s.Injects), len(s.Expectations), s.Participants)
	}
	if e := s.Injects[4]; e.When.Event.Does != scenario.ResponseSent || e.When.Event.From.String() != "XB/technical" || e.Delay != 10*scenario.Minute || e.Opens.IncidentOf != "I01" {
		t.Errorf("I05 is read as %+v", e)
	}
	if p := s.Profiles["standin"]; !p.StandIn || p.Opens.Mode != 20*scenario.Minute || p.Estimate != 2*scenario.Hour {
		t.Errorf("standin is read as %+v", p)
	}
	if s.End != 20*scenario.Hour || s.Clock.Auto != 30 || s.Clock.Start.Format("2006-01-02T15:04Z") != "2030-03-05T05:30Z" {
		t.Errorf("clock %+v, end %v", s.Clock, s.End)
	}
}
