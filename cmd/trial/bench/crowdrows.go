package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"valise.example/directory"
	"valise.example/exercise/lab"
	"valise.example/gateway/node"
)

// per is what one node more adds.
func per(few, many *crowd, figure func(*crowd) float64) float64 {
	return (figure(many) - figure(few)) / float64(many.count-few.count)
}

// atAll is what a figure would be with a node for every State, by the straight line through both.
func atAll(few, many *crowd, figure func(*crowd) float64) float64 {
	return figure(few) + float64(ofAllStates-few.count)*per(few, many, figure)
}

func (c *crowd) private() float64         { return c.idle.own + c.idle.mapped }
func (c *crowd) openDescriptors() float64 { return float64(c.descriptors) }
func (c *crowd) running() float64         { return float64(c.goroutines) }
func (c *crowd) relays() float64          { return c.relayed.own + c.relayed.mapped }
func (c *crowd) withRelays() float64      { return c.private() + c.relays() }
func (c *crowd) homes() float64           { return c.disk }

// withDirectory is what a figure would be with a node for every State, in MiB. Each node holds the
// whole directory, so that a node among more is larger by what it holds of each: party MiB.
func withDirectory(few, many *crowd, figure func(*crowd) float64, party float64) float64 {
	alike := func(c *crowd) float64 { return figure(c) - party*c.known() }
	return atAll(few, many, alike) + party*ofAllStates*ofAllStates
}

// known counts what is held of another: the nodes of each lab, by each of them.
func (c *crowd) known() (sum float64) {
	for _, l := range c.labs {
		sum += float64(len(l.Parties()) * len(l.Parties()))
	}
	return sum
}

// partyHeap is what a node's directory keeps in memory for each party, in MiB.
func partyHeap(l *lab.Lab) (float64, error) {
	const copies = 8 // what else the process does is small beside so many
	home, err := node.OpenHome(l.Home(lab.Global), nil)
	if err != nil {
		return 0, err
	}
	before := liveHeap()
	var books []*directory.Book
	for range copies {
		book, err := home.Directory()
		if err != nil {
			return 0, err
		}
		books = append(books, book)
	}
	held := liveHeap() - before
	runtime.KeepAlive(books)
	return held / copies / float64(len(l.Parties())), nil
}

// partyDisk is what a node's directory takes on disk for each party, in MiB.
func partyDisk(l *lab.Lab) (float64, error) {
	all, err := diskOf(filepath.Join(l.Home(lab.Global), "directory"))
	return all / float64(len(l.Parties())), err
}

func idleRows(few, many *crowd) []row {
	return []row{
		atMost(fmt.Sprintf("%d idle nodes in one process less %d: private memory a node", many.count, few.count), 12, per(few, many, (*crowd).private), " MiB",
			fmt.Sprintf("%.1f MiB and %.1f MiB; %.1f MiB a node of it pages of files", many.private(), few.private(),
				per(few, many, func(c *crowd) float64 { return c.idle.mapped })),
			fmt.Sprintf("goroutines %.1f, descriptors %.1f a node", per(few, many, (*crowd).running), per(few, many, (*crowd).openDescriptors))),
		told(fmt.Sprintf("private memory of the relays of %d nodes, in processes of their own", many.count), many.relays(), " MiB",
			fmt.Sprintf("%d of them; that of %d nodes %.1f MiB; with them a node has %.1f MiB", len(many.relay), few.count, few.relays(), per(few, many, (*crowd).withRelays))),
	}
}

// askedRows: communication checks of one State after the other, which two nodes and many do alike,
// and then one of everybody at once.
func (b *bench) askedRows(ctx context.Context, all map[string]*crowd) ([]row, error) {
	for _, c := range all {
		for _, l := range c.labs {
			p, err := gather(ctx, l)
			if err != nil {
				return nil, err
			}
			c.people = append(c.people, p)
		}
		if _, _, err := c.askEverybody(ctx); err != nil { // warms
			return nil, err
		}
	}
	cost := func(name string) leg {
		return leg{name, func(ctx context.Context) (float64, error) { return all[name].askOneByOne(ctx, b.size.campaigns) }}
	}
	r, err := takeTurns(ctx, b.dir, b.size.rounds, cost("few"), cost("many"))
	if err != nil {
		return nil, err
	}
	few, many := all["few"], all["many"]
	rest, err := many.restingCPU(ctx, b.size.settle)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	asked, spent, err := many.askEverybody(ctx)
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	return []row{
		atMost(fmt.Sprintf("a message among %d nodes ÷ among %d: CPU", many.count, few.count), 1.5, r.ratio("many", "few"), " ×",
			fmt.Sprintf("%.2f ms against %.2f ms, the POCs of one State at a time; %d idle nodes and their relays use %.1f ms a second", r.median("many"), r.median("few"), many.count, rest), r.mood()),
		told(fmt.Sprintf("every POC of %d nodes asked, answered by a person, and seen by who asked", many.count), took.Seconds(), " s",
			fmt.Sprintf("%d POCs; CPU a message %.2f ms", asked, spent)),
	}, nil
}

// askOneByOne gives the CPU of a message, in ms, over campaigns one after the other to the POCs of
// one State each, and of each State in turn.
func (c *crowd) askOneByOne(ctx context.Context, campaigns int) (float64, error) {
	return c.spent(func() (messages int, err error) {
		for i := range campaigns {
			p := c.people[i%len(c.people)]
			asked, err := p.askState(ctx, p.lab.States[i/len(c.people)%len(p.lab.States)])
			if err != nil {
				return 0, err
			}
			messages += 2 * asked
		}
		return messages, nil
	})
}

// askEverybody gives how many POCs were asked, and the CPU of a message in ms.
func (c *crowd) askEverybody(ctx context.Context) (asked int, ms float64, err error) {
	ms, err = c.spent(func() (int, error) {
		for _, p := range c.people {
			n, err := p.askAll(ctx)
			if err != nil {
				return 0, err
			}
			asked += n
		}
		return 2 * asked, nil
	})
	return asked, ms, err
}

// spent divides the CPU that something took by the messages that it sent, in ms.
func (c *crowd) spent(something func() (messages int, err error)) (float64, error) {
	before, err := c.cpu()
	if err != nil {
		return 0, err
	}
	messages, err := something()
	if err != nil {
		return 0, err
	}
	after, err := c.cpu()
	return float64(after-before) / 1e6 / float64(messages), err
}

// restingCPU is what nodes and relays use for a while in which nothing is said, in ms a second.
func (c *crowd) restingCPU(ctx context.Context, while time.Duration) (float64, error) {
	before, err := c.cpu()
	if err != nil {
		return 0, err
	}
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(while):
	}
	after, err := c.cpu()
	return float64(after-before) / 1e6 / while.Seconds(), err
}

// needRows: what a node for every State would take, by what one more was seen to take; the relay's
// worst as its doctor says it.
func needRows(ctx context.Context, dir string, few, many *crowd) ([]row, error) {
	worst, says, err := relayWorst(ctx, dir, few.labs[0].Realm, ofAllStates)
	if err != nil {
		return nil, err
	}
	heap, err := partyHeap(many.labs[0])
	if err != nil {
		return nil, err
	}
	blocks, err := partyDisk(many.labs[0])
	if err != nil {
		return nil, err
	}
	measured := fmt.Sprintf("from %d and %d nodes", few.count, many.count)
	return []row{
		told(fmt.Sprintf("%d nodes in one process would have: private memory", ofAllStates), withDirectory(few, many, (*crowd).private, heap), " MiB", measured,
			fmt.Sprintf("%.0f KiB of each node for each that its directory names", heap*1024),
			fmt.Sprintf("goroutines %.0f, descriptors %.0f", atAll(few, many, (*crowd).running), atAll(few, many, (*crowd).openDescriptors))),
		told(fmt.Sprintf("homes of %d nodes as a lab makes them: disk", ofAllStates), withDirectory(few, many, (*crowd).homes, blocks), " MiB", measured,
			fmt.Sprintf("%.0f KiB of each home for each that its directory names", blocks*1024)),
		told(fmt.Sprintf("relay of %d States: disk at worst", ofAllStates), worst, " TB", "its doctor: "+says),
	}, nil
}

// blocksOf is what a file takes on disk, in MiB; a hole takes nothing.
func blocksOf(info fs.FileInfo) float64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return float64(s.Blocks) * 512 / (1 << 20)
	}
	return float64(info.Size()) / (1 << 20)
}
