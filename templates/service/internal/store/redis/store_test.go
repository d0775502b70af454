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
	expiries := map[string]time.Time{
		"past": now.Add(-time.Hour), "this millisecond": now, "1970": time.Unix(0, 0), "before 1970": time.Unix(-5, 0),
		"zero": {}, "soon": now.Add(time.Millisecond), "an hour": now.Add(time.Hour),
		"a century": now.AddDate(100, 0, 0),
	}
	for name, expiry := range expiries {
		for _, old := range [][]byte{nil, []byte("old")} {
			key := storetest.NewKey()
			if old != nil {
				storetest.MustPut(t, store, key, old, now.Add(time.Hour))
			}
			change := session.Change{Key: key, Old: old, New: []byte("x"), Expiry: expiry}
			if made, err := store.Swap(t.Context(), change); err != nil || !made[0] {
				t.Errorf("Swap of %q with expiry %s = %v, %v; want true, nil", old, name, made, err)
			}
			ttl, err := server.PTTL(t.Context(), prefix+key).Result()
			if err != nil || ttl < 0 && ttl != none {
				t.Errorf("time to live after Swap of %q with expiry %s = %d, %v; want a positive one or no key",
					old, name, ttl, err)
			}
			if expiry.Before(now.Add(time.Minute)) && ttl > time.Minute {
				t.Errorf("time to live after Swap of %q with expiry %s = %v", old, name, ttl)
			}
		}
	}
}
