package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	valisev1 "valise.example/proto/valise/v1"
)

// Level of a Finding.
type Level string

// The levels.
const (
	Fine    Level = "fine"
	Caution Level = "caution" // mail may be late
	Unsafe  Level = "unsafe"  // the relay is not what nodes expect; change it
)

// Finding is one thing that Doctor looked at.
type Finding struct {
	Level Level
	What  string // what is so, in a sentence
	Fix   string // what to change, empty for Fine
}

// DoctorConfig says which home to look at.
type DoctorConfig struct {
	Dir        string
	RosterPath string // as in RunConfig
}

// findings collects.
type findings []Finding

func (f *findings) fine(what string, a ...any) {
	*f = append(*f, Finding{Level: Fine, What: fmt.Sprintf(what, a...)})
}

func (f *findings) add(level Level, fix, what string, a ...any) {
	*f = append(*f, Finding{Level: level, What: fmt.Sprintf(what, a...), Fix: fix})
}

// Doctor looks at a relay home and, when the relay runs, at the running server, names what is
// unsafe and what to change, and says what disk the Roster needs at worst. An error means that
// there is no relay home to look at. docs/protocol.md §7.8
func Doctor(ctx context.Context, c DoctorConfig) ([]Finding, error) {
	h, err := openHome(c.Dir)
	if err != nil {
		return nil, err
	}
	var f findings
	h.checkFiles(&f)
	h.checkCard(&f)
	r := h.checkRoster(&f, h.rosterPath(c.RosterPath))
	o := h.checkObjects(&f, objectsPath(h.rosterPath(c.RosterPath)))
	h.checkDisk(&f, r, o)
	h.checkServer(ctx, &f, r)
	return f, nil
}

func (h *home) checkFiles(f *findings) {
	bad := false
	for _, name := range []string{keyFile, adminFile} {
		if _, err := secret(h.path(name)); err != nil {
			bad = true
			f.add(Unsafe, "chmod 600 it; if others may have read it, make the relay again and let the managers admit its new card",
				"%s is missing or others may read it", name)
		}
	}
	if !bad {
		f.fine("the relay's keys are readable by their owner alone")
	}
	info, err := os.Stat(h.dir)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		f.add(Caution, "chmod 700 the folder", "others may look into the relay's folder")
	}
}

func (h *home) checkCard(f *findings) {
	card := new(valisev1.RelayCard)
	data, err := os.ReadFile(h.path(cardFile))
	if err == nil {
		err = proto.Unmarshal(data, card)
	}
	pin, pinErr := h.pin()
	switch {
	case err != nil:
		f.add(Unsafe, "make the relay again with --key relay.key", "%s cannot be read", cardFile)
	case pinErr != nil:
		f.add(Unsafe, "make the relay again; its key is not usable", "the TLS key cannot be used")
	case !bytes.Equal(card.GetTlsKey(), pin):
		f.add(Unsafe, "make the relay again with the key that its card names, or let the managers admit its new card",
			"the card names another key than the relay uses: nodes will refuse it")
	case card.GetRealm() != h.Realm:
		f.add(Unsafe, "make the relay again", "the card is of another realm")
	default:
		f.fine("the card fits the key")
	}
	host, port, err := net.SplitHostPort(card.GetAddress())
	if ip := net.ParseIP(host); err != nil || host == "" || port == "0" || ip != nil && ip.IsUnspecified() {
		f.add(Caution, "make the relay again with the address that nodes use", "the card names no address that a node could use")
	}
}

// checkRoster returns the Roster that is in force or would be.
func (h *home) checkRoster(f *findings, path string) *valisev1.Roster {
	p := &process{home: h}
	if err := p.readApplied(); err != nil {
		f.add(Unsafe, "remove "+appliedFile+" and start the relay with the directory's roster", "the roster in force cannot be read")
	}
	data, err := readLimited(path, MaxRosterBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist) && p.roster == nil:
		f.add(Caution, "publish the directory and put its roster there", "there is no roster yet: nobody may connect")
		return nil
	case errors.Is(err, fs.ErrNotExist):
		f.add(Caution, "put the directory's roster there, else no change arrives", "there is no roster file; number %d is in force", p.roster.GetNumber())
		return p.roster
	case err != nil:
		f.add(Caution, "make the file readable for the relay", "the roster file cannot be read")
		return p.roster
	}
	r, err := p.mayFollow(data)
	if err != nil {
		f.add(Caution, "publish the directory again", "the roster file is refused (%v); number %d stays in force", err, p.roster.GetNumber())
		return p.roster
	}
	f.fine("roster %d: %d mailboxes, %d senders", r.GetNumber(), len(r.GetMailboxes()), len(r.GetSenders()))
	return r
}

// networkFileSystems are those whose fsync promises less than a disk's.
var networkFileSystems = map[int64]string{0x6969: "NFS", 0xff534d42: "CIFS", 0xfe534d42: "SMB"}

// checkDisk states what Roster and objects need at worst. docs/protocol.md §7.8
func (h *home) checkDisk(f *findings, r *valisev1.Roster, o *valisev1.RelayObjects) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(h.dir, &s); err != nil {
		f.add(Caution, "look at the disk", "the disk cannot be asked for its space")
		return
	}
	if name, ok := networkFileSystems[int64(s.Type)]; ok { //nolint:unconvert // the type of the field differs by architecture
		f.add(Unsafe, "move the relay's folder to a local disk", "the relay's folder is on %s: what was acknowledged may be lost", name)
	}
	free := s.Bavail * uint64(s.Bsize)
	need := worstBytes(r) + objectsBytes(o)
	what := fmt.Sprintf("at worst, with every slot full, the mailboxes and the directory's objects take %s; %s are free; %s",
		inBytes(need), inBytes(free), memoryOf(r))
	if need > free {
		f.add(Caution, "give the relay more disk, or expect senders to wait when it is full", "%s", what)
		return
	}
	f.fine("%s", what)
}

// checkObjects returns the objects that the file has. A relay without any works: nodes then take the
// directory from files alone. docs/protocol.md §8.6
func (h *home) checkObjects(f *findings, path string) *valisev1.RelayObjects {
	data, err := readLimited(path, MaxObjectsBytes)
	if errors.Is(err, fs.ErrNotExist) {
		f.fine("no %s: nodes take the directory from files alone", ObjectsFile)
		return nil
	}
	var o *valisev1.RelayObjects
	if err == nil {
		o, err = ParseObjects(data)
	}
	if err == nil && o.GetRealm() != h.Realm {
		err = errObjectsRealm
	}
	if err != nil {
		f.add(Caution, "publish the directory again, and put its "+ObjectsFile+" beside the roster", "the directory's objects cannot be used: nodes do not hear of a new list by this relay")
		return nil
	}
	f.fine("the directory's objects of list %d: %d, %s", o.GetNumber(), len(o.GetObjects()), inBytes(objectsBytes(o)/2))
	return o
}

// What one subject costs the server when its key is connected, measured: an entry of its allow-list,
// and an import of its account.
const (
	bytesPerAllowed = 1000
	bytesPerImport  = 2500
)

// memoryOf says what the lists of a Roster cost a server.
func memoryOf(r *valisev1.Roster) string {
	entries, memory := listed(r)
	return fmt.Sprintf("the allow-lists and imports have %d entries, about %s of memory when all nodes are connected", entries, inBytes(memory))
}

// listed counts the subjects in all allow-lists and imports, and the memory that they take.
func listed(r *valisev1.Roster) (entries, memory uint64) {
	for _, x := range rightsOf(r) {
		allowed := uint64(len(publishSubjects(x)) + len(subscribeSubjects(x)))
		imports := uint64(len(x.sends) + len(x.owns)*4 + 2)
		entries += allowed + imports
		memory += allowed*bytesPerAllowed + imports*bytesPerImport
	}
	return entries, memory
}

func inBytes(n uint64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}

func (h *home) checkServer(ctx context.Context, f *findings, r *valisev1.Roster) {
	err := h.withServer(func(nc *nats.Conn, running bool) error {
		if !running {
			f.add(Caution, "start it with valise relay run", "the relay does not run")
		} else {
			checkTLS(f, nc.ConnectedAddr())
		}
		if isOldServer(nc.ConnectedServerVersion()) {
			f.add(Unsafe, "run nats-server 2.15 or later", "the server is older than 2.15")
		}
		return examine(ctx, nc, r, 1, f)
	})
	if err != nil {
		f.add(Unsafe, "start the relay again and look at its log", "the relay's server cannot be asked: %v", err)
	}
}

// checkTLS tries what must not work.
func checkTLS(f *findings, address string) {
	d := &net.Dialer{Timeout: connectTimeout}
	conn, err := tls.DialWithDialer(d, "tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}) //nolint:gosec // what must be refused is tried
	if err == nil {
		conn.Close()
		f.add(Unsafe, `set min_version: "1.3" in the tls block`, "the server speaks TLS older than 1.3")
		return
	}
	f.fine("the server speaks TLS 1.3 only")
}
