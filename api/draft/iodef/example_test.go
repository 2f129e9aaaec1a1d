package iodef_test

import (
	"encoding/json"
	"fmt"
	"time"

	"valise.example/api/draft"
	"valise.example/api/draft/iodef"
	"valise.example/proto/ident"
)

func ExampleBuild() {
	inquiry, _, err := draft.ParseInquiry([]byte(`
title = "Scans of energy operators"
[originator]
name = "N. Oduya"
phone = "+999 000 0002"
[incident]
started = "2026-11-18T06:41:00+01:00"
ended = { unknown = true }
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	document, err := iodef.Build(iodef.Source{
		Thread: "00112233445566778899aabbccddeeff", Realm: ident.Operational,
		From: ident.Address{State: "AA", Track: ident.Technical}, To: ident.Address{State: "ZZ", Track: ident.Technical}, Payload: inquiry,
		Said: time.Unix(1_795_000_000, 0), Now: time.Unix(1_795_000_600, 0),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	incident := document.Incident[0]
	ended, err := json.Marshal(incident.EndTime)
	fmt.Println(incident.IncidentID.Name, incident.StartTime, string(ended), incident.ExtRestriction, err)
	fmt.Println(incident.AdditionalData[3].Name, incident.AdditionalData[3].Value)
	// Output:
	// technical.aa.invalid 2026-11-18T06:41:00+01:00 "" TLP:AMBER+STRICT <nil>
	// absent ended: unknown
}
