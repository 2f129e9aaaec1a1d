package seal

import (
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestRecipientsOfOneTextSealAlike: a recipient that was read, its copies, and the key's own all seal to that key,
// from many goroutines at once.
func TestRecipientsOfOneTextSealAlike(t *testing.T) {
	w := newWorld()
	read, err := ParseRecipient(w.birch.Recipient().String())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		for _, to := range []Recipient{read, w.birch.Recipient()} {
			all.Go(func() {
				envelope, err := Close([]byte("for birch alone"), to)
				if err != nil {
					t.Error(err)
					return
				}
				if content, _, err := OpenPiece(envelope, w.stranger, w.birch); err != nil || string(content) != "for birch alone" {
					t.Errorf("opened as %q, %v", content, err)
				}
			})
		}
	}
	all.Wait()
}

// BenchmarkParseRecipient reads what a directory holds of every point of contact: kept-B/op is what stays of one,
// beside the text that its bundle has anyway.
func BenchmarkParseRecipient(b *testing.B) {
	text := newWorld().birch.Recipient().String()
	texts, kept := make([]string, b.N), make([]Recipient, b.N)
	for i := range texts {
		texts[i] = strings.Clone(text)
	}
	before := live()
	b.ResetTimer()
	for i := range kept {
		var err error
		if kept[i], err = ParseRecipient(texts[i]); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(live()-before)/float64(b.N), "kept-B/op")
	runtime.KeepAlive(texts)
	runtime.KeepAlive(kept)
}

// live is what the heap holds after everything that nobody needs is gone.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
