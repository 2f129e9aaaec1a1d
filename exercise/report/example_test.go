package report_test

import (
	"fmt"
	"os"
	"strings"

	"valise.example/api/locale"
	"valise.example/exercise/play"
	"valise.example/exercise/report"
)

// A recording and its scenario become a report; here its table of expectations for one State.
func ExampleNew() {
	var file strings.Builder
	w := play.NewWriter(&file)
	for _, line := range smallLines() {
		if err := w.Write(line); err != nil {
			fmt.Println(err)
			return
		}
	}
	recording, err := play.Read(strings.NewReader(file.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := report.New(report.Input{Scenario: small(), Digest: digest, Recording: recording, File: "small.jsonl", Language: locale.French, For: "XC"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := r.ExpectationsCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// id,objective,seats,to,does,has,never,judge,within_ms,of,outcome,grade,after_ms,points,unscored,line
	// E03,O1,XC/technical,XB/technical,ack.sent,,,,3600000,I04.sent,met,,720000,5,false,15
	// E05,O2,,,,,cross_track,,0,,met,,,10,false,
}
