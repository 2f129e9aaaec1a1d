package console

import (
	"net/http"

	"valise.example/api/locale"
	valisev1 "valise.example/proto/valise/v1"
)

type consentsPage struct {
	*frame
	Consents []*valisev1.ConsentView
	Next     string
}

// mostConsents is how many lines of the ledger are looked through for one; the node gives no more at once.
const mostConsents = 500

// consents are who asked whom for what, and what came of it. A-11 s2
func (v *visit) consents() error {
	list, err := v.c.door.record.ListConsents(v.ctx(), &valisev1.ListConsentsRequest{PageSize: pageRows, PageToken: v.r.URL.Query().Get("page")})
	if err != nil {
		return err
	}
	v.show(http.StatusOK, "consents", &consentsPage{
		frame: v.inner(v.t.Frame.Record, "record"), Consents: list.GetConsents(), Next: list.GetNextPageToken(),
	})
	return nil
}

// consentNamed finds one line of the ledger.
func (v *visit) consentNamed(id string) (*valisev1.ConsentView, error) {
	for token := ""; wholeID.MatchString(id); {
		list, err := v.c.door.record.ListConsents(v.ctx(), &valisev1.ListConsentsRequest{PageSize: mostConsents, PageToken: token})
		if err != nil {
			return nil, err
		}
		for _, c := range list.GetConsents() {
			if c.GetConsent() == id {
				return c, nil
			}
		}
		if token = list.GetNextPageToken(); token == "" {
			break
		}
	}
	return nil, refuse(valisev1.Reason_REASON_NOT_FOUND)
}

// Consented says where a consent stands. A-11 s2
func (f *frame) Consented(s valisev1.ConsentState) locale.Text {
	t := f.T.Record
	switch s {
	case valisev1.ConsentState_CONSENT_STATE_GRANTED:
		return t.Granted
	case valisev1.ConsentState_CONSENT_STATE_NOT_GRANTED:
		return t.NotGranted
	case valisev1.ConsentState_CONSENT_STATE_EXPIRED:
		return t.Expired
	case valisev1.ConsentState_CONSENT_STATE_WITHDRAWN:
		return t.Withdrawn
	}
	return t.Asked
}

// Endable reports whether this officer can end a consent. A-11 s2
func (p *consentsPage) Endable(c *valisev1.ConsentView) bool {
	return p.Writes() && c.GetState() == valisev1.ConsentState_CONSENT_STATE_GRANTED && c.GetDecision() != ""
}

// Usable reports whether a consent lets this officer take something out for a third party. A-11 s2
func (p *consentsPage) Usable(c *valisev1.ConsentView) bool {
	return p.Keeps() && c.GetOutbound() && c.GetState() == valisev1.ConsentState_CONSENT_STATE_GRANTED && len(c.GetMessages()) > 0
}
