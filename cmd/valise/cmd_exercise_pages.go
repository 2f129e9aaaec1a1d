package main

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/exercise/conduct"
	"valise.example/exercise/control"
)

// partPage is the page of control, of evaluators or of observers, as it is served.
type partPage struct {
	part  control.Part
	pages *control.Pages
	conn  *grpc.ClientConn
	ended chan error
}

type partPages []*partPage

// serveParts serves all of them beside the desks until ctx ends.
func (p *program) serveParts(ctx context.Context, dir string) (all partPages, err error) {
	for _, part := range control.Parts() {
		one, err := p.servePart(ctx, dir, part)
		if err != nil {
			return all, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (p *program) servePart(ctx context.Context, dir string, part control.Part) (*partPage, error) {
	conn, err := api.Dial(ctx, filepath.Join(dir, conduct.ControlSocket), api.DialOptions{})
	if err != nil {
		return nil, err
	}
	one := &partPage{part: part, conn: conn, ended: make(chan error, 1)}
	if err := one.serve(ctx, control.Config{Part: part, Exercise: p.exercise, Conn: conn, Now: p.now, Rand: rand.Reader, Language: p.catalog().Language()}); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return one, nil
}

func (o *partPage) serve(ctx context.Context, c control.Config) (err error) {
	if o.pages, err = control.New(c); err != nil {
		return err
	}
	l, err := listenHere(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := o.pages.At(l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	go func() { o.ended <- o.pages.Serve(ctx, l) }()
	return nil
}

// close waits for all of them; their context has ended.
func (all partPages) close() (err error) {
	for _, o := range all {
		err = errors.Join(err, <-o.ended, o.conn.Close())
	}
	return err
}

// tellParts prints a new link for each.
func (p *program) tellParts(all partPages) error {
	for _, o := range all {
		link, err := o.pages.Link()
		if err != nil {
			return err
		}
		if err := p.result(object{"part": o.part, "link": link}, string(o.part)+"  "+link); err != nil {
			return err
		}
	}
	return nil
}
