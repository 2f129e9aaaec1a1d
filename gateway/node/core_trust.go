package node

import (
	"context"
	"slices"

	"valise.example/directory"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// ConfirmRoot records what an officer heard when they called back, and then lets the directory follow.
// After a crash in between, the root is in question again, and the officer says it once more.
// docs/protocol.md §8.5
func (c core) ConfirmRoot(ctx context.Context, a gateway.Actor, r *valisev1.ConfirmRootRequest) (*valisev1.ConfirmRootResponse, error) {
	out, err := c.node.Gateway().ConfirmRoot(ctx, a, r)
	if err != nil {
		return nil, err
	}
	root, err := ident.ParseFingerprint(r.GetFingerprint())
	if err != nil {
		return nil, err
	}
	follow := c.followCallBack
	if r.GetFirst() {
		follow = c.followFirstCall
	}
	if _, err := c.node.book.Reload(); err != nil {
		return nil, err
	}
	if err := follow(r, directory.Called{
		Root: root, At: out.GetAt().AsTime(), Officer: a.Name, Item: out.GetItem(),
		OwnNumber: r.GetFirst() && r.GetSource() == "" && out.GetSource() == valisev1.ContactSource_CONTACT_SOURCE_REGISTERED,
	}); err != nil {
		return nil, err
	}
	c.node.directoryChanged(ctx)
	return out, nil
}

// followFirstCall does to the book what was said, unless it was done before, or another root has taken
// the place of that one meanwhile.
func (c core) followFirstCall(r *valisev1.ConfirmRootRequest, call directory.Called) error {
	state, snapshot := ident.State(r.GetState()), c.node.book.Snapshot()
	root, known := snapshot.Root(state)
	before, called := snapshot.CalledBack(state)
	if !known || root != call.Root || snapshot.InQuestion(state) || called && before.Item >= call.Item {
		return nil
	}
	return c.node.book.ConfirmFirst(state, call)
}

// followCallBack does to the book what was said, unless it was done before, or another root has taken
// the place of that one meanwhile: about that nobody has called.
func (c core) followCallBack(r *valisev1.ConfirmRootRequest, call directory.Called) error {
	state := ident.State(r.GetState())
	if !slices.ContainsFunc(c.node.book.Snapshot().KeyChanged(), func(k directory.RootChange) bool {
		return k.State == state && k.Offered == call.Root
	}) {
		return nil
	}
	if r.GetNotTheirs() {
		return c.node.book.DenyRoot(state, call.Root)
	}
	_, err := c.node.book.ConfirmRoot(state, call)
	return err
}

// Evidence is gateway.Evidence.
func (c core) Evidence(ctx context.Context, a gateway.Actor, r *valisev1.GetEvidenceRequest) (*valisev1.GetEvidenceResponse, error) {
	return c.node.Gateway().Evidence(ctx, a, r)
}

// SettleQuestion is gateway.SettleQuestion.
func (c core) SettleQuestion(ctx context.Context, a gateway.Actor, r *valisev1.SettleQuestionRequest) (*valisev1.SettleQuestionResponse, error) {
	return c.node.Gateway().SettleQuestion(ctx, a, r)
}

// trust tells what waits for a person about who speaks for a State. docs/protocol.md §8.5
func (r statusReader) trust(ctx context.Context, out *valisev1.GetStatusResponse) (err error) {
	if out.Questions, err = r.node.Gateway().Questions(ctx); err != nil {
		return err
	}
	out.Standing = append(out.Standing, questionWarnings(out.GetQuestions())...)
	for _, k := range r.node.book.Snapshot().KeyChanged() {
		if k.Denied {
			out.Standing = append(out.Standing, warn(valisev1.Warning_WARNING_ROOT_DENIED, withName("state", k.State.String())))
		}
	}
	return nil
}
