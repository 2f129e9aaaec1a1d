package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"

	"valise.example/api"
	"valise.example/api/console"
	"valise.example/api/locale"
)

const (
	deskSenders = 64
	// deskLoads is how often the desk is loaded in a round; its figure is their median.
	deskLoads = 40
)

// desked is the desk of a State that has got many inquiries, as a browser reaches it: over loopback, with a
// session, through the node's own door.
type desked struct {
	world
	conn    *grpc.ClientConn
	console *console.Console
	part    *parts
	client  *http.Client
	url     string
	bytes   int // of the last page
}

// measureDesk: the home page of XB, where every thread needs somebody, with many threads and with few.
func measureDesk(ctx context.Context, b *bench) (rows []row, err error) {
	all := map[string]*desked{}
	defer func() {
		for _, d := range all {
			err = errors.Join(err, d.end())
		}
	}()
	for name, threads := range map[string]int{"few": b.size.threads / 10, "many": b.size.threads} {
		d, err := newDesked(ctx, filepath.Join(b.dir, "desk-"+name), threads)
		if d != nil {
			all[name] = d
		}
		if err != nil {
			return nil, err
		}
	}
	load := func(name string) leg {
		return leg{name, func(ctx context.Context) (float64, error) { return all[name].loads(ctx, deskLoads) }}
	}
	r, err := takeTurns(ctx, b.dir, b.size.rounds, load("few"), load("many"))
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("desk with %d threads", b.size.threads)
	return []row{
		atMost(fmt.Sprintf("%s ÷ with %d", what, b.size.threads/10), 1.25, r.ratio("many", "few"), " ×",
			fmt.Sprintf("p50 of a page %.2f ms against %.2f ms", r.median("many"), r.median("few")), r.mood()),
		atMost(what+": size of the page", 100, float64(all["many"].bytes)/1024, " KiB"),
	}, nil
}

func newDesked(ctx context.Context, dir string, threads int) (d *desked, err error) {
	s, err := newSite(ctx, dir)
	if err != nil {
		return nil, err
	}
	p, err := newProduct(ctx, s.Lab, true)
	if err != nil {
		return nil, errors.Join(err, s.relay.stop())
	}
	d = &desked{world: world{way: p, site: s}, part: newParts(ctx)}
	if _, err := manySenders(ctx, p, deskSenders, threads); err != nil {
		return d, err
	}
	if d.conn, err = api.Dial(ctx, filepath.Join(s.Home("XB"), "valise.sock"), api.DialOptions{}); err != nil {
		return d, err
	}
	if d.console, err = console.New(ctx, console.Config{Conn: d.conn, Now: time.Now, Rand: rand.Reader, Language: locale.English}); err != nil {
		return d, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return d, err
	}
	d.part.run(func(ctx context.Context) error { return d.console.Serve(ctx, l) })
	return d, d.enter(ctx)
}

// enter takes the link as soon as there is one, and loads the desk for the first time, which reads all threads.
func (d *desked) enter(ctx context.Context) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	d.client = &http.Client{Jar: jar}
	for {
		link, err := d.console.Link()
		if err == nil {
			d.url = link
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.part.ended():
			return errors.New("bench: the desk ended before it was served")
		case <-time.After(5 * time.Millisecond):
		}
	}
	_, err = d.load(ctx)
	return err
}

// load is one page, to its last byte.
func (d *desked) load(ctx context.Context) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	answer, err := d.client.Do(r)
	if err != nil {
		return 0, err
	}
	page, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK || strings.Count(string(page), "/thread/") < 20 {
		return 0, fmt.Errorf("bench: the desk answers %d with %d bytes and shows too little", answer.StatusCode, len(page))
	}
	d.url, d.bytes = answer.Request.URL.String(), len(page)
	return took, nil
}

// loads gives the median of so many pages in milliseconds.
func (d *desked) loads(ctx context.Context, count int) (float64, error) {
	took := make([]time.Duration, 0, count)
	for range count {
		t, err := d.load(ctx)
		if err != nil {
			return 0, err
		}
		took = append(took, t)
	}
	return float64(median(took)) / 1e6, nil
}

func (d *desked) end() error {
	if d.client != nil {
		d.client.CloseIdleConnections()
	}
	err := d.part.stop()
	if d.conn != nil {
		err = errors.Join(err, d.conn.Close())
	}
	return errors.Join(err, d.world.end())
}
