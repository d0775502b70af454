// Package redis keeps sessions in Redis (version 6.2 or newer) or Valkey: one server, a pair watched by Sentinels, or
// a Cluster. It is the store for several instances of a service. The driver is go-redis.
//
//	store, err := redis.Open(ctx, "redis://:secret@cache.internal:6379/0")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//
// # The URL
//
//	redis://user:password@host:6379/0               one server, database 0
//	rediss://...                                    the same over TLS
//	unix:///run/redis/redis.sock?db=0               the same over a socket file
//	redis://user:password@host1:6379,host2:6379     a Cluster; the other nodes are found automatically
//	redis://user:password@host:6379?cluster=true    a Cluster of which one address is known
//	redis://host1:26379,host2:26379/0?master_name=NAME&username=USER&password=PASSWORD
//	                                                Sentinels; a user and password before the hosts would be theirs
//
// Further parameters are go-redis's, such as pool_size=20 (connections besides ten for pipelines; by default 10 for
// each CPU, in a Cluster 5 for each CPU to each node), dial_timeout, read_timeout, max_retries, skip_verify=true (TLS
// without a check of the certificate; not for a Cluster); and prefix=shop: for the names of the keys, "session:" by
// default. Give each service that shares a server its own prefix.
//
// # What the user needs
//
// The commands EVAL, GET, SET and DEL on the keys with the prefix; besides, SELECT for a database other than 0, and
// CLUSTER SLOTS in a Cluster:
//
//	ACL SETUSER app on >secret ~session:* -@all +eval +get +set +del
//
// The server must take writes, so it is not a replica. Open writes a record of its own and removes it to find all that
// out, and so does Ping.
//
// # What is durable
//
// As much as the server is: set "appendonly yes" in redis.conf, or a restart of the server logs everybody out. With the
// usual "appendfsync everysec" a power cut loses the last second, logouts included; "appendfsync always" loses
// nothing. Replication is asynchronous: a fail-over can lose what was confirmed just before. Set "maxmemory-policy"
// to noeviction: every other policy throws live sessions away when memory is short.
//
// # Expired records
//
// The server removes them by itself, to the millisecond, by its own clock. Sweep has nothing to do. No record is ever
// stored without an expiry.
//
// # Faults
//
// While the server is away, calls fail at once when it refuses connections, and after three seconds at most when it
// does not answer. Nothing has to be done when it is back: calls succeed again after a second at most, or three for a
// node of a Cluster. A call that failed may still have been carried out, as ever when a connection breaks before the
// answer.
package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"time"

	driver "github.com/redis/go-redis/v9"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const (
	callTimeout = 3 * time.Second // of one Find or Swap, waiting for a free connection and a retry included
	pingTimeout = 2 * time.Second // of one Ping, and so of Open
)

// Store is a session store in Redis. Make it with Open. It is safe for concurrent use.
type Store struct {
	client driver.UniversalClient
	prefix string
	close  func() error
}

var _ session.Store = (*Store)(nil)

// Open connects to the server, Sentinels or Cluster that url names, as the package documentation describes. It fails
// when they cannot be reached now, take no writes, or do not let the user do what the store needs.
//
// A call on the Store ends with its context, and after three seconds at the latest (Ping: two). A record may have up to
// 512 MB.
func Open(ctx context.Context, url string) (*Store, error) {
	target, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open session store: %w", err)
	}
	driver.SetLogger(driverLog{})
	client, err := target.connect()
	if err != nil {
		return nil, fmt.Errorf("open session store: %w", err)
	}
	s := &Store{client: client, prefix: target.prefix, close: sync.OnceValue(client.Close)}
	if err := s.Ping(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open session store: %w%s", err, likelyCause(strings.HasPrefix(url, "rediss:"), err))
	}
	return s, nil
}

// likelyCause names what is behind an error that does not say it: managed servers often take TLS alone.
func likelyCause(withTLS bool, err error) string {
	_, stranger := errors.AsType[x509.UnknownAuthorityError](err)
	_, otherName := errors.AsType[x509.HostnameError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	closed := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	switch {
	case stranger:
		return "; have the system trust the authority that signed it (SSL_CERT_FILE is read in place of the system's " +
			"list of them), or add skip_verify=true (not for a Cluster) where nobody can get in between"
	case otherName:
		return "; write the host in STORE_URL as the certificate has it"
	case withTLS && (noTLS || closed || errors.Is(err, context.DeadlineExceeded)):
		return "; the server may not speak TLS at this port: write redis:// in place of rediss://"
	case !withTLS && closed:
		return "; the server may want TLS: write rediss:// in place of redis://"
	}
	return ""
}

// Close closes the connections. Further calls do nothing; other methods fail.
func (s *Store) Close() error { return s.close() }
