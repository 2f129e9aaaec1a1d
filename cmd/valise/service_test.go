package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// unitOf reads a unit that is shipped: what it says of each key, in order.
func unitOf(t *testing.T, name string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("operation", name))
	if err != nil {
		t.Fatal(err)
	}
	unit := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			unit[key] = append(unit[key], value)
		}
	}
	return unit
}

// runsHere checks that a command line that is shipped is one that this program takes.
func runsHere(t *testing.T, words []string) *cobra.Command {
	t.Helper()
	if len(words) < 2 || filepath.Base(words[0]) != "valise" {
		t.Fatalf("runs %q", words)
	}
	cmd, rest, err := newRootCommand(newProgram(nil, io.Discard, io.Discard, nil)).Find(words[1:])
	if err != nil || cmd.HasSubCommands() {
		t.Fatalf("%q: %v", words, err)
	}
	if err := cmd.ParseFlags(rest); err != nil || len(cmd.Flags().Args()) > 0 {
		t.Errorf("%q: %v, %q is left", words, err, cmd.Flags().Args())
	}
	return cmd
}

// TestUnitsFitTheProgram: they run verbs that tell the service manager, end for good where a start
// would not help, and keep what .ci/units only scores. The score is taken there.
func TestUnitsFitTheProgram(t *testing.T) {
	for name, verb := range map[string]string{"valise-node.service": "valise node run", "valise-relay.service": "valise relay run"} {
		unit := unitOf(t, name)
		if got := runsHere(t, strings.Fields(unit["ExecStart"][0])).CommandPath(); got != verb {
			t.Errorf("%s runs %s", name, got)
		}
		for key, want := range map[string]string{
			"Type": "notify", "RestartPreventExitStatus": "2 7", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "UMask": "0077",
			"MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "", "StateDirectoryMode": "0700", "LimitCORE": "0",
			"Environment": "GOTRACEBACK=crash", // a panic that ended with 2 would look like a wrong configuration
		} {
			if !slices.Equal(unit[key], []string{want}) {
				t.Errorf("%s: %s is %q, want %q", name, key, unit[key], want)
			}
		}
		if every, err := time.ParseDuration(unit["WatchdogSec"][0]); err != nil || every < 10*time.Second {
			t.Errorf("%s: the watchdog bites after %s: a core that works on much would be ended", name, every)
		}
		if user := unit["User"][0]; user == "root" || user != unit["StateDirectory"][0] {
			t.Errorf("%s runs as %s", name, user)
		}
	}
	var s secret
	addPassphraseFlags(&cobra.Command{}, &s)
	if credential := unitOf(t, "valise-node.service")["LoadCredentialEncrypted"]; len(credential) != 1 || !strings.HasPrefix(credential[0], s.credential+":") {
		t.Errorf("the credential %q is not the one that is read, %s", credential, s.credential)
	}
}

// TestCredentialsOfTheServiceManager: newer ones give a credential by an access list, which looks as
// if a group could read it. Whoever else may read or change it makes it none.
func TestCredentialsOfTheServiceManager(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "valise-passphrase")
	if err := os.WriteFile(path, []byte("one two three four\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := os.Getuid() == 0 // only then is the file root's, as a credential is
	for mode, want := range map[os.FileMode]bool{0o400: true, 0o600: true, 0o440: root, 0o460: false, 0o444: false, 0o644: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		p := newProgram(nil, io.Discard, io.Discard, []string{"CREDENTIALS_DIRECTORY=" + dir})
		words, err := p.readSecret("", "valise-passphrase")
		if (err == nil) != want || want && string(words) != "one two three four" {
			t.Errorf("%o as a credential: %v", mode, err)
		}
		if _, err := p.readSecret(path, ""); (err == nil) != (mode&0o077 == 0) {
			t.Errorf("%o as a file: %v", mode, err)
		}
	}
}
