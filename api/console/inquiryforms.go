package console

import valisev1 "valise.example/proto/valise/v1"

// What can be chosen in an inquiry or a notice.
var (
	occurrences  = []option{{value: "actual", text: "actual"}, {value: "potential", text: "potential"}}
	confidences  = []option{{value: "low", text: "low"}, {value: "medium", text: "medium"}, {value: "high", text: "high"}}
	requestTypes = []option{{value: "information", text: "information"}, {value: "specific_action", text: "specific_action"}, {value: "assistance", text: "assistance"}}
	levels       = []option{{value: "routine", text: "routine"}, {value: "priority", text: "priority"}, {value: "urgent", text: "urgent"}}
	noticeTypes  = []option{
		{value: "incident", text: "incident"}, {value: "best_practice", text: "best_practice"}, {value: "lesson", text: "lesson"}, {value: "vulnerability", text: "vulnerability"},
	}
	actionMarks = []option{{value: "PAP:CLEAR", text: ""}, {value: "PAP:GREEN", text: ""}, {value: "PAP:AMBER", text: ""}, {value: "PAP:RED", text: ""}}
)

// inquiryForm has one step for each of the Procedure for inquiry. I-1..I-4
var inquiryForm = &form{kind: valisev1.Kind_KIND_INQUIRY, Files: true, steps: 4, fields: joined(
	onStep(1, whoAsks(), []field{
		{key: "first_contact", is: words, absent: true, heads: "first_contact"},
		{key: "reference", heads: "references"}, {key: "peer_reference"},
	}),
	onStep(2, []field{
		{key: "title"}, {key: "narrative", is: words, absent: true}, {key: "language", is: choice, options: tongues()},
	}, incidentFields(), []field{translationRows("title", "text")}),
	onStep(3, []field{
		{key: "questions", is: list, absent: true},
		{key: "request_type", is: choice, options: requestTypes, absent: true},
		{key: "time_sensitivity", is: choice, options: levels, absent: true},
		{key: "needed_by", is: moment, absent: true},
		{key: "needed_reason", is: words, absent: true},
	}),
	onStep(4, []field{
		channelRows(2, "channel_first", "channel_second"),
		{key: "nominated_agency.name", heads: "lead_agency"}, {key: "nominated_agency.contact", absent: true},
	}, marked()),
)}

// noticeForm informs and asks nothing. A-9b s3
var noticeForm = &form{kind: valisev1.Kind_KIND_VOLUNTARY_NOTICE, Files: true, steps: 2, fields: joined(
	onStep(1, whoAsks(), []field{{key: "reference", heads: "references"}}, marked()),
	onStep(2, []field{
		{key: "type", is: choice, options: noticeTypes, absent: true},
		{key: "title"}, {key: "narrative", is: words, absent: true}, {key: "language", is: choice, options: tongues()},
	}, incidentFields(), []field{translationRows("title", "text")}),
)}

func joined(lists ...[]field) (all []field) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func onStep(n int, lists ...[]field) []field {
	all := joined(lists...)
	for i := range all {
		all[i].step = n
	}
	return all
}

// whoAsks is all that has to be said, and what may be said with it. I-1, A-10b
func whoAsks() []field {
	return []field{
		{key: "originator.name", heads: "who_asks"}, {key: "originator.affiliation", absent: true}, {key: "originator.designation", absent: true},
		{key: "originator.phone", heads: "reach"}, {key: "originator.email"}, {key: "originator.hours", absent: true},
	}
}

// incidentFields are the facts of the incident. I-2
func incidentFields() []field {
	return []field{
		{key: "incident.nature", absent: true, heads: "incident"},
		{key: "incident.occurrence", is: choice, options: occurrences, absent: true},
		{key: "incident.detected", is: moment, absent: true},
		{key: "incident.started", is: moment, absent: true},
		{key: "incident.ended", is: moment, absent: true},
		{key: "incident.affected_sectors", is: list, absent: true},
		{key: "incident.cross_border", is: choice, options: yesNo, absent: true},
		{key: "incident.observed_infrastructure", is: list, absent: true},
		{key: "incident.confidence", is: choice, options: confidences, absent: true},
		{key: "incident.severity", absent: true},
	}
}

// translated is the same text in another language. A-7a-iv
func translated(at string, parts []string) []field {
	all := []field{
		{key: at + ".language", is: choice, options: tongues(), heads: "translation"},
		{key: at + ".status", is: choice, options: statuses},
	}
	for _, part := range parts {
		f := field{key: at + "." + part}
		if part == "text" {
			f.is = words
		}
		all = append(all, f)
	}
	return all
}

// channelOf is a way to go on, with its own heading. I-4
func channelOf(at, heads string) (all []field) {
	for _, name := range []string{"kind", "address", "protection", "fingerprint", "hours"} {
		all = append(all, field{key: at + "." + name})
	}
	all[0].heads = heads
	return all
}

// marked says how the other side is to handle it. A-11
func marked() []field {
	return []field{
		{key: "tlp", is: choice, options: markings, start: "TLP:AMBER+STRICT", heads: "marking"},
		{key: "pap", is: choice, options: actionMarks},
		{key: "handling_note", is: words},
	}
}
