package node_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"valise.example/gateway/node"
)

// TestABusyMachineMakesNoRecordDamaged: the process that checks a record is held to little address
// space, and one that is pressed for time needs more threads, each with a stack of its own. That it
// ends for want of it would be told as damage to a sound record.
func TestABusyMachineMakesNoRecordDamaged(t *testing.T) {
	dir := t.TempDir()
	if err := node.Init(initConfig(dir)); err != nil {
		t.Fatal(err)
	}
	x, err := node.Open(dir, openConfig())
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for w := range 64 {
		work.Go(func() {
			for i := range 60 {
				if err := logCall(x, fmt.Sprint(w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	home, err := node.OpenHome(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		work.Go(func() {
			for range 12 {
				report, err := home.VerifyRecord(context.Background(), time.Now)
				if err != nil || !report.GetOk() {
					t.Errorf("a sound record: %v, %v", report.GetProblems(), err)
				}
			}
		})
	}
	work.Wait()
}
