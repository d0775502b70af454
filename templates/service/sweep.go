package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Expired sessions are removed in small batches, so that no request waits long
// for a store that is sweeping.
const (
	sweepInterval = 5 * time.Minute
	sweepBatch    = 1000
)

// sweeper is a store that removes expired records. Sweep returns how many it
// removed, at most limit.
type sweeper interface {
	Sweep(ctx context.Context, limit int) (int, error)
}

// sweepEvery sweeps the store in the background until ctx ends or stop is
// called, which waits for a sweep under way.
func sweepEvery(ctx context.Context, interval time.Duration, s sweeper, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				sweep(ctx, s, log)
			}
		}
	})
	return func() { cancel(); running.Wait() }
}

func sweep(ctx context.Context, s sweeper, log *slog.Logger) {
	for ctx.Err() == nil {
		n, err := s.Sweep(ctx, sweepBatch)
		if err != nil {
			log.Warn("expired sessions were not removed; the next sweep tries again", "error", err)
			return
		}
		if n < sweepBatch {
			return
		}
	}
}
