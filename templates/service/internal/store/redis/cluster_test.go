package redis_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/redis"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

const slots = 16384 // of every Redis Cluster

// newCluster starts three nodes, each with a third of the slots, and waits until all of them agree.
func newCluster(t *testing.T) [3]*server {
	t.Helper()
	var nodes [3]*server
	var clients [3]*driver.Client
	for i := range nodes {
		nodes[i] = newServer(t, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			"--cluster-node-timeout", "1000")
		clients[i] = driver.NewClient(&driver.Options{Addr: nodes[i].addr()})
		defer clients[i].Close()
		first, last := i*slots/len(nodes), (i+1)*slots/len(nodes)-1
		if err := clients[i].ClusterAddSlotsRange(t.Context(), first, last).Err(); err != nil {
			t.Fatal(err)
		}
		host, port, _ := strings.Cut(nodes[0].addr(), ":")
		if err := clients[i].ClusterMeet(t.Context(), host, port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(15 * time.Second)
	for _, client := range clients {
		for {
			info, err := client.ClusterInfo(t.Context()).Result()
			if err == nil && strings.Contains(info, "cluster_state:ok") &&
				strings.Contains(info, "cluster_known_nodes:3") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the cluster does not come up: %v\n%s", err, info)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nodes
}

func TestCluster(t *testing.T) {
	t.Parallel()
	nodes := newCluster(t)
	var addrs []string
	for _, node := range nodes {
		addrs = append(addrs, node.addr())
	}
	url := "redis://" + strings.Join(addrs, ",")
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, url) })
	})
	t.Run("keys on every node", func(t *testing.T) {
		for _, node := range nodes {
			client := driver.NewClient(&driver.Options{Addr: node.addr()})
			defer client.Close()
			if n, err := client.DBSize(t.Context()).Result(); err != nil || n == 0 {
				t.Errorf("keys on %s = %d, %v; want some", node.addr(), n, err)
			}
		}
	})
	t.Run("one pipeline for each node", func(t *testing.T) { clusterRoundTrips(t, nodes[:], open(t, url)) })
	t.Run("user without the rest", func(t *testing.T) {
		for _, node := range nodes {
			client := driver.NewClient(&driver.Options{Addr: node.addr()})
			defer client.Close()
			err := client.Do(t.Context(), "ACL", "SETUSER", "ann", "on", ">geheim", "~session:*",
				"+get", "+set", "+del", "+eval", "+cluster|slots", "+cluster|shards", "+command").Err()
			if err != nil {
				t.Fatal(err)
			}
		}
		store := open(t, "redis://ann:geheim@"+strings.Join(addrs, ","))
		for range 10 { // different keys, so all nodes
			storetest.MustPut(t, store, storetest.NewKey(), []byte("x"), time.Now().Add(time.Minute))
		}
	})
	t.Run("two processes, one address", func(t *testing.T) {
		url := "redis://" + addrs[1] + "?cluster=true"
		storetest.TwoProcesses(t, url, open(t, url))
	})
	t.Run("restart of one node", func(t *testing.T) {
		storetest.Restart(t, open(t, url), nodes[1].stop, nodes[1].start)
	})
}

// clusterRoundTrips counts what the nodes read from their clients: one portion each at most, whatever a call asks for.
func clusterRoundTrips(t *testing.T, nodes []*server, store *redis.Store) {
	var keys []string
	var creations, removals []session.Change
	for range 20 { // on all nodes
		key := storetest.NewKey()
		keys = append(keys, key)
		creations = append(creations, session.Change{Key: key, New: []byte("x"), Expiry: time.Now().Add(time.Minute)})
		removals = append(removals, session.Change{Key: key, Old: []byte("x")})
	}
	if _, err := store.Find(t.Context(), keys...); err != nil { // opens the connections
		t.Fatal(err)
	}
	calls := map[string]func() error{
		"Find": func() error { _, err := store.Find(t.Context(), keys...); return err },
		"Swap": func() error { _, err := store.Swap(t.Context(), creations...); return err },
		"Swap that removes": func() error {
			_, err := store.Swap(t.Context(), removals...)
			return err
		},
	}
	var count []func() int
	for _, node := range nodes {
		count = append(count, reads(t, node))
	}
	for _, name := range []string{"Swap", "Find", "Swap that removes"} {
		var before [3]int
		for i := range nodes {
			before[i] = count[i]()
		}
		if err := calls[name](); err != nil {
			t.Fatalf("%s = %v", name, err)
		}
		for i := range nodes {
			if n := count[i]() - before[i] - 1; n != 1 { // counting is itself a read
				t.Errorf("%s of 20 keys: node %d read %d times, want once", name, i, n)
			}
		}
	}
	// A node that has forgotten all scripts, as after a restart, costs nothing more.
	for _, node := range nodes {
		client := driver.NewClient(&driver.Options{Addr: node.addr()})
		defer client.Close()
		if err := client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if made, err := store.Swap(t.Context(), creations...); err != nil || slices.Contains(made, false) {
		t.Errorf("Swap after SCRIPT FLUSH = %v, %v", made, err)
	}
}

// reads returns a function that says how many portions of commands the server has read.
func reads(t *testing.T, s *server) func() int {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	lines := bufio.NewScanner(conn)
	return func() (n int) {
		fmt.Fprint(conn, "INFO stats\r\n")
		for lines.Scan() {
			if _, err := fmt.Sscanf(lines.Text(), "total_reads_processed:%d", &n); err == nil {
				return n
			}
		}
		t.Error("the server did not say how often it has read")
		return 0
	}
}
