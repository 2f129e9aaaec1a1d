package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestACrowdAnswers: real nodes behind a real relay, asked by the manager's officer and answered by theirs.
func TestACrowdAnswers(t *testing.T) {
	l, err := lab.New(lab.Config{Dir: t.TempDir(), States: []ident.State{"XA", "XB"}, Manager: true, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	parts, said := newParts(t.Context()), make(chan struct{})
	parts.run(func(ctx context.Context) error {
		return l.RunRelay(ctx, slog.New(slog.DiscardHandler), func(string) { close(said) })
	})
	<-said
	from, to := io.Pipe()
	parts.run(func(ctx context.Context) error { return runCrowd(ctx, "1ms", []string{l.Dir}, to) })
	line, err := bufio.NewReader(from).ReadString('\n')
	var goroutines int
	if _, scanned := fmt.Sscanf(line, "ready %d", &goroutines); err != nil || scanned != nil || goroutines < 3 {
		t.Fatalf("it says %q, %v, %v", line, err, scanned)
	}
	p, err := gather(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := p.askAll(t.Context()); err != nil || n != 4 {
		t.Errorf("%d POCs answered, %v; want 4", n, err)
	}
	if n, err := p.askState(t.Context(), "XB"); err != nil || n != 2 {
		t.Errorf("%d POCs of one State answered, %v; want 2", n, err)
	}
	if party, err := partyHeap(l); err != nil || party < 0.01 || party > 1 {
		t.Errorf("a directory keeps %v MiB for each, %v; two keys of 2 KiB and more are at least some KiB", party, err)
	}
	if party, err := partyDisk(l); err != nil || party < 0.004 || party > 1 {
		t.Errorf("a directory takes %v MiB for each on disk, %v; it has an entry and two bundles of each", party, err)
	}
	if err := errors.Join(p.leave(), parts.stop()); err != nil {
		t.Error(err)
	}
}

// page is a manager's door that says what a test wants.
type page struct {
	valisev1.DirectoryServiceClient
	sent   []*valisev1.Sent
	checks []*valisev1.CheckView
}

func (p page) StartCheck(context.Context, *valisev1.StartCheckRequest, ...grpc.CallOption) (*valisev1.StartCheckResponse, error) {
	return &valisev1.StartCheckResponse{Sent: p.sent}, nil
}

func (p page) GetCheck(context.Context, *valisev1.GetCheckRequest, ...grpc.CallOption) (*valisev1.GetCheckResponse, error) {
	return &valisev1.GetCheckResponse{Checks: p.checks}, nil
}

// TestSilenceIsNoAnswer: a campaign counts only if everyone was asked, answered once, and is shown so.
func TestSilenceIsNoAnswer(t *testing.T) {
	replied, sent := &valisev1.CheckView{State: valisev1.CheckState_CHECK_STATE_REPLIED}, &valisev1.CheckView{State: valisev1.CheckState_CHECK_STATE_SENT}
	a, b := &valisev1.Sent{Thread: "a"}, &valisev1.Sent{Thread: "b"}
	for name, c := range map[string]struct {
		page    page
		answers []string
		want    bool
	}{
		"both answered":               {page{sent: []*valisev1.Sent{a, b}, checks: []*valisev1.CheckView{replied, replied}}, []string{"b", "a"}, true},
		"one was not asked":           {page{sent: []*valisev1.Sent{a}, checks: []*valisev1.CheckView{replied}}, []string{"a"}, false},
		"the page shows no answer":    {page{sent: []*valisev1.Sent{a, b}, checks: []*valisev1.CheckView{replied, sent}}, []string{"a", "b"}, false},
		"the page shows one too few":  {page{sent: []*valisev1.Sent{a, b}, checks: []*valisev1.CheckView{replied}}, []string{"a", "b"}, false},
		"one answered twice":          {page{sent: []*valisev1.Sent{a, b}, checks: []*valisev1.CheckView{replied, replied}}, []string{"a", "a"}, false},
		"an answer that none awaited": {page{sent: []*valisev1.Sent{a, b}, checks: []*valisev1.CheckView{replied, replied}}, []string{"c", "a"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &people{lab: &lab.Lab{States: []ident.State{"XA"}}, part: newParts(t.Context()), manager: c.page, answers: make(chan string, 4)}
			for _, thread := range c.answers {
				p.answers <- thread
			}
			if _, err := p.askAll(t.Context()); (err == nil) != c.want {
				t.Errorf("ended with %v", err)
			}
			if err := p.leave(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestEveryNodeHasALab: no lab has more States than there are, and none a manager alone.
func TestEveryNodeHasALab(t *testing.T) {
	for nodes, want := range map[int][]int{2: {1}, 40: {39}, 41: {38, 1}, 100: {39, 39, 19}} {
		var got []int
		for _, states := range shares(nodes) {
			got = append(got, len(states))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d nodes are in labs of %v States, want %v", nodes, got, want)
		}
	}
}

func TestProcessorTimeIsRead(t *testing.T) {
	stat := "7 (a ) name) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 100 1 2\n"
	if used, err := cpuOf([]byte(stat)); err != nil || used != 3*time.Second {
		t.Errorf("%v, %v; want 3 s", used, err)
	}
	for _, bad := range []string{"7 (name) S 1", "7 (n) S 1 7 7 0 -1 4194304 100 0 0 0 user 50 0 0"} {
		if used, err := cpuOf([]byte(bad)); err == nil {
			t.Errorf("%q gives %v", bad, used)
		}
	}
}

// TestOneMoreNodeIsTheSlope: what all would need goes on in the straight line of what was seen.
func TestOneMoreNodeIsTheSlope(t *testing.T) {
	few := &crowd{count: 2, goroutines: 100, descriptors: 20, disk: 1, idle: memory{own: 10, mapped: 2}}
	many := &crowd{count: 12, goroutines: 300, descriptors: 50, disk: 6, idle: memory{own: 40, mapped: 2}}
	for what, got := range map[string][2]float64{
		"memory a node": {per(few, many, (*crowd).private), 3}, "memory of all": {atAll(few, many, (*crowd).private), 12 + 191*3},
		"descriptors a node": {per(few, many, (*crowd).openDescriptors), 3}, "goroutines of all": {atAll(few, many, (*crowd).running), 100 + 191*20},
		"disk of all": {atAll(few, many, (*crowd).homes), 1 + 191*0.5},
	} {
		if math.Abs(got[0]-got[1]) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, got[0], got[1])
		}
	}
	few.labs, many.labs = []*lab.Lab{{States: make([]ident.State, 2)}}, []*lab.Lab{{States: make([]ident.State, 7)}, {States: make([]ident.State, 5)}}
	// Of 12 and 42 MiB, 4 and 74 times 0.1 MiB are the directory's: 11.6 and 34.6, so 2.3 MiB a node.
	if got, want := withDirectory(few, many, (*crowd).private, 0.1), 11.6+191*2.3+0.1*193*193; math.Abs(got-want) > 1e-9 {
		t.Errorf("memory of all with their directories: %v, want %v", got, want)
	}
	rows := idleRows(few, many)
	if few.relayed, many.relayed = (memory{own: 10}), (memory{own: 30, mapped: 1}); per(few, many, (*crowd).withRelays) != 5.1 {
		t.Errorf("with their relays a node has %v MiB, want 5.1", per(few, many, (*crowd).withRelays))
	}
	if !rows[0].met || !strings.Contains(rows[0].String(), "goroutines 20.0, descriptors 3.0 a node") {
		t.Errorf("the row is %s", rows[0])
	}
	if many.idle.own = 133; idleRows(few, many)[0].met {
		t.Error("12.3 MiB a node meets the goal of 12")
	}
}

// TestTheRelaysWorstIsItsDoctors: two States, two tracks: four desks may each be written to by one other.
// docs/protocol.md §7.8
func TestTheRelaysWorstIsItsDoctors(t *testing.T) {
	tb, says, err := relayWorst(t.Context(), t.TempDir(), "exercise:lab-00112233445566778899aabbccddeeff", 2)
	if want := 4 * 323 * 300 * 1024 / 1e12; err != nil || math.Abs(tb-want) > 1e-7 {
		t.Errorf("%v TB, %v; want %v", tb, err, want)
	}
	if !strings.HasPrefix(says, "the allow-lists and imports have ") || !strings.Contains(says, " of memory ") {
		t.Errorf("it says %q of memory", says)
	}
}
