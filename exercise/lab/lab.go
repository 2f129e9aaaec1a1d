package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/directory"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

const (
	labFile         = "lab.toml"
	relayFolder     = "relay"
	directoryFolder = "directory"
	rootsFolder     = "roots"
	keptKeyFile     = "relay.kept.key"

	// maxStates keeps a lab on one machine.
	maxStates = 40
)

// Lab is an exercise network in a folder.
type Lab struct {
	// Dir is the folder, absolute.
	Dir string
	// Realm is "exercise:lab-<32 hex>" or, for a demo, "exercise:demo-<32 hex>".
	Realm ident.Realm
	// States take part, in the order they were given.
	States []ident.State
	// Listen is the relay's host:port.
	Listen string
	// Manager is true where the directory's manager has a node too, in the folder @global.
	Manager bool
}

// Global is the principal whose node a lab's manager has. docs/protocol.md §2.1
const Global = ident.State("@global")

// Parties are all that have a node: the States in their order, and the manager where there is one.
func (l *Lab) Parties() []ident.State {
	if l.Manager {
		return append(slices.Clone(l.States), Global)
	}
	return l.States
}

// Config says what lab to make.
type Config struct {
	// Dir is made if need be and must be empty.
	Dir string
	// States are invented codes, each once, 1 to 40.
	States []ident.State
	// Listen is the relay's host:port; empty, or port 0, takes a free port of 127.0.0.1 now
	// and keeps it.
	Listen string
	// Name is the realm's name; empty means "lab".
	Name string
	// Manager gives the directory's manager a node of its own.
	Manager bool
	// Realm of an exercise; zero: made of Name and Rand. An operational one is refused.
	Realm ident.Realm
	// Names are what the States are called; one without is called as Name says.
	Names map[ident.State]string
	Now   func() time.Time
	Rand  io.Reader
}

// Error is a refusal with its reason: ALREADY_EXISTS for a folder that is not empty,
// WRONG_REALM for a State that is not invented, BAD_REQUEST for anything malformed, NOT_FOUND
// where there is no lab. docs/protocol.md §10
type Error struct {
	Reason valisev1.Reason
	Detail string
}

func (e *Error) Error() string { return "lab: " + e.Detail }

// labText is lab.toml.
type labText struct {
	Realm  string   `toml:"realm"`
	States []string `toml:"states"`
	Listen string   `toml:"listen"`

	Manager bool `toml:"manager,omitempty"`
}

// Open finds a lab again. The error is a *Error.
func Open(dir string) (*Lab, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(abs, labFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{valisev1.Reason_REASON_NOT_FOUND, "this folder holds no lab"}
	}
	if err != nil {
		return nil, err
	}
	var text labText
	meta, err := toml.NewDecoder(bytes.NewReader(b)).Decode(&text)
	if err != nil || len(meta.Undecoded()) > 0 {
		return nil, &Error{valisev1.Reason_REASON_BAD_CONFIG, labFile + " cannot be read or holds a key that no lab has"}
	}
	return text.lab(abs)
}

func (t labText) lab(dir string) (*Lab, error) {
	realm, err := ident.ParseRealm(t.Realm)
	if err != nil {
		return nil, &Error{valisev1.Reason_REASON_BAD_CONFIG, err.Error()}
	}
	l := &Lab{Dir: dir, Realm: realm, Listen: t.Listen, Manager: t.Manager}
	for _, s := range t.States {
		l.States = append(l.States, ident.State(s))
	}
	return l, checkStates(l.States)
}

func (l *Lab) save() error {
	text := labText{Realm: l.Realm.String(), Listen: l.Listen, Manager: l.Manager}
	for _, s := range l.States {
		text.States = append(text.States, s.String())
	}
	var b bytes.Buffer
	b.WriteString("# An exercise network on one machine: invented States only.\n")
	if err := toml.NewEncoder(&b).Encode(text); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.Dir, labFile), b.Bytes(), 0o600)
}

// Home is the folder of a State's node.
func (l *Lab) Home(state ident.State) string { return filepath.Join(l.Dir, state.String()) }

// RelayHome is the folder of the relay.
func (l *Lab) RelayHome() string { return filepath.Join(l.Dir, relayFolder) }

// DirectoryHome is the folder of the manager's registry.
func (l *Lab) DirectoryHome() string { return filepath.Join(l.Dir, directoryFolder) }

// RootHome is the folder of a State's root, as `valise key ceremony` makes it.
func (l *Lab) RootHome(state ident.State) string {
	return filepath.Join(l.DirectoryHome(), rootsFolder, state.String())
}

// RosterPath is the roster that the relay watches.
func (l *Lab) RosterPath() string { return filepath.Join(l.DirectoryHome(), directory.RosterFile) }

// KeptRelayKey is the relay's TLS key as the directory's folder keeps it.
func (l *Lab) KeptRelayKey() string { return filepath.Join(l.DirectoryHome(), keptKeyFile) }

// OfRelay finds the lab that a relay home belongs to; ok is false for any other folder. The
// home itself need not exist: it may have been wiped.
func OfRelay(home string) (l *Lab, ok bool) {
	abs, err := filepath.Abs(home)
	if err != nil || filepath.Base(abs) != relayFolder {
		return nil, false
	}
	l, err = Open(filepath.Dir(abs))
	return l, err == nil
}

// checkStates: each once, and none that could be taken for a real one. docs/protocol.md §2.2
func checkStates(states []ident.State) error {
	if len(states) == 0 || len(states) > maxStates {
		return &Error{valisev1.Reason_REASON_BAD_REQUEST, fmt.Sprintf("a lab has 1 to %d States, not %d", maxStates, len(states))}
	}
	for i, s := range states {
		if !s.IsInvented() {
			return &Error{valisev1.Reason_REASON_WRONG_REALM, fmt.Sprintf("%.10q is no invented State: a lab takes QM to QZ and XA to XZ without XK", s)}
		}
		if slices.Contains(states[:i], s) {
			return &Error{valisev1.Reason_REASON_BAD_REQUEST, fmt.Sprintf("State %s is named twice", s)}
		}
	}
	return nil
}
