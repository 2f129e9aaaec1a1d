//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// cluster is three nats-server processes that only `valise relay config` and `valise relay apply`
// prepared.
type cluster struct {
	w       *world
	home    string
	members [3]*member
	copied  bool
	turn    int
	count   map[string]int
}

type member struct {
	name, config, store, copied string
	listen, route               string
	running                     *process
}

func newCluster(w *world) (*cluster, error) {
	c := &cluster{w: w, home: filepath.Join(w.lab, "relay"), count: map[string]int{}}
	if w.server == "" {
		w.server = filepath.Join(w.dir, "nats-server")
		if _, err := command("go", "build", "-o", w.server, "github.com/nats-io/nats-server/v2"); err != nil {
			return nil, err
		}
	}
	var routes []string
	for i := range c.members {
		m := &member{name: fmt.Sprint("r", i)}
		m.config, m.store, m.copied = filepath.Join(w.dir, m.name+".conf"), filepath.Join(w.dir, m.name), filepath.Join(w.dir, m.name+"-copy")
		var err error
		if m.listen, err = freeAddress(); err != nil {
			return nil, err
		}
		if m.route, err = freeAddress(); err != nil {
			return nil, err
		}
		routes = append(routes, "--route", m.route)
		c.members[i] = m
	}
	for _, m := range c.members {
		args := append([]string{"relay", "config", "--home", c.home, "--name", m.name, "--listen", m.listen, "--store-dir", m.store, "--cluster-listen", m.route}, routes...)
		text, err := command(w.program, args...)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(m.config, text, 0o600); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) launch(m *member) (err error) {
	m.running, err = launch(filepath.Join(c.w.dir, m.name+".log"), c.w.server, "-c", m.config)
	return err
}

// start starts all three and makes the mailboxes, which changes nothing where they are there.
func (c *cluster) start() error {
	for _, m := range c.members {
		if err := c.launch(m); err != nil {
			return err
		}
	}
	var err error
	for began := time.Now(); time.Since(began) < 2*patience; time.Sleep(100 * time.Millisecond) {
		_, err = command(c.w.program, "relay", "apply", "--home", c.home, "--address", c.members[0].listen, "--replicas", "3")
		if err == nil {
			return nil
		}
	}
	return err
}

func (c *cluster) targets() []string {
	var all []string
	for _, m := range c.members {
		all = append(all, m.listen)
	}
	return all
}

func (c *cluster) done() map[string]int { return c.count }

func (c *cluster) stop() {
	for _, m := range c.members {
		if m != nil {
			m.running.kill()
		}
	}
}

// killAll is a power failure of all three.
func (c *cluster) killAll() {
	for _, m := range c.members {
		m.running.kill()
		c.w.pace.kills.Add(1)
	}
}

func (c *cluster) harm(rng *rand.Rand) error {
	for _, m := range c.members {
		if err := m.running.selfEnded(); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	m := c.members[rng.IntN(len(c.members))]
	c.turn++
	switch { // power fails twice in a round, so that short trials see it too
	case c.turn%4 == 2:
		return c.powerFailure(false)
	case c.turn%4 == 0:
		return c.powerFailure(true)
	case rng.IntN(5) == 0:
		c.count["server stopped for a while"]++
		m.running.pause(between(rng, 50*time.Millisecond, 1500*time.Millisecond))
		return nil
	}
	c.count["server killed"]++
	m.running.kill()
	c.w.pace.kills.Add(1)
	time.Sleep(between(rng, 0, time.Second))
	return c.launch(m)
}

// powerFailure ends all three at once. Their disks keep what they hold, and a copy is taken; or
// all go back to the last copy, which is worse than any loss of what was not synced.
func (c *cluster) powerFailure(back bool) error {
	c.killAll()
	back = back && c.copied
	for _, m := range c.members {
		from, to := m.store, m.copied
		if back {
			from, to = m.copied, m.store
		}
		if err := replace(to, from); err != nil {
			return err
		}
	}
	if back {
		c.count["all servers killed and put back to an older copy"]++
	} else {
		c.copied = true
		c.count["all servers killed"]++
	}
	return c.start()
}
