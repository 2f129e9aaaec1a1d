package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// person is an officer with a gpg key ring of their own and both public keys in it.
type person struct {
	name, home string
	lockNever  bool // gpg without its lock files: faster with many senders, and unsafe
}

func (p person) address() string { return p.name + "@mail.example" }

func (p person) gpg(ctx context.Context, in []byte, args ...string) (out []byte, said string, err error) {
	base := []string{"--homedir", p.home, "--batch", "--yes", "--no-tty", "--quiet", "--trust-model", "always", "--pinentry-mode", "loopback"}
	if p.lockNever {
		base = append(base, "--lock-never")
	}
	cmd := exec.CommandContext(ctx, "gpg", append(base, args...)...) //nolint:gosec // a bench starts programs
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if out, err = cmd.Output(); err != nil {
		return nil, "", fmt.Errorf("bench: gpg: %w: %.300s", err, stderr.String())
	}
	return out, stderr.String(), nil
}

// newPeople makes two key rings: ed25519 to sign, cv25519 to encrypt, no passphrase.
func newPeople(ctx context.Context, dir string) (a, b person, err error) {
	a, b = person{name: "alder", home: filepath.Join(dir, "alder")}, person{name: "birch", home: filepath.Join(dir, "birch")}
	for _, p := range []person{a, b} {
		if err := os.Mkdir(p.home, 0o700); err != nil {
			return a, b, err
		}
		if _, _, err := p.gpg(ctx, nil, "--passphrase", "", "--quick-generate-key", p.address(), "ed25519", "sign", "never"); err != nil {
			return a, b, err
		}
		print, err := p.fingerprint(ctx)
		if err != nil {
			return a, b, err
		}
		if _, _, err := p.gpg(ctx, nil, "--passphrase", "", "--quick-add-key", print, "cv25519", "encr", "never"); err != nil {
			return a, b, err
		}
	}
	for _, pair := range [][2]person{{a, b}, {b, a}} {
		public, _, err := pair[0].gpg(ctx, nil, "--export", pair[0].address())
		if err != nil {
			return a, b, err
		}
		if _, _, err := pair[1].gpg(ctx, public, "--import"); err != nil {
			return a, b, err
		}
	}
	return a, b, nil
}

func (p person) fingerprint(ctx context.Context) (string, error) {
	out, _, err := p.gpg(ctx, nil, "--with-colons", "--list-secret-keys")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(out)) {
		if words := strings.Split(line, ":"); words[0] == "fpr" && len(words) > 9 {
			return words[9], nil
		}
	}
	return "", errors.New("bench: gpg made no key")
}

// end ends the agent of this key ring, which gpg has started, and no other.
func (p person) end(ctx context.Context) error {
	return exec.CommandContext(ctx, "gpgconf", "--homedir", p.home, "--kill", "gpg-agent").Run() //nolint:gosec // a bench starts programs
}

// write signs and encrypts a text to the other person.
func (p person) write(ctx context.Context, to person, text []byte) ([]byte, error) {
	out, _, err := p.gpg(ctx, text, "--armor", "--local-user", p.address(), "--recipient", to.address(), "--sign", "--encrypt")
	return out, err
}

// read decrypts and verifies.
func (p person) read(ctx context.Context, mail []byte) ([]byte, error) {
	out, said, err := p.gpg(ctx, mail, "--status-fd", "2", "--decrypt")
	if err == nil && !strings.Contains(said, "[GNUPG:] GOODSIG") {
		err = errors.New("bench: a mail is not signed")
	}
	return out, err
}
