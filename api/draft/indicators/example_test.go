package indicators_test

import (
	"fmt"
	"os"

	"valise.example/api/draft/indicators"
	valisev1 "valise.example/proto/valise/v1"
)

func ExampleRead() {
	data, err := os.ReadFile("testdata/event.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := indicators.Read(indicators.MISP, data)
	if err != nil {
		fmt.Println(err)
		return
	}
	inquiry, err := found.Inquiry("event.json", &valisev1.Person{Name: "N. Oduya", Phone: "+999 000 0002"})
	fmt.Println(err)
	fmt.Print(found.Draft(inquiry))
	// Output:
	// <nil>
	// # An inquiry filled from a MISP event. Read it before you send it: no person has checked it.
	// # `started` is when something was first seen, if the file says so. `valise inquiry template` shows every other key.
	// # The strictest label in the file is TLP:AMBER: TLP:AMBER+STRICT, the default, is stricter and stands (A-11 s2).
	// # The event has the date 2026-11-20, without a time or zone: it fills no time below.
	//
	// title = "Spear phishing against operators of substations, loader seen in three networks"
	// narrative = """
	// A MISP event with 10 attributes and 2 objects (2 text, 1 comment, 1 domain, 1 email-src, 1 filename, 1 ip-dst, 1 sha256, 1 size-in-bytes, 1 target-org) is attached; 4 attributes are marked for detection.
	// According to it, first seen 2026-11-18T06:41:00+01:00, last seen 2026-11-20T02:10:00Z.
	// """
	// request_type = "information"
	// attachments = ["event.json"]
	// reference = "0d6f7a2e-6d36-4f0b-9a3c-5a1f0f6f2c11"
	// tlp = "TLP:AMBER+STRICT"
	// pap = "PAP:AMBER"
	//
	// [originator]
	// name = "N. Oduya"
	// phone = "+999 000 0002"
	//
	// [incident]
	// nature = "malicious-code"
	// started = "2026-11-18T06:41:00+01:00"
	// affected_sectors = ["Energy", "Transport"]
	//
	// [[attachment]]
	// name = "event.json"
	// media_type = "application/vnd.misp+json"
	// tlp = "TLP:AMBER+STRICT"
	// pap = "PAP:AMBER"
}
