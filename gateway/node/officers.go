package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/api"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

const officersTable = "officers"

var officersKey = []byte("all")

var officerName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,31}$`)

// officers keeps who may do what in the record's own file, and every change as an item of the
// record, so that who was an officer when can be proven later. A-9 s4
type officers struct {
	store interface {
		Update(context.Context, func(store.Tx) error) error
		View(context.Context, func(store.Tx) error) error
	}
	now  func() time.Time
	rand io.Reader
	// tracks are those of this node: no officer is bound to another. A-9 s2
	tracks []ident.Track
	saved  func() // called after a change became durable; may be nil
	// known is the list as it is in the record. No call opens the record to learn who calls: it may
	// be closed for a moment (P6), and one who waits for it inside a call that holds it open, as a
	// copy does, would wait for itself. Nobody but change writes the list, and one process has the home.
	known atomic.Pointer[valisev1.ListOfficersResponse]
	// unsure is set while nobody knows whether the last change is durable: then the record says it.
	unsure atomic.Bool
	// reading lets nobody put a list that was read earlier in the place of a later one.
	reading sync.Mutex
}

// Add adds an officer; with a token, its text is returned once and only its hash is kept.
func (o *officers) Add(ctx context.Context, by gateway.Actor, officer *valisev1.Officer, withToken bool) (*valisev1.Officer, string, error) {
	if !slices.Contains(by.Roles, valisev1.Role_ROLE_NODE_ADMIN) {
		return nil, "", &Fault{Why: valisev1.Reason_REASON_NOT_PERMITTED, Detail: "only a node administrator adds officers"}
	}
	added := proto.CloneOf(officer)
	added.TokenHash, added.Added, added.AddedBy = "", timestamppb.New(o.now()), by.Name
	token := ""
	if withToken {
		var secret [24]byte
		if _, err := io.ReadFull(o.rand, secret[:]); err != nil {
			return nil, "", err
		}
		token = hex.EncodeToString(secret[:])
		added.TokenHash = tokenHash(token)
	}
	if err := o.change(ctx, by.Name, "officer added: "+added.GetName(), func(list *valisev1.ListOfficersResponse) error {
		return o.insert(list, added)
	}); err != nil {
		return nil, "", err
	}
	return added, token, nil
}

// List gives all officers by name.
func (o *officers) List(ctx context.Context) ([]*valisev1.Officer, error) {
	o.reading.Lock()
	defer o.reading.Unlock()
	var list *valisev1.ListOfficersResponse
	err := o.store.View(ctx, func(tx store.Tx) (err error) {
		list, err = readOfficers(tx)
		return err
	})
	if err == nil {
		o.known.Store(list)
		o.unsure.Store(false)
	}
	return list.GetOfficers(), err
}

// Remove takes an officer's rights away; what they did stays in the record.
func (o *officers) Remove(ctx context.Context, by gateway.Actor, name string) error {
	if !slices.Contains(by.Roles, valisev1.Role_ROLE_NODE_ADMIN) {
		return &Fault{Why: valisev1.Reason_REASON_NOT_PERMITTED, Detail: "only a node administrator removes officers"}
	}
	return o.change(ctx, by.Name, "officer removed: "+name, func(list *valisev1.ListOfficersResponse) error {
		at := slices.IndexFunc(list.Officers, func(x *valisev1.Officer) bool { return x.GetName() == name })
		if at < 0 {
			return &Fault{Why: valisev1.Reason_REASON_NOT_FOUND, Detail: "there is no officer of this name"}
		}
		list.Officers = slices.Delete(list.Officers, at, at+1)
		if !slices.ContainsFunc(list.Officers, isAdmin) {
			return &Fault{Why: valisev1.Reason_REASON_NOT_PERMITTED, Detail: "the last node administrator cannot be removed: nobody could add officers again"}
		}
		return nil
	})
}

// ByUID finds the officer that a user id of this machine is; the first by name where several are.
func (o *officers) ByUID(ctx context.Context, uid uint32) (*valisev1.Officer, bool) {
	return o.find(ctx, func(x *valisev1.Officer) bool { return slices.Contains(x.GetUids(), uid) })
}

// ByToken finds an officer by the SHA-256 of a token.
func (o *officers) ByToken(ctx context.Context, hash [32]byte) (*valisev1.Officer, bool) {
	want := hex.EncodeToString(hash[:])
	return o.find(ctx, func(x *valisev1.Officer) bool { return x.GetTokenHash() == want })
}

// ByCertificate finds an officer by the pin of a client certificate.
func (o *officers) ByCertificate(ctx context.Context, pin api.Pin) (*valisev1.Officer, bool) {
	return o.find(ctx, func(x *valisev1.Officer) bool { return x.GetCertificate() == pin.String() })
}

// ByName finds an officer by name.
func (o *officers) ByName(ctx context.Context, name string) (*valisev1.Officer, bool) {
	return o.find(ctx, func(x *valisev1.Officer) bool { return x.GetName() == name })
}

func (o *officers) find(ctx context.Context, fits func(*valisev1.Officer) bool) (*valisev1.Officer, bool) {
	list := o.known.Load()
	if list == nil || o.unsure.Load() {
		_, err := o.List(ctx)
		if err != nil && ReasonOf(err) != valisev1.Reason_REASON_NOT_ACCEPTING {
			return nil, false
		}
		list = o.known.Load()
	}
	at := slices.IndexFunc(list.GetOfficers(), fits)
	if at < 0 {
		return nil, false
	}
	return list.GetOfficers()[at], true
}

// newcomerWarning is how long it is told that somebody was added who reads what States say: who may
// add officers reads nothing alone, and must not come to read it unseen. A-9 s4
const newcomerWarning = 7 * 24 * time.Hour

// newcomers tells of them, without a name; nothing where there is none.
func newcomers(list []*valisev1.Officer, now time.Time) []*valisev1.StandingWarning {
	var newest time.Time
	for _, x := range list {
		if at := x.GetAdded().AsTime(); x.GetAdded() != nil && readsContent(x) && at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() || now.Sub(newest) >= newcomerWarning {
		return nil
	}
	return []*valisev1.StandingWarning{warn(valisev1.Warning_WARNING_OFFICER_ADDED, withDay("day", newest))}
}

// readsContent reports whether an officer has a role that reads messages.
func readsContent(x *valisev1.Officer) bool {
	return slices.ContainsFunc(x.GetRoles(), func(r valisev1.Role) bool {
		return r != valisev1.Role_ROLE_NODE_ADMIN && r != valisev1.Role_ROLE_EXERCISE_CONTROLLER
	})
}

// first puts the officer of a new home into an empty list.
func (o *officers) first(ctx context.Context, officer *valisev1.Officer) error {
	return o.change(ctx, officer.GetName(), "home made; officer added: "+officer.GetName(), func(list *valisev1.ListOfficersResponse) error {
		if len(list.GetOfficers()) > 0 {
			return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: "this home has officers already"}
		}
		return o.insert(list, officer)
	})
}

// change edits the list in one transaction with the item that tells of it.
func (o *officers) change(ctx context.Context, by, note string, edit func(*valisev1.ListOfficersResponse) error) error {
	o.reading.Lock()
	defer o.reading.Unlock()
	var list *valisev1.ListOfficersResponse
	refused := false
	err := o.store.Update(ctx, func(tx store.Tx) (err error) {
		if list, err = readOfficers(tx); err != nil {
			return err
		}
		if err := edit(list); err != nil {
			refused = true
			return err
		}
		o.meanwhile(list)
		b, err := proto.Marshal(list)
		if err != nil {
			return err
		}
		if err := tx.Put(officersTable, officersKey, b); err != nil {
			return err
		}
		_, err = tx.Append(&valisev1.Item{
			Type: valisev1.ItemType_ITEM_TYPE_NODE, Recorded: timestamppb.New(o.now()), Officer: by, Note: note,
		})
		return err
	})
	switch {
	case err == nil:
		o.known.Store(list)
		o.unsure.Store(false)
		if o.saved != nil {
			o.saved()
		}
	case !refused:
		o.unsure.Store(true)
	}
	return err
}

// meanwhile is what the door knows until a change is durable: who is removed is no officer any more,
// so that nothing recorded after it is told to them, and who is added is none yet.
func (o *officers) meanwhile(list *valisev1.ListOfficersResponse) {
	before := o.known.Load()
	if before == nil {
		return
	}
	both := &valisev1.ListOfficersResponse{}
	for _, x := range list.GetOfficers() {
		if slices.ContainsFunc(before.GetOfficers(), func(y *valisev1.Officer) bool { return x.GetName() == y.GetName() }) {
			both.Officers = append(both.Officers, x)
		}
	}
	o.known.Store(both)
}

func readOfficers(tx store.Tx) (*valisev1.ListOfficersResponse, error) {
	list := &valisev1.ListOfficersResponse{}
	b, err := tx.Get(officersTable, officersKey)
	if err != nil {
		return nil, err
	}
	return list, proto.Unmarshal(b, list)
}

func (o *officers) insert(list *valisev1.ListOfficersResponse, officer *valisev1.Officer) error {
	if !officerName.MatchString(officer.GetName()) {
		return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "an officer's short name is 1 to 32 lower-case letters, digits, dots, hyphens or underscores and begins with a letter"}
	}
	if len(officer.GetRoles()) == 0 || slices.Contains(officer.GetRoles(), valisev1.Role_ROLE_UNSPECIFIED) {
		return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "an officer needs at least one role"}
	}
	tracks, err := parseTracks(officer.GetTracks())
	if err != nil || slices.ContainsFunc(tracks, func(t ident.Track) bool { return !slices.Contains(o.tracks, t) }) {
		return &Fault{Why: valisev1.Reason_REASON_BAD_REQUEST, Detail: "an officer's tracks are tracks of this node, each once; without one the officer has all"}
	}
	for _, x := range list.GetOfficers() {
		if x.GetName() == officer.GetName() {
			return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: "there is an officer of this name already"}
		}
		if officer.GetCertificate() != "" && x.GetCertificate() == officer.GetCertificate() {
			return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: "this certificate is another officer already, and one person has one name"}
		}
		for _, uid := range officer.GetUids() {
			if slices.Contains(x.GetUids(), uid) {
				return &Fault{Why: valisev1.Reason_REASON_ALREADY_EXISTS, Detail: fmt.Sprintf("user id %d is another officer already, and one person has one name", uid)}
			}
		}
	}
	list.Officers = append(list.Officers, officer)
	slices.SortFunc(list.Officers, func(a, b *valisev1.Officer) int { return strings.Compare(a.GetName(), b.GetName()) })
	return nil
}

func isAdmin(x *valisev1.Officer) bool {
	return slices.Contains(x.GetRoles(), valisev1.Role_ROLE_NODE_ADMIN)
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
