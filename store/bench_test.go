package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"valise.example/store"
	"valise.example/store/storetest"
)

// benchFolder is a folder in VALISE_BENCH_DIR (for instance /dev/shm), or a test's own.
func benchFolder(b *testing.B) string {
	b.Helper()
	if dir := os.Getenv("VALISE_BENCH_DIR"); dir != "" {
		made, err := os.MkdirTemp(dir, "store-bench-")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = os.RemoveAll(made) })
		return made
	}
	return filepath.Dir(storetest.Path(b))
}

// benchValue is about what one exchange stores beside keys: a signed message of 5 KiB.
var benchValue = make([]byte, 5<<10)

// BenchmarkCommit compares one item with its row through the committer with bbolt's own two
// ways of writing two values of the same size, without sealing and without a tree.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("Store/%d", writers), func(b *testing.B) {
			s, err := store.Create(filepath.Join(benchFolder(b), "record.db"), storetest.Config())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			parallel(b, writers, func() error { return s.Update(context.Background(), benchStore) })
		})
		for name, write := range map[string]func(*bolt.DB, func(*bolt.Tx) error) error{"Update": (*bolt.DB).Update, "Batch": (*bolt.DB).Batch} {
			b.Run(fmt.Sprintf("bbolt.%s/%d", name, writers), func(b *testing.B) {
				db, err := bolt.Open(filepath.Join(benchFolder(b), "plain.db"), 0o600, &bolt.Options{Timeout: 1, NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
				if err != nil {
					b.Fatal(err)
				}
				defer db.Close()
				parallel(b, writers, func() error { return write(db, benchBolt) })
			})
		}
	}
}

// parallel shares b.N runs among writers.
func parallel(b *testing.B, writers int, write func() error) {
	b.Helper()
	b.SetParallelism(writers)
	b.ResetTimer()
	work := make(chan struct{})
	failed := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for range work {
				if err == nil {
					err = write()
				}
			}
			failed <- err
		}()
	}
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	for range writers {
		if err := <-failed; err != nil {
			b.Error(err)
		}
	}
}

func benchStore(tx store.Tx) error {
	item := storetest.Item(1)
	item.Signed = benchValue
	n, err := tx.Append(item)
	if err != nil {
		return err
	}
	return tx.PutRow("outbox", nil, n, benchValue)
}

func benchBolt(tx *bolt.Tx) error {
	for _, name := range []string{"items", "outbox"} {
		bucket, err := tx.CreateBucketIfNotExists([]byte(name))
		if err != nil {
			return err
		}
		n, err := bucket.NextSequence()
		if err != nil {
			return err
		}
		if err := bucket.Put(store.NumberKey(n), benchValue); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkGrowth commits one item into a record that already has 10^3 or 10^5 (or, with
// VALISE_BENCH_LARGE, 10^6) of them.
func BenchmarkGrowth(b *testing.B) {
	sizes := []int{1_000, 100_000}
	if os.Getenv("VALISE_BENCH_LARGE") != "" {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, err := store.Create(filepath.Join(benchFolder(b), "record.db"), storetest.Config())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			for done := 0; done < size; done += 1000 {
				update(b, s, func(tx store.Tx) error {
					for range 1000 {
						if err := growStep(tx); err != nil {
							return err
						}
					}
					return nil
				})
			}
			b.ResetTimer()
			for range b.N {
				update(b, s, growStep)
			}
		})
	}
}

func growStep(tx store.Tx) error {
	n, err := tx.Append(storetest.Item(1))
	if err != nil {
		return err
	}
	return tx.Put("seen", store.NumberKey(n), benchValue[:100])
}

func BenchmarkVerify(b *testing.B) {
	s, err := store.Create(filepath.Join(benchFolder(b), "record.db"), storetest.Config())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	update(b, s, func(tx store.Tx) error {
		for range 5000 {
			if err := benchStore(tx); err != nil {
				return err
			}
		}
		return nil
	})
	b.ResetTimer()
	for range b.N {
		if report, err := s.Verify(context.Background(), store.VerifyConfig{}); err != nil || !report.OK {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(b.N)*5000/b.Elapsed().Seconds(), "items/s")
}

func BenchmarkOpenAfterCrash(b *testing.B) {
	image := imageOfRunning(b, 1000)
	for range b.N {
		b.StopTimer()
		path := write(b, image)
		b.StartTimer()
		s, err := store.Open(path, storetest.Config())
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
