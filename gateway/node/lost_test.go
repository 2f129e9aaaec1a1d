package node_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"valise.example/gateway/node"
	valisev1 "valise.example/proto/valise/v1"
)

// A record that was put back to an earlier state verifies by itself; a head known from elsewhere
// shows that something is gone. So does a record that is not there at all. P5
func TestARecordThatWentBackIsFound(t *testing.T) {
	dir := t.TempDir()
	c := initConfig(dir)
	c.FirstOfficer = &valisev1.Officer{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	if err := node.Init(c); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(dir, "record.db")
	earlier, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	head := addOfficer(t, dir)
	verify := func(heads ...*valisev1.KnownHead) *valisev1.VerifyRecordResponse {
		t.Helper()
		home, err := node.OpenHome(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := home.VerifyRecord(context.Background(), time.Now, heads...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := verify(head); !out.GetOk() {
		t.Errorf("the record as it is: %v", out)
	}
	if err := os.WriteFile(record, earlier, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := verify(); !out.GetOk() {
		t.Errorf("an earlier record verifies by itself: %v", out)
	}
	if out := verify(head); out.GetOk() || len(out.GetProblems()) == 0 {
		t.Errorf("rolled back, and the head is not missed: %v", out)
	}
	if err := os.Remove(record); err != nil {
		t.Fatal(err)
	}
	if out := verify(); out.GetOk() || out.GetProblems()[0].GetReason() != valisev1.Reason_REASON_RECORD_TRUNCATED {
		t.Errorf("the record is gone: %v", out)
	}
}

// addOfficer lets the record grow by an item and gives its head.
func addOfficer(t *testing.T, dir string) *valisev1.KnownHead {
	t.Helper()
	n, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	admin := officer
	admin.Roles = []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}
	if _, _, err := n.Officers().Add(ctx, admin, &valisev1.Officer{Name: "second", Roles: admin.Roles}, false); err != nil {
		t.Fatal(err)
	}
	report, err := n.VerifyRecord(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return &valisev1.KnownHead{Size: report.GetTreeSize(), Root: report.GetRoot()}
}
