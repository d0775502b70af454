package sqlite_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// BenchmarkStore works on 2000 sessions of 150 bytes, with a context that can be cancelled as a request's can.
// Beside the mean it reports the median, since a write now and then pays for a checkpoint.
func BenchmarkStore(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	store, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "sessions.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	data, expiry := bytes.Repeat([]byte("x"), 150), time.Now().Add(time.Hour)
	keys := make([]string, 2000)
	for i := range keys {
		keys[i] = storetest.NewKey()
		storetest.MustPut(b, store, keys[i], data, expiry)
	}
	for _, op := range []struct {
		name string
		call func(key string) error
	}{
		{"Find", func(key string) error { _, err := store.Find(ctx, key); return err }},
		{"FindTwo", func(key string) error { _, err := store.Find(ctx, key, keys[0]); return err }},
		{"Swap", func(key string) error {
			_, err := store.Swap(ctx, session.Change{Key: key, Old: data, New: data, Expiry: expiry})
			return err
		}},
		{"SwapTwo", func(key string) error {
			_, err := store.Swap(ctx, session.Change{Key: key, Old: data, New: data, Expiry: expiry},
				session.Change{Key: keys[0], Old: data, New: data, Expiry: expiry})
			return err
		}},
		{"Remove", func(key string) error {
			_, err := store.Swap(ctx, session.Change{Key: key, Old: data})
			return err
		}},
	} {
		b.Run(op.name, func(b *testing.B) {
			var times []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if err := op.call(keys[i*7%len(keys)]); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "us-p50")
			b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "us-p99")
		})
	}
}
