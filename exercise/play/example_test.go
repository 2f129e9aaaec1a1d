package play_test

import (
	"context"
	"fmt"
	"strings"

	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
)

const twoDesks = `
valise = "scenario/v1"
id = "two-desks"
kind = "drill"
seed = 3
end = "2h"
[title]
en = "Two desks"
[clock]
start = 2030-03-05T05:30:00Z
[mark]
codeword = "LANTERN"
[objectives.O1]
from = "A-10 s3"
text = { en = "Acknowledge quickly" }
[participants.XA]
name = "Alder"
part = { en = "hit" }
zone = "+03:00"
seats = { technical = "steady" }
[participants.XB]
name = "Birch"
part = { en = "asked" }
zone = "-05:00"
seats = { technical = "steady" }
[profiles.steady]
acknowledge = { chance = 100, least = "5m", mode = "12m", most = "30m" }
[[inject]]
id = "I01"
at = "5m"
to = ["XA/technical"]
how = "note"
as = { en = "A hospital" }
text = { en = "Records cannot be opened." }
opens = { to = "XB/technical" }
[[expect]]
id = "E01"
objective = "O1"
who = "XB/technical"
does = "ack.sent"
within = "15m"
of = "I01.sent"
points = 10
`

func ExampleDryRun() {
	data := []byte(twoDesks)
	s, err := scenario.Parse("two-desks.toml", data)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = play.DryRun(context.Background(), s, scenario.Digest(data), s.Seed, func(l play.Line) error {
		if l.Type == play.Injected || l.Type == play.Acted || l.Type == play.Result {
			fmt.Println(strings.TrimSpace(fmt.Sprint(l.At.Clock(), " ", l.Inject, l.Expectation, " ", l.Outcome, l.Seat, " ", l.Does)))
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// T+00:05:00 I01
	// T+00:27:57 I01 XA/technical inquiry.sent
	// T+00:42:57 E01 missed
	// T+00:43:57  XB/technical ack.sent
	// T+00:43:57 E01 late
	// T+00:43:57  XB/technical channel.agreed
	// T+00:43:57  XB/technical agency.named
}
