package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"valise.example/api/others"
	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
)

var ofAdmin = gateway.Actor{Name: "admin", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}

func otherOf(id, entity, requestID string) *valisev1.ImportOtherRequest {
	return &valisev1.ImportOtherRequest{RequestId: requestID, Directory: &valisev1.OtherDirectory{
		Id: id, Name: "Regional Organisation F", Members: []string{"XA", "XB"}, TableHash: make([]byte, 32), MappingHash: make([]byte, 32),
		Contacts: []*valisev1.OtherContact{{Row: 2, State: "XB", Entity: entity}},
	}}
}

// othersHome is a home that is open and not running.
type othersHome struct {
	t   *testing.T
	dir string
	n   *Node
}

func newOthersHome(t *testing.T) *othersHome {
	t.Helper()
	h := &othersHome{t: t, dir: filepath.Join(t.TempDir(), "home")}
	if err := Init(InitConfig{Dir: h.dir, State: "XA", Realm: testRealm, Tracks: []ident.Track{ident.Technical}, Now: time.Now, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	h.open()
	t.Cleanup(func() { _ = h.n.Close() })
	return h
}

func (h *othersHome) open() {
	h.t.Helper()
	n, err := Open(h.dir, OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		h.t.Fatal(err)
	}
	h.n = n
}

func (h *othersHome) restart() {
	h.t.Helper()
	if err := h.n.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func (h *othersHome) imports(r *valisev1.ImportOtherRequest) uint64 {
	h.t.Helper()
	out, err := otherKeeper{h.n}.ImportOther(context.Background(), ofAdmin, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return out.GetItem()
}

func (h *othersHome) removes(id, requestID string) error {
	_, err := otherKeeper{h.n}.RemoveOther(context.Background(), ofAdmin, &valisev1.RemoveOtherRequest{Id: id, RequestId: requestID})
	return err
}

func (h *othersHome) file(id string) string {
	return filepath.Join(h.dir, others.Folder, others.FileName(id))
}

// says is what the node shows of XB, by entity.
func (h *othersHome) says() string {
	h.t.Helper()
	said, err := otherKeeper{h.n}.CompareOthers(context.Background(), "XB")
	if err != nil {
		h.t.Fatal(err)
	}
	var all []string
	for _, s := range said.GetContacts() {
		all = append(all, s.GetContact().GetEntity())
	}
	return strings.Join(append(all, said.GetUnreadable()...), " ")
}

// TestOthersAreKept: for this user alone, with who imported them and by which item, over restarts, in the
// place of the one before; and gone when they are removed.
func TestOthersAreKept(t *testing.T) {
	h := newOthersHome(t)
	if h.says() != "" {
		t.Error("something is there from the beginning")
	}
	h.imports(otherOf("rof", "first", ""))
	h.imports(otherOf("more", "more", ""))
	item := h.imports(otherOf("rof", "second", ""))
	for range 2 {
		if got := h.says(); got != "more second" {
			t.Errorf("shown: %q", got)
		}
		h.restart()
	}
	list, err := otherKeeper{h.n}.Others(context.Background())
	if err != nil || len(list.GetDirectories()) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	if s := list.GetDirectories()[1]; s.GetItem() != item || s.GetSource().GetOfficer() != "admin" || s.GetSource().GetImported() == nil || s.GetContacts() != 1 {
		t.Errorf("kept as %v", s)
	}
	for path, want := range map[string]fs.FileMode{filepath.Dir(h.file("rof")): 0o700, h.file("rof"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := h.removes("rof", ""); err != nil {
		t.Fatal(err)
	}
	if got := h.says(); got != "more" {
		t.Errorf("after the removal: %q", got)
	}
	if err := h.removes("rof", ""); ReasonOf(err) != valisev1.Reason_REASON_NOT_FOUND {
		t.Errorf("removed twice: %v", err)
	}
	if err := os.WriteFile(h.file("more"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.restart()
	if got := h.says(); got != "more" { // the id of what cannot be read
		t.Errorf("damaged: %q", got)
	}
	if err := h.removes("more", ""); err != nil {
		t.Errorf("what is damaged cannot be removed: %v", err)
	}
}

// TestOthersAskedForAgain: what a crash left undone is done by the same request; what came after it is not
// undone by it.
func TestOthersAskedForAgain(t *testing.T) {
	h := newOthersHome(t)
	first := h.imports(otherOf("rof", "first", "i1"))
	if err := os.Remove(h.file("rof")); err != nil { // a crash before the file
		t.Fatal(err)
	}
	h.restart()
	if again := h.imports(otherOf("rof", "first", "i1")); again != first || h.says() != "first" {
		t.Errorf("item %d and %d, shown %q", first, again, h.says())
	}
	h.imports(otherOf("rof", "second", "i2"))
	if h.imports(otherOf("rof", "first", "i1")); h.says() != "second" {
		t.Errorf("the first import, asked for again, shows %q", h.says())
	}
	left, err := os.ReadFile(h.file("rof"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.removes("rof", "r1"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.file("rof"), left, 0o600); err != nil { // a crash before it went
		t.Fatal(err)
	}
	h.restart()
	if err := h.removes("rof", "r1"); err != nil || h.says() != "" {
		t.Errorf("removed again: %v, shown %q", err, h.says())
	}
	if h.imports(otherOf("rof", "second", "i2")); h.says() != "" {
		t.Errorf("what was removed is back: %q", h.says())
	}
	h.imports(otherOf("rof", "third", "i3"))
	if err := h.removes("rof", "r1"); err != nil || h.says() != "third" {
		t.Errorf("an old removal, asked for again: %v, shown %q", err, h.says())
	}
}

// TestOthersAreBounded, and held against every rule by the node itself, before anything is recorded.
func TestOthersAreBounded(t *testing.T) {
	h := newOthersHome(t)
	broken := otherOf("rof", "x", "")
	broken.Directory.Contacts[0].State = "AA"
	if _, err := (otherKeeper{h.n}).ImportOther(context.Background(), ofAdmin, broken); err == nil {
		t.Error("a State of another realm is kept")
	}
	if _, err := os.Stat(filepath.Join(h.dir, others.Folder)); err == nil {
		t.Error("something is on disk")
	}
	for i := range others.MostKept {
		h.imports(otherOf("d"+string(rune('a'+i)), "x", ""))
	}
	if _, err := (otherKeeper{h.n}).ImportOther(context.Background(), ofAdmin, otherOf("more", "x", "")); ReasonOf(err) != valisev1.Reason_REASON_BAD_IMPORT {
		t.Errorf("one more: %v", err)
	}
	h.imports(otherOf("da", "y", ""))
}

// TestOthersAreInABackup, whole, and in what is restored from it; a stranger among them is not.
func TestOthersAreInABackup(t *testing.T) {
	h := newOthersHome(t)
	h.imports(otherOf("rof", "first", ""))
	want := h.says()
	if err := h.n.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".new-1", "x"} {
		if err := os.WriteFile(filepath.Join(h.dir, others.Folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(h.file("giant"), make([]byte, others.MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "backup")
	backUp(t, h.dir, out)
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	again := &othersHome{t: t, dir: filepath.Join(t.TempDir(), "again")}
	if _, err := Restore(context.Background(), RestoreConfig{Dir: again.dir, File: bytes.NewReader(b), Now: time.Now, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	again.open()
	t.Cleanup(func() { _ = again.n.Close() })
	if got := again.says(); got != want || got == "" {
		t.Errorf("restored: %q, want %q", got, want)
	}
	files, err := os.ReadDir(filepath.Join(again.dir, others.Folder))
	if err != nil || len(files) != 1 {
		t.Errorf("restored: %v, %v", files, err)
	}
}
