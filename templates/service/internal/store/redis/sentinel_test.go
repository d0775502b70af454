package redis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// newSentinel starts a Sentinel, alone, that watches master.
func newSentinel(t *testing.T, master *server) *server {
	t.Helper()
	s := &server{program: master.program, dir: t.TempDir(), port: freePort(t)}
	config := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile log\nsentinel monitor sessions 127.0.0.1 %d 1\n"+
		"sentinel down-after-milliseconds sessions 300\nsentinel failover-timeout sessions 2000\n",
		s.port, s.dir, master.port)
	file := filepath.Join(s.dir, "sentinel.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{file, "--sentinel"}
	t.Cleanup(func() { s.stop() })
	if err := s.start(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("start Sentinel: %v\n%s", err, log)
	}
	return s
}

// TestSentinel: the master dies, the Sentinel promotes the replica, and the store finds it by itself.
func TestSentinel(t *testing.T) {
	t.Parallel()
	master := newServer(t, "--repl-diskless-sync-delay", "0")
	replica := newServer(t, "--replicaof", "127.0.0.1", strconv.Itoa(master.port))
	client := driver.NewClient(&driver.Options{Addr: master.addr()})
	defer client.Close()
	waitFor(t, "the replica to be in sync", func() bool {
		info, err := client.Info(t.Context(), "replication").Result()
		return err == nil && strings.Contains(info, "state=online")
	})
	sentinel := newSentinel(t, master) // only now: it asks a master for its replicas every ten seconds
	waitForReplica(t, sentinel)

	store := open(t, "redis://"+sentinel.addr()+"/0?master_name=sessions&prefix="+prefix)
	key := storetest.NewKey()
	storetest.MustPut(t, store, key, []byte(key), time.Now().Add(time.Hour))
	onReplica := driver.NewClient(&driver.Options{Addr: replica.addr()})
	defer onReplica.Close()
	waitFor(t, "the replica to have the record", func() bool {
		n, err := onReplica.Exists(t.Context(), prefix+key).Result()
		return err == nil && n == 1
	})

	master.stop()
	begin := time.Now()
	var slowest time.Duration
	waitFor(t, "the promoted replica to take writes", func() bool {
		call := time.Now()
		change := session.Change{Key: storetest.NewKey(), New: []byte{}, Expiry: time.Now().Add(time.Hour)}
		_, err := store.Swap(t.Context(), change)
		slowest = max(slowest, time.Since(call))
		return err == nil
	})
	t.Logf("writes again %v after the master's death, slowest call %v", time.Since(begin), slowest)
	if slowest > storetest.Quick {
		t.Errorf("the slowest call took %v, want at most %v", slowest, storetest.Quick)
	}
	storetest.WantAll(t, store, []string{key})
}

// waitForReplica waits until the Sentinel knows the replica as one in sync: only then can it promote it.
func waitForReplica(t *testing.T, sentinel *server) {
	t.Helper()
	client := driver.NewSentinelClient(&driver.Options{Addr: sentinel.addr()})
	defer client.Close()
	waitFor(t, "the Sentinel to know the replica", func() bool {
		replicas, err := client.Replicas(t.Context(), "sessions").Result()
		return err == nil && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
	})
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
