package history

import "fmt"

// Rule is one of the things that must hold.
type Rule string

// The rules. Each is a sentence that every history must bear out.
const (
	// RuleOnce: what a node answered OK for is at the recipient exactly once when all has
	// converged, and before that at least in the sender's outbox. Only a message that no disk
	// held any more, because disks went back, is excused. P1
	RuleOnce Rule = "ok-is-delivered-once"
	// RuleTwice: no record has a message or a digest twice, no view shows one twice, and one
	// request never became two messages, whatever its caller was answered. P2
	RuleTwice Rule = "nothing-comes-twice"
	// RuleRefused: a request that was only ever refused left nothing anywhere.
	RuleRefused Rule = "refused-leaves-nothing"
	// RuleWithdrawn: what was withdrawn before its first publication is at no peer.
	RuleWithdrawn Rule = "withdrawn-never-comes"
	// RuleOrder: one sender's messages of a thread and an epoch are shown by the recipient in the
	// order of their sequences and of the sending. P3. A message that was made again in a later
	// epoch, because its disk went back without a word and a peer holds another under its number, has
	// its place there by its sequence alone: what was asked for after it may have been sent before.
	RuleOrder Rule = "order-in-a-thread"
	// RuleReceipt: who signs a receipt has the item in the record at that moment. P4
	RuleReceipt Rule = "receipt-means-recorded"
	// RuleCleared: only a receipt of the recipient clears a message. P4
	RuleCleared Rule = "cleared-by-a-receipt"
	// RuleInvented: a record holds nothing of a peer that the peer's record lacks in the end.
	RuleInvented Rule = "nothing-is-invented"
	// RuleViews: when all has converged, both views show every message of their records once. Only
	// a thread whose inquiry no record has any more, because disks went back, is excused.
	RuleViews Rule = "views-show-everything"
	// RuleRemoved: the retention rule takes nothing that is owed: no message of ours before its
	// recipient has it or it was withdrawn, and nothing of a thread that its node has neither closed
	// nor withdrawn, or that was opened again. What it took is shown no more. docs/protocol.md §9.3
	RuleRemoved Rule = "removed-is-not-owed"
	// RuleIdle: when all has converged nothing waits any more.
	RuleIdle Rule = "nothing-waits"
	// RuleVerify: every record verifies at the end. P5
	RuleVerify Rule = "records-verify"
	// RuleHeads: heads of one record agree and only grow, unless the disk went back. P5
	RuleHeads Rule = "heads-agree"
)

// Finding is one rule that a history does not bear out.
type Finding struct {
	Rule Rule
	// Line of the history, from 1, where it shows; the last one for what is missing in the end.
	Line int
	Text string
}

func (f Finding) String() string { return fmt.Sprintf("line %d: %s: %s", f.Line, f.Rule, f.Text) }

// Report is the judgement.
type Report struct {
	// Passed counts, by rule, how often it was put to the test and held.
	Passed   map[Rule]int
	Findings []Finding
}

// Total is how many single checks passed.
func (r *Report) Total() int {
	n := 0
	for _, passed := range r.Passed {
		n += passed
	}
	return n
}

// Check judges a whole history. The time it takes grows with the length of the history, times the
// messages under way where disks went back.
func Check(events []Event) *Report {
	j := newJudge()
	for i := range events {
		j.line = i + 1
		j.take(&events[i])
	}
	j.end()
	return &j.report
}

// judge steps through a history.
type judge struct {
	report    Report
	line      int
	begin     Event
	converged bool
	// wentBackOnce: some disk went back.
	wentBackOnce bool

	disks    map[string]*disk
	copies   map[string]*disk // by node and name
	requests map[string]*request
	messages map[string]*message
	ordered  []*message // in the order of their OK
	asked    []*request // in the order of asking
	receipts map[string]bool
	cleared  []clearing
	mistaken []clearing         // nobody signed for it: a disk that went back may read a Void's number so
	shown    map[string][]shown // by node and thread
	threads  []string           // keys of shown, in order
	waiting  map[string]bool    // by node and message
	verified map[string]bool
	digests  map[string]map[string]bool // by message: each a time that it was made
}

type request struct {
	node, id   string
	line       int // first asked
	okLine     int
	held       bool
	answered   bool // at least once other than by Fail
	failed     bool
	back       int // how often the node's disk went back since
	distinct   map[string]bool
	to, thread string
}

type message struct {
	id, node string
	request  *request
	lost     bool // no disk held it any more
}

type clearing struct {
	line                      int
	node, to, message, digest string
}

type shown struct {
	line int
	e    *Event
}

func newJudge() *judge {
	return &judge{
		report: Report{Passed: map[Rule]int{}},
		disks:  map[string]*disk{}, copies: map[string]*disk{}, requests: map[string]*request{}, messages: map[string]*message{},
		receipts: map[string]bool{}, shown: map[string][]shown{}, digests: map[string]map[string]bool{}, waiting: map[string]bool{}, verified: map[string]bool{},
	}
}

func (j *judge) pass(r Rule) { j.report.Passed[r]++ }

func (j *judge) found(r Rule, line int, format string, args ...any) {
	j.report.Findings = append(j.report.Findings, Finding{r, line, fmt.Sprintf(format, args...)})
}

// hold counts one check of a rule.
func (j *judge) hold(r Rule, ok bool, line int, format string, args ...any) {
	if ok {
		j.pass(r)
		return
	}
	j.found(r, line, format, args...)
}

func both(a, b string) string { return a + "\x00" + b }
