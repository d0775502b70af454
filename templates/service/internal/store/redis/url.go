package redis

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	driver "github.com/redis/go-redis/v9"
)

// target is a parsed URL of this package: the form that the driver's own parsers take, and what they do not know.
type target struct {
	url    string // one host; further ones as parameters "addr"
	mode   mode
	prefix string
}

type mode int

const (
	single mode = iota
	cluster
	sentinel
)

// errUnreadable hides the cause, which quotes what it takes for the port, the database or a parameter: it may be half
// of a password.
var errUnreadable = errors.New("STORE_URL cannot be read: the form is redis://user:password@host:6379/0; " +
	"percent-encode special characters in the password (/ is %2F, ? is %3F, # is %23, % is %25, " +
	"@ is %40, ; is %3B, also in the parameters)")

// parse reads a URL. Its errors do not show the URL, which may hold a password.
func parse(raw string) (target, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok || scheme != "redis" && scheme != "rediss" && scheme != "unix" {
		return target{}, errors.New("STORE_URL must begin with redis://, rediss:// (TLS) or unix://, " +
			"such as redis://127.0.0.1:6379/0")
	}
	// net/url accepts one host, so the others are taken out first.
	end := len(rest)
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		end = i
	}
	authority, tail := rest[:end], rest[end:]
	if strings.ContainsAny(tail, "@#") {
		return target{}, errUnreadable // the authority ended within a password
	}
	user, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	addresses := strings.Split(hosts, ",")
	u, err := url.Parse(scheme + "://" + user + addresses[0] + tail)
	if err != nil {
		return target{}, errUnreadable
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, errUnreadable
	}
	t := target{prefix: "session:"}
	if query.Has("prefix") {
		t.prefix = query.Get("prefix")
	}
	defaultPort := "6379"
	switch {
	case query.Has("master_name"):
		t.mode, defaultPort = sentinel, "26379"
	case len(addresses) > 1 || query.Get("cluster") == "true":
		t.mode = cluster
	}
	query.Del("prefix")
	query.Del("cluster")
	if t.mode == cluster && strings.Trim(u.Path, "/0") != "" {
		return target{}, fmt.Errorf("a Redis Cluster has no database numbers: remove %q from the URL", u.Path)
	}
	if scheme != "unix" {
		u.Host = withPort(u.Host, defaultPort)
	}
	for _, address := range addresses[1:] {
		query.Add("addr", withPort(address, defaultPort))
	}
	u.RawQuery = query.Encode()
	t.url = u.String()
	if _, err := url.Parse(t.url); err != nil { // a password without an @ behind it, taken for the host
		return target{}, errUnreadable
	}
	return t, nil
}

func withPort(address, port string) string {
	if _, _, err := net.SplitHostPort(address); err == nil || address == "" {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), port)
}

// connect makes the client; the first call on it opens the first connection.
func (t target) connect() (driver.UniversalClient, error) {
	switch t.mode {
	case cluster:
		o, err := driver.ParseClusterURL(t.url)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled = true
		limits{&o.DialTimeout, &o.DialerRetries, &o.MaxRetries}.setDefaults()
		return driver.NewClusterClient(o), nil
	case sentinel:
		o, err := driver.ParseFailoverURL(t.url)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled = true
		limits{&o.DialTimeout, &o.DialerRetries, &o.MaxRetries}.setDefaults()
		return driver.NewFailoverClient(o), nil
	default:
		o, err := driver.ParseURL(t.url)
		if err != nil {
			return nil, err
		}
		o.ContextTimeoutEnabled = true
		limits{&o.DialTimeout, &o.DialerRetries, &o.MaxRetries}.setDefaults()
		return driver.NewClient(o), nil
	}
}

// limits are those of the driver's options whose defaults suit batch work (five dials of five seconds each, three
// retries) and not a request that should fail quickly.
type limits struct {
	dialTimeout               *time.Duration
	dialerRetries, maxRetries *int
}

func (l limits) setDefaults() {
	if *l.dialTimeout == 0 {
		*l.dialTimeout = time.Second
	}
	if *l.dialerRetries == 0 {
		*l.dialerRetries = 1
	}
	if *l.maxRetries == 0 {
		*l.maxRetries = 1
	}
}
