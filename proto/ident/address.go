package ident

import (
	"fmt"
	"strings"
)

// State is a two-letter code, "XA", or a principal that is no State, "@global". It says
// nothing about names: those come from the State's own entry. docs/protocol.md §2.1
type State string

// Track keeps the roles apart: diplomatic writes to diplomatic, technical to technical. A-9 s2
type Track uint8

// The tracks. Manager belongs to principals only. A-9
const (
	Diplomatic Track = 1
	Technical  Track = 2
	Manager    Track = 3
)

// Address names one POC, "XB/technical", or a principal's desk, "@global/manager".
// docs/protocol.md §2.1
type Address struct {
	State State
	Track Track
}

// ParseState reads two capital letters or "@" and 2 to 30 lower-case letters.
func ParseState(s string) (State, error) {
	if len(s) == 2 && isAll(s, 'A', 'Z') {
		return State(s), nil
	}
	if len(s) >= 3 && len(s) <= 31 && s[0] == '@' && isAll(s[1:], 'a', 'z') {
		return State(s), nil
	}
	return "", fmt.Errorf("ident: %.40q is no State: want two capital letters", s)
}

// ParseTrack reads "diplomatic", "technical" or "manager".
func ParseTrack(s string) (Track, error) {
	switch s {
	case "diplomatic":
		return Diplomatic, nil
	case "technical":
		return Technical, nil
	case "manager":
		return Manager, nil
	}
	return 0, fmt.Errorf("ident: %.40q is no track: want diplomatic or technical", s)
}

// ParseAddress reads "XB/technical". A State has no manager desk, a principal has no other.
func ParseAddress(s string) (Address, error) {
	left, right, ok := strings.Cut(s, "/")
	if !ok {
		return Address{}, fmt.Errorf("ident: %.40q is no address: want STATE/track, for example XB/technical", s)
	}
	state, err := ParseState(left)
	if err != nil {
		return Address{}, err
	}
	track, err := ParseTrack(right)
	if err != nil {
		return Address{}, err
	}
	if state.IsPrincipal() != (track == Manager) {
		return Address{}, fmt.Errorf("ident: %.40q is no address: only a principal has a manager desk, and no other", s)
	}
	return Address{State: state, Track: track}, nil
}

func (s State) String() string { return string(s) }

// IsPrincipal reports whether s is an address that is no State, such as "@global".
func (s State) IsPrincipal() bool { return strings.HasPrefix(string(s), "@") }

// IsInvented reports whether s is an ISO 3166-1 user-assigned code that exercises, labs and
// demos use and operational nodes refuse: QM–QZ and XA–XZ without XK. docs/protocol.md §2.2
func (s State) IsInvented() bool {
	if len(s) != 2 {
		return false
	}
	return s[0] == 'Q' && s[1] >= 'M' || s[0] == 'X' && s[1] != 'K'
}

func (t Track) String() string {
	switch t {
	case Diplomatic:
		return "diplomatic"
	case Technical:
		return "technical"
	case Manager:
		return "manager"
	}
	return "no-track"
}

func (a Address) String() string { return string(a.State) + "/" + a.Track.String() }

// IsZero reports whether there is none.
func (a Address) IsZero() bool { return a == Address{} }

func isAll(s string, from, to byte) bool {
	for i := range len(s) {
		if s[i] < from || s[i] > to {
			return false
		}
	}
	return true
}
