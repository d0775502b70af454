package redis_test

import (
	"os"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/redis"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m, redis.Open) }

// url names the server that TEST_REDIS_ADDR names, or a private one.
func url(t *testing.T) string {
	t.Helper()
	base := os.Getenv("TEST_REDIS_ADDR")
	if base == "" {
		base = newServer(t).addr()
	}
	if !strings.Contains(base, "://") {
		base = "redis://" + base
	}
	separator := "?"
	if strings.Contains(base, "?") {
		separator = "&"
	}
	return base + separator + "prefix=" + prefix
}

// prefix keeps the tests' keys apart from others on a shared server.
const prefix = "storetest:"

func open(t *testing.T, url string) *redis.Store {
	t.Helper()
	store, err := redis.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStore(t *testing.T) {
	t.Parallel()
	url := url(t)
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, url) })
}

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	url := url(t)
	storetest.TwoProcesses(t, url, open(t, url))
}

// TestNeverImmortal: whatever the expiry, no key may be left without a time to live.
func TestNeverImmortal(t *testing.T) {
	t.Parallel()
	url := url(t)
	store := open(t, url)
	options, err := driver.ParseURL(strings.Replace(url, "prefix="+prefix, "", 1))
	if err != nil {
		t.Fatal(err)
	}
	server := driver.NewClient(options)
	defer server.Close()

	const none = -2 // the server's answer for a key that does not exist; -1 would be: exists without an expiry
	now := time.Now()
	for name, expiry := range map[string]time.Time{
		"past": now.Add(-time.Hour), "this millisecond": now, "1970": time.Unix(0, 0), "before 1970": time.Unix(-5, 0),
		"zero": {}, "soon": now.Add(time.Millisecond), "an hour": now.Add(time.Hour),
		"a century": now.AddDate(100, 0, 0),
	} {
		created, replaced := storetest.NewKey(), storetest.NewKey()
		storetest.MustPut(t, store, replaced, []byte("old"), now.Add(time.Hour))
		store.Swap(t.Context(), session.Change{Key: created, New: []byte("x"), Expiry: expiry}) // may well be an error
		store.Swap(t.Context(), session.Change{Key: replaced, Old: []byte("old"), New: []byte("x"), Expiry: expiry})
		for _, key := range []string{created, replaced} {
			ttl, err := server.PTTL(t.Context(), prefix+key).Result()
			if err != nil || ttl < 0 && ttl != none {
				t.Errorf("time to live with expiry %s = %d, %v; want a positive one or no key", name, ttl, err)
			}
		}
	}
}

// A user who may not do what the store needs is refused at the start, with what to grant.
func TestUser(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	server := driver.NewClient(&driver.Options{Addr: s.addr()})
	defer server.Close()
	for _, test := range []struct{ rules, want string }{
		{"~shop:* +get +set +del +eval", ""},
		{"~shop:* +get +set +del", "+eval"},
		{"~shop:* +get +set +eval", "+del"},
		{"~session:* +get +set +del +eval", "~shop:*"},
	} {
		args := []any{"ACL", "SETUSER", "ann", "reset", "on", ">geheim"}
		for _, rule := range strings.Fields(test.rules) {
			args = append(args, rule)
		}
		if err := server.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
		store, err := redis.Open(t.Context(), "redis://ann:geheim@"+s.addr()+"?prefix=shop:")
		if err == nil {
			store.Close()
		}
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("Open with the rights %q = %v, want %q", test.rules, err, test.want)
		}
	}
}

// A replica answers, but takes no login.
func TestReplica(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	store := open(t, "redis://"+s.addr())
	server := driver.NewClient(&driver.Options{Addr: s.addr()})
	defer server.Close()
	if err := server.SlaveOf(t.Context(), "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err == nil {
		t.Error("Ping of a replica = nil, want an error")
	}
	if store, err := redis.Open(t.Context(), "redis://"+s.addr()); err == nil {
		store.Close()
		t.Error("Open of a replica = nil, want an error")
	}
	if err := server.SlaveOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("Ping of the master again = %v", err)
	}
	if keys, err := server.Keys(t.Context(), "*").Result(); err != nil || len(keys) != 0 {
		t.Errorf("keys left by Ping = %q, %v", keys, err)
	}
}
