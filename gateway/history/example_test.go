package history_test

import (
	"fmt"

	"valise.example/gateway/history"
)

// A message that was answered OK and is nowhere is found.
func Example() {
	report := history.Check([]history.Event{
		{Event: history.Begin, Nodes: []string{"XA", "XB"}},
		{Event: history.Invoke, Node: "XA", Request: "r1", To: "XB"},
		{Event: history.OK, Node: "XA", Request: "r1", Message: "5f0c"},
		{Event: history.Verified, Node: "XA", Good: true},
		{Event: history.Verified, Node: "XB", Good: true},
	})
	fmt.Println(report.Total(), "passed")
	fmt.Println(report.Findings[0])
	// Output:
	// 3 passed
	// line 5: ok-is-delivered-once: 5f0c was answered OK by XA in line 3 and is not at XB
}
