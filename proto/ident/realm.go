package ident

import (
	"fmt"
	"strings"
)

// Realm is fixed when a home is made and never toggled: "operational", or
// "exercise:<name>-<128 random bits as 32 hex>". It is part of every signature input, every
// key id and every sealed value, so that nothing of one realm opens or verifies in another.
// docs/protocol.md §2.2
type Realm string

// Operational is the realm of real traffic. docs/protocol.md §2.2
const Operational Realm = "operational"

const (
	exercisePrefix = "exercise:"
	maxRealmName   = 48
)

// ExerciseRealm makes the realm of one exercise. The name is 1 to 48 lower-case letters,
// digits and hyphens; the 16 random bytes keep two exercises of one name apart.
func ExerciseRealm(name string, random [16]byte) (Realm, error) {
	return ParseRealm(fmt.Sprintf("%s%s-%x", exercisePrefix, name, random))
}

// ParseRealm reads a realm in its canonical form.
func ParseRealm(s string) (Realm, error) {
	if s == string(Operational) {
		return Operational, nil
	}
	rest, ok := strings.CutPrefix(s, exercisePrefix)
	cut := len(rest) - 33
	if !ok || cut < 1 || cut > maxRealmName || rest[cut] != '-' {
		return "", notARealm(s)
	}
	if !isRealmName(rest[:cut]) || !isHex(rest[cut+1:]) {
		return "", notARealm(s)
	}
	return Realm(s), nil
}

func (r Realm) String() string { return string(r) }

// IsOperational reports whether r is the realm of real traffic.
func (r Realm) IsOperational() bool { return r == Operational }

// Name is what an exercise is called, without its random bits: 1 to 48 lower-case letters, digits and
// hyphens. It is empty for the operational realm, and for what is no realm. docs/protocol.md §2.2
func (r Realm) Name() string {
	rest, ok := strings.CutPrefix(string(r), exercisePrefix)
	if cut := len(rest) - 33; ok && cut > 0 {
		return rest[:cut]
	}
	return ""
}

// Admits reports whether a State may take part in r: invented States only in exercises, all
// others only in operation. Principals are at home in both. docs/protocol.md §2.2
func (r Realm) Admits(s State) bool {
	return s.IsPrincipal() || s.IsInvented() != r.IsOperational()
}

func notARealm(s string) error {
	return fmt.Errorf("ident: %.100q is no realm: want operational or exercise:<name>-<32 hexadecimal digits>", s)
}

func isRealmName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s[0] != '-'
}

func isHex(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
