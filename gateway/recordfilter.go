package gateway

import (
	"slices"

	valisev1 "valise.example/proto/valise/v1"
)

// mostLookedAt is how many items one page of a list looks at, whether they belong on it or not: who looks for
// something rare goes on from page to page, and no single question holds the record up. P7
const mostLookedAt = 2000

// belongs reports whether an item is what a list asks for. Of one whose content was removed the kind is gone with
// it. Items stand in the order in which they were recorded, and our clock may have been set back in between, so that
// a date leads to no place in the record. docs/protocol.md §9.1, §12.2
func belongs(r *valisev1.ListItemsRequest, item *valisev1.Item) bool {
	at := item.GetRecorded().AsTime()
	switch {
	case r.GetSince() != nil && at.Before(r.GetSince().AsTime()):
		return false
	case r.GetUntil() != nil && !at.Before(r.GetUntil().AsTime()):
		return false
	case len(r.GetTypes()) > 0 && !slices.Contains(r.GetTypes(), item.GetType()):
		return false
	}
	return len(r.GetKinds()) == 0 || slices.Contains(r.GetKinds(), item.GetKind())
}
