package node_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// diagnosis is what Doctor says of a home at a time.
func diagnosis(t *testing.T, dir string, at time.Time, running *valisev1.GetStatusResponse) []node.Finding {
	t.Helper()
	found, err := node.Doctor(context.Background(), node.DoctorConfig{Dir: dir, Now: func() time.Time { return at }, Running: running})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if (f.Level == node.Good) != (f.Fix == "") {
			t.Errorf("%s %q says what to do: %q", f.Level, f.What, f.Fix)
		}
	}
	return found
}

func says(found []node.Finding, level node.Level, what string) bool {
	for _, f := range found {
		if f.Level == level && strings.Contains(f.What, what) {
			return true
		}
	}
	return false
}

// TestDoctorReadsTheClockAgainstTheRecord: what was recorded or signed cannot lie in the future, and
// what has a date comes to an end.
func TestDoctorReadsTheClockAgainstTheRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	c := initConfig(dir)
	c.FirstOfficer = &valisev1.Officer{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	backUpClosed(t, dir)
	now := time.Now()
	for _, c := range []struct {
		after time.Duration
		level node.Level
		what  string
	}{
		{0, node.Good, "the clock is not behind"},
		{-time.Hour, node.Bad, "but something was signed or recorded at"},
		{0, node.Good, "the last backup was made at"},
		{8 * 24 * time.Hour, node.Warn, "the last backup is 8 days old"},
		{time.Hour, node.Good, "the sealing key of the technical desk was made on"},
		{20 * 24 * time.Hour, node.Warn, "the sealing key of the diplomatic desk"},
		{46 * 24 * time.Hour, node.Bad, "nobody can write to it"},
	} {
		if found := diagnosis(t, dir, now.Add(c.after), nil); !says(found, c.level, c.what) {
			t.Errorf("after %s: no %s %q in %v", c.after, c.level, c.what, found)
		}
	}
}

// TestDoctorTellsWhatTheNodeSays: of a node that runs it knows what its status says.
func TestDoctorTellsWhatTheNodeSays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	if err := node.Init(initConfig(dir)); err != nil {
		t.Fatal(err)
	}
	status := &valisev1.GetStatusResponse{
		NotAccepting: valisev1.Reason_REASON_STORAGE_UNKNOWN, Warnings: []string{"a warning"}, Link: &valisev1.Link{Warning: "another key"},
		Outbox: []*valisev1.OutboxRow{{}}, Quarantine: []*valisev1.QuarantineRow{{}}, SendingStopped: timestamppb.Now(),
	}
	found := diagnosis(t, dir, time.Now(), status)
	for what, level := range map[string]node.Level{
		"does not accept": node.Bad, "a warning": node.Warn, "another key": node.Bad, "wait for more than a day": node.Warn, "in quarantine": node.Warn,
		"a copy of this home runs": node.Bad,
	} {
		if !says(found, level, what) {
			t.Errorf("no %s %q in %v", level, what, found)
		}
	}
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if found := diagnosis(t, dir, time.Now(), nil); !says(found, node.Warn, "another process holds the record") {
		t.Errorf("a second process on the home goes unnoticed: %v", found)
	}
}
