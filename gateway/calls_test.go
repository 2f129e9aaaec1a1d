package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	valisev1 "valise.example/proto/valise/v1"
)

const (
	stepFirst  = valisev1.AttentionStep_ATTENTION_STEP_FIRST
	stepSecond = valisev1.AttentionStep_ATTENTION_STEP_SECOND
	stepWatch  = valisev1.AttentionStep_ATTENTION_STEP_WATCH_ROOM
	stepQuiet  = valisev1.AttentionStep_ATTENTION_STEP_ALL_QUIET
)

// nobodyQuiet calls first, second after 15 minutes, the watch room after 30 more.
var nobodyQuiet = CallRules{
	Steps: []CallStep{{Step: stepFirst}, {Step: stepSecond, After: 15 * time.Minute}, {Step: stepWatch, After: 30 * time.Minute}},
	Pause: 5 * time.Minute, Quiet: -1,
}

// callsOf gives a home a roster.
func (w *world) callsOf(h *home, rules CallRules) {
	h.calls = rules
	h.start()
}

// ring makes all calls that are due, and tells them shortly: "first second". Whoever does not answer
// is named in deaf.
func (h *home) ring(deaf ...valisev1.AttentionStep) string {
	h.w.t.Helper()
	var out []string
	for range 10 {
		c, _, err := h.g.CallDue(context.Background())
		if err != nil {
			h.w.t.Fatal(err)
		}
		if c.Step == 0 {
			return strings.Join(out, ", ")
		}
		way := CalledWay{Step: c.Step, Means: "webhook", Taken: !slices.Contains(deaf, c.Step)}
		if c.Step == stepQuiet {
			way.Step = stepFirst
		}
		if err := h.g.Called(context.Background(), c, []CalledWay{way}); err != nil {
			h.w.t.Fatal(err)
		}
		out = append(out, stepName(c.Step))
	}
	h.w.t.Fatalf("a storm of calls: %v", out)
	return ""
}

func (h *home) wantCalls(what, want string, deaf ...valisev1.AttentionStep) {
	h.w.t.Helper()
	if got := h.ring(deaf...); got != want {
		h.w.t.Errorf("%s: called %q, want %q", what, got, want)
	}
}

// The first is called at once, then the second, then the watch room; each once, also through
// restarts, and only until somebody opens what waits. After a day it begins anew. docs/protocol.md §12.7
func TestCallsGoUpTheRoster(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	xb.wantCalls("nothing waits", "")
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "first"}, {14 * time.Minute, ""}, {time.Minute, "second"}, {29 * time.Minute, ""}, {time.Minute, "watch room"},
		{23 * time.Hour, ""}, {time.Hour, "first"}, {15 * time.Minute, "second"},
	} {
		w.now = w.now.Add(c.after)
		xb.wantCalls(fmt.Sprint("after another ", c.after), c.want)
		xb.start()
		xb.wantCalls("after a restart", "")
	}
	xb.open(officer, thread, 0)
	w.now = w.now.Add(48 * time.Hour)
	xb.wantCalls("it was opened", "")
}

// Every call is an item, with who and how and without a word on why; the status says how they do.
func TestCallsAreRecorded(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	xa.inquire(xbTech, "x")
	w.converge()
	xb.wantCalls("nobody takes the first", "first, second", stepFirst)
	var told []string
	for _, it := range xb.store.items {
		if it.GetType() == valisev1.ItemType_ITEM_TYPE_ATTENTION {
			f := it.GetAttention()
			told = append(told, fmt.Sprint(stepName(f.GetStep()), " ", f.GetMeans(), " ", f.GetTaken()))
			if len(it.GetThread())+len(it.GetDigest())+len(it.GetNote())+len(it.GetEvidence()) > 0 {
				t.Errorf("a call says what it is for: %v", it)
			}
		}
	}
	if want := []string{"first webhook false", "second webhook true"}; !slices.Equal(told, want) {
		t.Errorf("the record tells %q, want %q", told, want)
	}
	a, err := xb.g.Attention(context.Background())
	if err != nil || a.GetUnopened() != 1 || !slices.Equal(a.GetFailing(), []string{"first webhook"}) || !a.GetLast().AsTime().Equal(w.now) {
		t.Errorf("the status is %v, %v", a, err)
	}
	xb.start()
	if again, err := xb.g.Attention(context.Background()); err != nil || again.String() != a.String() {
		t.Errorf("after a restart it is %v, %v", again, err)
	}
	if none, err := xa.g.Attention(context.Background()); err != nil || none != nil {
		t.Errorf("without a roster it is %v, %v", none, err)
	}
}

// Where nobody takes a call, the next is called at once, and the roster begins anew soon.
func TestCallsThatNobodyTakes(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	xa.inquire(xbTech, "x")
	w.converge()
	all := []valisev1.AttentionStep{stepFirst, stepSecond, stepWatch}
	xb.wantCalls("all are deaf", "first, second, watch room", all...)
	w.now = w.now.Add(14 * time.Minute)
	xb.wantCalls("soon after", "", all...)
	w.now = w.now.Add(time.Minute)
	xb.wantCalls("begun anew", "first")
	w.now = w.now.Add(15 * time.Minute)
	xb.wantCalls("and up the roster", "second")
}

// What comes after a call is called for too, at most once in a pause; the second is called for
// what nobody opened and not for what somebody did.
func TestCallsForWhatCameLater(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	one := xa.inquire(xbTech, "one").GetThread()
	w.converge()
	xb.wantCalls("the first inquiry", "first")
	for range 20 {
		xa.inquire(xbTech, "a storm")
	}
	w.converge()
	xb.wantCalls("many at once", "")
	w.now = w.now.Add(5 * time.Minute)
	xb.wantCalls("after the pause", "first")
	xb.open(officer, one, 0)
	w.now = w.now.Add(10 * time.Minute)
	xb.wantCalls("what it follows was opened", "")
	w.now = w.now.Add(5 * time.Minute)
	xb.wantCalls("15 minutes after the second call", "second")
}

// Who opened a thread as it was shown before something came is called for what came.
func TestCallsForWhatWasNotShown(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xb.wantCalls("it came", "first")
	shown := xb.nextItem()
	w.now = w.now.Add(time.Minute)
	xa.reply(thread, &valisev1.Supplement{Narrative: "more"})
	w.converge()
	w.now = w.now.Add(5 * time.Minute)
	xb.wantCalls("the same thread waits", "")
	xb.open(officer, thread, shown)
	xb.wantCalls("more came", "first")
}

// A promise calls the first at three quarters of its time and the second when it has passed, each
// once; one that is kept calls nobody. R-2
func TestPromisesCall(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	var threads []string
	for range 2 {
		thread := xa.inquire(xbTech, "x").GetThread()
		threads = append(threads, thread)
		w.converge()
		xb.reply(thread, &valisev1.Acknowledgement{})
		xb.reply(thread, &valisev1.HoldingReply{Estimate: within(4 * time.Hour)})
	}
	w.converge()
	xb.reply(threads[1], outcome(valisev1.Outcome_OUTCOME_FULL))
	items := len(xa.store.items)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{179 * time.Minute, ""}, {2 * time.Minute, "first"}, {58 * time.Minute, ""}, {2 * time.Minute, "second"}, {100 * time.Hour, ""}} {
		w.now = w.now.Add(c.after)
		xb.wantCalls(fmt.Sprint("after another ", c.after), c.want)
		xb.start()
		xb.wantCalls("after a restart", "")
	}
	xb.reply(threads[0], &valisev1.RevisedEstimate{Estimate: within(time.Hour)})
	w.now = w.now.Add(46 * time.Minute)
	xb.wantCalls("a new promise", "first")
	xb.reply(threads[0], outcome(valisev1.Outcome_OUTCOME_FULL))
	w.now = w.now.Add(time.Hour)
	xb.wantCalls("it was kept", "")
	if len(xa.store.items) != items {
		t.Error("the peer learned of a promise that passed")
	}
}

// A node that was off for days calls each once: for a promise that passed meanwhile the second and
// not the first too.
func TestCallsAfterDaysOff(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	for i := range 5 {
		thread := xa.inquire(xbTech, "x").GetThread()
		w.converge()
		xb.reply(thread, &valisev1.Acknowledgement{})
		xb.reply(thread, &valisev1.HoldingReply{Estimate: within(time.Duration(i+1) * time.Hour)})
	}
	w.now = w.now.Add(4 * 24 * time.Hour)
	xb.start()
	xb.wantCalls("five promises passed", "second")
	for range 5 {
		xa.inquire(xbTech, "y")
	}
	w.converge()
	xb.wantCalls("five inquiries came", "first")
}

// All is quiet once a day and at the first start, as long as nothing waits; an own rule or a wish of
// the peer that passed calls nobody and does not hold the sign back.
func TestAllQuiet(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	rules := nobodyQuiet
	rules.Quiet = 8 * time.Hour // it is nine
	w.callsOf(xb, rules)
	xb.wantCalls("the first start", "all quiet")
	xb.start()
	w.now = w.now.Add(22 * time.Hour)
	xb.wantCalls("tomorrow at seven", "")
	w.now = w.now.Add(time.Hour)
	xb.wantCalls("tomorrow at eight", "all quiet")
	thread := xa.inquire(xbTech, "x").GetThread()
	w.converge()
	xb.wantCalls("something waits", "first")
	w.now = w.now.Add(24 * time.Hour)
	xb.wantCalls("it still waits", "second")
	xb.open(officer, thread, 0)
	xb.wantCalls("it was opened", "all quiet")
	xb.wantCalls("once", "")
	w.now = w.now.Add(5 * 24 * time.Hour)
	xb.wantCalls("off for five days", "all quiet")
}

// Clocks that jump back and forth cost no storm, and nothing that waits is forgotten for one.
func TestClockJumpsCallNoStorm(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	xa.inquire(xbTech, "x")
	w.converge()
	xb.wantCalls("it came", "first")
	w.now = w.now.AddDate(-1, 0, 0)
	xb.wantCalls("a year back", "")
	w.now = w.now.Add(15 * time.Minute)
	xb.wantCalls("15 minutes by a clock that went back", "second")
	w.now = w.now.Add(-time.Hour)
	xa.inquire(xbTech, "came under a clock that is behind")
	w.converge()
	xb.wantCalls("back again", "")
	w.now = w.now.Add(5 * time.Minute)
	xb.wantCalls("after the pause", "first")
	w.now = w.now.AddDate(1, 0, 0)
	xb.wantCalls("a year ahead, and each once", "second, watch room")
}

// Whatever comes, is opened, promised and answered, however the clock jumps and the home restarts:
// no storm, no call for nothing, what waits is called for within the pause, and at the end all was.
func TestCallsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorldIn(rt)
		xa, xb := w.homes["XA"], w.homes["XB"]
		w.callsOf(xb, nobodyQuiet)
		var threads []string
		last := map[string]time.Time{}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				threads = append(threads, xa.inquire(xbTech, "x").GetThread())
				w.converge()
			case 1:
				if len(threads) > 0 {
					xb.open(officer, rapid.SampledFrom(threads).Draw(rt, "opened"), 0)
				}
			case 2:
				if len(threads) > 0 {
					xb.reply(rapid.SampledFrom(threads).Draw(rt, "held"), &valisev1.HoldingReply{Estimate: within(2 * time.Hour)})
				}
			case 3:
				w.now = w.now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "minutes")) * time.Minute)
			case 4:
				w.now = w.now.Add(-time.Duration(rapid.IntRange(0, 2000).Draw(rt, "back")) * time.Minute)
				clear(last)
			case 5:
				xb.start()
			}
			waits := false
			for _, thread := range threads {
				v := xb.thread(thread).GetThread()
				waits = waits || v.GetUnopenedSince() != nil || v.GetEstimate() != nil
			}
			called := xb.ring()
			if called != "" && !waits {
				rt.Fatalf("called %q for nothing", called)
			}
			for step := range strings.SplitSeq(called, ", ") {
				if at, ok := last[step]; ok && step != "" && w.now.Sub(at) < nobodyQuiet.Pause {
					rt.Fatalf("called %q %v after the last time", step, w.now.Sub(at))
				}
				last[step] = w.now
			}
		}
		for range 4 {
			w.now = w.now.Add(time.Hour)
			xb.ring()
		}
		if c, _, err := xb.g.CallDue(context.Background()); err != nil || c.Step != 0 {
			rt.Fatalf("%v is still due, %v", c, err)
		}
		state := calledState(xb)
		for _, thread := range threads {
			if v := xb.thread(thread).GetThread(); v.GetUnopenedSince() != nil && calledStep(state, stepWatch).GetAt() == nil {
				rt.Fatal("something waits for hours and the watch room was never called")
			}
		}
	})
}

func calledState(h *home) *valisev1.CallState {
	h.g.mu.Lock()
	defer h.g.mu.Unlock()
	return h.g.calls
}

// A commit that fails leaves nothing behind: the call is still due, and recorded once.
func TestCallsWhenTheCommitFails(t *testing.T) {
	w := newWorld(t)
	xa, xb := w.homes["XA"], w.homes["XB"]
	w.callsOf(xb, nobodyQuiet)
	xa.inquire(xbTech, "x")
	w.converge()
	c, _, err := xb.g.CallDue(context.Background())
	if err != nil || c.Step != stepFirst {
		t.Fatal(c, err)
	}
	ways := []CalledWay{{Step: stepFirst, Means: "email", Taken: true}}
	xb.store.fail = func() (before, after error) { return context.DeadlineExceeded, nil }
	if xb.g.Called(context.Background(), c, ways) == nil {
		t.Fatal("a commit that failed counts")
	}
	xb.store.fail = nil
	if again, _, err := xb.g.CallDue(context.Background()); err != nil || again.Step != stepFirst {
		t.Errorf("then %v is due, %v", again, err)
	}
	if err := xb.g.Called(context.Background(), c, ways); err != nil {
		t.Fatal(err)
	}
	xb.wantCalls("it was recorded", "")
}
