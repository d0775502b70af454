// Package ratelimit slows clients down: a token bucket for each client address, or for each name, in bounded memory.
//
//	limit := ratelimit.New(ratelimit.Options{Rate: 30, Burst: 10})
//
//	ok, wait := limit.Allow(addr)
//
// The counts live in this process: with n instances behind a load balancer a client gets up to n times the rate.
// Behind a proxy the address must be taken from a header that the proxy sets, see [BehindProxies], or all clients
// share one bucket.
package ratelimit

import (
	"cmp"
	"crypto/sha256"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options of [New]; the zero value is usable.
type Options struct {
	// Rate is how many requests a minute a client may make in the long run. Default (0 or less) 30.
	Rate float64
	// Burst is how many it may make at once after a pause. Default (0 or less) 10.
	Burst int
	// MaxClients bounds the buckets remembered, about 200 bytes each. Default (0 or less) 10000. When there are
	// more, those that were not seen for the longest time are forgotten, and would start with a full burst.
	MaxClients int
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Limiter counts requests. It is safe for concurrent use.
type Limiter struct {
	interval time.Duration // between requests at the long-run rate
	burst    time.Duration // what a full bucket holds, as time at that rate
	most     int           // buckets in each of the two maps
	now      func() time.Time

	// A bucket is the time at which it will be full again (the generic cell rate algorithm). When recent has reached
	// its bound it becomes older, and what was not seen since is forgotten.
	mu            sync.Mutex
	recent, older map[bucket]time.Time
}

// bucket names what is counted together: a network, a name, or a name from a network.
type bucket struct {
	name    [sha256.Size]byte
	network netip.Prefix
}

// New returns a limiter.
func New(o Options) *Limiter {
	interval := time.Duration(float64(time.Minute) / cmp.Or(max(0, o.Rate), 30))
	l := &Limiter{
		interval: interval,
		burst:    time.Duration(cmp.Or(max(0, o.Burst), 10)) * interval,
		most:     (cmp.Or(max(0, o.MaxClients), 10_000) + 1) / 2,
		now:      o.Now,
		recent:   make(map[bucket]time.Time),
	}
	if l.now == nil {
		l.now = time.Now
	}
	return l
}

// Allow counts one request from addr. If it is one too many, ok is false, retryAfter says how long to wait until
// one is allowed again, and the request costs nothing. IPv6 addresses count by their /64, which is the least that a
// customer gets, and besides by the /56 and the /48 around it, with two and four times the rate, since many get one.
// Requests with the zero Addr share one bucket.
func (l *Limiter) Allow(addr netip.Addr) (ok bool, retryAfter time.Duration) {
	if addr = addr.Unmap(); addr.Is6() {
		return l.take(bucket{network: network(addr, 64)}, bucket{network: network(addr, 56)},
			bucket{network: network(addr, 48)})
	}
	return l.take(bucket{network: network(addr, 32)})
}

// AllowName counts one login with a name, in any case of letters, wherever it comes from. Where [Limiter.Trust]
// saw the user before, it counts apart, so that guesses from elsewhere lock nobody out there (ASVS 6.3.1).
func (l *Limiter) AllowName(name string, addr netip.Addr) (ok bool, retryAfter time.Duration) {
	b := named(name, addr)
	l.mu.Lock()
	_, trusted := l.full(b)
	l.mu.Unlock()
	if !trusted {
		b.network = netip.Prefix{}
	}
	return l.take(b)
}

// Trust remembers where the user of a name has logged in.
func (l *Limiter) Trust(name string, addr netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := named(name, addr)
	full, _ := l.full(b)
	l.set(b, full)
}

// take takes one request out of all buckets or out of none. Each holds twice as much as the one before it.
func (l *Limiter) take(buckets ...bucket) (ok bool, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	full := make([]time.Time, len(buckets))
	for i, b := range buckets {
		interval := l.interval >> i
		at, _ := l.full(b)
		ahead := max(0, at.Sub(now))
		retryAfter = max(retryAfter, ahead+interval-l.burst)
		full[i] = now.Add(ahead + interval)
	}
	if retryAfter > 0 {
		return false, retryAfter
	}
	for i, b := range buckets {
		l.set(b, full[i])
	}
	return true, 0
}

// full is when a bucket will be full again, if it is remembered; then it counts as just seen. The caller holds l.mu.
func (l *Limiter) full(b bucket) (at time.Time, found bool) {
	if at, found = l.recent[b]; !found {
		if at, found = l.older[b]; found {
			l.set(b, at)
		}
	}
	return at, found
}

func (l *Limiter) set(b bucket, full time.Time) {
	if _, found := l.recent[b]; !found && len(l.recent) >= l.most {
		l.recent, l.older = make(map[bucket]time.Time), l.recent
	}
	l.recent[b] = full
}

func named(name string, addr netip.Addr) bucket {
	addr = addr.Unmap()
	return bucket{sha256.Sum256([]byte(strings.ToLower(name))), network(addr, min(64, addr.BitLen()))}
}

// network is the range around addr; of the zero Addr it is the zero Prefix.
func network(addr netip.Addr, bits int) netip.Prefix {
	prefix, _ := addr.WithZone("").Prefix(bits)
	return prefix
}

// RetryAfter writes a wait as the value of a Retry-After header (RFC 9110, 10.2.3): whole seconds, rounded up, at
// least 1.
func RetryAfter(wait time.Duration) string {
	return strconv.FormatInt(max(1, int64((wait+time.Second-1)/time.Second)), 10)
}
