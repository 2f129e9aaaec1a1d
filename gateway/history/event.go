package history

import "time"

// Name says what an Event tells.
type Name string

// The events. Which fields each needs stands beside it; At and Detail may stand in every one.
const (
	// Begin is the first line: Nodes, and what the history watches (Live, Receipts, Views).
	Begin Name = "begin"
	// Invoke: Node is asked to send something to To under Request. Held when it need not leave in
	// the order of asking (an undo delay, a second person). The same Request may be asked again.
	Invoke Name = "invoke"
	// OK answers Request at Node: Message is durable.
	OK Name = "ok"
	// Fail answers Request at Node: refused, nothing was done.
	Fail Name = "fail"
	// Unknown answers Request at Node: nobody knows (a storage error, a crash, a lost call).
	Unknown Name = "unknown"
	// Withdrawn: Node took back Message before it was ever published.
	Withdrawn Name = "withdrawn"
	// Recorded: item Place of Node's record holds a message, in Direction: Message, Digest,
	// Thread, From, To, Kind, Epoch, Sequence; Request where the content names it.
	Recorded Name = "recorded"
	// Receipt: Node signed, and let go, that it has recorded Digests.
	Receipt Name = "receipt"
	// Cleared: Node counts Digest as received by To, and sends it no more.
	Cleared Name = "cleared"
	// Removed: the retention rule of Node took the content of item Place. docs/protocol.md §9.3
	Removed Name = "removed"
	// Saved: a copy named Copy of Node's disk was begun.
	Saved Name = "saved"
	// WentBack: Node's disk became again what it was when Copy was saved.
	WentBack Name = "went-back"
	// Head: Node's record had Size items with Root.
	Head Name = "head"
	// Converged: all faults are over and had time to heal; what follows is the end state.
	Converged Name = "converged"
	// Waiting: at the end Message still stands in Node's outbox, with Detail as its reason.
	Waiting Name = "waiting"
	// Shown: at the end Node shows Message at Place of Thread: From, Epoch, Sequence.
	Shown Name = "shown"
	// Verified: at the end Node's record was verified: Good, Size, Root.
	Verified Name = "verified"
)

// Directions of a Recorded item.
const (
	Sent     = "sent"     // a message of Node's own
	Received = "received" // a peer's, accepted
	Refused  = "refused"  // a peer's, consumed and refused
)

// Event is one line of a history. Ids and digests are hexadecimal, nodes are names such as XA.
type Event struct {
	// At is real or virtual time, for people; the order of lines is what counts.
	At time.Time `json:"at"`
	// Event says which fields matter; see Name.
	Event Name `json:"event"`
	// Node is where it happened.
	Node string `json:"node,omitempty"`

	// Request is the id under which something was asked, unique at Node.
	Request string `json:"request,omitempty"`
	// Message is a message id.
	Message string `json:"message,omitempty"`
	// Digest is the D of a message. docs/protocol.md §4.1
	Digest string `json:"digest,omitempty"`
	// Digests are several.
	Digests []string `json:"digests,omitempty"`
	// Thread is a thread id.
	Thread string `json:"thread,omitempty"`
	// From and To are nodes.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// Held: the order of asking is not the order of sending.
	Held bool `json:"held,omitempty"`

	// Direction of an item: sent, received or refused.
	Direction string `json:"direction,omitempty"`
	// Kind of the message; from 100 on they are made by machines and shown to nobody.
	// docs/protocol.md §5.1
	Kind int32 `json:"kind,omitempty"`
	// Epoch of the sender. docs/protocol.md §7.6
	Epoch string `json:"epoch,omitempty"`
	// Sequence of the message in its thread, sender and epoch. docs/protocol.md §5.2
	Sequence uint64 `json:"sequence,omitempty"`
	// Place is the item's number in the record, or the position in the thread.
	Place uint64 `json:"place,omitempty"`

	// Copy names a copy of a disk.
	Copy string `json:"copy,omitempty"`
	// Good is what a verification found.
	Good bool `json:"good,omitempty"`
	// Size and Root are a head of the record. docs/protocol.md §9.2
	Size uint64 `json:"size,omitempty"`
	Root string `json:"root,omitempty"`

	// Nodes take part; only in Begin.
	Nodes []string `json:"nodes,omitempty"`
	// Live: Recorded was written when the item became durable, not at the end.
	Live bool `json:"live,omitempty"`
	// Receipts: every Receipt is in the history.
	Receipts bool `json:"receipts,omitempty"`
	// Views: what each node shows at the end is in the history.
	Views bool `json:"views,omitempty"`

	// Detail is for people: a reason, a problem.
	Detail string `json:"detail,omitempty"`
}
