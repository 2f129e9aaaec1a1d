package node

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"valise.example/gateway"
	"valise.example/proto/ident"
	valisev1 "valise.example/proto/valise/v1"
	"valise.example/store"
	"valise.example/store/memory"
)

// counted is a record in memory that counts who opens it, and whose commits can lose their answer.
type counted struct {
	*memory.Record
	opened int
	lost   error  // what the next commit says although it is durable
	during func() // when a commit is durable and has not been answered yet
}

func (c *counted) View(ctx context.Context, fn func(store.Tx) error) error {
	c.opened++
	return c.Record.View(ctx, fn)
}

func (c *counted) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := c.Record.Update(ctx, fn); err != nil {
		return err
	}
	if c.during != nil {
		c.during()
	}
	return c.lost
}

// TestWhoCallsIsKnownWithoutTheRecord: a call that holds the record open, as a copy of it does, asks
// at each piece whether its officer still is one. To open the record for that would wait for a commit
// that waits for the copy. A change is known at once, and one whose outcome nobody knows is read.
func TestWhoCallsIsKnownWithoutTheRecord(t *testing.T) {
	ctx := context.Background()
	r := &counted{Record: memory.New(time.Now)}
	o := &officers{store: r, now: time.Now, rand: rand.Reader, tracks: []ident.Track{ident.Technical}}
	by := gateway.Actor{Name: "root", Roles: []valisev1.Role{valisev1.Role_ROLE_NODE_ADMIN}}
	if err := o.first(ctx, &valisev1.Officer{Name: "root", Roles: by.Roles, Uids: []uint32{7}}); err != nil {
		t.Fatal(err)
	}
	r.opened = 0
	add := func(name string) error {
		_, _, err := o.Add(ctx, by, &valisev1.Officer{Name: name, Roles: by.Roles}, true)
		return err
	}
	known := func(name string) bool { _, ok := o.ByName(ctx, name); return ok }
	if err := add("alder"); err != nil || !known("alder") || !known("root") {
		t.Errorf("an officer who was added is not known: %v", err)
	}
	if err := o.Remove(ctx, by, "alder"); err != nil || known("alder") {
		t.Errorf("an officer who was removed is known: %v", err)
	}
	r.during = func() {
		if known("cedar") || !known("root") {
			t.Error("a change is known before it is durable, or an officer is not known while it is made")
		}
	}
	if err := add("cedar"); err != nil || !known("cedar") {
		t.Errorf("an officer who was added is not known: %v", err)
	}
	// What is recorded after the removal can be told before the removal is answered.
	if err := o.Remove(ctx, by, "cedar"); err != nil || known("cedar") {
		t.Errorf("an officer who was removed is known: %v", err)
	}
	r.during = nil
	if err := add("root"); err == nil || !known("root") {
		t.Errorf("one name is two officers: %v", err)
	}
	if _, ok := o.ByUID(ctx, 7); !ok || r.opened != 0 {
		t.Errorf("the record was opened %d times to learn who calls", r.opened)
	}
	r.lost = errors.New("the answer is lost")
	if err := add("birch"); err == nil || !known("birch") {
		t.Errorf("what became durable unseen is not known: %v", err)
	}
	if r.opened != 1 || !known("birch") || r.opened != 1 {
		t.Errorf("the record was opened %d times to learn the outcome", r.opened)
	}
}
