package relay

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	valisev1 "valise.example/proto/valise/v1"
)

// Slots of one sender in one mailbox. A slot holds one envelope; sending to it again replaces
// what lies there. docs/protocol.md §7.8
const (
	FirstMessageSlot = 0   // lane 0 owns 256 slots
	MessageSlots     = 256 //
	FirstPartSlot    = 256 // lane 1 owns 64 slots
	PartSlots        = 64  //
	ReceiptBatchSlot = 320
	KeyNoticeSlot    = 321
	CannotOpenSlot   = 322
	Slots            = 323 // number of slots; they are numbered from 0
)

// MaxEnvelope is the largest envelope in bytes that a relay takes. docs/protocol.md §7.8
const MaxEnvelope = 300 * 1024

// MaxWidth is the most mail that ReceiveMany hands over at once: what one request brings.
const MaxWidth = 128

// MaxAge is how long an envelope lies in a mailbox: the longest absence of a node that loses
// nothing but time. docs/protocol.md §7.8
const MaxAge = 45 * 24 * time.Hour

// Errors of a Courier. All of them mean "not on its way": the sender keeps the envelope and
// tries again. docs/protocol.md §7.4
var (
	// ErrLinkDown means that there is no connection to the relay now.
	ErrLinkDown = errors.New("relay: no link, nothing can leave now")
	// ErrRefused means that the Roster of the relay does not let this connection do that: the token
	// or the mailbox to read is another's.
	ErrRefused = errors.New("relay: refused by the relay's allow-list")
	// ErrNoMailbox means that the relay has no such mailbox for this connection: it has lost it, never
	// had it, or its Roster does not let our token write there.
	ErrNoMailbox = errors.New("relay: the relay has no such mailbox for us")
	// ErrTooLarge means that the envelope is larger than MaxEnvelope, or than the relay takes.
	ErrTooLarge = errors.New("relay: the envelope is larger than the relay takes")
	// ErrBadAddress means that a mailbox, token or slot is not of the right form.
	ErrBadAddress = errors.New("relay: not an address of a slot")
	// ErrNoAnswer means that the relay did not say in time whether it stored the envelope.
	ErrNoAnswer = errors.New("relay: no answer, the envelope may or may not be on its way")
	// ErrBadAnswer means that the relay answered something that is no answer to what was asked,
	// for example the name of another mailbox.
	ErrBadAnswer = errors.New("relay: the relay's answer does not fit what was asked")
	// ErrFailed means that the relay could not store it, for example for want of disk.
	ErrFailed = errors.New("relay: the relay could not store it")
	// ErrNoObject means that the relay keeps no object of this name.
	ErrNoObject = errors.New("relay: the relay keeps no such object")
	// ErrClosed means that the Courier was closed.
	ErrClosed = errors.New("relay: courier closed")
)

// Courier carries envelopes to and from one relay for one connection key. Its promise is weak
// on purpose: what it says about an envelope means "on its way", never "arrived". Only the
// recipient's signed receipt says that, and it travels inside an envelope. docs/protocol.md §7.4
//
// Its methods may be called from many goroutines.
type Courier interface {
	// Publish puts an envelope of 1 to MaxEnvelope bytes into a slot and waits for the relay's
	// answer, at most until ctx ends and at most 15 seconds. What lay in the slot is replaced.
	// Errors wrap one of those above or the context's.
	Publish(ctx context.Context, to Address, envelope []byte) (Stored, error)

	// Receive hands over the mail of one mailbox, in the relay's order, until ctx ends, and then
	// returns the context's error (ErrClosed after Close). It lives through lost links, restarted,
	// wiped and rebuilt relays. When handle returns nil the mail is acknowledged to the relay and
	// does not come again; when it returns an error the mail comes again later, after other mail.
	// Mail may come twice and in any order; handle must expect both. handle is called by one
	// goroutine and owns Mail.Envelope.
	Receive(ctx context.Context, mailbox string, handle func(Mail) error) error

	// ReceiveMany is Receive with up to width handles at once, 1 to MaxWidth, begun in the relay's
	// order: so that opening one mail need not wait for the commit of another.
	ReceiveMany(ctx context.Context, mailbox string, width int, handle func(Mail) error) error

	// Purge removes what lies in our own mailbox up to and including the relay's sequence upTo,
	// but never beyond what was acknowledged without a gap: a floor remembered from another life
	// of the relay removes nothing unread. docs/protocol.md §7.8
	Purge(ctx context.Context, mailbox string, upTo uint64) error

	// Object fetches what the relay keeps under a name, HeadObject or 26 characters of base32, for
	// everybody on its Roster. It is 1 to MaxEnvelope bytes that nobody vouches for. Errors wrap
	// ErrNoObject, one of those above or the context's. docs/protocol.md §8.6
	Object(ctx context.Context, name string) ([]byte, error)

	// WatchObjects calls f when the relay says that its head is another one, until Close. Nothing is
	// said while the link is down, and a server may say so before Object gives the new head. f must not block.
	WatchObjects(f func())

	// Link says how the connection is now.
	Link() Link

	// Watch calls f with the link as it is now and after every change, in order, until Close.
	// f must not block, nor call Watch or Close.
	Watch(f func(Link))

	// Close ends the connection and every Receive, and returns when all is quiet.
	Close() error
}

// Address is one slot of one sender in one mailbox. docs/protocol.md §7.8
type Address struct {
	Mailbox string // 26 characters of lower-case base32
	Token   string // 26 characters of lower-case base32
	Slot    int    // 0 to Slots-1
}

// Stored is a relay's claim that it holds an envelope.
type Stored struct {
	// Sequence counts up within one mailbox and one life of the relay. One that is not above the
	// last seen is a sign of a new or older relay. docs/protocol.md §7.4
	Sequence uint64
}

// Mail is an envelope as it came. Nothing here is trusted: Token and Slot are the relay's word.
type Mail struct {
	Envelope []byte
	Token    string
	Slot     int
	Sequence uint64
}

// Link is the state of the connection to a relay.
type Link struct {
	Up    bool
	Since time.Time // when Up last changed
	// Warnings stand while their causes do, without arguments: an unpinned relay key, a relay that shows
	// another key, a relay that takes less than the profile. docs/protocol.md §7.8
	Warnings []valisev1.Warning
}

// Same reports whether nothing changed.
func (l Link) Same(other Link) bool {
	return l.Up == other.Up && l.Since.Equal(other.Since) && slices.Equal(l.Warnings, other.Warnings)
}

var nameForm = regexp.MustCompile(`^[a-z2-7]{26}$`)

// IsName reports whether s has the form of a mailbox name or sender token. docs/protocol.md §7.8
func IsName(s string) bool { return len(s) == 26 && nameForm.MatchString(s) }

// Subject is the subject of a slot on the relay, "v1.<mailbox>.<token>.<slot>", or ErrBadAddress.
// docs/protocol.md §7.8
func (a Address) Subject() (string, error) {
	if !IsName(a.Mailbox) || !IsName(a.Token) || a.Slot < 0 || a.Slot >= Slots {
		return "", ErrBadAddress
	}
	return slotSubject(a.Mailbox, a.Token, a.Slot), nil
}

// ParseSubject is the inverse of Subject; it takes nothing that Subject does not make.
func ParseSubject(s string) (Address, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 || parts[0] != "v1" {
		return Address{}, ErrBadAddress
	}
	slot, err := strconv.Atoi(parts[3])
	if err != nil || strconv.Itoa(slot) != parts[3] {
		return Address{}, ErrBadAddress
	}
	a := Address{Mailbox: parts[1], Token: parts[2], Slot: slot}
	if _, err := a.Subject(); err != nil {
		return Address{}, err
	}
	return a, nil
}

func slotSubject(mailbox, token string, slot int) string {
	return "v1." + mailbox + "." + token + "." + strconv.Itoa(slot)
}

func checkEnvelope(envelope []byte) error {
	if len(envelope) > MaxEnvelope {
		return ErrTooLarge
	}
	if len(envelope) == 0 {
		return fmt.Errorf("%w: an envelope has at least one byte", ErrBadAddress)
	}
	return nil
}
