package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// measureSpeed: the whole way against the straight line, one at a time and with 64 senders.
func measureSpeed(ctx context.Context, b *bench) (rows []row, err error) {
	all, end, err := worlds(ctx, b.dir, wayProduct, wayCumulative, wayEach)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	alone := func(kind string) leg {
		return leg{kind, func(ctx context.Context) (float64, error) {
			p50, err := oneAtATime(ctx, all[kind].way, b.size.lone)
			return float64(p50) / 1e6, err
		}}
	}
	r, err := takeTurns(ctx, b.dir, b.size.rounds, alone(wayProduct), alone(wayCumulative))
	if err != nil {
		return nil, err
	}
	rows = append(rows, atMost("one at a time, receipt durable: p50 ÷ reference", 1.3, r.ratio(wayProduct, wayCumulative), " ×",
		fmt.Sprintf("%.2f ms against %.2f ms", r.median(wayProduct), r.median(wayCumulative)), r.mood()))
	spent := map[string][]float64{}
	many := func(kind string) leg {
		return leg{kind, func(ctx context.Context) (float64, error) {
			began := cpuTime()
			rate, err := manySenders(ctx, all[kind].way, 64, b.size.many)
			spent[kind] = append(spent[kind], float64(cpuTime()-began)/1e6/float64(b.size.many))
			return rate, err
		}}
	}
	r, err = takeTurns(ctx, b.dir, b.size.rounds, many(wayProduct), many(wayCumulative), many(wayEach))
	if err != nil {
		return nil, err
	}
	rows = append(rows, atLeast("64 senders: rate ÷ reference", 0.8, r.ratio(wayProduct, wayCumulative), " ×",
		fmt.Sprintf("%.0f/s against %.0f/s", r.median(wayProduct), r.median(wayCumulative)),
		fmt.Sprintf("CPU a message %.2f ms against %.2f ms", median(spent[wayProduct]), median(spent[wayCumulative])), r.mood()))
	rows = append(rows, told("64 senders: rate ÷ reference with a receipt a message", r.ratio(wayProduct, wayEach), " ×",
		fmt.Sprintf("%.0f/s", r.median(wayEach))))
	return rows, nil
}

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measureDrain: mail that waited for a State that was away, against the sustained rate.
func measureDrain(ctx context.Context, b *bench) (rows []row, err error) {
	s, err := newSite(ctx, b.dir+"/drain")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.relay.stop()) }()
	p, err := newProduct(ctx, s.Lab, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	legs := []leg{
		{"sustained", func(ctx context.Context) (float64, error) { return manySenders(ctx, p, 64, b.size.many) }},
		{"drain", func(ctx context.Context) (float64, error) { return p.drain(ctx, b.size.drain) }},
	}
	r, err := takeTurns(ctx, b.dir, b.size.drainRounds, legs...)
	if err != nil {
		return nil, err
	}
	return []row{atLeast(fmt.Sprintf("%d waiting messages: drained at, ÷ sustained rate", b.size.drain), 0.8, r.ratio("drain", "sustained"), " ×",
		fmt.Sprintf("%.0f/s against %.0f/s", r.median("drain"), r.median("sustained")), r.mood())}, nil
}

// drain lets messages wait while XB is away, and gives the rate at which their receipts come
// once it is back.
func (p *product) drain(ctx context.Context, count int) (float64, error) {
	if err := p.xb.stop(); err != nil {
		return 0, err
	}
	ids := make([]string, count)
	work := newParts(ctx)
	for sender := range 64 {
		work.run(func(ctx context.Context) (err error) {
			for i := sender; i < count && err == nil; i += 64 {
				ids[i], err = p.submit(ctx, sender)
			}
			return err
		})
	}
	work.work.Wait()
	if err := work.stop(); err != nil {
		return 0, err
	}
	if err := p.startPeer(); err != nil {
		return 0, err
	}
	began := time.Now()
	for _, id := range ids {
		if err := p.awaitReceipt(ctx, id); err != nil {
			return 0, err
		}
	}
	return float64(count) / time.Since(began).Seconds(), nil
}
