package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// PeekConfig says what to look into.
type PeekConfig struct {
	Dir string // relay home
	Out string // folder for raw envelopes, made if need be; empty writes none
}

// Box is what a relay's operator sees of one mailbox: no more than this.
type Box struct {
	Mailbox string
	Mail    []Lying // in the relay's order
}

// Lying is one envelope in a mailbox.
type Lying struct {
	Token    string
	Slot     int
	Sequence uint64
	Size     int       // bytes
	Came     time.Time // by the relay's clock
	File     string    // path of the raw envelope, empty if none was written
}

// Bytes is the sum of the sizes.
func (b Box) Bytes() (sum uint64) {
	for _, l := range b.Mail {
		sum += uint64(l.Size)
	}
	return sum
}

// Peek lists what lies in the mailboxes of a relay home, by mailbox name, and writes the raw
// envelopes to Out as <mailbox>/<sequence>-<slot>.age. It changes nothing in the mailboxes. It
// works beside a running relay, over the relay's own login, and without one, by opening the
// files with the same server and no port.
func Peek(ctx context.Context, c PeekConfig) ([]Box, error) {
	h, err := openHome(c.Dir)
	if err != nil {
		return nil, err
	}
	var boxes []Box
	err = h.withServer(func(nc *nats.Conn, _ bool) error {
		boxes, err = listBoxes(ctx, nc, c.Out)
		return err
	})
	return boxes, err
}

// withServer connects to the running relay of a home, or starts its server without a port for
// the time that f takes.
func (h *home) withServer(f func(nc *nats.Conn, running bool) error) error {
	unlock, err := h.lock()
	if errors.Is(err, ErrBusy) {
		nc, err := h.dialRunning()
		if err != nil {
			return err
		}
		defer closeAndWait(nc)
		return f(nc, true)
	}
	if err != nil {
		return err
	}
	defer unlock()
	// No Roster: nobody but this process can come in, and the mailboxes are on the disk.
	p := &process{home: h, log: slog.New(slog.DiscardHandler)}
	if err := p.start(false); err != nil {
		return err
	}
	defer p.stop()
	return f(p.conn, false)
}

func (h *home) dialRunning() (*nats.Conn, error) {
	host, port, err := net.SplitHostPort(h.Listen)
	if err != nil {
		return nil, fmt.Errorf("relay: %s: %w", configFile, err)
	}
	if port == "0" {
		return nil, errors.New("relay: the running relay took a free port; give listen a port, or stop it first")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	pin, err := h.pin()
	if err != nil {
		return nil, err
	}
	seed, err := secret(h.path(adminFile))
	if err != nil {
		return nil, err
	}
	return dialAdmin(AdminConfig{Address: net.JoinHostPort(host, port), TLSKey: pin, Seed: seed})
}

func listBoxes(ctx context.Context, nc *nats.Conn, out string) ([]Box, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("relay: peek: %w", err)
	}
	var boxes []Box
	names := js.StreamNames(ctx)
	for name := range names.Name() {
		mailbox, ours := mailboxOf(name)
		if !ours {
			continue
		}
		box, err := listBox(ctx, js, mailbox, out)
		if err != nil {
			return nil, err
		}
		boxes = append(boxes, box)
	}
	if err := names.Err(); err != nil {
		return nil, fmt.Errorf("relay: peek: %w", err)
	}
	sort.Slice(boxes, func(i, j int) bool { return boxes[i].Mailbox < boxes[j].Mailbox })
	return boxes, nil
}

func listBox(ctx context.Context, js jetstream.JetStream, mailbox, out string) (Box, error) {
	box := Box{Mailbox: mailbox}
	stream, err := js.Stream(ctx, streamName(mailbox))
	if err != nil {
		return box, fmt.Errorf("relay: peek: %w", err)
	}
	for next := uint64(1); ; {
		msg, err := stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject("v1."+mailbox+".>"))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return box, nil
		}
		if err != nil {
			return box, fmt.Errorf("relay: peek: %w", err)
		}
		next = msg.Sequence + 1
		from, err := ParseSubject(msg.Subject)
		if err != nil {
			continue // the stream takes no such subject
		}
		l := Lying{Token: from.Token, Slot: from.Slot, Sequence: msg.Sequence, Size: len(msg.Data), Came: msg.Time.UTC()}
		if out != "" {
			if l.File, err = writeLying(out, mailbox, l, msg.Data); err != nil {
				return box, err
			}
		}
		box.Mail = append(box.Mail, l)
	}
}

func writeLying(out, mailbox string, l Lying, envelope []byte) (string, error) {
	dir := filepath.Join(out, mailbox)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("relay: peek: %w", err)
	}
	path := filepath.Join(dir, fmt.Sprintf("%d-%d.age", l.Sequence, l.Slot))
	if err := os.WriteFile(path, envelope, 0o600); err != nil {
		return "", fmt.Errorf("relay: peek: %w", err)
	}
	return path, nil
}
