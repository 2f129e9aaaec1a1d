package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	valisev1 "valise.example/proto/valise/v1"
)

// Error says what is wrong with a draft, a payload or an attachment name. docs/protocol.md §10
type Error struct {
	// Line in the draft, from 1; 0 when no line can be named.
	Line int
	// Key is the full key, "originator.name" or "preferred_channel[1].kind"; empty when the
	// whole is meant.
	Key string
	// Suggestion is the key or value that was probably meant; empty when none comes near.
	Suggestion string
	// Reason is REASON_BAD_DRAFT, REASON_BAD_TEXT, REASON_BAD_ATTACHMENT, REASON_TOO_LARGE,
	// REASON_BAD_REQUEST or REASON_UNIMPLEMENTED.
	Reason valisev1.Reason
	// Detail says what is wrong in a few words; it repeats at most 40 characters of the draft.
	Detail string
	// Flaw is what is wrong, for whoever says it in words of their own.
	Flaw Flaw
	// Most is how much there may be: bytes with FlawTooLong, elements with FlawTooMany; else 0.
	Most uint64
	// Character is the one that may not stand there, with FlawCharacter; else 0.
	Character rune
}

// Flaw is one of the things that are often wrong with a value.
type Flaw int

// The flaws.
const (
	FlawOther       Flaw = iota // any other: Detail alone says it
	FlawMissing                 // there must be a value, and there is none
	FlawUnreachable             // who speaks does not say how to reach them. A-10b
	FlawTooLong                 // of more bytes than Most
	FlawTooMany                 // of more elements than Most
	FlawCharacter               // holds Character, which may not travel
	FlawNoChoice                // none of the values that there are to choose
	FlawTime                    // no time, or no span of it
)

// Error is one line for people: line, key, what is wrong, what was probably meant.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, "%s: ", shorten(e.Key, 80))
	}
	b.WriteString(e.Detail)
	if e.Suggestion != "" {
		fmt.Fprintf(&b, " (did you mean %s?)", e.Suggestion)
	}
	return b.String()
}

func refuse(reason valisev1.Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// flawed is refuse where what is wrong is one of the things that often are.
func flawed(flaw Flaw, reason valisev1.Reason, format string, args ...any) *Error {
	e := refuse(reason, format, args...)
	e.Flaw = flaw
	return e
}

// first returns the error that stands first in the draft, so that an officer mends a draft from
// the top and the answer does not depend on the order of a map.
func first(errs []*Error) error {
	if len(errs) == 0 {
		return nil
	}
	return slices.MinFunc(errs, func(a, b *Error) int {
		// What is missing has no line: it comes after what stands wrong on a line.
		if c := cmp.Compare(b2i(a.Line == 0), b2i(b.Line == 0)); c != 0 {
			return c
		}
		return cmp.Compare(a.Line, b.Line)
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shorten cuts s to at most n bytes on a rune boundary and makes it printable.
func shorten(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		if b.Len() >= n {
			b.WriteString("…")
			break
		}
		if checkRune(r, false) != "" {
			fmt.Fprintf(&b, "\\u%04x", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
