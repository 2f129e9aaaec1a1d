package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// mail is what people use today: signed, encrypted mail on a mail server, acknowledged by signed,
// encrypted mail. Four workers read at each side, as soon as a file appears.
type mail struct {
	a, b   person
	server *postfix
	part   *parts

	mu      sync.Mutex
	waiting map[string]chan struct{}
	lines   chan *smtp.Client // kept connections
}

const mailReaders = 4

// newMail starts the server and both sides; with lockNever gpg does without its lock files.
func newMail(ctx context.Context, dir string, lockNever bool) (m *mail, err error) {
	// Postfix's users must be able to walk to its folder.
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil { //nolint:gosec // see above
		return nil, err
	}
	m = &mail{part: newParts(ctx), waiting: map[string]chan struct{}{}, lines: make(chan *smtp.Client, 64)}
	if m.a, m.b, err = newPeople(ctx, dir); err != nil {
		return nil, errors.Join(err, m.close())
	}
	m.a.lockNever, m.b.lockNever = lockNever, lockNever
	if m.server, err = newPostfix(ctx, filepath.Join(dir, "postfix"), m.a, m.b); err != nil {
		return nil, errors.Join(err, m.close())
	}
	for p, take := range map[person]func(context.Context, []byte) error{m.a: m.acknowledged, m.b: m.acknowledge} {
		if err := m.follow(p, take); err != nil {
			return nil, errors.Join(err, m.close())
		}
	}
	return m, nil
}

func (m *mail) close() error {
	err := m.part.stop()
	for len(m.lines) > 0 {
		err = errors.Join(err, (<-m.lines).Quit())
	}
	if m.server != nil {
		err = errors.Join(err, m.server.end())
	}
	for _, p := range []person{m.a, m.b} {
		if p.home != "" {
			err = errors.Join(err, p.end(context.Background()))
		}
	}
	return err
}

// exchange writes a mail and returns when its acknowledgement has been verified.
func (m *mail) exchange(ctx context.Context, _ int) error {
	var random [payloadSize / 2]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	text := []byte(hex.EncodeToString(random[:]))
	id := string(text[:32])
	done := make(chan struct{})
	m.mu.Lock()
	m.waiting[id] = done
	m.mu.Unlock()
	if err := m.send(ctx, m.a, m.b, text); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-m.part.ended():
		return fmt.Errorf("bench: the mail ended: %w", m.part.stop())
	}
}

// acknowledge answers a mail with its beginning, signed and encrypted.
func (m *mail) acknowledge(ctx context.Context, envelope []byte) error {
	text, err := m.b.read(ctx, envelope)
	if err != nil {
		return err
	}
	if len(text) < 32 {
		return errors.New("bench: a mail is too short")
	}
	return m.send(ctx, m.b, m.a, text[:32])
}

func (m *mail) acknowledged(ctx context.Context, envelope []byte) error {
	text, err := m.a.read(ctx, envelope)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if done := m.waiting[string(text)]; done != nil {
		close(done)
		delete(m.waiting, string(text))
	}
	return nil
}

func (m *mail) send(ctx context.Context, from, to person, text []byte) error {
	envelope, err := from.write(ctx, to, text)
	if err != nil {
		return err
	}
	line, err := m.line()
	if err != nil {
		return err
	}
	if err := line.Mail(from.address()); err != nil {
		return err
	}
	if err := line.Rcpt(to.address()); err != nil {
		return err
	}
	w, err := line.Data()
	if err != nil {
		return err
	}
	header := "From: " + from.address() + "\r\nTo: " + to.address() + "\r\nSubject: traffic\r\n\r\n"
	if _, err := w.Write(append([]byte(header), envelope...)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	m.lines <- line
	return nil
}

// line is a connection that was used before, or a new one.
func (m *mail) line() (*smtp.Client, error) {
	select {
	case l := <-m.lines:
		return l, nil
	default:
	}
	l, err := smtp.Dial(m.server.address)
	if err != nil {
		return nil, err
	}
	return l, l.Hello("localhost")
}

// follow reads a person's box.
func (m *mail) follow(p person, take func(context.Context, []byte) error) error {
	box := filepath.Join(m.server.box[p.name], "new")
	came, err := watchFolder(m.part, box)
	if err != nil {
		return err
	}
	for range mailReaders {
		m.part.run(func(ctx context.Context) error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case name := <-came:
					b, err := os.ReadFile(filepath.Join(box, name))
					if err != nil {
						return err
					}
					_, body, _ := bytes.Cut(b, []byte("\n\n"))
					if err := errors.Join(take(ctx, body), os.Remove(filepath.Join(box, name))); err != nil {
						return err
					}
				}
			}
		})
	}
	return nil
}

// measureMail: one at a time against stock gpg, 16 senders against gpg without its locks.
func measureMail(ctx context.Context, b *bench) (rows []row, err error) {
	w, err := newWorld(ctx, filepath.Join(b.dir, "beside-mail"), wayProduct)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.end()) }()
	stock, err := newMail(ctx, filepath.Join(b.dir, "mail"), false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stock.close()) }()
	lockless, err := newMail(ctx, filepath.Join(b.dir, "mail-without-locks"), true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lockless.close()) }()
	alone := func(name string, x way, count int) leg {
		return leg{name, func(ctx context.Context) (float64, error) {
			p50, err := oneAtATime(ctx, x, count)
			return float64(p50) / float64(time.Millisecond), err
		}}
	}
	r, err := takeTurns(ctx, b.dir, b.size.rounds, alone("mail", stock, b.size.mails), alone("product", w.way, b.size.mails*5))
	if err != nil {
		return nil, err
	}
	rows = append(rows, atLeast("signed, encrypted mail (gpg ed25519, Postfix): p50 ÷ ours", 3.5, r.ratio("mail", "product"), " ×",
		fmt.Sprintf("%.1f ms against %.2f ms", r.median("mail"), r.median("product")), r.mood()))
	many := func(name string, x way, count int) leg {
		return leg{name, func(ctx context.Context) (float64, error) { return manySenders(ctx, x, 16, count) }}
	}
	r, err = takeTurns(ctx, b.dir, b.size.rounds, many("mail", lockless, b.size.mails*8), many("product", w.way, b.size.many/2))
	if err != nil {
		return nil, err
	}
	return append(rows, atLeast("16 senders: rate ÷ gpg --lock-never mail", 3, r.ratio("product", "mail"), " ×",
		fmt.Sprintf("%.0f/s against %.0f/s", r.median("product"), r.median("mail")), r.mood())), nil
}

// isTemporary names what a Maildir shows before it is whole.
func isTemporary(name string) bool { return name == "" || strings.HasPrefix(name, ".") }
