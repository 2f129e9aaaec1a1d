package main

import (
	"context"
	"fmt"
	"time"
)

// Delays that strace gives every sync: the first is an ordinary SSD's.
const (
	slowSync   = 2 * time.Millisecond
	slowerSync = 6 * time.Millisecond
)

// measureSyncs counts and delays syncs. How many stand one behind the other on the way of a lone
// message shows when each takes longer: its time grows by that many times the difference.
func measureSyncs(ctx context.Context, b *bench) ([]row, error) {
	lone := task{Way: wayProduct, Senders: 1, Count: b.size.traced}
	slow, _, err := b.traced(ctx, lone, slowSync)
	if err != nil {
		return nil, err
	}
	slower, _, err := b.traced(ctx, lone, slowerSync)
	if err != nil {
		return nil, err
	}
	path := (slower.P50 - slow.P50) / (float64(slowerSync-slowSync) / 1e6)
	rows := []row{atMost("syncs one behind the other, lone message", 8, rounded(path), "",
		fmt.Sprintf("p50 %.1f ms with 2 ms syncs, %.1f ms with 6 ms: %.2f", slow.P50, slower.P50, path))}
	_, n, err := b.traced(ctx, lone, 0)
	if err != nil {
		return nil, err
	}
	count := float64(b.size.traced)
	rows = append(rows, told("fdatasync a message at both nodes, lone", float64(n.fdatasync)/count, "", fmt.Sprintf("fsync at the relay %.2f", float64(n.fsync)/count)))
	many := task{Way: wayProduct, Senders: 64, Count: b.size.many}
	_, n, err = b.traced(ctx, many, 0)
	if err != nil {
		return nil, err
	}
	count = float64(b.size.many)
	rows = append(rows, atMost("fdatasync a message at both nodes, 64 senders", 1.5, float64(n.fdatasync)/count, "", fmt.Sprintf("fsync at the relay %.2f", float64(n.fsync)/count)))
	return b.againstNaive(ctx, rows)
}

// rounded to a tenth: the slope of two medians knows no more.
func rounded(x float64) float64 { return float64(int(x*10+0.5)) / 10 }

// againstNaive compares 64 senders with one commit at a time, where a sync takes 2 ms.
func (b *bench) againstNaive(ctx context.Context, rows []row) ([]row, error) {
	rate := func(way string, count int) leg {
		return leg{way, func(ctx context.Context) (float64, error) {
			o, _, err := b.traced(ctx, task{Way: way, Senders: 64, Count: count}, slowSync)
			return o.Rate, err
		}}
	}
	r, err := takeTurns(ctx, b.dir, b.size.slowRounds,
		rate(wayProduct, b.size.many), rate(wayNaive, max(b.size.many/10, 128)), rate(wayCumulative, b.size.many))
	if err != nil {
		return nil, err
	}
	return append(rows, atLeast("2 ms syncs, 64 senders: rate ÷ one commit at a time", 10, r.ratio(wayProduct, wayNaive), " ×",
		fmt.Sprintf("%.0f/s against %.0f/s; reference %.0f/s", r.median(wayProduct), r.median(wayNaive), r.median(wayCumulative)), r.mood())), nil
}
