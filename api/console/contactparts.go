package console

import (
	"html/template"

	valisev1 "valise.example/proto/valise/v1"
)

// asked is a question with the frame of the page that it stands on.
type asked struct {
	F *frame
	Q *valisev1.TrustQuestion
}

// Pair gives a question to the part of a page that shows it.
func (f *frame) Pair(q *valisev1.TrustQuestion) asked { return asked{f, q} }

// described is one desk of a State with the frame of the page that it stands on.
type described struct {
	F *frame
	P *valisev1.PointOfContact
	O *valisev1.OfficeNow
}

// Desk gives a desk to the part of a page that shows it.
func (f *frame) Desk(p *valisev1.PointOfContact, now *valisev1.OfficeNow) described {
	return described{f, p, now}
}

// KnownSince says since when a question waits. docs/protocol.md §8.5
func (f *frame) KnownSince(q *valisev1.TrustQuestion) (template.HTML, error) {
	at, err := f.Moment(q.GetSince().AsTime())
	if err != nil {
		return "", err
	}
	return f.Say(f.T.Contacts.RootSince, "time", at)
}

// Settled reports whether a note ends a question. One about a root is answered by a call-back alone.
// docs/protocol.md §8.5
func (p *contactPage) Settled(q *valisev1.TrustQuestion) bool {
	return q.GetEvent() != valisev1.TrustEvent_TRUST_EVENT_ROOT_IN_QUESTION
}

// Own reports whether the page is about our own State: nobody calls themselves.
func (p *contactPage) Own() bool { return p.Code == p.v.c.state.String() }

// MayCheck reports whether this officer may begin a communication check of the State: nobody checks themselves. A-8
func (p *contactPage) MayCheck() bool { return p.Checks() && !p.Own() }
