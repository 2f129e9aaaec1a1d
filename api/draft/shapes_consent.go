package draft

import valisev1 "valise.example/proto/valise/v1"

// consentRequestShape asks whether messages may go to a third party. Which ones is said where it is
// sent: a draft knows no digests. A-11 s2
var consentRequestShape = &shape{
	message: &valisev1.ConsentRequest{},
	intro:   "A request for consent: may these messages go to a third party (A-11 s2)? Silence is no consent.",
	rows: with([]row{
		{key: "third_party", path: "third_party", doc: "To whom, exactly as it will be named when they go out (A-11 s2).", example: `"Regional CERT"`, live: true},
		{key: "purpose", path: "purpose", doc: "What for (A-11 s2).", example: `"To warn its members."`, live: true},
		{key: "conditions", path: "conditions", doc: "Under which conditions (A-11 s2).", example: `"Without naming either State."`},
		expiresRow,
		{key: "messages", path: "messages", shown: true},
	}, nil),
}

// consentDecisionShape answers a request for consent. A-11 s2
var consentDecisionShape = &shape{
	message: &valisev1.ConsentDecision{},
	intro:   "A decision on a request for consent (A-11 s2).",
	rows: with([]row{
		{key: "consents", path: "consents", doc: "true or false (A-11 s2).", example: `true`, live: true},
		{key: "conditions", path: "conditions", doc: "Under which conditions (A-11 s2).", example: `"Without naming either State."`},
		expiresRow,
		{key: "request", path: "request", shown: true},
	}, nil),
}

// consentWithdrawalShape ends a consent for the future. A-11 s2
var consentWithdrawalShape = &shape{
	message: &valisev1.ConsentWithdrawal{},
	intro:   "A consent ends for the future; what went out before stays out (A-11 s2).",
	rows: with([]row{
		{key: "reason", path: "reason", doc: "Why, if you wish to say (A-11 s2).", example: `"The circumstances have changed."`, live: true},
		{key: "decision", path: "decision", shown: true},
	}, nil),
}

// expiresRow says until when; the earlier of what is asked and what is granted holds. A-11 s2
var expiresRow = row{
	key: "expires", path: "expires", doc: "Until when, RFC 3339 with offset (A-11 s2).", example: `"2026-12-31T12:00:00Z"`,
}
