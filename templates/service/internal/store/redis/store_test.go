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
	storetest.Run(t, func(t *testing.T) session.Store { return open(t, url) })
}

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	url := url(t)
	storetest.TwoProcesses(t, url, open(t, url))
}

// TestNeverImmortal: whatever the expiry and the method, no key may be left without a time to live.
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
		"zero": {}, "soon": now.Add(time.Millisecond), "an hour": now.Add(time.Hour), "a century": now.AddDate(100, 0, 0),
	}
	methods := map[string]func(key string, expiry time.Time) error{
		"Commit": func(key string, expiry time.Time) error {
			return store.Commit(t.Context(), key, []byte("x"), expiry)
		},
		"Swap/create": func(key string, expiry time.Time) error {
			_, err := store.Swap(t.Context(), key, nil, []byte("x"), expiry)
			return err
		},
		"Swap/replace": func(key string, expiry time.Time) error {
			if err := store.Commit(t.Context(), key, []byte("old"), now.Add(time.Hour)); err != nil {
				return err
			}
			_, err := store.Swap(t.Context(), key, []byte("old"), []byte("x"), expiry)
			return err
		},
		"Touch": func(key string, expiry time.Time) error {
			if err := store.Commit(t.Context(), key, []byte("old"), now.Add(time.Hour)); err != nil {
				return err
			}
			return store.Touch(t.Context(), key, expiry)
		},
	}
	for method, write := range methods {
		for name, expiry := range expiries {
			key := storetest.NewKey()
			if err := write(key, expiry); err != nil {
				t.Errorf("%s with expiry %s = %v", method, name, err)
			}
			ttl, err := server.PTTL(t.Context(), prefix+key).Result()
			if err != nil || ttl < 0 && ttl != none {
				t.Errorf("time to live after %s with expiry %s = %d, %v; want a positive one or no key", method, name, ttl, err)
			}
			if expiry.Before(now.Add(time.Minute)) && ttl > time.Minute {
				t.Errorf("time to live after %s with expiry %s = %v", method, name, ttl)
			}
		}
	}
}
