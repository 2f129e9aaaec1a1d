package telling_test

import (
	"fmt"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/scenario"
	"valise.example/exercise/telling"
)

// A line of a recording is told as a sentence.
func Example() {
	told := telling.In(locale.English, map[string]string{"XA": "Alder", "XB": "Birch"})
	fmt.Println(told.Line(play.Line{Type: play.Acted, Seat: "XA/technical", Does: scenario.InquirySent, To: []string{"XB/technical"}}))
	fmt.Println(told.Owes("XB/technical", scenario.Acknowledged, "XA/technical"))
	// Output:
	// Alder, technical track: sent an inquiry to Birch, technical track
	// Birch, technical track: acknowledgement, to Alder, technical track
}
