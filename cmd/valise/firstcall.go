package main

import (
	"context"
	"slices"
	"strings"

	"valise.example/directory"
	valisev1 "valise.example/proto/valise/v1"
)

// calledLines say at a node whether somebody there has called a State and compared its root.
func calledLines(s speech, x directory.StateListing) []string {
	switch {
	case x.NotCalledBack:
		return []string{"  " + s.line(s.say(s.Directory.NotCalled, "state", s.theirs(x.State)))}
	case x.CalledBack != nil:
		line := s.say(s.Directory.Called, "date", s.date(x.CalledBack.At), "officer", s.theirs(x.CalledBack.Officer), "item", decimal(x.CalledBack.Item))
		if x.CalledBack.OwnNumber {
			line = s.say(s.Directory.CalledOwn, "line", line)
		}
		return []string{"  " + s.line(line)}
	}
	return nil
}

// firstCallLines say what a first call is worth, and whether only the State's own entry named the number.
func firstCallLines(r *valisev1.ConfirmRootRequest, answer *valisev1.ConfirmRootResponse) (lines []string, own bool) {
	own = r.GetSource() == "" && answer.GetSource() == valisev1.ContactSource_CONTACT_SOURCE_REGISTERED
	if own {
		lines = append(lines, "only the State's own entry names that number, and whoever made the entry answers there: a call by one from elsewhere says more")
	}
	return lines, own
}

// notCalled has a line for each State of these addresses that nobody here has called: advice, shown before
// something is sent and no reason to hold it. docs/protocol.md §8.5
func (d *desk) notCalled(ctx context.Context, s speech, to ...string) (lines []string) {
	var asked []string
	for _, address := range to {
		state, _, _ := strings.Cut(address, "/")
		if slices.Contains(asked, state) {
			continue
		}
		asked = append(asked, state)
		// Whoever cannot be found is refused by the send itself, which says why.
		answer, _ := d.directory.ListContacts(ctx, &valisev1.ListContactsRequest{State: state})
		if slices.ContainsFunc(answer.GetContacts(), (*valisev1.ContactView).GetNotCalledBack) {
			lines = append(lines, s.say(s.Check.NotCalled, "state", s.theirs(state)))
		}
	}
	return lines
}

// tellNoFirstCall says after a call was logged that it compared no root, where nobody has.
func (p *program) tellNoFirstCall(ctx context.Context, d *desk, c *valisev1.ContactLog) {
	spoken := c.GetMeans() == valisev1.ContactMeans_CONTACT_MEANS_CALL || c.GetMeans() == valisev1.ContactMeans_CONTACT_MEANS_MEETING
	if !spoken || c.GetResult() != valisev1.ContactResult_CONTACT_RESULT_WORKED || len(d.notCalled(ctx, p.speech(), c.GetPeer())) == 0 {
		return
	}
	state, _, _ := strings.Cut(c.GetPeer(), "/")
	s := p.speech()
	p.tell("%s", s.line(s.say(s.Result.NoRoot, "state", s.theirs(state))))
}
