package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"
	"google.golang.org/protobuf/types/known/timestamppb"

	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// sealedItem gives the bytes of some item as they stand in a record file.
func sealedItem(t *testing.T, file []byte) (sealed []byte) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(copied, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bolt.Tx) error {
		_, value := tx.Bucket([]byte{'i'}).Cursor().First()
		sealed = bytes.Clone(value)
		return nil
	}); err != nil || len(sealed) < 16 {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	return sealed
}

// overwrite puts other bytes, as many, wherever some stand in a record file, while a node has it open: a
// commit copies pages, and the page that it left behind means nothing.
func overwrite(t *testing.T, path string, old, other []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; at += len(old) {
		next := bytes.Index(file[at:], old)
		if next < 0 {
			return
		}
		at += next
		if _, err := f.WriteAt(other, int64(at)); err != nil {
			t.Fatal(err)
		}
	}
}

// A byte of an old item changes on the disk under a node that runs. Nobody asks; the next look finds
// it, everybody who may care hears of it, and so they do after a start. P5
func TestANodeFindsThatItsRecordWasChanged(t *testing.T) {
	n := watched(t, rand.Reader)
	n.config.Health.VerifyEvery = time.Second
	if _, err := noteBackup(t.Context(), record{n}, "lab", time.Now(), time.Now(), 1); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(n.home.dir, recordFile)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	written := sealedItem(t, file)
	changed := bytes.Clone(written)
	changed[12] ^= 1
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); n.lookAtRecord(ctx) }()
	defer func() { stop(); <-ended }()
	until := func(ok bool) {
		t.Helper()
		for n.metrics.verified.Load() == nil || n.metrics.verified.Load().GetOk() != ok {
			if !ok {
				overwrite(t, path, written, changed)
			}
			if !paused(t.Context(), time.Millisecond) {
				t.Fatalf("no look said %v", ok)
			}
		}
	}
	until(true)
	if _, body := n.asked(t, "/readyz", "127.0.0.1"); !strings.Contains(body, `"record_verified":{"at":"`) || !strings.Contains(body, `"ok":true`) {
		t.Errorf("nobody is told that it was looked at: %s", body)
	}
	until(false)
	status, err := statusReader{n}.Status(t.Context())
	if err != nil || !status.GetReady() || status.GetLastVerification().GetOk() || !strings.Contains(strings.Join(status.GetWarnings(), "\n"), "the record is not what was written") {
		t.Errorf("the status is %v, %v", status, err)
	}
	if _, body := n.asked(t, "/readyz", "127.0.0.1"); !strings.Contains(body, "the record is not what was written") || !strings.Contains(body, `"ok":false`) {
		t.Errorf("whoever asks whether it is ready is told %s", body)
	}
	d := doctor{config: DoctorConfig{Running: status, Now: time.Now}, home: n.home}
	d.checkRunning(status)
	if !strings.Contains(foundBad(d.found), "not what was written") {
		t.Errorf("the doctor says %+v", d.found)
	}

	// The disk gives back what was written, and the node starts anew: what was found still stands.
	stop()
	<-ended
	overwrite(t, path, changed, written)
	dir := n.home.dir
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir, OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if v := again.metrics.verified.Load(); v == nil || v.GetOk() {
		t.Errorf("after a start the last look said %v", v)
	}
}

// foundBad is what is wrong with the integrity of a home.
func foundBad(found []Finding) (out string) {
	for _, f := range found {
		if f.Level == Bad && f.Integrity {
			out += f.What + "\n"
		}
	}
	return out
}

// A home that was made from a backup has another file than the one that was looked at.
func TestARestoredRecordHasNotBeenLookedAt(t *testing.T) {
	n := watched(t, rand.Reader)
	n.noteVerified(t.Context(), true)
	if err := noteRestore(t.Context(), record{n}, time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	n.metrics.verified.Store(nil)
	if err := n.recallVerified(t.Context()); err != nil || n.metrics.verified.Load() != nil {
		t.Errorf("it was said to be %v, %v", n.metrics.verified.Load(), err)
	}
}

// TestAFindingOutlivesTheEnd: a node that is ended in the moment in which its record is found damaged knows
// it when it starts again.
func TestAFindingOutlivesTheEnd(t *testing.T) {
	n := watched(t, rand.Reader)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	n.noteVerified(ctx, false)
	n.metrics.verified.Store(nil)
	if err := n.recallVerified(t.Context()); err != nil || n.metrics.verified.Load() == nil || n.metrics.verified.Load().GetOk() {
		t.Errorf("what was found is remembered as %v, %v", n.metrics.verified.Load(), err)
	}
}

// TestWhenARecordIsLookedAt: never right at the start, not at one time in all nodes, and not anew
// because a node was started again.
func TestWhenARecordIsLookedAt(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	zeros, ones := bytes.NewReader(make([]byte, 8)), bytes.NewReader(bytes.Repeat([]byte{0xff}, 8))
	if least, other := settling(day, zeros), settling(day, ones); least != time.Hour || other <= time.Hour || other > 4*time.Hour {
		t.Errorf("a node leaves its record alone for %s, another for %s", least, other)
	}
	if got := settling(day, bytes.NewReader(nil)); got != 4*time.Hour {
		t.Errorf("without randomness it waits %s", got)
	}
	for ago, want := range map[time.Duration]time.Duration{
		0: day, time.Hour: 23 * time.Hour, 40 * time.Hour: 0, -30 * day: day, // the clock was set back by a month
	} {
		last := &valisev1.Verification{At: timestamppb.New(now.Add(-ago))}
		if got := untilLook(last, day, now); got != want {
			t.Errorf("looked at %s ago, and again in %s, want %s", ago, got, want)
		}
	}
	if got := untilLook(nil, day, now); got != 0 {
		t.Errorf("never looked at, and not before %s", got)
	}
}

// TestALookRests: nine tenths of the time the processor is free for people, and an end ends the rest.
func TestALookRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rest, began := resting(), time.Now()
		time.Sleep(time.Second)
		if err := rest(t.Context()); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("a step of a second and its rest took %s, %v", time.Since(began), err)
		}
		began = time.Now()
		time.Sleep(time.Hour) // a machine that slept
		if err := rest(t.Context()); err != nil || time.Since(began) != time.Hour+longestRest {
			t.Errorf("an hour and its rest took %s, %v", time.Since(began), err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := rest(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("a look goes on after its end: %v", err)
		}
	})
}

// TestALookIsEnded: whoever rests can end it, and it has said nothing then.
func TestALookIsEnded(t *testing.T) {
	n := watched(t, rand.Reader)
	enough := errors.New("enough")
	if _, err := n.verify(t.Context(), store.VerifyConfig{Rest: func(context.Context) error { return enough }}); !errors.Is(err, enough) {
		t.Errorf("it ended with %v", err)
	}
	if v := n.metrics.verified.Load(); v != nil {
		t.Errorf("half a look said %v", v)
	}
}
