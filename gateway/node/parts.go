package node

import (
	"context"
	"log/slog"
)

// numberParts lets parts of attachments get their numbers whenever something durable has changed:
// a message left, a receipt moved the window. It works beside send, so that signing and storing
// the next parts goes on while those before them are sealed and published. docs/protocol.md §6
func (m *mail) numberParts(ctx context.Context) {
	woken, done := m.node.changes.Listen()
	defer done()
	for {
		if !m.node.awaitRecord(ctx) {
			return
		}
		more, err := m.node.Gateway().ReleaseParts(ctx)
		if err != nil && ctx.Err() == nil {
			m.node.log.Error("parts of attachments have no numbers yet", slog.String("reason", reasonText(err)))
		}
		if more && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		}
	}
}
