package directory

import (
	"strings"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Revoked says what Revoke did.
type Revoked struct {
	Key SigningSheetKey
	// Changed is false where the same had been said before.
	Changed bool
	// Left is how many keys of this POC nobody revoked.
	Left int
}

// shortestKeyName is how many digits of a key id name a key at least.
const shortestKeyName = 8

// Revoke notes on the sheet since when a signing key may have been in other hands: the next entry
// tells it. A revocation can be moved to an earlier time, never to a later one, and is never taken
// back. Where no other key of the POC has begun, those that were to begin later begin now. The error
// is a *Refusal: NOT_FOUND, AMBIGUOUS, BAD_REQUEST, NOT_PERMITTED. docs/protocol.md §8.5
func (s *KeySheet) Revoke(name string, since, now time.Time) (Revoked, error) {
	i, err := s.find(name)
	if err != nil {
		return Revoked{}, err
	}
	since = since.UTC().Truncate(time.Second)
	if since.After(now) {
		return Revoked{}, aboutKeys.refuse(valisev1.Reason_REASON_BAD_REQUEST, "a key is revoked since a time that has come")
	}
	k := &s.Signing[i]
	if !k.RevokedSince.IsZero() && since.After(k.RevokedSince) {
		return Revoked{}, aboutKeys.refuse(valisev1.Reason_REASON_NOT_PERMITTED, "it is revoked since %s already, and a revocation is moved to an earlier time only", k.RevokedSince.Format(time.RFC3339))
	}
	out := Revoked{Changed: !since.Equal(k.RevokedSince)}
	k.RevokedSince = since
	out.Key = *k
	out.Left = s.bringForward(k.Address, now.UTC().Truncate(time.Second))
	return out, nil
}

// find gives the place of the one signing key whose id begins with name.
func (s *KeySheet) find(name string) (at int, err error) {
	if len(name) < shortestKeyName {
		return 0, aboutKeys.refuse(valisev1.Reason_REASON_BAD_REQUEST, "want at least %d digits of a key id", shortestKeyName)
	}
	at = -1
	for i, k := range s.Signing {
		if !strings.HasPrefix(k.ID.String(), name) {
			continue
		}
		if at >= 0 {
			return 0, aboutKeys.refuse(valisev1.Reason_REASON_AMBIGUOUS, "several keys begin with these digits")
		}
		at = i
	}
	if at < 0 {
		return 0, aboutKeys.refuse(valisev1.Reason_REASON_NOT_FOUND, "no signing key on the sheet has this id")
	}
	return at, nil
}

// bringForward lets the keys of a POC that were to begin later begin now, where no other speaks, and
// says how many are left in all.
func (s *KeySheet) bringForward(a ident.Address, now time.Time) (left int) {
	speaks := s.Speaks(a, now)
	for i := range s.Signing {
		k := &s.Signing[i]
		if k.Address != a || !k.RevokedSince.IsZero() {
			continue
		}
		left++
		if !speaks && k.ValidFrom.After(now) {
			k.ValidFrom = now
		}
	}
	return left
}

// Speaks reports whether a key of the sheet that nobody revoked speaks for a POC at a time.
func (s *KeySheet) Speaks(a ident.Address, at time.Time) bool {
	for _, k := range s.Signing {
		if k.Address == a && k.RevokedSince.IsZero() && !at.Before(k.ValidFrom) && at.Before(k.ValidUntil) {
			return true
		}
	}
	return false
}
