package conduct_test

import (
	"testing"

	"valise.example/exercise/scenario"
)

// small is an exercise of two States: a person has the technical seat of Alder, a quick profile all others.
const small = `valise = "scenario/v1"
id = "small"
kind = "functional"
languages = ["en", "fr"]
seed = 7
end = "10h"
[title]
en = "Two States"
fr = "Deux États"
[clock]
start = 2030-03-05T05:30:00Z
rate = 1000
[mark]
codeword = "LANTERN"
[objectives.O1]
from = "A-10 s4"
[objectives.O1.text]
en = "Acknowledge"
fr = "Accuser réception"
[participants.XA]
name = "Alder"
zone = "+03:00"
seats = { technical = "human", diplomatic = "quick" }
[participants.XA.part]
en = "Asks"
fr = "Demande"
[participants.XB]
name = "Birch"
zone = "-05:00"
seats = { technical = "quick", diplomatic = "quick" }
[participants.XB.part]
en = "Answers"
fr = "Répond"
[profiles.quick]
stand_in = true
acknowledge = { chance = 100, least = "1m", mode = "2m", most = "3m" }
estimate = "1h"
answer = { chance = 100, least = "4m", mode = "5m", most = "6m" }
[[inject]]
id = "I01"
at = "10s"
to = ["XA/technical"]
how = "note"
opens = { to = "XB/technical" }
[inject.as]
en = "Duty manager"
fr = "Responsable de permanence"
[inject.text]
en = "Wards have lost their records."
fr = "Les services ont perdu leurs dossiers."
[[inject]]
id = "I02"
manual = true
to = ["XB/diplomatic"]
how = "press"
opens = { to = "XA/diplomatic" }
[inject.as]
en = "A press agency"
fr = "Une agence de presse"
[inject.text]
en = "Birch is said to be behind it."
fr = "Birch en serait responsable."
[[inject]]
id = "I03"
at = "5h"
to = ["XA/technical"]
how = "note"
[inject.as]
en = "Duty manager"
fr = "Responsable de permanence"
[inject.text]
en = "The records are back."
fr = "Les dossiers sont revenus."
[[expect]]
id = "E01"
objective = "O1"
who = "XA/technical"
to = "XB/technical"
does = "inquiry.sent"
within = "9h"
of = "I01"
has = ["nature", "contact"]
points = 10
[[expect]]
id = "E02"
objective = "O1"
who = "XB/technical"
to = "XA/technical"
does = "ack.sent"
within = "1h"
of = "E01"
points = 10
[[expect]]
id = "E03"
objective = "O1"
never = "record_mismatch"
points = 5
[[expect]]
id = "E04"
objective = "O1"
[expect.judge]
en = "Tone"
fr = "Ton"
`

func smallScenario(t *testing.T) (*scenario.Scenario, []byte) {
	t.Helper()
	s, found := scenario.Check("small", []byte(small))
	if !scenario.Playable(found) {
		t.Fatalf("the scenario of the test has faults: %v", found)
	}
	return s, []byte(small)
}
