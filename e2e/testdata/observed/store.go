// Package observed is the memory store for a test that looks in from outside.
package observed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example.com/shop/internal/session"
	"example.com/shop/internal/store/memory"
)

// Store is a memory store that repeats each record in a file of its key's name.
type Store struct {
	*memory.Store
	dir string
	mu  sync.Mutex // files change in the order of the store
}

// Open returns a store that writes to the directory dir.
func Open(ctx context.Context, dir string) (*Store, error) {
	inner, err := memory.Open(ctx, "")
	return &Store{Store: inner, dir: dir}, err
}

// Find waits while a file "hold" is in the directory, and says so by a file
// "held": a request in flight, for as long as the test wants.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	hold := filepath.Join(s.dir, "hold")
	for exists(hold) && ctx.Err() == nil {
		os.WriteFile(filepath.Join(s.dir, "held"), nil, 0o600)
		time.Sleep(5 * time.Millisecond)
	}
	return s.Store.Find(ctx, keys...)
}

// Swap swaps and repeats.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made, err := s.Store.Swap(ctx, changes...)
	for _, c := range changes {
		err = errors.Join(err, s.repeat(ctx, c.Key))
	}
	return made, err
}

func (s *Store) repeat(ctx context.Context, key string) error {
	name := filepath.Join(s.dir, key)
	records, err := s.Store.Find(ctx, key)
	if err != nil || records[0] == nil {
		os.Remove(name)
		return err
	}
	if err := os.WriteFile(name+".part", records[0], 0o600); err != nil {
		return err
	}
	return os.Rename(name+".part", name)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
