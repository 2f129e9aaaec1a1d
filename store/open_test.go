package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"valise.example/proto/ident"
	"valise.example/store"
	"valise.example/store/storetest"
)

// filled makes a closed record with items, table keys and rows.
func filled(t testing.TB, items int) string {
	t.Helper()
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, items)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func fill(t testing.TB, s *store.Store, items int) {
	t.Helper()
	for n := range items {
		update(t, s, func(tx store.Tx) error {
			number, err := tx.Append(storetest.Item(byte(n)))
			return errors.Join(err, tx.Put("last", nil, []byte{byte(n)}), tx.PutRow("seen", []byte("g"), number, []byte{byte(n)}))
		})
	}
}

func update(t testing.TB, s *store.Store, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// write puts bytes where a new record could stand.
func write(t testing.TB, b []byte) string {
	t.Helper()
	path := storetest.Path(t)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReopenedRecordIsTheSame(t *testing.T) {
	path := filled(t, 9)
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Check(t, s)
	head, err := s.Head(context.Background())
	if err != nil || head.Size != 9 {
		t.Errorf("head of %d items: %v", head.Size, err)
	}
	fill(t, s, 3)
	storetest.Check(t, s)
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	ro, err := store.OpenReadOnly(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	storetest.Check(t, ro)
	if err := ro.Update(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Update of a read-only record: %v", err)
	}
	if head, err := ro.Head(context.Background()); err != nil || head.Size != 12 {
		t.Errorf("head of %d items: %v", head.Size, err)
	}
}

func TestWrongKeyAndRealmChangeNothing(t *testing.T) {
	path := filled(t, 3)
	before := read(t, path)
	exercise, err := ident.ExerciseRealm("lab", [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(*store.Config)
		want  error
	}{
		"key":      {func(c *store.Config) { c.RecordKey[31] ^= 1 }, store.ErrWrongKey},
		"realm":    {func(c *store.Config) { c.Realm = exercise }, store.ErrWrongRealm},
		"both":     {func(c *store.Config) { c.Realm = exercise; c.RecordKey[0] ^= 1 }, store.ErrWrongKey},
		"none":     {func(c *store.Config) { c.RecordKey = [32]byte{} }, store.ErrInvalid},
		"no realm": {func(c *store.Config) { c.Realm = "exercise:" }, store.ErrInvalid},
	} {
		cfg := storetest.Config()
		c.spoil(&cfg)
		if _, err := store.Open(path, cfg); !errors.Is(err, c.want) {
			t.Errorf("Open with a wrong %s: %v, want %v", name, err, c.want)
		}
		if _, err := store.VerifyFile(context.Background(), path, cfg, store.VerifyConfig{}); !errors.Is(err, c.want) {
			t.Errorf("VerifyFile with a wrong %s: %v, want %v", name, err, c.want)
		}
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("a wrong key changed the file")
	}
}

func TestOpenRefusesWhatIsNoRecord(t *testing.T) {
	whole := read(t, filled(t, 40))
	foreign := storetest.Path(t)
	db, err := bolt.Open(foreign, 0o600, &bolt.Options{Timeout: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	torn := bytes.Clone(whole)
	clear(torn[:2*4096])
	for name, c := range map[string]struct {
		path    string
		want    error
		damaged bool
	}{
		"nothing":         {storetest.Path(t), store.ErrNoStore, false},
		"a folder":        {filepath.Dir(foreign), store.ErrFormat, false},
		"another bbolt":   {foreign, store.ErrFormat, false},
		"an empty file":   {write(t, nil), nil, true},
		"text":            {write(t, []byte("not a record")), nil, true},
		"zeros":           {write(t, make([]byte, 1<<16)), nil, true},
		"half a record":   {write(t, whole[:len(bytes.TrimRight(whole, "\x00"))/2]), nil, true},
		"one page":        {write(t, whole[:4096]), nil, true},
		"no meta pages":   {write(t, torn), nil, true},
		"some bytes less": {write(t, whole[:100]), nil, true},
	} {
		_, err := store.Open(c.path, storetest.Config())
		_, damaged := errors.AsType[*store.Damaged](err)
		if damaged != c.damaged || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		report, err := store.VerifyFile(context.Background(), c.path, storetest.Config(), store.VerifyConfig{})
		if report.OK || c.damaged != (err == nil) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("VerifyFile of %s: %v, %v", name, report, err)
		}
	}
}

func TestUnsafePermissionsAreRefused(t *testing.T) {
	path := filled(t, 1)
	refused := func(what string) {
		t.Helper()
		_, opened := store.Open(path, storetest.Config())
		_, verified := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
		if !errors.Is(opened, store.ErrUnsafe) || !errors.Is(verified, store.ErrUnsafe) {
			t.Errorf("%s: Open %v, VerifyFile %v", what, opened, verified)
		}
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		refused("file " + mode.String())
	}
	if err := errors.Join(os.Chmod(path, 0o600), os.Chmod(filepath.Dir(path), 0o750)); err != nil {
		t.Fatal(err)
	}
	refused("folder 0750")
	if _, err := store.Create(filepath.Join(filepath.Dir(path), "second.db"), storetest.Config()); !errors.Is(err, store.ErrUnsafe) {
		t.Errorf("Create in a folder 0750: %v", err)
	}
}

func TestCreateLeavesOneFileWith0600(t *testing.T) {
	path := storetest.Path(t)
	s, err := store.Create(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 || names[0].Name() != "record.db" {
		t.Errorf("the folder holds %v: %v", names, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has permission %v: %v", info.Mode(), err)
	}
	if _, err := store.Create(path, storetest.Config()); !errors.Is(err, store.ErrExists) {
		t.Errorf("a second Create: %v", err)
	}
}

func TestOfManyThatCreateOneWins(t *testing.T) {
	path := storetest.Path(t)
	var wg sync.WaitGroup
	var won atomic.Int32
	for range 8 {
		wg.Go(func() {
			s, err := store.Create(path, storetest.Config())
			switch {
			case err == nil:
				won.Add(1)
				t.Cleanup(func() { _ = s.Close() })
			case !errors.Is(err, store.ErrExists):
				t.Errorf("Create beside others: %v", err)
			}
		})
	}
	wg.Wait()
	names, err := os.ReadDir(filepath.Dir(path))
	if won.Load() != 1 || len(names) != 1 || err != nil {
		t.Errorf("%d won, the folder holds %v: %v", won.Load(), names, err)
	}
}

func init() { roles["hold"] = holdOpen }

// holdOpen keeps a record open until its standard input ends.
func holdOpen(path string) {
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString("held\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	_ = s.Close()
}

// start runs this test binary in a role.
func start(t testing.TB, role, path string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), roleVariable+"="+role, pathVariable+"="+path, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	return cmd
}

func TestARecordHasOneHolder(t *testing.T) {
	path := filled(t, 1)
	refused := func(by string) {
		t.Helper()
		_, opened := store.Open(path, storetest.Config())
		_, verified := store.VerifyFile(context.Background(), path, storetest.Config(), store.VerifyConfig{})
		if !errors.Is(opened, store.ErrInUse) || !errors.Is(verified, store.ErrInUse) {
			t.Errorf("held by %s: Open %v, VerifyFile %v", by, opened, verified)
		}
	}
	s, err := store.Open(path, storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	refused("this process")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	holder := start(t, "hold", path)
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	refused("another process")
	if err := errors.Join(in.Close(), holder.Wait()); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(path, storetest.Config()); err != nil {
		t.Fatalf("after the holder let go: %v", err)
	}
	storetest.Check(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenComparesTreeAndHead(t *testing.T) {
	path := filled(t, 21)
	raw(t, path, func(f *file) { f.edit(store.BucketTree, hash(0, 20), 5) })
	for name, open := range map[string]func(string, store.Config) (*store.Store, error){"Open": store.Open, "OpenReadOnly": store.OpenReadOnly} {
		_, err := open(path, storetest.Config())
		if _, ok := errors.AsType[*store.Damaged](err); !ok {
			t.Errorf("%s of a tree that does not end in its head: %v, want *Damaged", name, err)
		}
	}
}

func TestAValueOpensInItsPlaceOnly(t *testing.T) {
	s := storetest.New(t)
	for _, c := range []struct {
		realm  ident.Realm
		bucket byte
		key    string
		want   bool
	}{
		{ident.Operational, store.BucketTable, "here", true},
		{ident.Operational + "x", store.BucketTable, "here", false},
		{"operation-2", store.BucketTable, "here", false}, // of the same length
		{ident.Operational, store.BucketRows, "here", false},
		{ident.Operational, store.BucketTable, "there", false},
		{ident.Operational, store.BucketTable, "", false},
	} {
		if got := store.OpensElsewhere(s, c.realm, c.bucket, []byte(c.key)); got != c.want {
			t.Errorf("realm %s, bucket %c, key %q: opens %v, want %v", c.realm, c.bucket, c.key, got, c.want)
		}
	}
}
