package gateway

import (
	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// disowned shows at each message what its own sender said of it later: sent in error, or put right.
// Nobody takes back what another said, so what the other side says so marks nothing; neither does
// what never reached anybody. docs/protocol.md §5.2
func (r *reader) disowned() {
	for _, v := range r.list {
		if v.GetDigest() == "" || v.GetDelivery() == valisev1.Delivery_DELIVERY_WITHDRAWN || v.GetDelivery() == valisev1.Delivery_DELIVERY_REFUSED {
			continue
		}
		retraction, correction := v.GetPayload().GetRetraction(), v.GetPayload().GetCorrection()
		about := retraction.GetMessage()
		if correction != nil {
			about = correction.GetMessage()
		}
		d, _ := ident.DigestFrom(about)
		target := r.byD[d]
		switch {
		case target == nil, target == v, target.GetOutbound() != v.GetOutbound():
		case correction != nil:
			target.CorrectedBy = append(target.CorrectedBy, v.GetMessage())
		case target.GetRetractedBy() == "":
			target.RetractedBy = v.GetMessage()
		}
	}
}
