package draft_test

import (
	"fmt"

	"valise.example/api/draft"
)

func ExampleParseInquiry() {
	inquiry, _, err := draft.ParseInquiry([]byte(`
title = "Scans from your network"
questions = ["Is 192.0.2.10 known to you?"]

[originator]
name = "A. Officer"
phone = "+000 555 0100"

[incident]
started = { unknown = true }
`))
	fmt.Println(err)
	fmt.Println(draft.Body(inquiry)["incident"], draft.Body(inquiry)["tlp"])
	_, _, err = draft.ParseInquiry([]byte("title = \"Scans\"\nquestion = [\"Is it known?\"]\n"))
	fmt.Println(err)
	// Output:
	// <nil>
	// map[started:map[unknown:true]] TLP:AMBER+STRICT
	// line 2: question: this draft has no such key (did you mean questions?)
}
