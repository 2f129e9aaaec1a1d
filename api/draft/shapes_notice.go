package draft

import valisev1 "valise.example/proto/valise/v1"

// noticeShape informs without asking. A-9b s3, B-1c-ii
var noticeShape = &shape{
	message: &valisev1.VoluntaryNotice{},
	intro: "A notice: a State informs others and asks nothing of them (A-9b s3). Each recipient has a thread of its own.\n" +
		"Only [originator] is mandatory: a name, and a telephone or an email. Name no other State that is to get it.",
	rows: with([]row{
		{key: "type", path: "type", doc: "incident, best_practice, lesson or vulnerability (A-9b s3).", example: `"incident"`, live: true},
		{key: "title", path: "title", doc: "One line: what this is about (A-9b s3).", example: `"Replace this with one line"`, live: true},
		{key: "narrative", path: "narrative", doc: "In words (A-9b s3). Leave out names of persons and of those affected unless they are needed.", example: "\"\"\"\nReplace this with what you know.\n\"\"\"", live: true},
		attachmentsRow,
	}, []row{
		absentRow,
		{key: "originator", path: "originator", doc: "Who informs and how to reach them (I-1).", live: true, sub: personShape},
		{key: "incident", path: "incident", doc: "The incident as far as it is known; any fact may be { unknown = true }, { withheld = true } or { not_applicable = true } (I-2, A-10b).", sub: incidentShape},
	}),
}

// referralShape points to where a matter may go on. A-9 s2
var referralShape = &shape{
	message: &valisev1.Referral{},
	intro: "A referral: the matter is one for the other track, or for an agency (A-9 s2).\n" +
		"It goes on there only when an officer there takes it up, in a thread of its own.",
	rows: with([]row{
		{key: "to", path: "to", doc: "The point of contact, on the other track of one of the two States (A-9 s2).", example: `"XB/diplomatic"`, live: true},
		textRow("In words (A-9 s2)."),
	}, []row{
		{key: "agency", path: "agency", doc: "An agency, beside a point of contact or in its place (A-9 s2).", sub: agencyShape},
	}),
}
