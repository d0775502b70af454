package redis_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/redis"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	storetest.Restart(t, open(t, "redis://"+s.addr()), s.stop, s.start)
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.Silent(t, open(t, "redis://"+proxy.Addr), proxy)
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.LostAnswer(t, open(t, "redis://"+proxy.Addr), proxy)
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.RoundTrips(t, open(t, "redis://"+proxy.Addr), proxy)
}

// TestReplica: a server that takes no writes fails a Ping, though it answers.
func TestReplica(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	url := "redis://" + s.addr()
	store := open(t, url)
	key := storetest.NewKey()
	storetest.MustPut(t, store, key, []byte(key), time.Now().Add(time.Hour))
	admin(t, s, "REPLICAOF", "127.0.0.1", strconv.Itoa(freePort(t)))
	if err := store.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "READONLY") {
		t.Errorf("Ping of a replica = %v, want an error with READONLY", err)
	}
	wantRefused(t, url, "READONLY")
	storetest.WantAll(t, store, []string{key})
	admin(t, s, "REPLICAOF", "NO", "ONE")
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("Ping of the server as a master again = %v", err)
	}
}

// TestPermissions: Open says what the store needs, and works with no more than that.
func TestPermissions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	admin(t, s, "ACL", "SETUSER", "full", "on", ">pw", "~session:*", "-@all", "+eval", "+get", "+set", "+del")
	open(t, "redis://full:pw@"+s.addr())
	wantRefused(t, "redis://full:pw@"+s.addr()+"/1", "SELECT")
	wantRefused(t, "redis://full:pw@"+s.addr()+"?prefix=other:", `EVAL, GET, SET and DEL on the keys "other:*"`)
	for _, missing := range []string{"eval", "get", "set", "del"} {
		name := "no-" + missing
		admin(
			t,
			s,
			"ACL",
			"SETUSER",
			name,
			"on",
			">pw",
			"~session:*",
			"-@all",
			"+eval",
			"+get",
			"+set",
			"+del",
			"-"+missing,
		)
		wantRefused(t, "redis://"+name+":pw@"+s.addr(), `EVAL, GET, SET and DEL on the keys "session:*"`)
	}
}

// admin runs one command beside the store.
func admin(t *testing.T, s *server, command ...any) {
	t.Helper()
	client := driver.NewClient(&driver.Options{Addr: s.addr()})
	defer client.Close()
	if err := client.Do(t.Context(), command...).Err(); err != nil {
		t.Fatal(err)
	}
}

func wantRefused(t *testing.T, url, want string) {
	t.Helper()
	store, err := redis.Open(t.Context(), url)
	if err == nil {
		store.Close()
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open(%q) = %v, want an error with %q", url, err, want)
	}
}

// TestRefusesWrites: a server may answer and take no writes for other reasons, too; a Ping says which.
func TestRefusesWrites(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	store := open(t, "redis://"+s.addr())
	for _, test := range []struct{ name, off, on, want string }{
		{"maxmemory", "1", "0", "OOM"},
		{"min-replicas-to-write", "1", "0", "NOREPLICAS"},
	} {
		admin(t, s, "CONFIG", "SET", test.name, test.off)
		if err := store.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Ping with %s %s = %v, want %s", test.name, test.off, err, test.want)
		}
		wantRefused(t, "redis://"+s.addr(), test.want)
		admin(t, s, "CONFIG", "SET", test.name, test.on)
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("Ping with %s %s = %v", test.name, test.on, err)
		}
	}
}
