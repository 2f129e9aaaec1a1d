package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"

	"valise.example/store"
	"valise.example/store/storetest"
)

const tamperItems = 21

// tampering is one thing done to the file behind the record's back.
type tampering struct {
	name string
	do   func(*file)
	// want is every problem that Verify must name: "item/leaf/reason", "-" for none. A last
	// "…" allows more.
	want string
	// fails says that Verify gives this error and no report.
	fails error
}

// file is the bbolt file without keys.
type file struct {
	t  *testing.T
	tx *bolt.Tx
}

func (f *file) bucket(letter byte) *bolt.Bucket { return f.tx.Bucket([]byte{letter}) }

func (f *file) get(letter byte, key []byte) []byte {
	v := f.bucket(letter).Get(key)
	if v == nil {
		f.t.Fatalf("bucket %c has no row %x", letter, key)
	}
	return slices.Clone(v)
}

func (f *file) put(letter byte, key, value []byte) {
	if err := f.bucket(letter).Put(slices.Clone(key), value); err != nil {
		f.t.Fatal(err)
	}
}

func (f *file) drop(letter byte, key []byte) {
	f.get(letter, key)
	if err := f.bucket(letter).Delete(key); err != nil {
		f.t.Fatal(err)
	}
}

// edit flips a bit of a row; at counts from the end where it is negative.
func (f *file) edit(letter byte, key []byte, at int) {
	v := f.get(letter, key)
	v[(at+len(v))%len(v)] ^= 0x10
	f.put(letter, key, v)
}

func (f *file) swap(letter byte, a, b []byte) {
	va, vb := f.get(letter, a), f.get(letter, b)
	f.put(letter, a, vb)
	f.put(letter, b, va)
}

// keys lists the keys of a bucket.
func (f *file) keys(letter byte) (keys [][]byte) {
	_ = f.bucket(letter).ForEach(func(k, _ []byte) error { keys = append(keys, slices.Clone(k)); return nil })
	return keys
}

func item(n uint64) []byte { return store.NumberKey(n) }

// hash is the key of a stored tree hash.
func hash(level int, n int64) []byte {
	return store.NumberKey(uint64(tlog.StoredHashIndex(level, n)))
}

var tamperings = slices.Concat(itemTamperings, treeTamperings, tableTamperings, metaTamperings)

var itemTamperings = []tampering{
	{name: "nothing", do: func(*file) {}},
	{name: "edit number", do: func(f *file) { f.edit(store.BucketItems, item(4), 7) }, want: "4/4/ITEM_CHANGED"},
	{name: "edit form", do: func(f *file) { f.edit(store.BucketItems, item(4), 8) }, want: "4/4/ITEM_CHANGED"},
	{name: "edit data key number", do: func(f *file) { f.edit(store.BucketItems, item(4), 12) }, want: "4/4/ITEM_CHANGED"},
	{name: "edit nonce", do: func(f *file) { f.edit(store.BucketItems, item(4), 20) }, want: "4/4/ITEM_CHANGED"},
	{name: "edit content", do: func(f *file) { f.edit(store.BucketItems, item(0), 50) }, want: "0/0/ITEM_CHANGED"},
	{name: "edit tag", do: func(f *file) { f.edit(store.BucketItems, item(20), -1) }, want: "20/20/ITEM_CHANGED"},
	{name: "empty", do: func(f *file) { f.put(store.BucketItems, item(5), nil) }, want: "5/5/ITEM_CHANGED"},
	{name: "shorten", do: func(f *file) { f.put(store.BucketItems, item(5), f.get(store.BucketItems, item(5))[:60]) }, want: "5/5/ITEM_CHANGED"},
	{name: "drop the first", do: func(f *file) { f.drop(store.BucketItems, item(0)) }, want: "0/0/ITEM_MISSING"},
	{name: "drop two", do: func(f *file) { f.drop(store.BucketItems, item(7)); f.drop(store.BucketItems, item(9)) }, want: "7/7/ITEM_MISSING 9/9/ITEM_MISSING"},
	{name: "drop the last", do: func(f *file) { f.drop(store.BucketItems, item(20)) }, want: "20/20/TRUNCATED"},
	{name: "truncate", do: truncateItems, want: "18/18/TRUNCATED 19/19/TRUNCATED 20/20/TRUNCATED"},
	{name: "truncate with tree", do: truncateAll, want: "18/18/TREE_BROKEN 18/18/TRUNCATED 19/19/TREE_BROKEN 19/19/TRUNCATED 20/20/TREE_BROKEN 20/20/TRUNCATED …"},
	{name: "swap", do: func(f *file) { f.swap(store.BucketItems, item(3), item(11)) }, want: "3/3/ITEM_MOVED 11/11/ITEM_MOVED"},
	{name: "copy over another", do: func(f *file) { f.put(store.BucketItems, item(3), f.get(store.BucketItems, item(2))) }, want: "3/3/ITEM_MOVED"},
	{name: "move up", do: moveUp, want: "5/5/ITEM_MISSING 21/-/TREE_BROKEN"},
	{name: "append", do: func(f *file) { f.put(store.BucketItems, item(21), f.get(store.BucketItems, item(20))) }, want: "21/-/TREE_BROKEN"},
	{name: "stray key", do: func(f *file) { f.put(store.BucketItems, append(item(6), 0), []byte("x")) }, want: "-/-/DAMAGED"},
	{name: "stray key at the end", do: func(f *file) { f.put(store.BucketItems, append(item(20), 0), []byte("x")) }, want: "-/-/DAMAGED"},
	{name: "stray first key", do: func(f *file) { f.put(store.BucketItems, []byte{0}, []byte("x")) }, want: "-/-/DAMAGED"},
	{name: "a bucket for an item", do: nestBucket, want: "8/8/ITEM_MISSING"},
	{name: "drop all", do: dropAllItems, want: "0/0/TRUNCATED 1/1/TRUNCATED …"},
}

var treeTamperings = []tampering{
	{name: "edit leaf", do: func(f *file) { f.edit(store.BucketTree, hash(0, 6), 3) }, want: "6/6/TREE_BROKEN"},
	{name: "edit inner hash", do: func(f *file) { f.edit(store.BucketTree, hash(2, 1), 3) }, want: "-/7/TREE_BROKEN"},
	{name: "drop leaf", do: func(f *file) { f.drop(store.BucketTree, hash(0, 6)) }, want: "6/6/TREE_BROKEN"},
	{name: "drop inner hash", do: func(f *file) { f.drop(store.BucketTree, hash(1, 0)) }, want: "-/1/TREE_BROKEN"},
	{name: "swap leaves", do: func(f *file) { f.swap(store.BucketTree, hash(0, 2), hash(0, 9)) }, want: "2/2/TREE_BROKEN 9/9/TREE_BROKEN"},
	{name: "append hash", do: func(f *file) { f.put(store.BucketTree, hash(0, 21), make([]byte, 32)) }, want: "-/21/TREE_BROKEN"},
	{name: "stray hash", do: func(f *file) { f.put(store.BucketTree, append(hash(0, 3), 1), make([]byte, 32)) }, want: "-/3/TREE_BROKEN"},
	{name: "short hash", do: func(f *file) { f.put(store.BucketTree, hash(0, 4), make([]byte, 31)) }, want: "4/4/TREE_BROKEN"},
	{name: "item and its leaf dropped", do: func(f *file) { f.drop(store.BucketItems, item(4)); f.drop(store.BucketTree, hash(0, 4)) }, want: "4/4/ITEM_MISSING 4/4/TREE_BROKEN …"},
}

var tableTamperings = []tampering{
	{name: "edit value", do: func(f *file) { f.edit(store.BucketTable, f.keys(store.BucketTable)[0], -1) }, want: "-/-/DAMAGED"},
	{name: "drop value", do: func(f *file) { f.drop(store.BucketTable, f.keys(store.BucketTable)[0]) }, want: "-/-/DAMAGED"},
	{name: "swap values", do: func(f *file) { k := f.keys(store.BucketTable); f.swap(store.BucketTable, k[0], k[1]) }, want: "-/-/DAMAGED -/-/DAMAGED"},
	{name: "copy value", do: func(f *file) {
		k := f.keys(store.BucketTable)[0]
		f.put(store.BucketTable, append(k[:15:15], k[15]^1), f.get(store.BucketTable, k))
	}, want: "-/-/DAMAGED"},
	{name: "edit row", do: func(f *file) { f.edit(store.BucketRows, f.keys(store.BucketRows)[3], 9) }, want: "-/-/DAMAGED"},
	{name: "drop row", do: func(f *file) { f.drop(store.BucketRows, f.keys(store.BucketRows)[3]) }, want: "-/-/DAMAGED"},
	{name: "swap rows", do: func(f *file) { k := f.keys(store.BucketRows); f.swap(store.BucketRows, k[0], k[1]) }, want: "-/-/DAMAGED -/-/DAMAGED"},
	{name: "stray row", do: func(f *file) { f.put(store.BucketRows, []byte("short"), []byte("x")) }, want: "-/-/DAMAGED"},
	{name: "value put back to an older one", do: putBackValue, want: "-/-/DAMAGED"},
	{name: "dropped row put back", do: putBackRow, want: "-/-/DAMAGED"},
}

var metaTamperings = []tampering{
	{name: "edit head", do: func(f *file) { f.edit(store.BucketMeta, store.KeyHead, 40) }, want: "-/-/DAMAGED"},
	{name: "drop head", do: func(f *file) { f.drop(store.BucketMeta, store.KeyHead) }, want: "-/-/DAMAGED"},
	{name: "older head", do: putBackHead, want: "20/-/TREE_BROKEN -/-/DAMAGED -/20/TREE_BROKEN"},
	{name: "stray meta row", do: func(f *file) { f.put(store.BucketMeta, []byte("x"), nil) }, want: "-/-/DAMAGED"},
	{name: "edit data key", do: func(f *file) { f.edit(store.BucketKeys, item(1), -3) }, want: "0/0/ITEM_CHANGED 1/1/ITEM_CHANGED …"},
	{name: "drop data key", do: func(f *file) { f.drop(store.BucketKeys, item(1)) }, want: "0/0/ITEM_CHANGED 1/1/ITEM_CHANGED …"},
	{name: "stray data key", do: func(f *file) { f.put(store.BucketKeys, item(2), f.get(store.BucketKeys, item(1))) }, want: "-/-/DAMAGED"},
	{name: "edit format", do: func(f *file) { f.edit(store.BucketMeta, store.KeyFormat, 30) }, want: "-/-/DAMAGED"},
	{name: "edit the number of the format", do: func(f *file) { f.edit(store.BucketMeta, store.KeyFormat, len("valise record ")) }, want: "-/-/DAMAGED"},
	{name: "another number that no version wrote", do: func(f *file) { relabel(f, "2", false) }, want: "-/-/DAMAGED"},
	{name: "no number that a version would write", do: func(f *file) { relabel(f, "02", true) }, want: "-/-/DAMAGED"},
	{name: "a later format", do: func(f *file) { relabel(f, "2", true) }, fails: store.ErrLater},
	{name: "shorten format", do: func(f *file) { f.put(store.BucketMeta, store.KeyFormat, f.get(store.BucketMeta, store.KeyFormat)[:40]) }, want: "-/-/DAMAGED"},
	{name: "other format", do: func(f *file) { f.edit(store.BucketMeta, store.KeyFormat, 0) }, fails: store.ErrFormat},
	{name: "drop format", do: func(f *file) { f.drop(store.BucketMeta, store.KeyFormat) }, fails: store.ErrFormat},
	{name: "drop meta", do: func(f *file) { dropBucket(f, store.BucketMeta) }, fails: store.ErrFormat},
	{name: "drop tables", do: func(f *file) { dropBucket(f, store.BucketTable) }, want: "-/-/DAMAGED"},
	{name: "drop items", do: func(f *file) { dropBucket(f, store.BucketItems) }, want: "0/0/TRUNCATED 1/1/TRUNCATED …"},
	{name: "stray bucket", do: func(f *file) { _, _ = f.tx.CreateBucket([]byte("x")) }, want: "-/-/DAMAGED"},
}

func truncateItems(f *file) {
	for n := uint64(18); n < tamperItems; n++ {
		f.drop(store.BucketItems, item(n))
	}
}

func truncateAll(f *file) {
	truncateItems(f)
	for n := tlog.StoredHashCount(18); n < tlog.StoredHashCount(tamperItems); n++ {
		f.drop(store.BucketTree, store.NumberKey(uint64(n)))
	}
}

func moveUp(f *file) {
	f.put(store.BucketItems, item(21), f.get(store.BucketItems, item(5)))
	f.drop(store.BucketItems, item(5))
}

func nestBucket(f *file) {
	f.drop(store.BucketItems, item(8))
	if _, err := f.bucket(store.BucketItems).CreateBucket(item(8)); err != nil {
		f.t.Fatal(err)
	}
}

func dropAllItems(f *file) {
	for _, key := range f.keys(store.BucketItems) {
		f.drop(store.BucketItems, key)
	}
}

func dropBucket(f *file, letter byte) {
	if err := f.tx.DeleteBucket([]byte{letter}); err != nil {
		f.t.Fatal(err)
	}
}

// older is what the rows were one transaction before the end.
type older struct{ head, value, row []byte }

var before older

func putBackHead(f *file) { f.put(store.BucketMeta, store.KeyHead, before.head) }

func putBackValue(f *file) {
	for _, key := range f.keys(store.BucketTable) {
		if string(f.get(store.BucketTable, key)) != string(before.value) {
			f.put(store.BucketTable, key, before.value)
			return
		}
	}
}

func putBackRow(f *file) {
	key := f.keys(store.BucketRows)[0]
	group, _, _ := store.ParseRowKey(key)
	f.put(store.BucketRows, store.RowKey(group, 1<<40), before.row)
}

// tamperBase makes the record that is tampered with and remembers older rows of it. Of the
// two table rows one ("changing") is written over at the end, and a row is deleted.
func tamperBase(t *testing.T) []byte {
	t.Helper()
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx store.Tx) error { return tx.Put("t", []byte("changing"), []byte("old")) })
	raw(t, closed(t, s, path), func(f *file) { before.value = f.get(store.BucketTable, f.keys(store.BucketTable)[0]) })
	s = reopen(t, path)
	update(t, s, func(tx store.Tx) error { return tx.PutRow("seen", []byte("g"), 1<<40, []byte("row")) })
	raw(t, closed(t, s, path), func(f *file) { before.row = f.get(store.BucketRows, f.keys(store.BucketRows)[0]) })
	s = reopen(t, path)
	fill(t, s, tamperItems-1)
	raw(t, closed(t, s, path), func(f *file) { before.head = f.get(store.BucketMeta, store.KeyHead) })
	s = reopen(t, path)
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Append(storetest.Item(99))
		return errors.Join(err, tx.Put("t", []byte("changing"), []byte("new")), tx.DeleteRow("seen", []byte("g"), 1<<40))
	})
	return read(t, closed(t, s, path))
}

func closed(t *testing.T, s *store.Store, path string) string {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func reopen(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// raw works on the file without keys.
func raw(t *testing.T, path string, do func(*file)) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error { do(&file{t: t, tx: tx}); return nil })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// problems writes a report down as tampering.want does.
func problems(r store.Report) []string {
	var out []string
	number := func(n uint64) string {
		if n == store.None {
			return "-"
		}
		return fmt.Sprint(n)
	}
	for _, p := range r.Problems {
		reason := strings.TrimPrefix(strings.TrimPrefix(p.Reason.String(), "REASON_"), "RECORD_")
		out = append(out, number(p.Item)+"/"+number(p.Leaf)+"/"+reason)
	}
	return out
}

func TestVerifyNamesEveryTampering(t *testing.T) {
	base := tamperBase(t)
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, base)
			defer os.Remove(path)
			raw(t, path, c.do)
			report, err := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
			if c.fails != nil {
				if !errors.Is(err, c.fails) {
					t.Errorf("VerifyFile: %v, want %v", err, c.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			matchProblems(t, report, c.want)
			here, err := store.VerifyHere(path, storetest.Config())
			if _, damaged := errors.AsType[*store.Damaged](err); err != nil && !damaged {
				t.Errorf("VerifyHere: %v", err)
			} else if err == nil {
				matchProblems(t, here, c.want)
			}
			openTampered(t, path, c)
		})
	}
}

// matchProblems compares a report with what a tampering must give.
func matchProblems(t *testing.T, report store.Report, want string) {
	t.Helper()
	got := problems(report)
	list, more := strings.CutSuffix(want, "…")
	wanted := strings.FieldsSeq(list)
	for w := range wanted {
		i := slices.Index(got, w)
		if i < 0 {
			t.Errorf("not named: %s (named: %v)", w, problems(report))
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	if len(got) > 0 && !more {
		t.Errorf("named beside it: %v", got)
	}
	if report.OK != (want == "") {
		t.Errorf("OK is %v with problems %v", report.OK, problems(report))
	}
}

// openTampered checks that a tampered record is not opened, or that it is found while open.
func openTampered(t *testing.T, path string, c tampering) {
	t.Helper()
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		if _, damaged := errors.AsType[*store.Damaged](err); !damaged {
			t.Errorf("Open: %v, want *Damaged", err)
		}
		return
	}
	defer s.Close()
	report, err := s.Verify(context.Background(), store.VerifyConfig{})
	if err != nil {
		t.Fatal(err)
	}
	matchProblems(t, report, c.want)
}
