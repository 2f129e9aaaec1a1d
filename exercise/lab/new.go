package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
	"valise.example/seal"
)

// listLife is how long a lab's list is fresh: nobody renews it.
const listLife = 365 * 24 * time.Hour

// New makes a lab. The error is a *Error, or what a room of the house refused.
func New(c Config) (*Lab, error) {
	if err := checkStates(c.States); err != nil {
		return nil, err
	}
	l, err := c.begin()
	if err != nil {
		return nil, err
	}
	manager, err := directory.InitManager(l.DirectoryHome(), directory.ManagerConfig{Realm: l.Realm, Rand: c.Rand, Now: c.Now()})
	if err != nil {
		return nil, err
	}
	if err := l.makeRelay(manager, c.Now()); err != nil {
		return nil, err
	}
	for _, s := range l.Parties() {
		if err := l.makeState(manager, s, c); err != nil {
			return nil, err
		}
	}
	if err := l.publish(manager, c.Now()); err != nil {
		return nil, err
	}
	return l, l.save()
}

// begin checks the folder and chooses realm and address.
func (c Config) begin() (*Lab, error) {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	if err := emptyFolder(dir); err != nil {
		return nil, err
	}
	realm, err := c.realm()
	if err != nil {
		return nil, err
	}
	listen, err := freeAddress(c.Listen)
	if err != nil {
		return nil, err
	}
	return &Lab{Dir: dir, Realm: realm, States: c.States, Listen: listen, Manager: c.Manager}, nil
}

// realm is the one that was given, or a new one.
func (c Config) realm() (ident.Realm, error) {
	if c.Realm.IsOperational() {
		return "", &Error{valisev1.Reason_REASON_WRONG_REALM, "a lab is never of the operational realm"}
	}
	if c.Realm != "" {
		realm, err := ident.ParseRealm(c.Realm.String())
		if err != nil {
			return "", &Error{valisev1.Reason_REASON_BAD_REQUEST, err.Error()}
		}
		return realm, nil
	}
	name := c.Name
	if name == "" {
		name = "lab"
	}
	var random [16]byte
	if _, err := io.ReadFull(c.Rand, random[:]); err != nil {
		return "", err
	}
	realm, err := ident.ExerciseRealm(name, random)
	if err != nil {
		return "", &Error{valisev1.Reason_REASON_BAD_REQUEST, err.Error()}
	}
	return realm, nil
}

func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return &Error{valisev1.Reason_REASON_ALREADY_EXISTS, "the folder is not empty, and nothing in it is overwritten"}
	}
	return os.Chmod(dir, 0o700) //nolint:gosec // a folder needs its x bit
}

// freeAddress turns "any port" into one that the relay's card can name: the card must stay
// true over every restart.
func freeAddress(listen string) (string, error) {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", &Error{valisev1.Reason_REASON_BAD_REQUEST, fmt.Sprintf("%.60q is no address: want host:port", listen)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "", &Error{valisev1.Reason_REASON_UNSAFE_LISTEN, "a lab listens on an address of its own, never on all of them: nodes must know where it is"}
	}
	if port != "0" {
		return listen, nil
	}
	probe, err := net.Listen("tcp", listen)
	if err != nil {
		return "", &Error{valisev1.Reason_REASON_BAD_REQUEST, fmt.Sprintf("nothing can listen on %.60q", listen)}
	}
	return probe.Addr().String(), probe.Close()
}

// makeRelay makes the relay and keeps its key beside the directory.
func (l *Lab) makeRelay(manager *directory.Registry, now time.Time) error {
	card, err := relay.Init(l.RelayHome(), relay.InitConfig{Listen: l.Listen, Realm: l.Realm.String()})
	if err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(l.RelayHome(), "relay.key"))
	if err != nil {
		return err
	}
	//nolint:gosec // the path is the lab's own
	if err := os.WriteFile(l.KeptRelayKey(), key, 0o600); err != nil {
		return err
	}
	b, err := proto.Marshal(card)
	if err != nil {
		return err
	}
	_, err = manager.Admit(b, directory.AdmitOptions{Now: now})
	return err
}

// makeState makes root and node of one State and hands its entry to the manager.
func (l *Lab) makeState(manager *directory.Registry, s ident.State, c Config) error {
	if err := node.Init(node.InitConfig{Dir: l.Home(s), State: s, Realm: l.Realm, Undo: node.DefaultUndo, Now: c.Now, Rand: c.Rand, FirstOfficer: officer()}); err != nil {
		return err
	}
	home, err := node.OpenHome(l.Home(s), nil)
	if err != nil {
		return err
	}
	export, err := l.export(home, s, c)
	if err != nil {
		return err
	}
	_, err = manager.Admit(export, directory.AdmitOptions{Now: c.Now()})
	return err
}

// export holds the State's key ceremony in a folder of its own, puts the node's keys on the
// sheet, signs the entry with the root and adds the node's key bundles.
// docs/protocol.md §8.1, §8.4
func (l *Lab) export(home *node.Home, s ident.State, c Config) ([]byte, error) {
	dir := l.RootHome(s)
	sheet, err := directory.HoldCeremony(directory.CeremonyConfig{Dir: dir, Realm: l.Realm, State: s, ValidFrom: c.Now(), Rand: c.Rand})
	if err != nil {
		return nil, err
	}
	keys, from := home.PointKeys(), c.Now().UTC().Truncate(time.Second)
	for _, track := range home.Config().Tracks {
		for _, key := range keys[track] {
			sheet.Signing = append(sheet.Signing, directory.SigningSheetKey{
				SheetKey: directory.SheetKey{Key: key, ID: key.ID(l.Realm)},
				Address:  ident.Address{State: s, Track: track}, ValidFrom: from, ValidUntil: from.Add(directory.MaxSigningKeyLife),
			})
		}
	}
	if err := directory.WriteKeySheet(dir, sheet); err != nil {
		return nil, err
	}
	folder, err := directory.InitStateFolder(dir, l.Realm, facts(s, c.Names[s]))
	if err != nil {
		return nil, err
	}
	root, err := seal.ReadSigningKey(filepath.Join(dir, directory.RootKeyFile), l.Realm, nil)
	if err != nil {
		return nil, err
	}
	_, view, err := folder.SignEntry(root, 0)
	if err != nil {
		return nil, err
	}
	bundles, err := home.KeyBundles(view.Entry, c.Now())
	if err != nil {
		return nil, err
	}
	return folder.Export(bundles...)
}

// officer is the person who made the lab: one uid, every role.
func officer() *valisev1.Officer {
	o := &valisev1.Officer{Name: "lab", ShownAs: "Lab officer", Uids: []uint32{uint32(os.Getuid())}}
	for n := range valisev1.Role_name {
		if n != 0 {
			o.Roles = append(o.Roles, valisev1.Role(n))
		}
	}
	slices.Sort(o.Roles)
	return o
}

// Facts are what an invented State, or the manager, says of itself. A-7a
func Facts(s ident.State) directory.EntryFacts { return facts(s, "") }

// facts are Facts for a State that an exercise calls otherwise.
func facts(s ident.State, name string) directory.EntryFacts {
	if s.IsPrincipal() {
		return directory.EntryFacts{
			State: s.String(), Names: []directory.TextFact{{Language: "en", Text: "Manager of the directory"}},
			Points: []directory.PointFacts{{
				Track: "manager", Type: "entity", Entity: []directory.TextFact{{Language: "en", Text: "Desk of the manager"}},
				Telephones: []string{"+99900000003"}, Emails: []string{"desk@manager.example"}, Languages: []string{"en"}, TimeZone: "Etc/UTC",
			}},
		}
	}
	if name == "" {
		name = Name(s)
	}
	host := strings.ReplaceAll(strings.ToLower(name), " ", "-") + ".example"
	point := func(track, entity, mailbox, telephone string) directory.PointFacts {
		return directory.PointFacts{
			Track: track, Type: "entity", Entity: []directory.TextFact{{Language: "en", Text: entity + " of " + name}},
			Telephones: []string{telephone}, Emails: []string{mailbox + "@" + host}, Languages: []string{"en"},
			Hours: "round the clock", TimeZone: "Etc/UTC", Open: []string{"always"},
		}
	}
	return directory.EntryFacts{
		State: s.String(), Names: []directory.TextFact{{Language: "en", Text: name}},
		Points: []directory.PointFacts{
			point("diplomatic", "Ministry of Foreign Affairs", "desk", "+99900000001"),
			point("technical", "National CERT", "cert", "+99900000002"),
		},
	}
}

// publish signs the list and gives the directory file to every node.
func (l *Lab) publish(manager *directory.Registry, now time.Time) error {
	key, err := seal.ReadSigningKey(filepath.Join(l.DirectoryHome(), directory.ManagerKeyFile), l.Realm, nil)
	if err != nil {
		return err
	}
	p, err := manager.Publish(directory.PublishConfig{Now: now, ValidFor: listLife, Signers: []*seal.SigningKey{key}})
	if err != nil {
		return err
	}
	trusted := []ident.KeyID{key.Public().ID(l.Realm)}
	var failed error
	for _, s := range l.Parties() {
		home, err := node.OpenHome(l.Home(s), nil)
		if err != nil {
			return err
		}
		book, err := home.Directory()
		if err != nil {
			return err
		}
		_, err = book.Import(p.Import, directory.ImportOptions{TrustManagers: trusted})
		failed = errors.Join(failed, err)
	}
	return failed
}
