package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Find implements session.Store, with one pipeline of GET commands: MGET fails on a Cluster unless all keys are in
// one slot.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	pipe := s.client.Pipeline()
	answers := make([]*driver.StringCmd, len(keys))
	for i, key := range keys {
		answers[i] = pipe.Get(ctx, s.prefix+key)
	}
	_, err := pipe.Exec(ctx) // the first error of any command; each has its own
	if err != nil && !errors.Is(err, driver.Nil) {
		return nil, describe("find sessions", err)
	}
	found := make([][]byte, len(keys))
	for i, answer := range answers {
		found[i], err = answer.Bytes()
		if err != nil && !errors.Is(err, driver.Nil) {
			return nil, describe("find sessions", err)
		}
	}
	return found, nil
}

// Swap implements session.Store, with one pipeline of scripts.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	made, err = s.swap(ctx, changes...)
	if err != nil {
		return nil, describe("swap sessions", err)
	}
	return made, nil
}

// swapScript makes one change, of one key, so that it runs on every Cluster.
//
//	ARGV[1]  "absent" or "equal": what must be there now
//	ARGV[2]  the data that must be there
//	ARGV[3]  "set" or "delete": what to do then
//	ARGV[4]  the new data
//	ARGV[5]  the new expiry, milliseconds since 1970
//
// GET answers false when there is no record, or when it has expired. The server keeps the compiled script. EVALSHA
// would save a few hundred bytes, but it fails on a server that does not know the script: then a part of a pipeline
// has to run again, and no longer in order.
const swapScript = `local data = redis.call('GET', KEYS[1])
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

func (s *Store) swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	pipe := s.client.Pipeline()
	answers := make([]once, len(changes))
	for i, c := range changes {
		expect, action := "equal", "set"
		if c.Old == nil {
			expect = "absent"
		}
		if c.New == nil || !c.Expiry.After(time.Now()) { // the server refuses some times in the past
			action = "delete"
		}
		answers[i] = once{driver.NewCmd(ctx, "EVAL", swapScript, 1, s.prefix+c.Key,
			expect, c.Old, action, c.New, c.Expiry.UnixMilli())}
		_ = pipe.Process(ctx, answers[i]) // it is only queued
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	made := make([]bool, len(changes))
	for i, answer := range answers {
		var err error
		if made[i], err = answer.Bool(); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// once is a command that the driver does not send a second time when the connection breaks before the answer. A
// second Swap would find its own new data, and report that nothing was swapped.
type once struct{ *driver.Cmd }

// NoRetry is called by the driver.
func (once) NoRetry() bool { return true }

// Sweep removes nothing: the server removes expired records by itself.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) { return 0, ctx.Err() }

// denied finds an answer of the ACL; before Redis 7.2 it has no code of its own inside of a script.
var denied = regexp.MustCompile(`NOPERM|user executing the script can't`)

// Ping implements session.Store: it writes a record of its own and removes it, in one pipeline. In a Cluster its key
// is on another node each time.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	key, data := "ping:"+rand.Text(), []byte{}
	_, err := s.swap(ctx, session.Change{Key: key, New: data, Expiry: time.Now().Add(time.Minute)},
		session.Change{Key: key, Old: data})
	if err != nil && denied.MatchString(err.Error()) {
		err = fmt.Errorf("%w: the user needs the commands EVAL, GET, SET and DEL on the keys %q, "+
			"SELECT for a database other than 0, and CLUSTER SLOTS in a Cluster", err, s.prefix+"*")
	}
	if err != nil {
		return describe("ping session store", err)
	}
	return nil
}

// describe says what was tried, and reports a connection's time-out as the context's, whose deadline it had.
func describe(what string, err error) error {
	timeout, ok := errors.AsType[net.Error](err)
	if ok && timeout.Timeout() && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w: %w", what, context.DeadlineExceeded, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// driverLog takes what the driver would print to stderr in its own format: a line for each connection that fails.
// The same error comes back from the call, so here it is worth the debug level only.
type driverLog struct{}

func (driverLog) Printf(ctx context.Context, format string, v ...any) {
	slog.DebugContext(ctx, "redis driver", "text", fmt.Sprintf(format, v...))
}
