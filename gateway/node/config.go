package node

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"valise.example/gateway"
	"valise.example/proto/ident"
	"valise.example/proto/tomlkey"
	valisev1 "valise.example/proto/valise/v1"
)

const configFile = "valise.toml"

// Config is what valise.toml says. Unknown keys are an error with their line.
type Config struct {
	State    ident.State
	Realm    ident.Realm
	Tracks   []ident.Track
	Relay    string        // host:port; empty: the relay that the directory names
	Undo     time.Duration // how long what a person confirmed can still be withdrawn
	FourEyes []ident.Track // tracks on which a second person clears every message
	// Classified is set where the State lets classified information through Valise, by rules of its
	// own that no label of a message replaces (not_for_classified = false).
	Classified bool

	Retention Retention // how long contents are kept; the zero value is for ever
	Health    Health    // where monitors ask; the zero value is nowhere

	Door  Door  // the door over TCP; the zero value is the socket alone
	Quota Quota // what one POC of a peer may send; the zero value is DefaultQuota
	// Deadlines are within how long our own desk wishes to act.
	Deadlines gateway.OwnRule
	Away      Away // whom the node calls to the desk; the zero value is nobody

	Directory Directory // where new lists come from; the zero value is files and the relay
}

// ConfigError names what is wrong with a configuration and where.
type ConfigError struct {
	Line   int // 0 where no single line is to blame
	Detail string

	key string // to find the line by, where the value was read and cannot be used
}

func (e *ConfigError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s line %d: %s", configFile, e.Line, e.Detail)
	}
	return configFile + ": " + e.Detail
}

// Reason is the typed reason of every configuration fault.
func (e *ConfigError) Reason() valisev1.Reason { return valisev1.Reason_REASON_BAD_CONFIG }

// configText is the file as written; types are plain so that TOML errors name the line.
type configText struct {
	State    string   `toml:"state"`
	Realm    string   `toml:"realm"`
	Tracks   []string `toml:"tracks"`
	Relay    string   `toml:"relay"`
	Undo     string   `toml:"undo"`
	FourEyes []string `toml:"four_eyes"`

	NotForClassified *bool `toml:"not_for_classified"`

	Retention *retentionText `toml:"retention"`

	Door   doorText   `toml:"door"`
	Health healthText `toml:"health"`
	Quota  quotaText  `toml:"quota"`

	Deadlines deadlinesText `toml:"deadlines"`
	Away      awayText      `toml:"away"`

	Directory directoryText `toml:"directory"`
}

// DefaultUndo is Config.Undo where nothing else is written.
const DefaultUndo = 10 * time.Second

// ParseConfig reads valise.toml strictly: an unknown key is an error, not a guess.
func ParseConfig(b []byte) (Config, error) {
	var text configText
	meta, err := toml.Decode(string(b), &text)
	if err != nil {
		if parse, ok := errors.AsType[toml.ParseError](err); ok {
			return Config{}, &ConfigError{Line: parse.Position.Line, Detail: parse.Message}
		}
		return Config{}, typeFault(err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0].String()
		return Config{}, &ConfigError{Line: tomlkey.Line(b, strings.Split(key, ".")...), Detail: fmt.Sprintf("unknown key %.60q", key)}
	}
	c, err := text.config()
	if fault, ok := errors.AsType[*ConfigError](err); ok && fault.key != "" {
		fault.Line = tomlkey.Line(b, strings.Split(fault.key, ".")...)
	}
	return c, err
}

func (t configText) config() (Config, error) {
	var c Config
	var err error
	if c.State, err = ident.ParseState(t.State); err != nil {
		return Config{}, &ConfigError{Detail: err.Error()}
	}
	if c.Realm, err = ident.ParseRealm(t.Realm); err != nil {
		return Config{}, &ConfigError{Detail: err.Error()}
	}
	if !c.Realm.Admits(c.State) {
		return Config{}, &ConfigError{Detail: "this State and this realm do not go together: invented States belong to exercises, all others to operation"}
	}
	if c.Tracks, err = parseTracks(t.Tracks); err != nil || len(c.Tracks) == 0 {
		return Config{}, &ConfigError{Detail: "tracks must name diplomatic, technical or both, each once"}
	}
	if c.FourEyes, err = parseTracks(t.FourEyes); err != nil {
		return Config{}, &ConfigError{Detail: "four_eyes must name diplomatic, technical or both, each once"}
	}
	if err := ownTracks(c.State, append(slices.Clone(c.Tracks), c.FourEyes...)); err != nil {
		return Config{}, &ConfigError{Detail: err.Error()}
	}
	if c.Undo = DefaultUndo; t.Undo != "" {
		if c.Undo, err = time.ParseDuration(t.Undo); err != nil || c.Undo < 0 || c.Undo > time.Hour {
			return Config{}, &ConfigError{Detail: "undo must be a time between 0s and 1h"}
		}
	}
	if c.Relay = t.Relay; c.Relay != "" {
		if _, _, err := net.SplitHostPort(c.Relay); err != nil {
			return Config{}, &ConfigError{Detail: "relay must be host:port"}
		}
	}
	t.Directory.read(&c)
	c.Classified = t.NotForClassified != nil && !*t.NotForClassified
	if err := t.Retention.read(&c); err != nil {
		return Config{}, err
	}
	if err := t.Door.read(&c); err != nil {
		return Config{}, err
	}
	if err := t.Deadlines.read(&c); err != nil {
		return Config{}, err
	}
	if err := t.Health.read(&c); err != nil {
		return Config{}, err
	}
	if err := t.Away.read(&c); err != nil {
		return Config{}, err
	}
	err = t.Quota.read(&c)
	return c, err
}

// Format writes what ParseConfig reads; a table whose values are the defaults is left out.
func (c Config) Format() []byte { return c.format(false) }

// Effective writes everything that holds, defaults included, in the form that ParseConfig reads.
func (c Config) Effective() []byte { return c.format(true) }

// format writes every key; of a table only what differs from its defaults, unless whole.
func (c Config) format(whole bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# One node of one State. The realm is fixed when a home is made and is never changed.\n")
	fmt.Fprintf(&b, "state = %s\nrealm = %s\ntracks = %s\n", tomlkey.Quote(c.State.String()), tomlkey.Quote(c.Realm.String()), formatTracks(c.Tracks))
	fmt.Fprintf(&b, "\n# host:port; empty: the relay that the directory names\nrelay = %s\n", tomlkey.Quote(c.Relay))
	fmt.Fprintf(&b, "\n# how long what a person confirmed at a terminal or on a page can still be withdrawn\nundo = %s\n", tomlkey.Quote(c.Undo.String()))
	fmt.Fprintf(&b, "\n# tracks on which a second person clears every message\nfour_eyes = %s\n", formatTracks(c.FourEyes))
	fmt.Fprintf(&b, "\n# false only where the State has decided that classified information may be sent\nnot_for_classified = %t\n", !c.Classified)
	c.Directory.format(&b, whole)
	c.Retention.format(&b, whole)
	c.Door.format(&b, whole)
	c.Health.format(&b, whole)
	c.Quota.format(&b, whole)
	formatDeadlines(&b, c.Deadlines, whole)
	c.Away.format(&b, whole)
	return b.Bytes()
}

// Addresses are our POCs in the order of the tracks.
func (c Config) Addresses() []ident.Address {
	out := make([]ident.Address, 0, len(c.Tracks))
	for _, t := range c.Tracks {
		out = append(out, ident.Address{State: c.State, Track: t})
	}
	return out
}

// ReadConfig reads valise.toml of the home in dir as a start does: a *ConfigError where there is
// none or it cannot be used, UNSAFE_PERMISSIONS where others can change it, LATER_VERSION where the
// home has a later form.
func ReadConfig(dir string) (Config, error) { return readConfig(dir) }

func readConfig(dir string) (Config, error) {
	path := filepath.Join(dir, configFile)
	info, err := os.Stat(path)
	if err != nil {
		return Config{}, &ConfigError{Detail: "there is no home of a node here"}
	}
	if info.Mode().Perm()&0o022 != 0 {
		return Config{}, unsafePermissions(configFile)
	}
	// What a later version writes into it this one would take for a mistake.
	if _, err := knownFormat(dir); err != nil {
		return Config{}, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	return ParseConfig(b)
}

func parseTracks(names []string) ([]ident.Track, error) {
	var out []ident.Track
	for _, name := range names {
		t, err := ident.ParseTrack(name)
		if err != nil {
			return nil, fmt.Errorf("node: %.40q is no track", name)
		}
		if slices.Contains(out, t) {
			return nil, fmt.Errorf("node: track %s is named twice", t)
		}
		out = append(out, t)
	}
	return out, nil
}

// ownTracks: a State has no manager desk, and a principal no other. docs/protocol.md §2.1
func ownTracks(s ident.State, tracks []ident.Track) error {
	for _, t := range tracks {
		if !slices.Contains(tracksOf(s), t) {
			return fmt.Errorf("%s has no %s track: a principal has a manager desk and no other, a State none", s, t)
		}
	}
	return nil
}

func formatTracks(tracks []ident.Track) string {
	names := make([]string, len(tracks))
	for i, t := range tracks {
		names[i] = t.String()
	}
	return tomlkey.QuoteAll(names)
}

var lineOfFault = regexp.MustCompile(`line (\d+)`)

// typeFault names the line of a value of the wrong type, which the parser tells only in words.
func typeFault(err error) error {
	fault := &ConfigError{Detail: "a value has the wrong type"}
	if m := lineOfFault.FindStringSubmatch(err.Error()); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			fault.Line = n
		}
	}
	return fault
}
