package conduct_test

import (
	"testing"

	"valise.example/exercise/conduct/conducttest"
	"valise.example/exercise/scenario"
)

// small is what happens between two States in most of these tests, on a fast clock.
var small = conducttest.Frame{Rate: 1000, Story: `[[inject]]
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
`}

func smallScenario(t *testing.T) (*scenario.Scenario, []byte) {
	t.Helper()
	return small.Scenario(t)
}
