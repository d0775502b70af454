package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const (
	callTimeout = 3 * time.Second // of one Find or Swap, waiting for a free connection and a retry included
	pingTimeout = 2 * time.Second
)

// Find implements session.Store. It asks for all keys in one pipeline, not with MGET, since in a Cluster they lie on
// different nodes.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	found := make([][]byte, len(keys))
	err := s.call(ctx, callTimeout, "find sessions", func(ctx context.Context) error {
		gets := make([]*driver.StringCmd, len(keys))
		s.client.Pipelined(ctx, func(pipe driver.Pipeliner) error {
			for i, key := range keys {
				gets[i] = pipe.Get(ctx, s.prefix+key)
			}
			return nil
		})
		for i, get := range gets {
			value, err := get.Result()
			if err == nil {
				found[i] = []byte(value)
			} else if !errors.Is(err, driver.Nil) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// swapScript makes one change. It takes one key, so that it runs on every Cluster, and
//
//	ARGV[1]  "absent" or "equal": what must be there now
//	ARGV[2]  the data that must be there
//	ARGV[3]  "set" or "delete": what to do then
//	ARGV[4]  the new data
//	ARGV[5]  the new expiry, milliseconds since 1970: in one command with the data, so that no record is without it
//
// It is sent each time: with its hash alone a server that has not seen it would cost a second round trip.
const swapScript = `
local data = redis.call('GET', KEYS[1])
if ARGV[1] == 'absent' then
	if data then return 0 end
elseif data ~= ARGV[2] then
	return 0
end
if ARGV[3] == 'delete' then
	redis.call('DEL', KEYS[1])
else
	redis.call('SET', KEYS[1], ARGV[4], 'PXAT', ARGV[5])
end
return 1`

// Swap implements session.Store, with one pipeline.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	err = s.call(ctx, callTimeout, "swap sessions", func(ctx context.Context) error {
		made, err = s.swap(ctx, changes...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (s *Store) swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	evals := make([]once, len(changes))
	s.client.Pipelined(ctx, func(pipe driver.Pipeliner) error {
		for i, c := range changes {
			expect, action := "equal", "set"
			if c.Old == nil {
				expect = "absent"
			}
			if c.New == nil {
				action = "delete"
			}
			evals[i] = once{driver.NewCmd(ctx, "EVAL", swapScript, 1, s.prefix+c.Key,
				expect, c.Old, action, c.New, c.Expiry.UnixMilli())}
			pipe.Process(ctx, evals[i])
		}
		return nil
	})
	made := make([]bool, len(changes))
	var err error
	for i, eval := range evals {
		if made[i], err = eval.Bool(); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// once is a command that the driver does not send a second time when the connection breaks before the answer. A
// second Swap would find its own new data, and report that nothing was changed.
type once struct{ *driver.Cmd }

// NoRetry is asked by the driver.
func (once) NoRetry() bool { return true }

// Sweep removes nothing: the server forgets expired records by itself.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	return 0, ctx.Err()
}

// Ping implements session.Store: it writes a record of its own and removes it. Of a Cluster it tries one node, in turn
// another one.
func (s *Store) Ping(ctx context.Context) error {
	return s.call(ctx, pingTimeout, "ping session store", func(ctx context.Context) error {
		key, data := "ping:"+rand.Text(), []byte{}
		_, err := s.swap(ctx, session.Change{Key: key, New: data, Expiry: time.Now().Add(time.Minute)},
			session.Change{Key: key, Old: data})
		return err
	})
}

// refusals are what the server says to a user without the right to a command or key: directly, and in a script of
// Redis 7 and 6.
var refusals = []string{"NOPERM", "The user executing the script can't", "ACL failure in script"}

// call runs f with the time limit, and its error names what was tried and, where that is known, the remedy.
func (s *Store) call(ctx context.Context, limit time.Duration, what string, f func(ctx context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := f(ctx)
	if err == nil {
		return nil
	}
	for _, text := range refusals {
		if strings.Contains(err.Error(), text) {
			return fmt.Errorf("%s: %w: grant the Redis user what the store needs: "+
				"ACL SETUSER name ~%s* +get +set +del +eval", what, err, s.prefix)
		}
	}
	// A time-out on the connection is told apart from other errors like the context's, whose deadline it had.
	netErr, ok := errors.AsType[net.Error](err)
	if ok && netErr.Timeout() && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w: %w", what, context.DeadlineExceeded, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
