package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"valise.example/relay"
)

// relaySight is what the relay's operator sees of one envelope, and its first bytes.
type relaySight struct {
	mailbox, token string
	slot, size     int
	head           []byte
}

// lookIntoRelay peeks as the relay's operator would.
func (d *demo) lookIntoRelay(ctx context.Context) ([]relaySight, error) {
	out := filepath.Join(d.lab.Dir, "peek")
	d.say("   relay $ valise relay peek --out peek")
	boxes, err := relay.Peek(ctx, relay.PeekConfig{Dir: d.lab.RelayHome(), Out: out})
	if err != nil {
		return nil, err
	}
	var seen []relaySight
	for _, b := range boxes {
		for _, l := range b.Mail {
			envelope, err := os.ReadFile(l.File)
			if err != nil {
				return nil, err
			}
			seen = append(seen, relaySight{b.Mailbox, l.Token, l.Slot, l.Size, tail(envelope, 24)})
			d.say("      mailbox %s: one envelope, slot %d, %d bytes", b.Mailbox, l.Slot, l.Size)
		}
	}
	return seen, nil
}

// tail takes bytes from the middle of an envelope, where its content is.
func tail(b []byte, n int) []byte {
	from := len(b) / 2
	return b[from:min(from+n, len(b))]
}

// sideBySide sets what the relay saw beside what the officers saw.
func (d *demo) sideBySide(ctx context.Context) error {
	d.title("What the relay saw, beside what the officers saw")
	left := []string{}
	for _, s := range d.seen {
		left = append(left, "a mailbox "+s.mailbox, "a sender  "+s.token, fmt.Sprintf("slot %d, %d bytes", s.slot, s.size),
			"…"+hex.EncodeToString(s.head)[:36]+"…")
	}
	left = append(left, "", "and who was connected when.", "No State, no title, no kind,", "no thread, nothing it could open.")
	view, err := d.show(ctx, birch)
	if err != nil {
		return err
	}
	right := []string{}
	for _, m := range view.list("messages") {
		right = append(right, fmt.Sprintf("%s %s → %s  %s", clockOf(m.text("created"))[:8], m.text("from")[:2], m.text("to")[:2], strings.ReplaceAll(m.text("kind"), "_", " ")))
		body := m.object("body")
		for _, key := range []string{"title", "text", "narrative"} {
			if line := firstLine(body.text(key)); line != "" {
				right = append(right, "    "+line)
				break
			}
		}
	}
	d.table(left, right)
	return nil
}

func (d *demo) table(left, right []string) {
	const width = 42
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		d.say("   %s│ %s", l+strings.Repeat(" ", max(0, width-len([]rune(l)))), r)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	runes := []rune(line)
	if len(runes) > 56 {
		return string(runes[:56]) + "…"
	}
	return line
}
