package main

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// way is one of the compared ways of sending.
type way interface {
	// exchange sends one message and returns when its receipt is durable.
	exchange(ctx context.Context, sender int) error
	close() error
}

// oneAtATime gives the median time of an exchange.
func oneAtATime(ctx context.Context, w way, count int) (time.Duration, error) {
	took := make([]time.Duration, 0, count)
	for i := range count {
		began := time.Now()
		if err := w.exchange(ctx, i); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	return median(took), nil
}

// manySenders gives the exchanges a second of so many senders that each have one under way.
func manySenders(ctx context.Context, w way, senders, count int) (float64, error) {
	p := newParts(ctx)
	var begun atomic.Int64
	began := time.Now()
	for sender := range senders {
		p.run(func(ctx context.Context) error {
			for begun.Add(1) <= int64(count) {
				if err := w.exchange(ctx, sender); err != nil {
					return err
				}
			}
			return nil
		})
	}
	p.work.Wait()
	rate := float64(count) / time.Since(began).Seconds()
	return rate, p.stop()
}

func median[T int | int64 | uint64 | float64 | time.Duration](all []T) T {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
