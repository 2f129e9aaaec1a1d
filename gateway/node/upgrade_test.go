package node_test

import (
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/gateway/node"
)

// TestEndedBetweenTwoSteps: an upgrade that ends between two of its steps is done over again, and keeps one
// backup, of the home as it was. docs/protocol.md §9.5
func TestEndedBetweenTwoSteps(t *testing.T) {
	home, _ := earlyHome(t)
	open := func() error {
		n, err := node.Open(home, node.OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
		if err != nil {
			return err
		}
		return n.Close()
	}
	mend := node.FailLastStep()
	err := open()
	mend()
	if err == nil {
		t.Fatal("a step failed, and the home is open")
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(home, node.BeforeUpgradeFolder, "*"))
	if err != nil || len(kept) != 1 || filepath.Base(kept[0])[:9] != "format-1-" {
		t.Errorf("the backups are %v, %v", kept, err)
	}
	if b, err := os.ReadFile(filepath.Join(home, "format")); err != nil || string(b) != "valise home 3\n" {
		t.Errorf("the home is %q, %v", b, err)
	}
}
