package lab_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(dir string, states ...ident.State) lab.Config {
	return lab.Config{Dir: dir, States: states, Now: time.Now, Rand: rand.Reader}
}

func TestNewRefuses(t *testing.T) {
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config lab.Config
		want   valisev1.Reason
	}{
		"a folder that is not empty":   {config(used, "XA"), valisev1.Reason_REASON_ALREADY_EXISTS},
		"a State that is not invented": {config(t.TempDir(), "XA", "AA"), valisev1.Reason_REASON_WRONG_REALM},
		"XK":                           {config(t.TempDir(), "XK"), valisev1.Reason_REASON_WRONG_REALM},
		"a State twice":                {config(t.TempDir(), "XA", "XB", "XA"), valisev1.Reason_REASON_BAD_REQUEST},
		"no State":                     {config(t.TempDir()), valisev1.Reason_REASON_BAD_REQUEST},
		"no name for a realm":          {lab.Config{Dir: t.TempDir(), States: []ident.State{"XA"}, Name: "Lab", Now: time.Now, Rand: rand.Reader}, valisev1.Reason_REASON_BAD_REQUEST},
		"every address":                {lab.Config{Dir: t.TempDir(), States: []ident.State{"XA"}, Listen: "0.0.0.0:4222", Now: time.Now, Rand: rand.Reader}, valisev1.Reason_REASON_UNSAFE_LISTEN},
		"no address":                   {lab.Config{Dir: t.TempDir(), States: []ident.State{"XA"}, Listen: "here", Now: time.Now, Rand: rand.Reader}, valisev1.Reason_REASON_BAD_REQUEST},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lab.New(c.config)
			refused, ok := errors.AsType[*lab.Error](err)
			if !ok || refused.Reason != c.want {
				t.Errorf("ended with %v, want %v", err, c.want)
			}
		})
	}
	if left, err := os.ReadDir(used); err != nil || len(left) != 1 {
		t.Errorf("the used folder holds %d things now, want 1: %v", len(left), err)
	}
}

func TestNewMakesALabThatOpens(t *testing.T) {
	dir := t.TempDir()
	made, err := lab.New(config(dir, "XA", "QM"))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := lab.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Realm != made.Realm || opened.Listen != made.Listen || len(opened.States) != 2 || opened.States[1] != "QM" {
		t.Errorf("opened %+v, made %+v", opened, made)
	}
	if made.Realm.IsOperational() || made.Realm[:13] != "exercise:lab-" {
		t.Errorf("the realm is %s", made.Realm)
	}
	if of, ok := lab.OfRelay(made.RelayHome()); !ok || of.Realm != made.Realm {
		t.Error("the relay's folder is not known as part of the lab")
	}
	if _, ok := lab.OfRelay(t.TempDir()); ok {
		t.Error("any folder is taken as part of a lab")
	}
	for _, private := range []string{made.KeptRelayKey(), filepath.Join(dir, "XA", "keys", "record.key"), filepath.Join(dir, "directory", "roots", "QM", "root.key")} {
		info, err := os.Stat(private)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(private), info.Mode())
		}
	}
}

func TestOpenRefusesWhatIsNoLab(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key": "realm = \"exercise:lab-00112233445566778899aabbccddeeff\"\nstates = [\"XA\"]\nlisten = \"127.0.0.1:1\"\nport = 1\n",
		"real State":  "realm = \"exercise:lab-00112233445566778899aabbccddeeff\"\nstates = [\"AA\"]\nlisten = \"127.0.0.1:1\"\n",
		"no TOML":     "realm",
		"no realm":    "states = [\"XA\"]\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "lab.toml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := lab.Open(dir); err == nil {
				t.Error("it was taken")
			}
		})
	}
	_, err := lab.Open(t.TempDir())
	if refused, ok := errors.AsType[*lab.Error](err); !ok || refused.Reason != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("an empty folder ended with %v", err)
	}
}

// TestRunServesAndEnds runs all parts in one process; goleak sees to it that nothing is left.
func TestRunServesAndEnds(t *testing.T) {
	l, err := lab.New(config(t.TempDir(), "XA", "XB"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ready := make(chan lab.Ready, 3)
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx, slog.New(slog.DiscardHandler), func(r lab.Ready) { ready <- r }) }()
	seen := map[string]bool{}
	for range 3 {
		select {
		case r := <-ready:
			seen[r.State] = true
			if r.State == "" && r.Address != l.Listen {
				t.Errorf("the relay listens on %s, the card says %s", r.Address, l.Listen)
			}
		case err := <-ended:
			t.Fatalf("ended before all were ready: %v", err)
		}
	}
	if !seen[""] || !seen["XA"] || !seen["XB"] {
		t.Errorf("ready were %v", seen)
	}
	boxes, err := relay.Peek(ctx, relay.PeekConfig{Dir: l.RelayHome()})
	if err != nil || len(boxes) != 4 {
		t.Errorf("the relay has %d mailboxes, want 4: %v", len(boxes), err)
	}
	// A second process cannot take a part that runs; then nothing of it runs.
	if err := l.Run(t.Context(), slog.New(slog.DiscardHandler), func(lab.Ready) {}); err == nil {
		t.Error("the lab ran twice")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestEveryInventedStateHasAName(t *testing.T) {
	seen := map[string]ident.State{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			s := ident.State(string([]rune{a, b}))
			if !s.IsInvented() {
				continue
			}
			name := lab.Name(s)
			if name == "" || seen[name] != "" {
				t.Errorf("%s is called %q, as is %q", s, name, seen[name])
			}
			seen[name] = s
			if names := lab.Facts(s).Names; len(names) != 1 || names[0].Language != "en" || names[0].Text != name {
				t.Errorf("the entry of %s names it %v", s, names)
			}
		}
	}
}
