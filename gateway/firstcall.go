package gateway

import (
	valisev1 "valise.example/proto/valise/v1"

	"valise.example/directory"
	"valise.example/proto/ident"
)

// rootToCallAbout finds the root in force of a State that an officer called for the first time; a State
// can be called again. One that says that the root is not its own has no other entry to fall back on, so
// there is nothing to keep in force: that is for the managers. docs/protocol.md §8.5
func (w *work) rootToCallAbout(r *valisev1.ConfirmRootRequest) (c directory.RootChange, err error) {
	root, err := ident.ParseFingerprint(r.GetFingerprint())
	if err != nil {
		return c, refuseAt("fingerprint", valisev1.Reason_REASON_BAD_REQUEST, "a fingerprint is sixteen groups of five digits")
	}
	state := ident.State(r.GetState())
	c, known := w.dir.RootInForce(state)
	switch {
	case r.GetNotTheirs():
		return c, refuse(valisev1.Reason_REASON_BAD_REQUEST, "a first call confirms a root and denies none: where a State says that its root is another, the managers have to be told")
	case state == w.g.cfg.Ours[0].State:
		return c, refuse(valisev1.Reason_REASON_BAD_REQUEST, "nobody calls their own State to learn its root")
	case !known:
		return c, refuse(valisev1.Reason_REASON_NOT_FOUND, "no entry of this State is in force")
	case w.dir.InQuestion(state):
		return c, refuse(valisev1.Reason_REASON_KEY_CHANGED, "another root of this State is in question: call back about that one")
	case c.Held != root:
		return c, refuseAt("fingerprint", valisev1.Reason_REASON_KEY_CHANGED, "this is not the fingerprint of the root that is in force: it stays as it was")
	}
	return c, nil
}
