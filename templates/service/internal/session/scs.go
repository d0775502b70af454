package session

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Adapt turns a store made for github.com/alexedwards/scs v2 into a Store: one with the methods FindCtx, CommitCtx and
// DeleteCtx, or one with plain Find, Commit and Delete. A value that is a Store already is returned as it is; any other
// value is an error.
//
// The adapter makes up for two habits of those stores: it copies what they return, and it deletes a record instead
// of committing it with an expiry in the past (which some keep for ever).
func Adapt(store any) (Store, error) {
	switch s := store.(type) {
	case Store:
		return s, nil
	case scsContextStore: // first: the plain methods of such a store panic
		return scsContextAdapter{s}, nil
	case scsStore:
		return scsAdapter{s}, nil
	}
	return nil, fmt.Errorf("session: %T is no session store: it needs Find, Commit and Delete, or FindCtx, CommitCtx and DeleteCtx", store)
}

type scsStore interface {
	Find(key string) ([]byte, bool, error)
	Commit(key string, data []byte, expiry time.Time) error
	Delete(key string) error
}

type scsContextStore interface {
	FindCtx(ctx context.Context, key string) ([]byte, bool, error)
	CommitCtx(ctx context.Context, key string, data []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, key string) error
}

type scsAdapter struct{ store scsStore }

func (a scsAdapter) Find(_ context.Context, key string) ([]byte, bool, error) {
	data, found, err := a.store.Find(key)
	return bytes.Clone(data), found, err
}

func (a scsAdapter) Commit(_ context.Context, key string, data []byte, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return a.store.Delete(key)
	}
	return a.store.Commit(key, bytes.Clone(data), expiry)
}

func (a scsAdapter) Delete(_ context.Context, key string) error { return a.store.Delete(key) }

type scsContextAdapter struct{ store scsContextStore }

func (a scsContextAdapter) Find(ctx context.Context, key string) ([]byte, bool, error) {
	data, found, err := a.store.FindCtx(ctx, key)
	return bytes.Clone(data), found, err
}

func (a scsContextAdapter) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return a.store.DeleteCtx(ctx, key)
	}
	return a.store.CommitCtx(ctx, key, bytes.Clone(data), expiry)
}

func (a scsContextAdapter) Delete(ctx context.Context, key string) error {
	return a.store.DeleteCtx(ctx, key)
}
