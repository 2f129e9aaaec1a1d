package gateway

import (
	"context"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// Overdue counts the threads whose estimate has passed and in which nothing followed. It reminds our own
// officers and says nothing of a peer. It walks every thread, so whoever asks often keeps the answer
// for a while. A-10 s1
func (g *Gateway) Overdue(ctx context.Context) (overdue uint64, err error) {
	err = g.view(ctx, "overdue", func(w *work) error {
		overdue = 0
		return w.tx.Rows(tableThreadOrder, nil, highest, true, func(_ uint64, id []byte) (bool, error) {
			th, found, err := w.thread(ident.ThreadID(id))
			if err != nil {
				return false, err
			}
			if found && w.overdue(th) {
				overdue++
			}
			return true, nil
		})
	})
	return overdue, err
}

// overdue: the estimate has passed and nothing followed the holding reply. A-10 s1
func (w *work) overdue(th *valisev1.Thread) bool {
	return th.GetState() == stateHolding && th.GetEstimate() != nil && th.GetEstimate().AsTime().Before(w.now)
}
