package gateway

import (
	"context"
	"slices"
	"testing"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// on is an officer with every content role, on one track.
func on(track ident.Track) Actor {
	return Actor{Name: "one-" + track.String(), Tracks: []ident.Track{track}, Roles: []valisev1.Role{
		valisev1.Role_ROLE_DUTY_OFFICER, valisev1.Role_ROLE_CLEARER, valisev1.Role_ROLE_RECORD_KEEPER,
	}}
}

// TestWhatIsOfAnotherTrackDoesNotExist: for every act an officer of one track hears of a thread of
// the other what they hear of one that never was. A-9 s2, s4
func TestWhatIsOfAnotherTrackDoesNotExist(t *testing.T) {
	w := newWorld(t)
	xa, ctx := w.homes["XA"], context.Background()
	xa.four[ident.Diplomatic] = true
	q := inquiry("x")
	q.Attachments = []*valisev1.Attachment{xa.bring(officer, "a.bin", []byte("bytes"))}
	sent, err := xa.g.Inquire(ctx, officer, &valisev1.SendInquiryRequest{To: xbDip.String(), Inquiry: q})
	if err != nil {
		t.Fatal(err)
	}
	item := uint64(len(xa.store.items) - 1)
	for name, act := range map[string]func(a Actor) error{
		"reply":     func(a Actor) error { return xa.tryReply(a, sent.GetThread(), &valisev1.Closure{}) },
		"reply to":  func(a Actor) error { return xa.tryReplyTo(a, sent.GetMessage()) },
		"retract":   func(a Actor) error { return xa.tryRetract(a, sent.GetMessage()) },
		"clear":     func(a Actor) error { _, err := xa.clear(a, sent.GetMessage()); return err },
		"send back": func(a Actor) error { return xa.trySendBack(a, sent.GetMessage(), "") },
		"log":       func(a Actor) error { return xa.tryLog(a, &valisev1.LogContactRequest{Thread: sent.GetThread()}) },
		"note": func(a Actor) error {
			return xa.tryNote(a, &valisev1.AddNoteRequest{Thread: sent.GetThread(), Text: "x"})
		},
		"note in none": func(a Actor) error {
			return xa.tryNote(a, &valisev1.AddNoteRequest{Thread: sent.GetThread(), Message: sent.GetMessage(), Text: "x"})
		},
		"link":           func(a Actor) error { return xa.linkThreads(a, true, sent.GetThread()) },
		"thread":         func(a Actor) error { return xa.tryThread(a, sent.GetThread()) },
		"a prefix":       func(a Actor) error { return xa.tryThread(a, sent.GetThread()[:8]) },
		"attachment":     func(a Actor) error { _, err := xa.read(a, sent.GetMessage(), 0); return err },
		"items":          func(a Actor) error { return xa.tryItems(a, sent.GetThread()) },
		"item":           func(a Actor) error { return xa.tryItem(a, item) },
		"that never was": func(a Actor) error { return xa.tryThread(a, "00000000000000000000000000000000") },
	} {
		t.Run(name, func(t *testing.T) {
			wantReason(t, xa, valisev1.Reason_REASON_NOT_FOUND, func() error { return act(on(ident.Technical)) })
			if err := act(on(ident.Diplomatic)); reasonOf(err) == valisev1.Reason_REASON_NOT_FOUND && name != "that never was" {
				t.Errorf("an officer of the track: %v", err)
			}
		})
	}
}

// TestListsHoldOneTrack: threads, items and events of the other track are passed over, whoever has
// no track has both, and what belongs to no track is everybody's.
func TestListsHoldOneTrack(t *testing.T) {
	w := newWorld(t)
	xa, xb, ctx := w.homes["XA"], w.homes["XB"], context.Background()
	tech, dip := xa.inquire(xbTech, "tech"), xa.inquire(xbDip, "dip")
	w.settle()
	xb.reply(tech.GetThread(), &valisev1.Acknowledgement{})
	xb.reply(dip.GetThread(), &valisev1.Acknowledgement{})
	w.settle()
	if err := xa.tryLog(on(ident.Diplomatic), &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: xbDip.String()}}); err != nil {
		t.Fatal(err)
	}
	seen := map[string]uint64{}
	for who, want := range map[string]struct {
		actor   Actor
		threads []string
	}{
		"technical":  {on(ident.Technical), []string{"tech"}},
		"diplomatic": {on(ident.Diplomatic), []string{"dip"}},
		"no track":   {Actor{Name: "both", Roles: on(ident.Technical).Roles}, []string{"dip", "tech"}},
	} {
		list, err := xa.g.Threads(ctx, want.actor, &valisev1.ListThreadsRequest{})
		if err != nil || len(list.GetThreads()) != len(want.threads) {
			t.Fatalf("%s reads threads %v, %v", who, list, err)
		}
		for _, th := range list.GetThreads() {
			if !slices.Contains(want.threads, th.GetTitle()) {
				t.Errorf("%s reads %s", who, th.GetTitle())
			}
		}
		items, err := xa.g.Items(ctx, want.actor, &valisev1.ListItemsRequest{PageSize: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range items.GetItems() {
			if _, ok, err := xa.g.Event(ctx, want.actor, v.GetItem().GetNumber()); err != nil || ok {
				seen[who]++
			}
			wrong := tech.GetThread()
			if who == "technical" {
				wrong = dip.GetThread()
			}
			if who != "no track" && v.GetThread() == wrong {
				t.Errorf("%s reads item %v", who, v)
			}
			// A receipt stands in no thread, and tells as well who speaks with whom.
			h, err := itemHeader(xa.store.items[v.GetItem().GetNumber()])
			if err == nil && !want.actor.on(h.To.Track) {
				t.Errorf("%s reads what is of the other track: %v", who, v)
			}
		}
		for n := range uint64(len(xa.store.items)) {
			e, ok, err := xa.g.Event(ctx, want.actor, n)
			if err != nil {
				t.Fatal(err)
			}
			if ok && e.GetOurs() != "" && !want.actor.onNamed(e.GetOurs()[3:]) {
				t.Errorf("%s hears %v", who, e)
			}
		}
	}
	// The logged call is of the diplomatic track alone.
	if seen["diplomatic"] != seen["technical"]+1 || seen["no track"] != seen["diplomatic"]+seen["technical"] {
		t.Errorf("events by track: %v", seen)
	}
}

// TestOneTrackBeginsNothingOnTheOther: our own POC is no secret, so what is refused is the act.
func TestOneTrackBeginsNothingOnTheOther(t *testing.T) {
	xa := newWorld(t).homes["XA"]
	tech := on(ident.Technical)
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error {
		return xa.tryInquire(tech, &valisev1.SendInquiryRequest{To: xbDip.String(), Inquiry: inquiry("x")})
	})
	wantReason(t, xa, valisev1.Reason_REASON_NOT_PERMITTED, func() error {
		return xa.tryLog(tech, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{Peer: xbDip.String()}})
	})
	if err := xa.tryInquire(tech, &valisev1.SendInquiryRequest{To: xbTech.String(), Inquiry: inquiry("x")}); err != nil {
		t.Error(err)
	}
}

func (h *home) tryReplyTo(a Actor, message string) error {
	_, err := h.g.Reply(context.Background(), a, &valisev1.ReplyRequest{InReplyTo: message, Payload: payloadOf(&valisev1.Closure{})})
	return err
}

func (h *home) tryRetract(a Actor, message string) error {
	a.Roles = []valisev1.Role{valisev1.Role_ROLE_DRAFTER} // who withdraws only their own
	_, err := h.g.Retract(context.Background(), a, &valisev1.RetractMessageRequest{Message: message})
	return err
}

func (h *home) trySendBack(a Actor, message, note string) error {
	_, err := h.g.SendBack(context.Background(), a, &valisev1.SendBackMessageRequest{Message: message, Note: note})
	return err
}

func (h *home) tryLog(a Actor, r *valisev1.LogContactRequest) error {
	if r.Contact == nil {
		r.Contact = &valisev1.ContactLog{}
	}
	_, err := h.g.LogContact(context.Background(), a, r)
	return err
}

func (h *home) tryThread(a Actor, thread string) error {
	_, err := h.g.Thread(context.Background(), a, &valisev1.GetThreadRequest{Thread: thread})
	return err
}

func (h *home) tryItems(a Actor, thread string) error {
	_, err := h.g.Items(context.Background(), a, &valisev1.ListItemsRequest{Thread: thread})
	return err
}

func (h *home) tryItem(a Actor, item uint64) error {
	_, err := h.g.Item(context.Background(), a, &valisev1.GetItemRequest{Item: item})
	return err
}
