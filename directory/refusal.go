package directory

import (
	"fmt"

	valisev1 "valise.example/proto/valise/v1"
)

// Refusal says why something was not taken into the directory, or why nobody was found in
// it. The caller branches on Reason; nothing has changed when it is returned.
// docs/protocol.md §10
type Refusal struct {
	// Object is what was refused: "import", "manager set", "list", "entry", "evidence", "entry export",
	// "entry.toml", "bundle", "relay card", "roster", "registry", "keys", "address" or "file".
	Object string
	// Subject is the State or address it is about, empty when it is about none. It is
	// always in canonical form, never text as a peer sent it. Not for logs.
	Subject string
	// Reason is from the closed list.
	Reason valisev1.Reason
	// Err says what is wrong in words, with the consequence.
	Err error
}

// Error is one line: what, whose, and why.
func (r *Refusal) Error() string {
	if r.Subject == "" {
		return fmt.Sprintf("directory: %s: %v", r.Object, r.Err)
	}
	return fmt.Sprintf("directory: %s of %s: %v", r.Object, r.Subject, r.Err)
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// subject is an object that a refusal is about.
type subject struct {
	object string
	name   string
}

func (s subject) refuse(reason valisev1.Reason, format string, args ...any) error {
	return &Refusal{Object: s.object, Subject: s.name, Reason: reason, Err: fmt.Errorf(format, args...)}
}
