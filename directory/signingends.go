package directory

import (
	"time"

	"valise.example/proto/ident"
)

// SigningEnd is when the last signing key of a POC ends.
type SigningEnd struct {
	Address ident.Address
	Until   time.Time
}

// SigningEnds tells for each POC of a State that has signing keys when the last of them ends that
// nobody revoked, in the order of the entry. Nothing is refused after that, only marked.
// docs/protocol.md §8.5
func (s *Snapshot) SigningEnds(state ident.State) []SigningEnd {
	known := s.held.states[state]
	if known == nil || known.current == nil {
		return nil
	}
	var out []SigningEnd
	at := map[ident.Address]int{}
	for _, k := range known.current.keys {
		if speaker := s.speakers[k.id]; !speaker.RevokedSince.IsZero() {
			continue
		}
		i, seen := at[k.address]
		if !seen {
			at[k.address], out = len(out), append(out, SigningEnd{k.address, k.until})
			continue
		}
		if k.until.After(out[i].Until) {
			out[i].Until = k.until
		}
	}
	return out
}
