package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"valise.example/exercise/lab"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	"valise.example/seal"
)

// pullBatch is how many envelopes one request for mail asks for, as the product does.
const pullBatch = 128

// line is a plain client of the lab's relay under a State's own log-in: the same TLS, allow-lists,
// streams and synced writes as the product has. docs/protocol.md §7.8
type line struct {
	conn  *nats.Conn
	nkey  string
	boxes map[ident.Track]string // our mailboxes
	peers map[ident.Track]string // "mailbox.token" that we write to
}

func dialLine(l *lab.Lab, state ident.State) (*line, error) {
	home, err := node.OpenHome(l.Home(state), nil)
	if err != nil {
		return nil, err
	}
	x := &line{boxes: map[ident.Track]string{}, peers: map[ident.Track]string{}}
	if err := x.addresses(home, l, state); err != nil {
		return nil, err
	}
	seed, err := seal.ReadSecret(filepath.Join(l.Home(state), "keys", "relay.key"), l.Realm, "relay-nkey", nil)
	if err != nil {
		return nil, err
	}
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return nil, err
	}
	if x.nkey, err = pair.PublicKey(); err != nil {
		return nil, err
	}
	// The lab's certificate names nobody; it is pinned in the product and of no matter to speed.
	config := &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true} //nolint:gosec // loopback, own relay
	x.conn, err = nats.Connect("tls://"+l.Listen, nats.Nkey(x.nkey, pair.Sign), nats.Secure(config),
		nats.TLSHandshakeFirst(), nats.CustomInboxPrefix("_IN."+x.nkey), nats.NoReconnect())
	return x, err
}

func (x *line) addresses(home *node.Home, l *lab.Lab, state ident.State) error {
	book, err := home.Directory()
	if err != nil {
		return err
	}
	peer := l.States[0]
	if peer == state {
		peer = l.States[1]
	}
	for _, track := range []ident.Track{ident.Technical, ident.Diplomatic} {
		ours, err := book.Snapshot().Lookup(ident.Address{State: state, Track: track})
		if err != nil {
			return err
		}
		theirs, err := book.Snapshot().Lookup(ident.Address{State: peer, Track: track})
		if err != nil {
			return err
		}
		x.boxes[track] = ours.Mailbox
		x.peers[track] = theirs.Mailbox + "." + ours.SenderToken
	}
	return nil
}

func (x *line) close() {
	if x != nil && x.conn != nil {
		x.conn.Close()
	}
}

// publish waits for the relay's answer that the envelope is stored.
func (x *line) publish(ctx context.Context, track ident.Track, slot int, envelope []byte) error {
	answer, err := x.conn.RequestWithContext(ctx, "v1."+x.peers[track]+"."+strconv.Itoa(slot), envelope)
	if err != nil {
		return err
	}
	var stored struct {
		Sequence uint64 `json:"seq"`
	}
	if err := json.Unmarshal(answer.Data, &stored); err != nil || stored.Sequence == 0 {
		return fmt.Errorf("bench: the relay did not store it: %.80q", answer.Data)
	}
	return nil
}

// receive hands over the mail of a POC, width at once, and acknowledges each when handle is done.
func (x *line) receive(ctx context.Context, track ident.Track, width int, handle func(context.Context, ident.Track, int, []byte) error) error {
	came := make(chan *nats.Msg, 2*pullBatch)
	inbox := x.conn.NewInbox()
	sub, err := x.conn.ChanSubscribe(inbox, came)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }()
	p := newParts(ctx)
	gate := make(chan struct{}, width)
	for {
		if err := x.pull(ctx, p, track, inbox, came, gate, handle); err != nil {
			return errors.Join(ignoreEnd(ctx, err), p.stop())
		}
	}
}

// pull asks for mail once and works through what comes.
func (x *line) pull(ctx context.Context, p *parts, track ident.Track, inbox string, came <-chan *nats.Msg, gate chan struct{},
	handle func(context.Context, ident.Track, int, []byte) error,
) error {
	order := []byte(`{"batch":` + strconv.Itoa(pullBatch) + `,"max_bytes":8388608,"expires":20000000000}`)
	if err := x.conn.PublishRequest("box."+x.boxes[track]+".next", inbox, order); err != nil {
		return err
	}
	for got := 0; got < pullBatch; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended():
			return p.stop()
		case msg := <-came:
			if !strings.HasPrefix(msg.Reply, "$JS.ACK.") {
				return nil // the request is used up
			}
			got++
			gate <- struct{}{}
			p.run(func(ctx context.Context) error {
				defer func() { <-gate }()
				slot, err := strconv.Atoi(msg.Subject[strings.LastIndexByte(msg.Subject, '.')+1:])
				if err != nil {
					return err
				}
				if err := handle(ctx, track, slot, msg.Data); err != nil {
					return err
				}
				return msg.Respond([]byte("+ACK"))
			})
		}
	}
	return nil
}

func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
