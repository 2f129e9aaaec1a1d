package node

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
)

// stopsAtOnce is a reader of a copy during whose first piece the record stops.
type stopsAtOnce struct {
	life   *life
	pieces int
}

func (w *stopsAtOnce) Write(p []byte) (int, error) {
	w.pieces++
	w.life.end.Do(func() { close(w.life.over) })
	return len(p), nil
}

// A copy of the record ends with the life that it copies: a slow reader must not keep a record
// that has stopped from being opened again. P6
func TestACopyDoesNotOutliveItsRecord(t *testing.T) {
	dir := t.TempDir()
	if err := Init(InitConfig{
		Dir: dir, State: "XA", Realm: "exercise:lab-00112233445566778899aabbccddeeff", Tracks: []ident.Track{ident.Technical},
		FirstOfficer: &valisev1.Officer{Name: "lab", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}},
		Now:          time.Now, Rand: rand.Reader,
	}); err != nil {
		t.Fatal(err)
	}
	n, err := Open(dir, OpenConfig{Logger: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	reader := &stopsAtOnce{life: n.life.Load()}
	_, err = record{n}.CopyTo(context.Background(), reader)
	if !errors.Is(err, store.ErrStopped) || reader.pieces != 1 {
		t.Errorf("the copy went on for %d pieces: %v", reader.pieces, err)
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}
