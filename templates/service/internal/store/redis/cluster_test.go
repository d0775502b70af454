package redis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

const slots = 16384 // of every Redis Cluster

// newCluster starts three nodes, each with a third of the slots, and waits until all of them agree.
func newCluster(t *testing.T) [3]*server {
	t.Helper()
	var nodes [3]*server
	for i := range nodes {
		nodes[i] = newServer(t, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			"--cluster-node-timeout", "1000")
		client := driver.NewClient(&driver.Options{Addr: nodes[i].addr()})
		defer client.Close()
		first, last := i*slots/len(nodes), (i+1)*slots/len(nodes)-1
		if err := client.ClusterAddSlotsRange(t.Context(), first, last).Err(); err != nil {
			t.Fatal(err)
		}
		host, port, _ := strings.Cut(nodes[0].addr(), ":")
		if err := client.ClusterMeet(t.Context(), host, port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range nodes {
		if err := node.waitForCluster(t); err != nil {
			t.Fatal(err)
		}
	}
	return nodes
}

// waitForCluster waits until the node takes part: it refuses every command for two seconds after a restart.
func (s *server) waitForCluster(t *testing.T) error {
	client := driver.NewClient(&driver.Options{Addr: s.addr()})
	defer client.Close()
	deadline := time.Now().Add(15 * time.Second)
	for {
		info, err := client.ClusterInfo(t.Context()).Result()
		if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the cluster is not up after 15 s: error %s, %s", fmt.Sprint(err), info)
		}
		time.Sleep(10 * time.Millisecond)
	}
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
	t.Run("trips", func(t *testing.T) { testTrips(t, open(t, url), nodes[:]...) })
	t.Run("permissions", func(t *testing.T) {
		for _, node := range nodes {
			admin(t, node, "ACL", "SETUSER", "app", "on", ">pw", "~session:*", "-@all", "+eval", "+get", "+set", "+del")
		}
		url := "redis://app:pw@" + addrs[0] + "?cluster=true"
		wantRefused(t, url, "CLUSTER SLOTS in a Cluster")
		for _, node := range nodes {
			admin(t, node, "ACL", "SETUSER", "app", "+cluster|slots")
		}
		open(t, url)
	})
	t.Run("two processes, one address", func(t *testing.T) {
		url := "redis://" + addrs[1] + "?cluster=true"
		storetest.TwoProcesses(t, url, open(t, url))
	})
	t.Run("restart of one node", func(t *testing.T) {
		start := func() error {
			if err := nodes[1].start(); err != nil {
				return err
			}
			return nodes[1].waitForCluster(t)
		}
		storetest.Restart(t, open(t, url), nodes[1].stop, start)
	})
}
