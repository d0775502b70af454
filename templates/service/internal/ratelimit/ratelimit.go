// Package ratelimit slows clients down: a token bucket for each client address, in bounded memory.
//
//	limit := ratelimit.New(ratelimit.Options{Rate: 30, Burst: 10})
//	if ok, wait := limit.Allow(addr); !ok {
//		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
//		http.Error(w, "too many requests", http.StatusTooManyRequests)
//		return
//	}
package ratelimit

import (
	"net/netip"
	"time"
)

// Options of [New].
type Options struct {
	// Rate is how many requests a minute a client may make in the long run. Default (0 or less) 30.
	Rate float64
	// Burst is how many it may make at once after a pause. Default (0 or less) 10.
	Burst int
	// MaxClients bounds the addresses remembered. Default (0 or less) 10000.
	MaxClients int
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// Limiter counts requests by client address. It is safe for concurrent use.
type Limiter struct{ o Options }

// New returns a limiter.
func New(o Options) *Limiter { return &Limiter{o: o} }

// Allow counts one request from addr. If it is one too many, ok is false and retryAfter says how long to wait.
func (l *Limiter) Allow(addr netip.Addr) (ok bool, retryAfter time.Duration) { return true, 0 }
