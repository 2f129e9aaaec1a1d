package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"valise.example/store"
	"valise.example/store/storetest"
)

func init() {
	roles["write"] = func(path string) { writeForEver(path, false) }
	roles["write-ack-early"] = func(path string) { writeForEver(path, true) }
}

const crashWriters = 4

// writeForEver commits items with a row each and tells every one that is acknowledged on
// standard output. With early it tells before the commit, the mistake that the test must find.
func writeForEver(path string, early bool) {
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		fmt.Println("open", err)
		os.Exit(1)
	}
	var out sync.Mutex
	tell := func(n uint64) {
		out.Lock()
		defer out.Unlock()
		_, _ = fmt.Fprintf(os.Stdout, "%d\n", n)
	}
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			for {
				var number uint64
				err := s.Update(context.Background(), func(tx store.Tx) (err error) {
					number, err = appendWithRow(tx, byte(w))
					if early {
						tell(number)
					}
					return err
				})
				if err != nil {
					os.Exit(1)
				}
				if !early {
					tell(number)
				}
			}
		})
	}
	wg.Wait()
}

// appendWithRow writes in one transaction what must never be found apart.
func appendWithRow(tx store.Tx, w byte) (uint64, error) {
	number, err := tx.Append(storetest.Item(w))
	return number, errors.Join(err,
		tx.PutRow("seen", nil, number, []byte{w}),
		tx.Put("count", []byte{w}, fmt.Append(nil, number)),
		tx.DeleteRow("outbox", nil, number/2),
		tx.PutRow("outbox", nil, number, make([]byte, 3000)))
}

// crash lets a child write, kills it after a while and gives what it had told.
func crash(t *testing.T, role, path string, after time.Duration) (told []uint64) {
	t.Helper()
	cmd := start(t, role, path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	for line := first; err == nil; line, err = lines.ReadString('\n') {
		var n uint64
		if _, err := fmt.Sscanf(line, "%d\n", &n); err != nil {
			t.Fatalf("the child says %q", line)
		}
		told = append(told, n)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() > 0 {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return told
}

// lost opens the record after a crash, checks all of it and counts what was told and is gone.
func lost(t *testing.T, path string, told []uint64) (gone int) {
	t.Helper()
	s := reopen(t, path)
	defer s.Close()
	storetest.Check(t, s)
	view(t, s, func(tx store.Tx) error {
		for n := range tx.Items() {
			rows := 0
			err := tx.Rows("seen", nil, n, false, func(got uint64, _ []byte) (bool, error) {
				if got == n {
					rows++
				}
				return false, nil
			})
			if err != nil || rows != 1 {
				t.Errorf("item %d stands without its row: %v", n, err)
			}
		}
		for _, n := range told {
			if n >= tx.Items() {
				gone++
			}
		}
		return nil
	})
	return gone
}

func TestKilledAtAnyMomentNothingAcknowledgedIsLost(t *testing.T) {
	path := filled(t, 0)
	source := rand.New(rand.NewPCG(3, 4))
	rounds, total := 25, 0
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		told := crash(t, "write", path, time.Duration(source.IntN(40_000))*time.Microsecond)
		total += len(told)
		if gone := lost(t, path, told); gone > 0 {
			t.Fatalf("%d of %d acknowledged items are gone", gone, len(told))
		}
	}
	t.Logf("%d kills, %d acknowledged", rounds, total)
}

// TestTheCrashTestFindsAnEarlyAck is the control of the test above.
func TestTheCrashTestFindsAnEarlyAck(t *testing.T) {
	path := filled(t, 0)
	source := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		told := crash(t, "write-ack-early", path, time.Duration(source.IntN(20_000))*time.Microsecond)
		if lost(t, path, told) > 0 {
			return
		}
	}
	t.Error("acknowledging before the commit went unnoticed")
}
