package gateway

import (
	"context"
	"slices"
	"strconv"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// contactsShown bounds the contacts that one check shows. P7
const contactsShown = 100

// EntryContacts lists the calls and emails with a POC that were logged, newest first: in threads that
// the actor may read, and bound to the POC alone. s3
func (g *Gateway) EntryContacts(ctx context.Context, a Actor, r *valisev1.ListEntryContactsRequest) (*valisev1.ListEntryContactsResponse, error) {
	const op = "list contacts"
	if _, err := a.as(mayRead); err != nil {
		return nil, asError(op, err, 0)
	}
	peer, err := ident.ParseAddress(r.GetAddress())
	if err != nil {
		return nil, asError(op, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a contact is listed by an address such as XB/technical"), 0)
	}
	from, err := parsePage(r.GetPageToken(), highest)
	if err != nil {
		return nil, asError(op, err, 0)
	}
	out, limit := new(valisev1.ListEntryContactsResponse), pageSize(r.GetPageSize())
	err = g.view(ctx, op, func(w *work) error {
		out.Contacts, out.NextPageToken = nil, ""
		return w.tx.Rows(tableContacts, []byte(peer.String()), from, true, func(n uint64, _ []byte) (bool, error) {
			item, err := w.kept(n)
			if err != nil || item == nil {
				return err == nil, err
			}
			if sees, err := w.seesContact(a, peer, item); err != nil || !sees {
				return err == nil, err
			}
			if len(out.Contacts) == limit {
				out.NextPageToken = strconv.FormatUint(n, 10)
				return false, nil
			}
			out.Contacts = append(out.Contacts, entryContact(item))
			return true, nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// seesContact: what was logged in a thread is of its track. What is bound to a POC alone is of the
// track of that POC, and at a manager's desk of its one desk.
func (w *work) seesContact(a Actor, peer ident.Address, item *valisev1.Item) (bool, error) {
	if len(item.GetThread()) > 0 {
		return w.seesItem(a, item)
	}
	return w.g.cfg.deskWith(a, peer), nil
}

func entryContact(item *valisev1.Item) *valisev1.EntryContact {
	v := &valisev1.EntryContact{Contact: item.GetContactLog(), Officer: item.GetOfficer(), Item: item.GetNumber()}
	if t, ok := ident.ThreadIDFrom(item.GetThread()); ok {
		v.Thread = t.String()
	}
	return v
}

// contactsSince are the contacts with a POC since a check of it began, oldest first: those bound to the
// POC alone, and those in threads of checks. What was logged of an incident is none of its entry. A-7b s2
func (w *work) contactsSince(peer string, item uint64) (out []*valisev1.EntryContact, err error) {
	err = w.tx.Rows(tableContacts, []byte(peer), item, false, func(n uint64, _ []byte) (bool, error) {
		contact, err := w.kept(n)
		if err != nil || contact == nil {
			return err == nil, err
		}
		ofEntry, err := w.isOfEntry(contact)
		if ofEntry {
			out = append(out, entryContact(contact))
		}
		return len(out) < contactsShown, err
	})
	return slices.Clip(out), err
}

func (w *work) isOfEntry(item *valisev1.Item) (bool, error) {
	t, in := ident.ThreadIDFrom(item.GetThread())
	if !in {
		return true, nil
	}
	th, found, err := w.thread(t)
	return found && th.GetOpening() == valisev1.Kind_KIND_PING, err
}

// checkAnswered finds the thread of the newest check of ours of a POC, which a person answered by
// telephone or email. A-8 s2
func (w *work) checkAnswered(a Actor, peer string) (*valisev1.Thread, error) {
	_, id, found, err := w.firstRow(tableChecked, []byte(peer), highest, true)
	if err != nil {
		return nil, err
	}
	if found {
		th, _, err := w.thread(ident.ThreadID(padThread(id)))
		if err != nil {
			return nil, err
		}
		if a.sees(th) {
			return th, nil
		}
	}
	return nil, notNow("our side has asked this point of contact for no communication check")
}
