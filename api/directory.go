package api

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// directoryService reads the directory, which holds no exchanged information (A-7b), and takes
// a new one from a file.
type directoryService struct {
	valisev1.UnimplementedDirectoryServiceServer
	server *Server
}

var _ valisev1.DirectoryServiceServer = (*directoryService)(nil)

func (s *directoryService) GetDirectory(ctx context.Context, _ *valisev1.GetDirectoryRequest) (*valisev1.GetDirectoryResponse, error) {
	snapshot := s.server.cfg.Directory.Current()
	hash := snapshot.Hash()
	issued, expires := snapshot.Dates()
	out := &valisev1.GetDirectoryResponse{
		Number: snapshot.Number(), Hash: hex.EncodeToString(hash[:]),
		Issued: stamp(issued), Expires: stamp(expires), Stale: snapshot.Stale(s.server.cfg.Now()),
	}
	for _, state := range snapshot.States() {
		out.States = append(out.States, state.String())
	}
	managers, _ := snapshot.Managers()
	for _, id := range managers.Managers {
		out.Managers = append(out.Managers, id.Fingerprint())
	}
	return out, nil
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func (s *directoryService) ListContacts(ctx context.Context, r *valisev1.ListContactsRequest) (*valisev1.ListContactsResponse, error) {
	snapshot := s.server.cfg.Directory.Current()
	states := snapshot.States()
	if r.GetState() != "" {
		state, err := ident.ParseState(r.GetState())
		if err != nil {
			return nil, refuseField("state", "is no State: want two capital letters")
		}
		if _, ok := snapshot.Entry(state); !ok {
			return nil, absent(snapshot, state)
		}
		states = []ident.State{state}
	}
	out := &valisev1.ListContactsResponse{}
	now := s.server.cfg.Now()
	for _, listing := range snapshot.ShowAt(s.server.cfg.Own, now).States {
		entry, _ := snapshot.Entry(ident.State(listing.State))
		for _, view := range contacts(snapshot, listing, states, now) {
			view.Names = entry.GetNames()
			view.NotCalledBack, view.CalledBack = listing.NotCalledBack, calledBack(listing.CalledBack)
			out.Contacts = append(out.Contacts, view)
		}
	}
	return out, nil
}

func calledBack(c *directory.CalledListing) *valisev1.CalledBack {
	if c == nil {
		return nil
	}
	return &valisev1.CalledBack{At: stamp(c.At), Officer: c.Officer, Item: c.Item, OwnNumber: c.OwnNumber}
}

// absent says why a State has no contacts: it left, or was never there.
func absent(snapshot *directory.Snapshot, state ident.State) error {
	at, left := snapshot.Left(state)
	if !left {
		return refusal(valisev1.Reason_REASON_NOT_FOUND, "this State is not in the directory")
	}
	e := refusal(valisev1.Reason_REASON_STATE_LEFT, "on "+at.UTC().Format(time.DateOnly))
	e.At = at
	return e
}

func contacts(snapshot *directory.Snapshot, listing directory.StateListing, states []ident.State, now time.Time) []*valisev1.ContactView {
	var out []*valisev1.ContactView
	for _, poc := range listing.POCs {
		address, err := ident.ParseAddress(poc.Address)
		if err != nil || !contains(states, address.State) {
			continue
		}
		// The directory shows only POCs of an entry in force, and those it finds.
		found, err := snapshot.Lookup(address)
		if err != nil {
			continue
		}
		view := &valisev1.ContactView{Address: poc.Address, PointOfContact: found.Point, Reachable: poc.Reachable, Office: office(poc.Office)}
		for _, key := range poc.SigningKeys {
			view.Fingerprints = append(view.Fingerprints, key.Fingerprint)
		}
		out = append(out, view)
	}
	return further(snapshot, listing, states, now, out)
}

// further adds those whom no message reaches to the POC of their track, or as a POC of which nothing else
// is known. A-7a-i, B-1b
func further(snapshot *directory.Snapshot, listing directory.StateListing, states []ident.State, now time.Time, out []*valisev1.ContactView) []*valisev1.ContactView {
	state := ident.State(listing.State)
	entry, ok := snapshot.Entry(state)
	if !ok || !contains(states, state) {
		return out
	}
	for _, p := range entry.GetFurtherPoints() {
		address := listing.State + "/" + p.GetTrack()
		i := slices.IndexFunc(out, func(v *valisev1.ContactView) bool { return v.GetAddress() == address })
		if i < 0 {
			i, out = len(out), append(out, &valisev1.ContactView{Address: address})
		}
		out[i].Further = append(out[i].Further, &valisev1.FurtherContact{PointOfContact: p, Office: office(directory.OfficeNow(p, now))})
	}
	return out
}

func office(o *directory.OfficeListing) *valisev1.OfficeNow {
	if o == nil {
		return nil
	}
	out := &valisev1.OfficeNow{Open: o.Open}
	if o.Changes != nil {
		out.Changes = timestamppb.New(*o.Changes)
	}
	return out
}

func contains(states []ident.State, state ident.State) bool {
	return slices.Contains(states, state)
}

// ImportDirectory is for whoever runs the node: a wrong directory could cut it off.
func (s *directoryService) ImportDirectory(ctx context.Context, r *valisev1.ImportDirectoryRequest) (*valisev1.ImportDirectoryResponse, error) {
	check := func(r *valisev1.ImportDirectoryRequest) error {
		if len(r.GetBundle()) == 0 {
			return refuseField("bundle", "is empty")
		}
		return nil
	}
	return commit(ctx, r, check, func(ctx context.Context, r *valisev1.ImportDirectoryRequest) (*valisev1.ImportDirectoryResponse, error) {
		return s.server.cfg.Directory.Import(ctx, r.GetBundle())
	})
}
