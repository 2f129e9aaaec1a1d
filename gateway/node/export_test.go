package node

import (
	"context"

	"valise.example/relay"
)

// CarryMail runs everything that carries the mail of a node, and no door, until ctx ends. Its
// couriers come from dial: a bubble's clock stands still while anybody waits for a socket.
func (n *Node) CarryMail(ctx context.Context, dial func(context.Context, relay.DialConfig) (relay.Courier, error)) {
	n.mail.dial = dial
	n.mail.run(ctx)
}
