package redis_test

import (
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

const slots = 16384 // of every Redis Cluster

// newCluster starts three nodes, each with a third of the slots, and waits until all of them agree.
func newCluster(t *testing.T) [3]*server {
	t.Helper()
	var nodes [3]*server
	var clients [3]*driver.Client
	for i := range nodes {
		nodes[i] = newServer(t, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "1000")
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
			if err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
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
		storetest.Run(t, func(t *testing.T) session.Store { return open(t, url) })
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
	t.Run("two processes, one address", func(t *testing.T) {
		url := "redis://" + addrs[1] + "?cluster=true"
		storetest.TwoProcesses(t, url, open(t, url))
	})
	t.Run("restart of one node", func(t *testing.T) {
		storetest.Restart(t, open(t, url), nodes[1].stop, nodes[1].start)
	})
}
