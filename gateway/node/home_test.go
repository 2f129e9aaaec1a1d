package node_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

func initConfig(dir string) node.InitConfig {
	return node.InitConfig{Dir: dir, State: "XA", Realm: labRealm, Now: time.Now, Rand: rand.Reader}
}

func TestInitOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := node.Init(initConfig(dir)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "keys", "record.key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Init(initConfig(dir)); node.ReasonOf(err) != valisev1.Reason_REASON_ALREADY_EXISTS {
		t.Errorf("made again: %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "keys", "record.key"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the record key changed: %v", err)
	}
}

func TestInitRefusesAStateOfTheOtherRealm(t *testing.T) {
	for state, realm := range map[ident.State]ident.Realm{"XA": ident.Operational, "AA": labRealm} {
		c := initConfig(t.TempDir())
		c.State, c.Realm = state, realm
		if err := node.Init(c); node.ReasonOf(err) != valisev1.Reason_REASON_WRONG_REALM {
			t.Errorf("%s in %s: %v", state, realm, err)
		}
	}
}

func TestHomeOfOthersIsNotUsed(t *testing.T) {
	for _, file := range []string{".", "valise.toml", "keys/record.key", "keys/relay.key", "keys/signing-technical.key", "record.db"} {
		dir := t.TempDir()
		if err := node.Init(initConfig(dir)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, file), 0o777); err != nil {
			t.Fatal(err)
		}
		n, err := node.Open(dir, openConfig())
		if err == nil {
			t.Errorf("%s may be changed by others, and the home was used", file)
			if err := n.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		if node.ReasonOf(err) != valisev1.Reason_REASON_UNSAFE_PERMISSIONS {
			t.Errorf("%s: %v is reason %s", file, err, node.ReasonOf(err))
		}
	}
}

func TestOneProcessAHome(t *testing.T) {
	dir := t.TempDir()
	if err := node.Init(initConfig(dir)); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := node.Open(dir, openConfig()); node.ReasonOf(err) != valisev1.Reason_REASON_HOME_IN_USE {
		t.Errorf("opened twice: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPassphraseGuardsEveryKey(t *testing.T) {
	dir := t.TempDir()
	c := initConfig(dir)
	c.Tracks, c.Passphrase = []ident.Track{ident.Technical}, []byte("for tests only")
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	if _, err := node.OpenHome(dir, nil); err == nil {
		t.Error("opened without its passphrase")
	}
	home, err := node.OpenHome(dir, c.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if len(home.PointKeys()) != 1 || home.Addresses()[0].String() != "XA/technical" {
		t.Errorf("speaks for %v", home.Addresses())
	}
}

func TestBundleNumbersOnlyRise(t *testing.T) {
	dir := t.TempDir()
	if err := node.Init(initConfig(dir)); err != nil {
		t.Fatal(err)
	}
	long := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	var last uint64
	for _, now := range []time.Time{long, long, long.Add(-time.Hour * 1000), long.Add(time.Minute)} {
		home, err := node.OpenHome(dir, nil) // a restart between any two
		if err != nil {
			t.Fatal(err)
		}
		signed, err := home.KeyBundles(&valisev1.Entry{Number: 1}, now)
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := directory.ParseBundle(labRealm, signed[0])
		if err != nil {
			t.Fatal(err)
		}
		number := bundle.GetNumber()
		if number <= last {
			t.Errorf("bundle number %d after %d: a peer would refuse it as a rollback", number, last)
		}
		last = number
	}
}

func TestOfficersAreOfTheRecord(t *testing.T) {
	dir := t.TempDir()
	c := initConfig(dir)
	c.Tracks = []ident.Track{ident.Technical}
	c.FirstOfficer = &valisev1.Officer{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}, Uids: []uint32{1}}
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := context.Background()
	admin := gateway.Actor{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	duty := []valisev1.Role{valisev1.Role_ROLE_DUTY_OFFICER}
	added, token, err := n.Officers().Add(ctx, admin, &valisev1.Officer{Name: "second", Roles: duty, Tracks: []string{"technical"}}, true)
	if err != nil || len(token) < 32 || added.GetTokenHash() == "" || len(added.GetTracks()) != 1 {
		t.Fatalf("added %v with token of %d, %v", added, len(token), err)
	}
	for name, c := range map[string]struct {
		by      gateway.Actor
		officer *valisev1.Officer
		want    valisev1.Reason
	}{
		"by somebody else": {gateway.Actor{Name: "second", Roles: duty}, &valisev1.Officer{Name: "third", Roles: duty}, valisev1.Reason_REASON_NOT_PERMITTED},
		"same name":        {admin, &valisev1.Officer{Name: "second", Roles: duty}, valisev1.Reason_REASON_ALREADY_EXISTS},
		"same uid":         {admin, &valisev1.Officer{Name: "third", Roles: duty, Uids: []uint32{1}}, valisev1.Reason_REASON_ALREADY_EXISTS},
		"no role":          {admin, &valisev1.Officer{Name: "third"}, valisev1.Reason_REASON_BAD_REQUEST},
		"a track twice":    {admin, &valisev1.Officer{Name: "third", Roles: duty, Tracks: []string{"technical", "technical"}}, valisev1.Reason_REASON_BAD_REQUEST},
		"no track of ours": {admin, &valisev1.Officer{Name: "third", Roles: duty, Tracks: []string{"diplomatic"}}, valisev1.Reason_REASON_BAD_REQUEST},
		"no track at all":  {admin, &valisev1.Officer{Name: "third", Roles: duty, Tracks: []string{"manager"}}, valisev1.Reason_REASON_BAD_REQUEST},
		"a name with NUL":  {admin, &valisev1.Officer{Name: "a\x00", Roles: duty}, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		if _, _, err := n.Officers().Add(ctx, c.by, c.officer, false); node.ReasonOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := n.Officers().Remove(ctx, admin, "lab"); node.ReasonOf(err) != valisev1.Reason_REASON_NOT_PERMITTED {
		t.Errorf("the last administrator went: %v", err)
	}
	if err := n.Officers().Remove(ctx, admin, "second"); err != nil {
		t.Error(err)
	}
	if report, err := n.VerifyRecord(ctx); err != nil || !report.GetOk() || report.GetItems() != 3 {
		t.Errorf("the record has %v, %v", report, err)
	}
}
