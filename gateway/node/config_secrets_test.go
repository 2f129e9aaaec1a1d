package node_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"valise.example/gateway/node"
	"valise.example/proto/ident"
)

// TestEffectiveConfigHasEveryKey: what `valise config show --effective` prints leaves nothing to
// guess, and means the same as the file.
func TestEffectiveConfigHasEveryKey(t *testing.T) {
	keys := node.ConfigKeys()
	if len(keys) < 12 {
		t.Fatalf("only %d keys are found: %q", len(keys), keys)
	}
	c, err := node.ParseConfig([]byte("state = \"XA\"\nrealm = \"" + labRealm + "\"\ntracks = [\"technical\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	meta, err := toml.Decode(string(c.Effective()), &said)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if !strings.Contains(key, "[]") && !meta.IsDefined(strings.Split(key, ".")...) {
			t.Errorf("the effective configuration does not say %s", key)
		}
	}
	again, err := node.ParseConfig(c.Effective())
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("came back as %+v, %v, want %+v", again, err, c)
	}
}

// TestConfigHoldsNoSecret: valise.toml may name the file of a secret and never hold one, so that it
// can be shown and sent to whoever helps.
func TestConfigHoldsNoSecret(t *testing.T) {
	for _, key := range node.ConfigKeys() {
		if couldHoldSecret(key) {
			t.Errorf("%s could hold a secret: let it name a file (…_file) or a credential", key)
		}
	}
	if !couldHoldSecret("away.first.webhook_secret") || couldHoldSecret("away.first.secret_file") {
		t.Error("the check takes the name of a file for a secret, or a secret for none")
	}
}

func couldHoldSecret(key string) bool {
	for _, word := range []string{"secret", "token", "passphrase", "password", "seed"} {
		if strings.Contains(key, word) && !strings.HasSuffix(key, "_file") {
			return true
		}
	}
	return false
}

// TestSecretsAreListedAndNotRead: what is missing, open to others or left over is told by name.
func TestSecretsAreListedAndNotRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{
		"record.key": 0o600, "relay.key": 0o640, "signing-technical.key": 0o400,
		"sealing-technical-1924992000.key": 0o600, "signing-diplomatic.key": 0o600, "old.key": 0o644,
	} {
		file := filepath.Join(dir, "keys", name)
		if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	want := []node.SecretFile{
		{Name: "keys/mailbox-technical.toml", State: node.SecretMissing},
		{Name: "keys/old.key", State: node.SecretOpen},
		{Name: "keys/record.key", State: node.SecretKept},
		{Name: "keys/relay.key", State: node.SecretOpen},
		{Name: "keys/sealing-technical-1924992000.key", State: node.SecretKept},
		{Name: "keys/signing-diplomatic.key", State: node.SecretUnknown},
		{Name: "keys/signing-technical.key", State: node.SecretKept},
	}
	got, err := node.Config{State: "XA", Realm: labRealm, Tracks: []ident.Track{ident.Technical}}.Secrets(dir)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}
