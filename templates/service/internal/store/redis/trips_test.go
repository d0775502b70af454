package redis_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/redis"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// trips counts round trips: a command, or a pipeline, which a Cluster's client sends to all of its nodes at once.
type trips struct{ atomic.Int64 }

func (c *trips) DialHook(next driver.DialHook) driver.DialHook { return next }

func (c *trips) ProcessHook(next driver.ProcessHook) driver.ProcessHook {
	return func(ctx context.Context, cmd driver.Cmder) error {
		c.Add(1)
		return next(ctx, cmd)
	}
}

func (c *trips) ProcessPipelineHook(next driver.ProcessPipelineHook) driver.ProcessPipelineHook {
	return func(ctx context.Context, cmds []driver.Cmder) error {
		c.Add(1)
		return next(ctx, cmds)
	}
}

func (c *trips) want(t *testing.T, what string, want int64, call func()) {
	t.Helper()
	before := c.Load()
	call()
	if n := c.Load() - before; n != want {
		t.Errorf("%s took %d round trips, want %d", what, n, want)
	}
}

func TestTrips(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	testTrips(t, open(t, "redis://"+s.addr()), s)
}

// testTrips counts what calls of the store, and requests of a service with sessions, ask the servers. Nobody else may
// use them meanwhile.
func testTrips(t *testing.T, store *redis.Store, servers ...*server) {
	var trips trips
	store.AddHook(&trips)

	const several = 8 // enough for more than one node of a Cluster
	var keys []string
	var create, remove []session.Change
	for range several {
		key := storetest.NewKey()
		keys = append(keys, key)
		create = append(create, session.Change{Key: key, New: []byte("x"), Expiry: time.Now().Add(time.Hour)})
		remove = append(remove, session.Change{Key: key, Old: []byte("x")})
	}
	swap := func(changes []session.Change) {
		made, err := store.Swap(t.Context(), changes...)
		if err != nil || slices.Contains(made, false) {
			t.Errorf("Swap of %d changes = %v, %v; want all made", several, made, err)
		}
	}
	for _, s := range servers {
		admin(t, s, "CONFIG", "RESETSTAT")
	}
	trips.want(t, "Swap", 1, func() { swap(create) })
	for _, s := range servers {
		admin(t, s, "SCRIPT", "FLUSH")
	}
	trips.want(t, "Swap on servers that do not know the script", 1, func() { swap(remove) })
	if n := commands(t, "eval", servers); n != 2*several {
		t.Errorf("Swap twice of %d changes took %d scripts, want one for each change", several, n)
	}
	for _, s := range servers {
		admin(t, s, "CONFIG", "RESETSTAT")
	}
	trips.want(t, "Find", 1, func() {
		if _, err := store.Find(t.Context(), keys...); err != nil {
			t.Errorf("Find of %d keys = %v", several, err)
		}
	})
	if n := commands(t, "get", servers); n != several {
		t.Errorf("Find of %d keys took %d commands, want one for each", several, n)
	}

	browser := newBrowser(t, store)
	trips.want(t, "a request that does not use the session", 0, func() { browser.visit("/untouched") })
	browser.visit("/change")
	trips.want(t, "a request that does not use the visitor's session", 0, func() { browser.visit("/untouched") })
	trips.want(t, "a visitor's read", 1, func() { browser.visit("/read") })
	trips.want(t, "a visitor's change", 2, func() { browser.visit("/change") })
	trips.want(t, "a visitor's login", 3, func() { browser.visit("/login") })
	trips.want(t, "a request that does not use the user's session", 0, func() { browser.visit("/untouched") })
	trips.want(t, "a user's read", 1, func() { browser.visit("/read") })
	trips.want(t, "a user's change", 2, func() { browser.visit("/change") })
	if got, want := browser.visit("/read"), "ann 3"; got != want {
		t.Errorf("the session after three changes and a login = %q, want %q", got, want)
	}
}

// commands adds up how often the servers were asked to run the command, refused or not.
func commands(t *testing.T, name string, servers []*server) (n int) {
	t.Helper()
	stats := regexp.MustCompile(`cmdstat_` + name + `:calls=(\d+),.*rejected_calls=(\d+)`)
	for _, s := range servers {
		client := driver.NewClient(&driver.Options{Addr: s.addr()})
		defer client.Close()
		info, err := client.Info(t.Context(), "commandstats").Result()
		if err != nil {
			t.Fatal(err)
		}
		if found := stats.FindStringSubmatch(info); found != nil {
			calls, _ := strconv.Atoi(found[1])
			rejected, _ := strconv.Atoi(found[2])
			n += calls + rejected
		}
	}
	return n
}

// browser visits a service whose session counts the changes.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies []*http.Cookie
}

func newBrowser(t *testing.T, store session.Store) *browser {
	config := session.Defaults()
	config.Store = store
	config.Keys = [][]byte{bytes.Repeat([]byte("k"), 32)}
	sessions, err := session.New[struct{ Changes int }](config)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/untouched", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Get(r)
		fmt.Fprint(w, s.User(), " ", s.V.Changes)
	})
	mux.HandleFunc("/change", func(w http.ResponseWriter, r *http.Request) { sessions.Get(r).V.Changes++ })
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.Get(r).SignIn("ann"); err != nil {
			t.Error(err)
		}
	})
	return &browser{t: t, handler: sessions.Middleware(mux)}
}

func (b *browser) visit(path string) (body string) {
	b.t.Helper()
	r := httptest.NewRequest("POST", path, nil)
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.t.Errorf("%s = %d %s, want 200", path, w.Code, w.Body)
	}
	if cookies := w.Result().Cookies(); len(cookies) > 0 {
		b.cookies = cookies
	}
	return w.Body.String()
}
