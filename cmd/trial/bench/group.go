package main

import (
	"errors"

	bolt "go.etcd.io/bbolt"
)

// group commits together whatever waits: one goroutine, no timer. It is all that a straight
// line needs of a store.
type group struct {
	db    *bolt.DB
	queue chan groupRequest
	ended chan struct{}
}

type groupRequest struct {
	write func(*bolt.Tx) error
	done  chan error
}

func newGroup(db *bolt.DB) *group {
	g := &group{db: db, queue: make(chan groupRequest, 256), ended: make(chan struct{})}
	go g.loop()
	return g
}

var errRolledBack = errors.New("bench: another write of the same commit failed")

func (g *group) do(write func(*bolt.Tx) error) error {
	r := groupRequest{write: write, done: make(chan error, 1)}
	g.queue <- r
	return <-r.done
}

func (g *group) close() {
	close(g.queue)
	<-g.ended
}

func (g *group) loop() {
	defer close(g.ended)
	for first := range g.queue {
		all := []groupRequest{first}
		for more := true; more && len(all) < 256; {
			select {
			case r, open := <-g.queue:
				if more = open; open {
					all = append(all, r)
				}
			default:
				more = false
			}
		}
		g.commit(all)
	}
}

func (g *group) commit(all []groupRequest) {
	err := g.db.Update(func(tx *bolt.Tx) error {
		for _, r := range all {
			if err := r.write(tx); err != nil {
				return errors.Join(errRolledBack, err)
			}
		}
		return nil
	})
	for _, r := range all {
		r.done <- err
	}
}
