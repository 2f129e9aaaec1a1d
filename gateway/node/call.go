package node

import (
	"context"
	"crypto/x509"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"valise.example/api/locale"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// notice is what every way of one call tells.
type notice struct {
	event string // "attention" or "all_quiet"
	realm string // "operational" or "exercise", never which exercise
	text  string // in the language of whoever is called
	ref   string // the same for every try of one call, so that the other end may tell them apart
}

// The events of a notice, and the realms as it names them.
const (
	attentionEvent   = "attention"
	quietEvent       = "all_quiet"
	operationalRealm = "operational"
	exerciseRealm    = "exercise"
)

// newNotice begins a call; in gives it a text for each person.
func newNotice(realm ident.Realm, step valisev1.AttentionStep, random io.Reader) (notice, error) {
	n := notice{event: attentionEvent, realm: operationalRealm}
	if step == valisev1.AttentionStep_ATTENTION_STEP_ALL_QUIET {
		n.event = quietEvent
	}
	if realm != ident.Operational {
		n.realm = exerciseRealm
	}
	var b [5]byte
	_, err := io.ReadFull(random, b[:])
	n.ref = strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return n, err
}

// in is the same call in the language of one person: one of the only texts there are, none of which names
// a State, a thread, a number or a level. docs/protocol.md §12.7
func (n notice) in(l locale.Language) notice {
	text := (*locale.Catalog).Attention
	if n.event == quietEvent {
		text = (*locale.Catalog).AllQuiet
	}
	n.text = text(locale.Of(l), n.realm == exerciseRealm)
	return n
}

// way is one way to call one person. call returns nil only when the other end took it, and an error
// whose text names nobody and no place.
type way struct {
	means string
	call  func(ctx context.Context, c caller, n notice) error
}

// ways are those that a person has, in a fixed order.
func (p Person) ways() []way {
	var out []way
	if p.Webhook != "" {
		out = append(out, way{"webhook", func(ctx context.Context, c caller, n notice) error { return c.webhook(ctx, p, n) }})
	}
	if len(p.Command) > 0 {
		out = append(out, way{"command", func(ctx context.Context, c caller, n notice) error { return runCommand(ctx, p.Command, n) }})
	}
	if p.Email != "" {
		out = append(out, way{"email", func(ctx context.Context, c caller, n notice) error { return c.email(ctx, p.Email, n) }})
	}
	return out
}

// caller is what the ways need of the node.
type caller struct {
	dir   string
	smtp  MailServer
	now   func() time.Time
	roots *x509.CertPool // whose certificates are believed; nil: those of the system
}

// Bounds of one call. P7
const (
	wayTime    = 20 * time.Second // for one try
	wayTries   = 3
	wayBackoff = 2 * time.Second // before the second try, and twice that before the third
)

// tryWay tries a way until it is taken, at most three times.
func tryWay(ctx context.Context, w way, c caller, n notice) error {
	wait := wayBackoff
	for tries := 1; ; tries++ {
		err := once(ctx, w, c, n)
		if err == nil || tries == wayTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		wait *= 2
	}
}

func once(ctx context.Context, w way, c caller, n notice) error {
	ctx, stop := context.WithTimeout(ctx, wayTime)
	defer stop()
	return w.call(ctx, c, n)
}

// plainly takes what names hosts, paths or persons out of an error of the network.
func plainly(ctx context.Context, err error) error {
	if failed, ok := errors.AsType[net.Error](err); ctx.Err() != nil || ok && failed.Timeout() {
		return errors.New("the other end did not answer in time")
	}
	return errors.New("the other end was not reached")
}

// Bounds of a secret.
const (
	leastSecret = 16
	mostSecret  = 4096
)

// secret reads a file of the home, or by its whole path, that nobody else may read.
func (c caller) secret(name string) ([]byte, error) {
	file := secretPath(c.dir, name)
	state, err := secretState(file)
	switch {
	case err != nil || state == SecretMissing:
		return nil, errors.New("its secret is not there")
	case state == SecretOpen:
		return nil, errors.New("its secret is open to others")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, errors.New("its secret cannot be read")
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostSecret+1))
	if err != nil {
		return nil, errors.New("its secret cannot be read")
	}
	text := strings.TrimSpace(string(b))
	if len(text) > mostSecret {
		return nil, fmt.Errorf("its secret has more than %d characters", mostSecret)
	}
	return []byte(text), nil
}

// secretPath is where a secret stands that the configuration names.
func secretPath(dir, name string) string {
	file := filepath.FromSlash(name)
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}
