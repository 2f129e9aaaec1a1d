package relay_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"valise.example/relay"
	"valise.example/relay/relaytest"
)

func findings(t *testing.T, dir string, level relay.Level) []relay.Finding {
	t.Helper()
	all, err := relay.Doctor(t.Context(), relay.DoctorConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var out []relay.Finding
	for _, f := range all {
		if (f.Level == relay.Fine) != (f.Fix == "") {
			t.Errorf("%s: %q with remedy %q", f.Level, f.What, f.Fix)
		}
		if f.Level == level {
			out = append(out, f)
		}
	}
	return out
}

func says(all []relay.Finding, words string) bool {
	for _, f := range all {
		if strings.Contains(f.What, words) {
			return true
		}
	}
	return false
}

func TestDoctor(t *testing.T) {
	e := startEmbedded(t, relaytest.RosterOf(1, relaytest.NewParty(t), relaytest.NewParty(t)))
	if err := os.Chmod(e.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if bad := append(findings(t, e.dir, relay.Unsafe), findings(t, e.dir, relay.Caution)...); len(bad) > 0 {
		t.Errorf("a running relay in good order: %v", bad)
	}
	fine := findings(t, e.dir, relay.Fine)
	// Two mailboxes of one sender with 323 slots of 300 KiB.
	for _, words := range []string{"at worst", "198.5 MB", "roster 1: 2 mailboxes", "all 2 mailboxes", "TLS 1.3 only"} {
		if !says(fine, words) {
			t.Errorf("%q is not among %v", words, fine)
		}
	}
	e.stop()
	if !says(findings(t, e.dir, relay.Caution), "does not run") {
		t.Error("a relay that does not run is not named")
	}
	if bad := findings(t, e.dir, relay.Unsafe); len(bad) > 0 {
		t.Errorf("a stopped relay in good order: %v", bad)
	}
	for name, c := range map[string]struct {
		change func(*testing.T, string)
		level  relay.Level
		want   string
	}{
		"readable key":      {chmod("relay.key", 0o644), relay.Unsafe, "others may read it"},
		"readable home":     {chmod(".", 0o755), relay.Caution, "look into"},
		"another card":      {replaceIn("relay.card", "\x1a\x20", "\x1a\x20x"), relay.Unsafe, "card"},
		"no card":           {remove("relay.card"), relay.Unsafe, "relay.card"},
		"lower roster":      {remove("roster"), relay.Caution, "no roster file"},
		"malformed roster":  {appendTo("roster", "x"), relay.Caution, "refused"},
		"damaged in force":  {appendTo("roster.applied", "x"), relay.Unsafe, "in force cannot be read"},
		"mailbox file gone": {removeAll("jetstream"), relay.Unsafe, "it is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "relay")
			if err := os.CopyFS(dir, os.DirFS(e.dir)); err != nil {
				t.Fatal(err)
			}
			chmod(".", 0o700)(t, dir)
			chmod("relay.key", 0o600)(t, dir)
			chmod("relay.admin", 0o600)(t, dir)
			c.change(t, dir)
			if found := findings(t, dir, c.level); !says(found, c.want) {
				t.Errorf("%q is not among %v", c.want, found)
			}
		})
	}
	if _, err := relay.Doctor(t.Context(), relay.DoctorConfig{Dir: t.TempDir()}); err == nil {
		t.Error("a folder without a relay was looked at")
	}
}

func removeAll(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// Peek sees the same with and without a running relay, and takes nothing away.
func TestPeek(t *testing.T) {
	a, b := relaytest.NewParty(t), relaytest.NewParty(t)
	e := startEmbedded(t, relaytest.RosterOf(1, a, b))
	node := e.Dial(t, a.Seed)
	defer node.Close()
	waitFor(t, "the link", func() bool { return node.Link().Up })
	sent := map[int][]byte{0: []byte("an envelope"), 7: bytes.Repeat([]byte{0, 255}, 100000), relay.ReceiptBatchSlot: {1}}
	for slot, envelope := range sent {
		if _, err := node.Publish(t.Context(), relay.Address{Mailbox: b.Mailbox, Token: a.Token, Slot: slot}, envelope); err != nil {
			t.Fatal(err)
		}
	}
	look := func(when string) {
		out := filepath.Join(t.TempDir(), "out")
		boxes, err := relay.Peek(t.Context(), relay.PeekConfig{Dir: e.dir, Out: out})
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if len(boxes) != 2 || boxes[0].Mailbox >= boxes[1].Mailbox {
			t.Fatalf("%s: %d boxes", when, len(boxes))
		}
		for _, box := range boxes {
			if box.Mailbox == a.Mailbox && len(box.Mail) > 0 || box.Mailbox == b.Mailbox && len(box.Mail) != len(sent) {
				t.Errorf("%s: %d mails in a box", when, len(box.Mail))
			}
			for _, l := range box.Mail {
				raw, err := os.ReadFile(l.File)
				if err != nil || !bytes.Equal(raw, sent[l.Slot]) || l.Size != len(raw) || l.Token != a.Token || l.Came.IsZero() {
					t.Errorf("%s: slot %d: %d bytes, %v", when, l.Slot, len(raw), err)
				}
			}
		}
	}
	look("while it runs")
	look("again")
	e.stop()
	look("stopped")
	boxes, err := relay.Peek(t.Context(), relay.PeekConfig{Dir: e.dir})
	if err != nil || len(boxes) != 2 || boxes[0].Bytes()+boxes[1].Bytes() != 200012 {
		t.Errorf("without a folder: %v, %v", boxes, err)
	}
	e.start(t)
	look("started again")
}
