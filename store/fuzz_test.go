package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"valise.example/store"
	"valise.example/store/storetest"
)

func FuzzSealedValue(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 44))
	f.Add(append([]byte{1, 0, 0, 0, 1}, make([]byte, 40)...))
	f.Add(append([]byte{2, 255, 255, 255, 255}, make([]byte, 90)...))
	f.Add(append([]byte{3}, make([]byte, 90)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		back, err := store.ParseSealed(b)
		if err == nil && !bytes.Equal(back, b) {
			t.Errorf("%x was taken for %x", b, back)
		}
		if (err == nil) != (len(b) >= 45 && (b[0] == 1 || b[0] == 2)) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	})
}

func FuzzRowKey(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 23))
	f.Add(make([]byte, 24))
	f.Add(bytes.Repeat([]byte{255}, 24))
	f.Add(make([]byte, 25))
	f.Fuzz(func(t *testing.T, b []byte) {
		group, n, ok := store.ParseRowKey(b)
		if ok && !bytes.Equal(store.RowKey(group, n), b) {
			t.Errorf("%x was taken for row %d of %x", b, n, group)
		}
		if ok != (len(b) == 24) {
			t.Errorf("%d bytes: %v", len(b), ok)
		}
	})
}

// FuzzVerifyFile changes 64 bytes somewhere in a record's file. Whatever comes of it, this
// process lives, and a report says OK only of a record that reads as before.
func FuzzVerifyFile(f *testing.F) {
	image := bytes.TrimRight(imageOfRunning(f, 25), "\x00")
	image = append(image, make([]byte, 4096-len(image)%4096)...)
	f.Add(uint32(0), []byte("not a meta page"))
	f.Add(uint32(4096+16), []byte{0})
	f.Add(uint32(2*4096+8), []byte{1, 0, 255, 255})
	f.Add(uint32(5*4096+16), bytes.Repeat([]byte{255}, 64))
	f.Add(uint32(9*4096+12), []byte{0, 0, 0, 64})
	f.Add(uint32(len(image)), []byte("longer"))
	dir := filepath.Join(f.TempDir(), "home")
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		b := bytes.Clone(image)
		copy(b[int(at)%len(b):], change[:min(len(change), 64)])
		file, err := os.CreateTemp(dir, "record-*.db")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		if _, err := file.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		report, err := store.VerifyFile(context.Background(), file.Name(), storetest.Config(), store.VerifyConfig{})
		for _, known := range []error{nil, store.ErrWrongKey, store.ErrWrongRealm, store.ErrFormat} {
			if errors.Is(err, known) {
				if report.OK && report.Items != 25 {
					t.Errorf("OK with %d items", report.Items)
				}
				return
			}
		}
		t.Error(err)
	})
}
