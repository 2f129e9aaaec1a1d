package conducttest

import (
	"strconv"
	"strings"
	"testing"

	"valise.example/exercise/scenario"
)

// Frame is what a test changes of the exercise of two States.
type Frame struct {
	Rate     int    // exercise seconds a second; 0: 1
	StopWord string // [mark.real_event] with its texts in English and French; empty: that of the program
	Humans   string // seats of Birch in TOML; empty: a quick profile has both
	Story    string // injects and expectations in TOML, in English and French
}

const (
	head = `valise = "scenario/v1"
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
rate = RATE
[mark]
codeword = "LANTERN"
`
	parties = `[objectives.O1]
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
seats = SEATS
[participants.XB.part]
en = "Answers"
fr = "Répond"
[profiles.quick]
stand_in = true
acknowledge = { chance = 100, least = "1m", mode = "2m", most = "3m" }
estimate = "1h"
answer = { chance = 100, least = "4m", mode = "5m", most = "6m" }
`
)

// Text is the scenario as a file: two States, a person at the technical desk of Alder, a quick profile at all others.
func (f Frame) Text() []byte {
	seats := f.Humans
	if seats == "" {
		seats = `{ technical = "quick", diplomatic = "quick" }`
	}
	text := strings.Replace(head, "RATE", strconv.Itoa(max(f.Rate, 1)), 1) + f.StopWord + strings.Replace(parties, "SEATS", seats, 1) + f.Story
	return []byte(text)
}

// Scenario is the frame as it is read, with its bytes. A fault of it ends the test.
func (f Frame) Scenario(t testing.TB) (*scenario.Scenario, []byte) {
	t.Helper()
	s, found := scenario.Check("small", f.Text())
	if !scenario.Playable(found) {
		t.Fatalf("the scenario of the test has faults: %v", found)
	}
	return s, f.Text()
}
