package draft

import valisev1 "valise.example/proto/valise/v1"

// shapes are the kinds that a draft can be written for. docs/protocol.md §5.1
var shapes = map[valisev1.Kind]*shape{
	valisev1.Kind_KIND_INQUIRY:               inquiryShape,
	valisev1.Kind_KIND_ACKNOWLEDGEMENT:       acknowledgementShape,
	valisev1.Kind_KIND_HOLDING_REPLY:         holdingShape,
	valisev1.Kind_KIND_REVISED_ESTIMATE:      estimateShape,
	valisev1.Kind_KIND_RESPONSE:              responseShape,
	valisev1.Kind_KIND_CHANNEL_PROPOSAL:      proposalShape,
	valisev1.Kind_KIND_CHANNEL_ANSWER:        channelAnswerShape,
	valisev1.Kind_KIND_AGENCY_NOMINATION:     nominationShape,
	valisev1.Kind_KIND_CLARIFICATION_REQUEST: clarificationShape,
	valisev1.Kind_KIND_SUPPLEMENT:            supplementShape,
	valisev1.Kind_KIND_CORRECTION:            correctionShape,
	valisev1.Kind_KIND_RETRACTION:            retractionShape,
	valisev1.Kind_KIND_REFERRAL:              referralShape,
	valisev1.Kind_KIND_VOLUNTARY_NOTICE:      noticeShape,
	valisev1.Kind_KIND_CONSENT_REQUEST:       consentRequestShape,
	valisev1.Kind_KIND_CONSENT_DECISION:      consentDecisionShape,
	valisev1.Kind_KIND_CONSENT_WITHDRAWAL:    consentWithdrawalShape,
	valisev1.Kind_KIND_CLOSURE:               closureShape,
	valisev1.Kind_KIND_REOPEN:                reopenShape,
}

// inquiryShape follows the Procedure for inquiry. I-1..I-4
var inquiryShape = &shape{
	message: &valisev1.Inquiry{},
	intro: "An inquiry: who asks (I-1), what happened (I-2), what is asked and by when (I-3), and how to go on (I-4).\n" +
		"Only [originator] is mandatory: a name, and a way to reach that person. Everything else may be left out.",
	rows: with([]row{
		{key: "title", path: "title", doc: "One line: what this is about (I-2).", example: `"Replace this with one line on the incident"`, live: true},
		{key: "narrative", path: "narrative", doc: "What happened, in words (I-2). Leave out names of persons and of those affected unless they are needed.", example: "\"\"\"\nReplace this with what happened, as far as you know.\n\"\"\"", live: true},
		{key: "questions", path: "questions", doc: "What you want to know; questions are numbered from 1 by their place (I-3).", example: `["Is the address 192.0.2.10 known to you?"]`},
		{key: "request_type", path: "request_type", doc: "What is asked for: information, specific_action or assistance (A-9b s2).", example: `"information"`, live: true},
		{key: "time_sensitivity", path: "time_sensitivity.level", doc: "How urgent you find it: routine, priority or urgent; it binds nobody (I-3).", example: `"routine"`, live: true},
		{key: "needed_by", path: "time_sensitivity.needed_by", doc: "When an answer would still help, RFC 3339 with offset (I-3).", example: `"2026-12-24T12:00:00Z"`},
		{key: "needed_reason", path: "time_sensitivity.reason", doc: "Why then (I-3).", example: `"Logs are kept for 30 days."`},
		{key: "first_contact", path: "first_contact", doc: "The call or email that came before, in words (I-1).", example: `"Call to the duty desk this morning."`},
		{key: "referral", path: "referral", shown: true},
		attachmentsRow,
	}, []row{
		absentRow,
		{key: "originator", path: "originator", doc: "Who asks and how to reach them (I-1, I-3).", live: true, sub: personShape},
		{key: "incident", path: "incident", doc: "The incident as far as it is known; any fact may be { unknown = true }, { withheld = true } or { not_applicable = true } (I-2, A-10b).", sub: incidentShape},
		{key: "preferred_channel", path: "preferred_channels", doc: "How you would like to go on; repeat this table, best first (I-4).", sub: channelShape},
		{key: "nominated_agency", path: "nominated_agency", doc: "The agency that leads for this incident on your side (I-4).", sub: agencyShape},
	}),
}

// acknowledgementShape says that messages arrived, and nothing else. A-10 s4
var acknowledgementShape = &shape{
	message: &valisev1.Acknowledgement{},
	intro:   "An acknowledgement: a person says that messages arrived, and nothing else (A-10 s4).",
	rows: with([]row{
		textRow("A line of text, if any (A-10 s4)."),
		{key: "messages", path: "messages", shown: true},
	}, nil),
}

// holdingShape says that we will look into it. R-2
var holdingShape = &shape{
	message: &valisev1.HoldingReply{},
	intro:   "A holding reply: we will look into it (R-2).",
	rows: with([]row{
		textRow("In words (R-2)."),
		estimateRow(false),
	}, []row{
		absentRow,
		{key: "interim_contact", path: "interim_contact", doc: "Whom to reach meanwhile (R-2).", sub: personShape},
		{key: "preferred_channel", path: "preferred_channels", doc: "How you would like to go on; repeat this table, best first (R-3).", sub: channelShape},
		{key: "nominated_agency", path: "nominated_agency", doc: "The agency that leads for this incident on your side (R-3).", sub: agencyShape},
	}),
}

// estimateShape gives a new timeframe. R-2
var estimateShape = &shape{
	message: &valisev1.RevisedEstimate{},
	intro:   "A revised estimate: the new timeframe; the earlier one stays in the record (R-2).",
	rows: with([]row{
		estimateRow(true),
		{key: "reason", path: "reason", doc: "Why, if you wish to say (R-2).", example: `"Logs arrive later than expected."`},
	}, nil),
}

// responseShape answers. R-1
var responseShape = &shape{
	message: &valisev1.Response{},
	intro:   "An answer, now or later, whole or in part (R-1).",
	rows: with([]row{
		{key: "outcome", path: "outcome", doc: "full, partial, no_information_found, declined or referred (R-1, A-10 s1).", example: `"full"`, live: true},
		{key: "narrative", path: "narrative", doc: "The answer in words (R-1).", example: `"Replace this with the answer."`, live: true},
		{key: "actions_taken", path: "actions_taken", doc: "What was done (R-1).", example: `"The host was taken off the network."`},
		{key: "further_expected", path: "further_expected", doc: "Whether more is to come (R-1).", example: `true`},
		{key: "reason", path: "reason", doc: "Why declined, if you wish to say (A-10 s1).", example: `"Inquiries under way."`},
		attachmentsRow,
	}, []row{
		absentRow,
		answerRow("Answer one question; repeat this table (R-1).", "Number of the question in the inquiry, from 1, or its words in quotation marks."),
	}),
}

// proposalShape names channels. I-4, R-3
var proposalShape = &shape{
	message: &valisev1.ChannelProposal{},
	intro:   "Preferred channels, best first (I-4, R-3).",
	rows: with([]row{
		textRow("In words (I-4)."),
	}, []row{
		{key: "preferred_channel", path: "channels", doc: "One channel; repeat this table, best first (I-4).", live: true, sub: channelShape},
	}),
}

// channelAnswerShape accepts, counters or declines a channel. s3
var channelAnswerShape = &shape{
	message: &valisev1.ChannelAnswer{},
	intro:   "An answer to a proposed channel; only proposal and answer together agree one (R-3, A-10 s3).",
	rows: with([]row{
		{key: "decision", path: "decision", doc: "accept, counter or decline (R-3).", example: `"accept"`, live: true},
		textRow("In words (R-3)."),
		{key: "proposal", path: "proposal", shown: true},
	}, []row{
		{key: "channel", path: "channel", doc: "The channel you accept, or the one you propose instead (R-3).", sub: channelShape},
	}),
}

// nominationShape names the agency that leads. I-4, R-3
var nominationShape = &shape{
	message: &valisev1.AgencyNomination{},
	intro:   "The agency that leads for this incident on your side (I-4, R-3).",
	rows: with([]row{
		textRow("In words (R-3)."),
	}, []row{
		{key: "nominated_agency", path: "agency", doc: "The agency; it need not stand in any directory (R-3).", live: true, sub: agencyShape},
	}),
}

// clarificationShape asks further. I-3
var clarificationShape = &shape{
	message: &valisev1.ClarificationRequest{},
	intro:   "Further questions (I-3).",
	rows: with([]row{
		{key: "questions", path: "questions", doc: "What you want to know; questions are numbered from 1 by their place (I-3).", example: `["Which time zone do the logs have?"]`, live: true},
		textRow("In words (I-3)."),
	}, nil),
}

// supplementShape adds facts. I-2
var supplementShape = &shape{
	message: &valisev1.Supplement{},
	intro:   "Further facts, and answers to questions asked since (I-2, I-3).",
	rows: with([]row{
		{key: "narrative", path: "narrative", doc: "In words (I-2).", example: `"Replace this with what is new."`, live: true},
		attachmentsRow,
	}, []row{
		{key: "incident", path: "incident", doc: "The incident as far as it is known; any fact may be { unknown = true }, { withheld = true } or { not_applicable = true } (I-2, A-10b).", sub: incidentShape},
		answerRow("Answer one question by its number; repeat this table (I-3).", "Number of the question, from 1."),
	}),
}

// correctionShape puts an earlier message of one's own right. docs/protocol.md §5.2
var correctionShape = &shape{
	message: &valisev1.Correction{},
	intro:   "What is right; the message corrected stays in the record.",
	rows: with([]row{
		{key: "text", path: "text", doc: "What is right.", example: `"Replace this with what is right."`, live: true},
		{key: "message", path: "message", shown: true},
	}, nil),
}

// retractionShape asks to disregard a message. docs/protocol.md §5.2
var retractionShape = &shape{
	message: &valisev1.Retraction{},
	intro:   "Sent in error, please disregard; a retraction deletes nothing.",
	rows: with([]row{
		{key: "reason", path: "reason", doc: "Why, if you wish to say.", example: `"Meant for another desk."`},
		{key: "message", path: "message", shown: true},
	}, nil),
}

// closureShape is our own view. docs/protocol.md §5.3
var closureShape = &shape{
	message: &valisev1.Closure{},
	intro:   "Closing our side; it claims nothing about the incident.",
	rows:    with([]row{textRow("In words.")}, nil),
}

// reopenShape goes on with a closed thread. docs/protocol.md §5.3
var reopenShape = &shape{
	message: &valisev1.Reopen{},
	intro:   "Going on with a closed thread.",
	rows:    with([]row{textRow("In words.")}, nil),
}
