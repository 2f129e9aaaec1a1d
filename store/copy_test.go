package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"valise.example/store"
	"valise.example/store/storetest"
)

// disturbed lets commits land between any two pieces of a copy: they use pages anew and let the
// file grow.
type disturbed struct {
	t *testing.T
	s *store.Store
	w io.Writer
}

func (d disturbed) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		piece := p[:min(len(p), 16<<10)]
		for range 3 {
			update(d.t, d.s, func(tx store.Tx) error {
				_, err := appendWithRow(tx, 1)
				return err
			})
		}
		var wrote int
		wrote, err = d.w.Write(piece)
		n, p = n+wrote, p[wrote:]
	}
	return n, err
}

// verified checks a copy as a restore does: by a child, against the head that it should have.
func verified(t *testing.T, copied []byte, head store.Head) store.Report {
	t.Helper()
	report, err := store.VerifyFile(context.Background(), write(t, copied), storetest.Config(), store.VerifyConfig{Heads: []store.Head{head}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestACopyHoldsOneStateWhileTheRecordIsWritten(t *testing.T) {
	s := storetest.New(t)
	for n := range 300 {
		update(t, s, func(tx store.Tx) error {
			_, err := appendWithRow(tx, byte(n))
			return err
		})
	}
	var b bytes.Buffer
	copied, err := s.CopyTo(context.Background(), disturbed{t, s, &b})
	if err != nil {
		t.Fatal(err)
	}
	if copied.Head.Size != 300 || copied.Bytes != int64(b.Len()) {
		t.Errorf("copied %d items in %d bytes, %d came", copied.Head.Size, copied.Bytes, b.Len())
	}
	if report := verified(t, b.Bytes(), copied.Head); !report.OK || report.Items != 300 || report.Root != copied.Head.Root {
		t.Errorf("the copy does not verify: %+v", report)
	}
	if head, err := s.Head(context.Background()); err != nil || head.Size <= 300 {
		t.Errorf("the record did not go on while it was copied: %d items, %v", head.Size, err)
	}
	again := reopen(t, write(t, b.Bytes()))
	defer again.Close()
	update(t, again, func(tx store.Tx) error {
		number, err := tx.Append(storetest.Item(9))
		if number != 300 {
			t.Errorf("the copy goes on at %d", number)
		}
		return err
	})
	storetest.Check(t, again)
}

// TestTheCopyTestFindsABareCopy is the control of the test above: the file's bytes, read while it
// is written, are no record.
func TestTheCopyTestFindsABareCopy(t *testing.T) {
	path := filled(t, 300)
	s := reopen(t, path)
	defer s.Close()
	head, err := s.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := io.Copy(disturbed{t, s, &b}, io.LimitReader(f, 1<<20)); err != nil {
		t.Fatal(err)
	}
	report, err := store.VerifyFile(context.Background(), write(t, b.Bytes()), storetest.Config(), store.VerifyConfig{Heads: []store.Head{head}})
	if err == nil && report.OK {
		t.Error("a bare copy of a record that was written meanwhile went unnoticed")
	}
}

func TestACopyOfAClosedRecord(t *testing.T) {
	path := filled(t, 12)
	s, err := store.OpenReadOnly(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	copied, err := s.CopyTo(context.Background(), &b)
	if err != nil {
		t.Fatal(err)
	}
	if report := verified(t, b.Bytes(), copied.Head); !report.OK || report.Items != 12 {
		t.Errorf("the copy does not verify: %+v", report)
	}
}

// brokenPipe takes some bytes and then fails.
type brokenPipe struct{ left int }

func (p *brokenPipe) Write(b []byte) (int, error) {
	if p.left -= len(b); p.left < 0 {
		return 0, errTest
	}
	return len(b), nil
}

func TestACopyThatCannotBeWrittenHarmsNobody(t *testing.T) {
	s := storetest.New(t)
	fill(t, s, 20)
	for _, left := range []int{0, 4096, 9000, 20000} {
		if _, err := s.CopyTo(context.Background(), &brokenPipe{left}); !errors.Is(err, errTest) {
			t.Errorf("after %d bytes: %v, want the writer's own error", left, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stopping := writerFunc(func(p []byte) (int, error) { stop(); return len(p), nil })
	if _, err := s.CopyTo(ctx, stopping); !errors.Is(err, context.Canceled) {
		t.Errorf("a copy that nobody wants any more: %v", err)
	}
	fill(t, s, 2)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
