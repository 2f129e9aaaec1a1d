package api

import (
	"testing"

	valisev1 "valise.example/proto/valise/v1"
)

// join adds an officer with a token and gives a client that is them.
func (w *world) join(t *testing.T, o *valisev1.Officer) valisev1.InquiryServiceClient {
	t.Helper()
	o.TokenHash = hashOf(o.GetName())
	w.people.mu.Lock()
	w.people.list = append(w.people.list, o)
	w.people.mu.Unlock()
	return valisev1.NewInquiryServiceClient(w.call(t, o.GetName()))
}

// TestOfficersOfATrack: the door tells the core on which track an officer acts; a track that
// cannot be read is none, and never all. A-9 s2, s4
func TestOfficersOfATrack(t *testing.T) {
	w := newWorld(t)
	write(t, w, 1)
	for name, c := range map[string]struct {
		tracks  []string
		threads int
		refused bool
	}{
		"both":      {nil, 1, false},
		"technical": {[]string{"technical"}, 1, false},
		"other":     {[]string{"diplomatic"}, 0, false},
		"broken":    {[]string{"tecnical"}, 0, true},
	} {
		client := w.join(t, &valisev1.Officer{Name: name, Roles: []valisev1.Role{duty}, Tracks: c.tracks})
		list, err := client.ListThreads(t.Context(), &valisev1.ListThreadsRequest{})
		if e, ok := FromStatus(err); c.refused != (ok && e.Reason == denied) {
			t.Errorf("%s: %v", name, err)
		}
		if len(list.GetThreads()) != c.threads {
			t.Errorf("%s reads %d threads", name, len(list.GetThreads()))
		}
	}
}

// TestWatchPassesOverTheOtherTrack: its cursor goes on all the same.
func TestWatchPassesOverTheOtherTrack(t *testing.T) {
	w := newWorld(t)
	write(t, w, 3)
	client := w.join(t, &valisev1.Officer{Name: "other", Roles: []valisev1.Role{duty}, Tracks: []string{"diplomatic"}})
	stream, err := client.Watch(t.Context(), &valisev1.WatchRequest{Replay: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil {
		t.Fatal(err)
	}
	mark := w.record.Items(t.Context())
	write(t, w, 1)
	if _, err := w.core.LogContact(t.Context(), officer, &valisev1.LogContactRequest{Contact: &valisev1.ContactLog{
		Peer: "XB/diplomatic", Means: valisev1.ContactMeans_CONTACT_MEANS_CALL,
	}}); err != nil {
		t.Fatal(err)
	}
	event, err := stream.Recv()
	if err != nil || event.GetPeer() != "XB/diplomatic" || event.GetCursor() <= mark {
		t.Errorf("the first thing heard is %v, %v", event, err)
	}
}
