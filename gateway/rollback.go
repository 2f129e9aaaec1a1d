package gateway

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"

	"valise.example/proto/ident"
)

// copyTolerance is how far the clocks of two lives of one home may differ before something made
// after the present one began tells of a copy. docs/protocol.md §7.6
const copyTolerance = 15 * time.Minute

var metaStanding = []byte("standing")

func (w *work) standing() (*valisev1.Standing, error) {
	s := new(valisev1.Standing)
	_, err := w.load(tableMeta, metaStanding, s)
	return s, err
}

// Standing is what is known of this home's own past: the epochs that followed a restore or a
// proven rollback, newest first, each with the span that its record does not know, and whether
// sending is stopped because a copy of this node runs. The error is a storage error.
// docs/protocol.md §7.6, P8
func (g *Gateway) Standing(ctx context.Context) (*valisev1.Standing, error) {
	var s *valisev1.Standing
	err := g.view(ctx, "standing", func(w *work) (err error) {
		s, err = w.standing()
		return err
	})
	return s, err
}

// ReadStanding is Standing where no core runs.
func ReadStanding(tx Tx) (*valisev1.Standing, error) { return (&work{tx: tx}).standing() }

// sendingStopped reports whether a copy of this node was proven to run.
func (g *Gateway) sendingStopped() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.stopped
}

// noteLifeOfOurs writes down when and why a new epoch began, and the newest thing that the record
// knew then: what lies between is the span that nobody here knows. P8
func (w *work) noteLifeOfOurs(e ident.Epoch, proven bool) error {
	s, err := w.standing()
	if err != nil {
		return err
	}
	life := &valisev1.HomeLife{Epoch: uint64(e), Begun: timestamppb.New(w.now), Proven: proven}
	if n := w.tx.Items(); n > 0 {
		last, _, err := w.leaf(n - 1)
		if err != nil {
			return err
		}
		life.KnownUntil = last.GetRecorded()
	}
	s.Lives = append([]*valisev1.HomeLife{life}, s.Lives[:min(len(s.Lives), knownEpochs-1)]...)
	if err := w.save(tableMeta, metaStanding, s); err != nil {
		return err
	}
	note := "a new epoch begins: this home was restored from a backup"
	if proven {
		note = "a new epoch begins: a signature of our own, given back by a peer, shows that this record had gone back"
	}
	_, err = w.append(&valisev1.Item{
		Type: valisev1.ItemType_ITEM_TYPE_NODE,
		Note: fmt.Sprintf("%s; what came between %s and now is not known here until peers give it back", note, life.GetKnownUntil().AsTime().Format(time.RFC3339)),
	})
	return err
}

// lacking weighs something that we signed and that this record does not have. In the present epoch
// it proves that the record went back, and a new epoch begins. When that has happened to the
// present epoch before, or the thing was made after it began, somebody runs a copy of this node.
// Whoever has stolen a key of ours that is now revoked cannot make us stop. docs/protocol.md §7.6
func (w *work) lacking(peer ident.Address, e ident.Epoch, created time.Time, revoked bool) error {
	s, err := w.standing()
	if err != nil || s.GetStopped() {
		return err
	}
	begun := s.GetBorn()
	var life *valisev1.HomeLife
	if len(s.GetLives()) > 0 && s.GetLives()[0].GetEpoch() == uint64(w.epochs.present()) {
		life = s.GetLives()[0]
		begun = life.GetBegun()
	}
	present := e == w.epochs.present()
	later := !present && begun != nil && created.After(begun.AsTime().Add(copyTolerance))
	switch {
	case life != nil && (present && life.GetProven() || later) && !revoked:
		return w.stopSending(s, peer)
	case present, later && life == nil:
		return w.beginEpoch(true) // the first epoch of a home is older than any other
	}
	return nil
}

// stopSending: two nodes that speak with one voice contradict each other. This one says nothing
// until an officer has switched the other off. docs/protocol.md §7.6
func (w *work) stopSending(s *valisev1.Standing, peer ident.Address) error {
	s.Stopped, s.StoppedAt = true, timestamppb.New(w.now)
	stopped := true
	w.after.stopped = &stopped
	if err := w.save(tableMeta, metaStanding, s); err != nil {
		return err
	}
	return w.noteOf(peer, valisev1.Reason_REASON_SENDING_STOPPED,
		"a copy of this node runs: a peer gave back what this node signed and does not have, again; nothing is sent until an officer resumes it")
}

// ResumeSending lets a node send again that had stopped because a copy of it ran, in a new epoch.
// Only a node_admin may, after having switched the copy off: if it still runs, sending stops
// again. The error is an *Error: NOT_PERMITTED, NOT_IN_THIS_STATE or STORAGE_UNKNOWN.
// docs/protocol.md §7.6
func (g *Gateway) ResumeSending(ctx context.Context, a Actor) error {
	const op = "resume sending"
	role, err := a.as([]valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN})
	if err != nil {
		return asError(op, err, 0)
	}
	return g.update(ctx, op, func(w *work) error {
		s, err := w.standing()
		if err != nil {
			return err
		}
		if !s.GetStopped() {
			return notNow("sending is not stopped")
		}
		s = proto.CloneOf(s)
		s.Stopped, s.StoppedAt = false, nil
		if err := w.save(tableMeta, metaStanding, s); err != nil {
			return err
		}
		resumed := false
		w.after.stopped = &resumed
		if _, err := w.append(&valisev1.Item{
			Type: valisev1.ItemType_ITEM_TYPE_NODE, Officer: a.Name, Role: roleName(role),
			Note: "sending is resumed: the copy of this node was switched off",
		}); err != nil {
			return err
		}
		return w.beginEpoch(false)
	})
}

// countRecovered keeps how far back what peers gave back reaches. P8
func (w *work) countRecovered(created time.Time) error {
	s, err := w.standing()
	if err != nil || len(s.GetLives()) == 0 {
		return err
	}
	life := s.GetLives()[0]
	life.Recovered++
	if t := life.GetRecoveredUntil(); t == nil || created.After(t.AsTime()) {
		life.RecoveredUntil = timestamppb.New(created)
	}
	return w.save(tableMeta, metaStanding, s)
}
