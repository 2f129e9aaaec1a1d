package console

import valisev1 "valise.example/proto/valise/v1"

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

// Own reports whether the page is about our own State: nobody calls themselves.
func (p *contactPage) Own() bool { return p.Code == p.v.c.state.String() }
