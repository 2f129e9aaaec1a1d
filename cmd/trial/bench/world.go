package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"valise.example/exercise/lab"
	"valise.example/proto/ident"
)

// site is a lab in a folder, with its relay running in this process.
type site struct {
	*lab.Lab
	relay *parts
}

func newLab(dir string) (*lab.Lab, error) {
	return lab.New(lab.Config{Dir: dir, States: []ident.State{"XA", "XB"}, Now: time.Now, Rand: rand.Reader})
}

func newSite(ctx context.Context, dir string) (*site, error) {
	l, err := newLab(dir)
	if err != nil {
		return nil, err
	}
	s := &site{Lab: l, relay: newParts(ctx)}
	ready := make(chan struct{})
	s.relay.run(func(ctx context.Context) error {
		return l.RunRelay(ctx, slog.New(slog.DiscardHandler), func(string) { close(ready) })
	})
	select {
	case <-ready:
		return s, nil
	case <-s.relay.ended():
		return nil, errors.Join(errors.New("bench: the relay ended before it was ready"), s.relay.stop())
	}
}

// The ways that are compared.
const (
	wayProduct    = "product"
	wayCumulative = "reference"
	wayEach       = "reference, a receipt a message"
	wayNaive      = "naive"
)

// world is a way with the site that carries it.
type world struct {
	way
	site *site
}

// newWorld makes a site of its own for a way, and warms it.
func newWorld(ctx context.Context, dir, kind string) (world, error) {
	s, err := newSite(ctx, filepath.Join(dir, kind))
	if err != nil {
		return world{}, err
	}
	w := world{site: s}
	if w.way, err = newWay(ctx, s.Lab, kind); err != nil {
		return world{}, errors.Join(err, s.relay.stop())
	}
	if _, err := manySenders(ctx, w.way, 4, 40); err != nil {
		return world{}, errors.Join(err, w.end())
	}
	return w, nil
}

func newWay(ctx context.Context, l *lab.Lab, kind string) (way, error) {
	switch kind {
	case wayCumulative:
		return newReference(ctx, l, cumulative, false)
	case wayEach:
		return newReference(ctx, l, each, false)
	case wayNaive:
		return newReference(ctx, l, each, true)
	}
	return newProduct(ctx, l, true)
}

func (w world) end() error {
	if w.way == nil {
		return nil
	}
	return errors.Join(w.close(), w.site.relay.stop())
}

// worlds makes several and gives one function that ends them all.
func worlds(ctx context.Context, dir string, kinds ...string) (all map[string]world, end func() error, err error) {
	all = map[string]world{}
	end = func() (failed error) {
		for _, w := range all {
			failed = errors.Join(failed, w.end())
		}
		return failed
	}
	for _, kind := range kinds {
		if all[kind], err = newWorld(ctx, dir, kind); err != nil {
			return nil, nil, errors.Join(err, end())
		}
	}
	return all, end, nil
}
