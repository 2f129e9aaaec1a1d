package node_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"valise.example/directory"
	"valise.example/gateway/node"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

// TestEntryIsToBeLookedThrough: 30, 14 and 3 days before the day that our entry names, and on it, the
// node says so once in its log, and for as long as it is so in its status; a peer's day is not ours. A-8
func TestEntryIsToBeLookedThrough(t *testing.T) {
	h := newKeyHome(t)
	h.close()
	made := time.Now()
	review := made.Add(40 * 24 * time.Hour)
	edit := func(state ident.State, by time.Time) {
		f, err := directory.OpenStateFolder(h.RootHome(state), h.Realm, state)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := f.Facts()
		if err != nil {
			t.Fatal(err)
		}
		facts.ReviewBy = by
		if err := os.WriteFile(filepath.Join(h.RootHome(state), directory.EntryFile), directory.EntryTOML(facts), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func(*directory.KeySheet) {}
	edit("XA", review)
	h.nextEntry("XA", made, nothing, "XA")
	edit("XB", made.Add(time.Hour))
	h.nextEntry("XB", made, nothing, "XA")

	var log bytes.Buffer
	c := openConfig()
	c.Logger, c.Now, c.Running = slog.New(slog.NewTextHandler(&log, nil)), h.clock.now, func() time.Duration { return h.ran }
	var err error
	if h.node, err = node.Open(h.Home("XA"), c); err != nil {
		t.Fatal(err)
	}
	date := review.UTC().Format(time.DateOnly)
	for _, step := range []struct {
		ahead    time.Duration
		logged   int
		inStatus string // empty: nothing
	}{
		{0, 0, ""},
		{9 * 24 * time.Hour, 0, ""},
		{10*24*time.Hour + time.Hour, 1, "is to be looked through by " + date + ", in 29 days"},
		{11 * 24 * time.Hour, 1, "in 28 days"},
		{26*24*time.Hour + time.Hour, 2, "in 13 days"},
		{37*24*time.Hour + time.Hour, 3, "in 2 days"},
		{39*24*time.Hour + time.Hour, 3, "in less than a day"},
		{41 * 24 * time.Hour, 4, "was to be looked through by " + date},
	} {
		h.clock.ahead.Store(int64(step.ahead))
		h.look()
		if got := strings.Count(log.String(), "our entry in the directory"); got != step.logged {
			t.Errorf("%v on: told %d times in the log, want %d\n%s", step.ahead, got, step.logged, log.String())
		}
		status, err := h.node.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		warned := fmt.Sprint(status.GetWarnings())
		if strings.Contains(warned, "looked through") != (step.inStatus != "") || !strings.Contains(warned, step.inStatus) {
			t.Errorf("%v on: warnings are %s, want %q", step.ahead, warned, step.inStatus)
		}
	}
}

// TestCheckThatIsDueIsInTheStatus: six months after a State asked everybody, its node says that it is time
// again, until it is done. A-8
func TestCheckThatIsDueIsInTheStatus(t *testing.T) {
	h := newKeyHome(t)
	warned := func() bool {
		t.Helper()
		status, err := h.node.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(fmt.Sprint(status.GetWarnings()), "a communication check of everybody is due since ")
	}
	check := func() {
		t.Helper()
		if _, err := h.node.Gateway().StartCheck(t.Context(), officer, &valisev1.StartCheckRequest{All: true, Detail: "node"}); err != nil {
			t.Fatal(err)
		}
	}
	check()
	if warned() {
		t.Error("it is due at once")
	}
	h.clock.ahead.Store(int64(200 * 24 * time.Hour))
	if !warned() {
		t.Error("nothing is said after 200 days")
	}
	check()
	if warned() {
		t.Error("it is still due")
	}
}
