package node

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nats-io/nkeys"

	"valise.example/directory"
	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
	"valise.example/seal"
)

const (
	keysFolder    = "keys"
	recordKeyFile = "record.key"
	relayKeyFile  = "relay.key"

	recordSecret = "record"
	relaySecret  = "relay-nkey"
)

// keyring holds the keys of one home, opened. It lives in memory only. Signing and sealing keys come
// and go while the node runs; the rest stays.
type keyring struct {
	mu      sync.RWMutex
	signing map[ident.Track][]signingKey // oldest first; a list is replaced, never changed in place
	sealing map[ident.Track][]sealingKey // newest first, likewise
	boxes   map[ident.Track]mailbox
	record  [32]byte
	relay   []byte // nkey seed
	// nkey is the public half of relay, worked out when it is first asked for.
	nkey func() (string, error)
	// passphrase protects the key files that are made later; nil: plain, as the others are.
	passphrase []byte
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
	if _, err := makeSigningKey(keys, realm, track, 1, passphrase, rand); err != nil {
		return err
	}
	if _, err := makeSealingKey(keys, realm, track, passphrase, now); err != nil {
		return err
	}
	name, err := directory.RandomName(rand)
	if err != nil {
		return err
	}
	token, err := directory.RandomName(rand)
	if err != nil {
		return err
	}
	return writeMailbox(keys, track, mailbox{Mailbox: name, Token: token})
}

func openKeys(dir string, c Config, passphrase []byte) (*keyring, error) {
	keys := filepath.Join(dir, keysFolder)
	r := &keyring{
		signing: map[ident.Track][]signingKey{},
		sealing: map[ident.Track][]sealingKey{},
		boxes:   map[ident.Track]mailbox{},
	}
	for _, track := range c.Tracks {
		var err error
		if r.signing[track], err = readSigningKeys(keys, c.Realm, track, passphrase); err != nil {
			return nil, err
		}
		if r.sealing[track], err = readSealingKeys(keys, c.Realm, track, passphrase); err != nil {
			return nil, err
		}
		if r.boxes[track], err = readMailbox(keys, track); err != nil {
			return nil, err
		}
	}
	record, err := openRecordKey(keys, c, passphrase)
	if err != nil {
		return nil, err
	}
	if copy(r.record[:], record) != len(r.record) || len(record) != len(r.record) {
		return nil, fmt.Errorf("node: %s does not hold a record key of 32 bytes", recordKeyFile)
	}
	if r.passphrase, err = keysPassphrase(keys, passphrase); err != nil {
		return nil, err
	}
	r.relay, err = seal.ReadSecret(filepath.Join(keys, relayKeyFile), c.Realm, relaySecret, passphrase)
	r.nkey = sync.OnceValues(func() (string, error) { return nkeyOf(r.relay) })
	return r, err
}

// keysPassphrase is what key files that are made now are to be protected with: the passphrase where
// the connection key is under it, and none where that is plain. The record key may be a token's.
func keysPassphrase(keys string, passphrase []byte) ([]byte, error) {
	begin, err := os.ReadFile(filepath.Join(keys, relayKeyFile))
	if err != nil || !bytes.HasPrefix(begin, []byte(ageIntro)) {
		return nil, err
	}
	return bytes.Clone(passphrase), nil
}

// nkeyOf gives the public nkey of a seed.
func nkeyOf(seed []byte) (string, error) {
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return "", fmt.Errorf("node: the relay key cannot be read: %w", err)
	}
	return pair.PublicKey()
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
	text := fmt.Sprintf("# Where this POC is written to, and under which name it writes. Random; names no State.\nmailbox = %s\ntoken = %s\nbundle = %d\n",
		tomlkey.Quote(box.Mailbox), tomlkey.Quote(box.Token), box.Bundle)
	return WriteDurably(filepath.Join(keys, mailboxFile(track)), []byte(text))
}
