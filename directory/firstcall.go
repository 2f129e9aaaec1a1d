package directory

import (
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// Called is a call that our side made to a State, in which its root was read aloud and compared. Who was
// called and what was said stand in the record alone. docs/protocol.md §8.5
type Called struct {
	// Root is the one that was compared; one that it announced may be in force since.
	Root ident.KeyID
	// At is when, and Officer who of our side called.
	At      time.Time
	Officer string
	// Item is where the record tells of it.
	Item uint64
	// OwnNumber: only the State's own entry named the number of a first call, so whoever made that entry
	// up would have answered there.
	OwnNumber bool
}

// RootInForce tells of a root as a first call is about it: held and offered are the same, and no number is
// one of an entry in question. ok is false for a State without an entry in force. docs/protocol.md §8.5
func (s *Snapshot) RootInForce(state ident.State) (c RootChange, ok bool) {
	known := s.held.states[state]
	if known == nil || known.current == nil {
		return RootChange{}, false
	}
	e := known.current
	return RootChange{State: state, Held: e.rootID, Offered: e.rootID, Number: e.body.GetNumber(), Telephones: telephones(e)}, true
}

// NotCalledBack reports whether nobody at this home has called a State to compare its root. It is advice:
// messages go to such a State and come from it as from any other. In an exercise the States of the first
// list are none of these: the directory is handed out with them. docs/protocol.md §8.5
func (s *Snapshot) NotCalledBack(state ident.State) bool {
	known := s.held.states[state]
	return known != nil && known.current != nil && known.called == nil && (known.later || s.held.realm.IsOperational())
}

// CalledBack is the newest call in which a State's root was compared. docs/protocol.md §8.5
func (s *Snapshot) CalledBack(state ident.State) (c Called, ok bool) {
	known := s.held.states[state]
	if known == nil || known.current == nil || known.called == nil {
		return Called{}, false
	}
	return *known.called, true
}

// ConfirmFirst notes that an officer called a State and compared the root that is in force. The error is a
// *Refusal: NOT_FOUND, or KEY_CHANGED where it is another root or one is in question.
// docs/protocol.md §8.5
func (b *Book) ConfirmFirst(state ident.State, call Called) error {
	return b.change(func(h *held) (*held, error) {
		about, s := subject{object: "entry", name: string(state)}, h.states[state]
		switch {
		case s == nil || s.current == nil:
			return nil, about.refuse(valisev1.Reason_REASON_NOT_FOUND, "no entry of this State is in force")
		case s.inQuestion() || s.current.rootID != call.Root:
			return nil, about.refuse(valisev1.Reason_REASON_KEY_CHANGED, "the root that was compared is not the one in force")
		}
		next := h.successor()
		next.states[state] = s.afterCall(call)
		return next, nil
	})
}

// afterCall notes a call.
func (s *standing) afterCall(call Called) *standing {
	next := *s
	next.called = &call
	return &next
}

// meets puts an entry in force. What was compared before holds for the root that was announced; one that
// somebody confirmed needs no first call, and whoever called says so afterwards. docs/protocol.md §8.5
func (s *standing) meets(e *entry, firstList bool) *standing {
	next, last := s.succeed(e), s.last()
	switch {
	case last == nil:
		next.later = !firstList
	case e.rootID != last.rootID && e.rootID != last.nextID:
		next.later, next.called = false, nil
	}
	return next
}

// currentCall is a call in the file that commits.
type currentCall struct {
	Root      string    `toml:"root"`
	At        time.Time `toml:"at"`
	Officer   string    `toml:"officer"`
	Item      uint64    `toml:"item"`
	OwnNumber bool      `toml:"own_number"`
}

func (c *Called) describe() *currentCall {
	if c == nil {
		return nil
	}
	return &currentCall{Root: c.Root.String(), At: c.At.UTC(), Officer: c.Officer, Item: c.Item, OwnNumber: c.OwnNumber}
}

func (c *currentCall) called() (*Called, error) {
	if c == nil {
		return nil, nil
	}
	root, err := ident.ParseKeyID(c.Root)
	return &Called{Root: root, At: c.At, Officer: c.Officer, Item: c.Item, OwnNumber: c.OwnNumber}, err
}

// CalledListing is a call in which a root was compared.
type CalledListing struct {
	At      time.Time `json:"at"`
	Officer string    `json:"officer"`
	Item    uint64    `json:"item"`
	// OwnNumber: only the State's own entry named the number.
	OwnNumber bool `json:"own_number"`
}

// ShowAt is Show at the node of a State: it tells of every other State whether somebody there has called
// it. docs/protocol.md §8.5
func (s *Snapshot) ShowAt(own ident.State, now time.Time) Listing {
	l := s.Show(now)
	for i := range l.States {
		state := ident.State(l.States[i].State)
		if state == own {
			continue
		}
		l.States[i].NotCalledBack = s.NotCalledBack(state)
		if c, ok := s.CalledBack(state); ok {
			l.States[i].CalledBack = &CalledListing{At: c.At.UTC(), Officer: c.Officer, Item: c.Item, OwnNumber: c.OwnNumber}
		}
	}
	return l
}
