package node

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nats-io/nkeys"

	"valise.example/directory"
	"valise.example/gateway/node/crashpoint"
	"valise.example/proto/ident"
	"valise.example/seal"
)

const (
	keysFolder    = "keys"
	recordKeyFile = "record.key"
	relayKeyFile  = "relay.key"

	recordSecret = "record"
	relaySecret  = "relay-nkey"
)

// keyring holds the keys of one home, opened. It lives in memory only.
type keyring struct {
	signing map[ident.Track]*seal.SigningKey
	sealing map[ident.Track][]sealingKey // newest first
	boxes   map[ident.Track]mailbox
	record  [32]byte
	relay   []byte // nkey seed
	// nkey is the public half of relay, worked out when it is first asked for.
	nkey func() (string, error)
}

type sealingKey struct {
	key  seal.SealingKey
	made time.Time
}

// mailbox is where a POC is written to and under which token it writes. docs/protocol.md §7.8
type mailbox struct {
	Mailbox string `toml:"mailbox"`
	Token   string `toml:"token"`
	Bundle  uint64 `toml:"bundle"` // number of the last KeyBundle made
}

// makeKeys writes every key of a new home and fsyncs each before anything public names it. It
// gives the record key, which the record needs at once.
func makeKeys(ic InitConfig, c Config) (record [32]byte, err error) {
	keys := filepath.Join(ic.Dir, keysFolder)
	if err := os.Mkdir(keys, 0o700); err != nil {
		return record, err
	}
	for _, track := range c.Tracks {
		if err := makeTrackKeys(keys, c.Realm, track, ic.Passphrase, ic.Rand, ic.Now()); err != nil {
			return record, err
		}
	}
	if _, err := io.ReadFull(ic.Rand, record[:]); err != nil {
		return record, err
	}
	if err := seal.WriteSecret(filepath.Join(keys, recordKeyFile), c.Realm, recordSecret, record[:], ic.Passphrase); err != nil {
		return record, err
	}
	return record, makeRelayKey(keys, c.Realm, ic.Passphrase)
}

func makeRelayKey(keys string, realm ident.Realm, passphrase []byte) error {
	user, err := nkeys.CreateUser()
	if err != nil {
		return err
	}
	seed, err := user.Seed()
	if err != nil {
		return err
	}
	return seal.WriteSecret(filepath.Join(keys, relayKeyFile), realm, relaySecret, seed, passphrase)
}

func makeTrackKeys(keys string, realm ident.Realm, track ident.Track, passphrase []byte, rand io.Reader, now time.Time) error {
	signing, err := seal.GenerateSigningKey(rand)
	if err != nil {
		return err
	}
	if err := seal.WriteSigningKey(filepath.Join(keys, signingFile(track)), realm, signing, passphrase); err != nil {
		return err
	}
	if err := makeSealingKey(keys, realm, track, passphrase, now); err != nil {
		return err
	}
	box := mailbox{}
	if box.Mailbox, err = directory.RandomName(rand); err != nil {
		return err
	}
	if box.Token, err = directory.RandomName(rand); err != nil {
		return err
	}
	return writeMailbox(keys, track, box)
}

// makeSealingKey stores a sealing key durably, before anything public names it.
func makeSealingKey(keys string, realm ident.Realm, track ident.Track, passphrase []byte, now time.Time) error {
	sealing, err := seal.GenerateSealingKey()
	if err != nil {
		return err
	}
	err = seal.WriteSealingKey(filepath.Join(keys, sealingFile(track, now)), realm, sealing, passphrase)
	crashpoint.Hit("K1")
	return err
}

func openKeys(dir string, c Config, passphrase []byte) (*keyring, error) {
	keys := filepath.Join(dir, keysFolder)
	r := &keyring{
		signing: map[ident.Track]*seal.SigningKey{},
		sealing: map[ident.Track][]sealingKey{},
		boxes:   map[ident.Track]mailbox{},
	}
	for _, track := range c.Tracks {
		signing, err := seal.ReadSigningKey(filepath.Join(keys, signingFile(track)), c.Realm, passphrase)
		if err != nil {
			return nil, err
		}
		r.signing[track] = signing
		if r.sealing[track], err = readSealingKeys(keys, c.Realm, track, passphrase); err != nil {
			return nil, err
		}
		if r.boxes[track], err = readMailbox(keys, track); err != nil {
			return nil, err
		}
	}
	record, err := seal.ReadSecret(filepath.Join(keys, recordKeyFile), c.Realm, recordSecret, passphrase)
	if err != nil {
		return nil, err
	}
	if copy(r.record[:], record) != len(r.record) || len(record) != len(r.record) {
		return nil, fmt.Errorf("node: %s does not hold a record key of 32 bytes", recordKeyFile)
	}
	r.relay, err = seal.ReadSecret(filepath.Join(keys, relayKeyFile), c.Realm, relaySecret, passphrase)
	r.nkey = sync.OnceValues(func() (string, error) { return nkeyOf(r.relay) })
	return r, err
}

// SigningKey gives the key that speaks for one of our POCs.
func (r *keyring) SigningKey(a ident.Address) (*seal.SigningKey, error) {
	key, ok := r.signing[a.Track]
	if !ok {
		return nil, fmt.Errorf("node: there is no signing key for this POC, so it cannot speak")
	}
	return key, nil
}

// held lists every sealing key that still opens mail: those of first, then those of our other
// POCs, newest first within each.
func (r *keyring) held(c Config, first ident.Address) []seal.HeldKey {
	var out, others []seal.HeldKey
	for _, track := range c.Tracks {
		a := ident.Address{State: c.State, Track: track}
		for _, k := range r.sealing[track] {
			if a == first {
				out = append(out, seal.HeldKey{Key: k.key, Address: a})
			} else {
				others = append(others, seal.HeldKey{Key: k.key, Address: a})
			}
		}
	}
	return append(out, others...)
}

// nkeyOf gives the public nkey of a seed.
func nkeyOf(seed []byte) (string, error) {
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return "", fmt.Errorf("node: the relay key cannot be read: %w", err)
	}
	return pair.PublicKey()
}

func readSealingKeys(keys string, realm ident.Realm, track ident.Track, passphrase []byte) ([]sealingKey, error) {
	prefix := "sealing-" + track.String() + "-"
	entries, err := os.ReadDir(keys)
	if err != nil {
		return nil, err
	}
	var out []sealingKey
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		stamp, isKey := strings.CutSuffix(rest, ".key")
		if !ok || !isKey {
			continue
		}
		made, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("node: a sealing key file has no date in its name, so its age is unknown: %w", err)
		}
		key, err := seal.ReadSealingKey(filepath.Join(keys, e.Name()), realm, passphrase)
		if err != nil {
			return nil, err
		}
		out = append(out, sealingKey{key: key, made: time.Unix(made, 0).UTC()})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].made.After(out[j].made) })
	return out, nil
}

func signingFile(track ident.Track) string { return "signing-" + track.String() + ".key" }

func sealingFile(track ident.Track, made time.Time) string {
	return fmt.Sprintf("sealing-%s-%d.key", track, made.Unix())
}

func mailboxFile(track ident.Track) string { return "mailbox-" + track.String() + ".toml" }

func readMailbox(keys string, track ident.Track) (mailbox, error) {
	var box mailbox
	b, err := os.ReadFile(filepath.Join(keys, mailboxFile(track)))
	if err != nil {
		return box, err
	}
	meta, err := toml.Decode(string(b), &box)
	if err != nil || len(meta.Undecoded()) > 0 || box.Mailbox == "" || box.Token == "" {
		return box, &ConfigError{Detail: mailboxFile(track) + " cannot be read, so no mail could be fetched"}
	}
	return box, nil
}

func writeMailbox(keys string, track ident.Track, box mailbox) error {
	text := fmt.Sprintf("# Where this POC is written to, and under which name it writes. Random; names no State.\nmailbox = %q\ntoken = %q\nbundle = %d\n",
		box.Mailbox, box.Token, box.Bundle)
	return writeDurably(filepath.Join(keys, mailboxFile(track)), []byte(text))
}
