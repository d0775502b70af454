package redis

import (
	"context"
	"errors"
	"time"

	driver "github.com/redis/go-redis/v9"
)

// Find returns a copy of the live record's data. An unknown or expired key is not an error.
func (s *Store) Find(ctx context.Context, key string) (data []byte, found bool, err error) {
	err = s.call(ctx, "find session", func(ctx context.Context) (err error) {
		data, err = s.client.Get(ctx, s.prefix+key).Bytes()
		if errors.Is(err, driver.Nil) {
			return nil
		}
		found = err == nil
		return err
	})
	return data, found, err
}

// Commit writes the record, whether it exists or not. An expiry that is not in the future deletes it.
func (s *Store) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return s.Delete(ctx, key)
	}
	return s.call(ctx, "commit session", func(ctx context.Context) error {
		// One command for value and expiry, so that no record is ever without the latter. The driver's own Set takes
		// a duration, which is wrong by the time of the journey, and keeps the record for ever when it is zero.
		return s.client.Do(ctx, "SET", s.prefix+key, data, "PXAT", expiry.UnixMilli()).Err()
	})
}

// Delete removes the record. An unknown key is not an error.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.call(ctx, "delete session", func(ctx context.Context) error {
		return s.client.Del(ctx, s.prefix+key).Err()
	})
}

// Swap replaces the live record's data if they equal old. With old == nil it creates the record if there is no live
// one; with new == nil, or an expiry that is not in the future, it deletes the record if its data equal old.
// It says whether it did so. Other callers, in other instances too, see either all of it or nothing.
func (s *Store) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error) {
	expect, action := "equal", "set"
	if old == nil {
		expect = "absent"
	}
	if new == nil || !expiry.After(time.Now()) {
		action = "delete"
	}
	err = s.call(ctx, "swap session", func(ctx context.Context) error {
		command := once{driver.NewCmd(ctx, "EVAL", swapScript, 1, s.prefix+key, expect, old, action, new, expiry.UnixMilli())}
		if err := s.client.Process(ctx, command); err != nil {
			return err
		}
		swapped, err = command.Bool()
		return err
	})
	return swapped, err
}

// once is a command that the driver does not send a second time when the connection breaks before the answer. A
// second Swap would find its own new data, and report that nothing was swapped.
type once struct{ *driver.Cmd }

// NoRetry is asked by the driver.
func (once) NoRetry() bool { return true }

// Touch gives the live record a new expiry. One that is not in the future ends the record; an unknown or expired key
// stays so, without an error.
func (s *Store) Touch(ctx context.Context, key string, expiry time.Time) error {
	return s.call(ctx, "touch session", func(ctx context.Context) error {
		return s.client.Do(ctx, "PEXPIREAT", s.prefix+key, max(0, expiry.UnixMilli())).Err()
	})
}
