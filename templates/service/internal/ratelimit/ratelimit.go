// Package ratelimit slows clients down: a token bucket for each client address, in bounded memory.
//
//	limit := ratelimit.New(ratelimit.Options{Rate: 30, Burst: 10})
//
//	ok, wait := limit.Allow(addr)
//
// The counts live in this process: with n instances behind a load balancer a client gets up to n times the rate.
// Behind a proxy the address must be taken from a header that the proxy sets, or all clients share one bucket.
package ratelimit

import (
	"container/list"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Options of [New]; the zero value is usable.
type Options struct {
	// Rate is how many requests a minute a client may make in the long run. Default (0 or less) 30.
	Rate float64
	// Burst is how many it may make at once after a pause. Default (0 or less) 10.
	Burst int
	// MaxClients bounds the addresses remembered, about 200 bytes each. Default (0 or less) 10000. When there are
	// more, the one that was not seen for the longest time is forgotten, and would start with a full burst.
	MaxClients int
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Limiter counts requests by client address. It is safe for concurrent use.
type Limiter struct {
	interval   time.Duration // between requests at the long-run rate
	slack      time.Duration // how far ahead of that a burst may run
	maxClients int
	now        func() time.Time

	mu      sync.Mutex
	clients map[netip.Prefix]*list.Element
	recent  list.List // of *client, the one seen last in front
}

// client is one bucket, kept as the time at which it will be full again (the generic cell rate algorithm).
type client struct {
	prefix netip.Prefix
	full   time.Time
}

// New returns a limiter.
func New(o Options) *Limiter {
	if !(o.Rate > 0) {
		o.Rate = 30
	}
	if o.Burst <= 0 {
		o.Burst = 10
	}
	if o.MaxClients <= 0 {
		o.MaxClients = 10_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	interval := time.Duration(max(1, float64(time.Minute)/o.Rate))
	return &Limiter{
		interval:   interval,
		slack:      time.Duration(o.Burst-1) * interval,
		maxClients: o.MaxClients,
		now:        o.Now,
		clients:    make(map[netip.Prefix]*list.Element),
	}
}

// Allow counts one request from addr. If it is one too many, ok is false, retryAfter says how long to wait until
// one is allowed again, and the request costs nothing. IPv6 addresses count by their /64, which is what one
// customer gets. Requests with the zero Addr share one bucket.
func (l *Limiter) Allow(addr netip.Addr) (ok bool, retryAfter time.Duration) {
	prefix := bucketOf(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	c := l.client(prefix)
	ahead := max(0, c.full.Sub(now))
	if ahead > l.slack {
		return false, ahead - l.slack
	}
	c.full = now.Add(ahead + l.interval)
	return true, 0
}

// client finds or makes the bucket and marks it as just seen. The caller holds l.mu.
func (l *Limiter) client(prefix netip.Prefix) *client {
	if e, found := l.clients[prefix]; found {
		l.recent.MoveToFront(e)
		return e.Value.(*client)
	}
	if len(l.clients) >= l.maxClients {
		oldest := l.recent.Back()
		delete(l.clients, oldest.Value.(*client).prefix)
		l.recent.Remove(oldest)
	}
	c := &client{prefix: prefix}
	l.clients[prefix] = l.recent.PushFront(c)
	return c
}

// bucketOf returns the range of addresses that share a bucket with addr.
func bucketOf(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // it fails for the zero Addr, with a zero Prefix
	return prefix
}

// RetryAfter writes a wait as the value of a Retry-After header (RFC 9110, 10.2.3): whole seconds, rounded up, at
// least 1.
func RetryAfter(wait time.Duration) string {
	return strconv.FormatInt(max(1, int64((wait+time.Second-1)/time.Second)), 10)
}
