package ratelimit_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
)

// clock is a time that only moves when set.
type clock struct{ now time.Time }

func newClock() *clock                   { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

// allowed counts how many of n requests pass.
func allowed(l *ratelimit.Limiter, addr string, n int) int {
	count := 0
	for range n {
		if ok, _ := l.Allow(netip.MustParseAddr(addr)); ok {
			count++
		}
	}
	return count
}

func TestAllow(t *testing.T) {
	c := newClock()
	l := ratelimit.New(ratelimit.Options{Rate: 60, Burst: 3, Now: c.Now})
	if got := allowed(l, "192.0.2.1", 10); got != 3 {
		t.Errorf("at once: %d of 10 allowed, want the burst of 3", got)
	}
	if ok, wait := l.Allow(netip.MustParseAddr("192.0.2.1")); ok || wait != time.Second {
		t.Errorf("Allow when empty = %v, %v, want false, 1s", ok, wait)
	}
	c.advance(time.Second - 1)
	if ok, wait := l.Allow(netip.MustParseAddr("192.0.2.1")); ok || wait != 1 {
		t.Errorf("Allow just too early = %v, %v, want false, 1ns", ok, wait)
	}
	c.advance(1)
	if got := allowed(l, "192.0.2.1", 5); got != 1 {
		t.Errorf("after a second: %d allowed, want 1: refused requests must cost nothing", got)
	}
	c.advance(time.Hour)
	if got := allowed(l, "192.0.2.1", 10); got != 3 {
		t.Errorf("after an hour: %d allowed, want no more than the burst of 3", got)
	}
}

func TestAllowGroupsAddresses(t *testing.T) {
	tests := []struct {
		name, first, second string
		shared              bool
	}{
		{"two IPv4 addresses", "192.0.2.1", "192.0.2.2", false},
		{"IPv4 and its mapped form", "192.0.2.1", "::ffff:192.0.2.1", true},
		{"one /64", "2001:db8::1", "2001:db8::ffff:1:2", true},
		{"two /64", "2001:db8::1", "2001:db8:0:1::1", false},
		{"zones", "fe80::1%eth0", "fe80::1%eth1", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := ratelimit.New(ratelimit.Options{Burst: 1, Now: newClock().Now})
			l.Allow(netip.MustParseAddr(test.first))
			if ok, _ := l.Allow(netip.MustParseAddr(test.second)); ok == test.shared {
				t.Errorf("%s after %s allowed = %v, want %v", test.second, test.first, ok, !test.shared)
			}
		})
	}
	l := ratelimit.New(ratelimit.Options{Burst: 1, Now: newClock().Now})
	l.Allow(netip.Addr{})
	if ok, _ := l.Allow(netip.Addr{}); ok {
		t.Error("the zero Addr is not limited")
	}
}

func TestAllowForgetsTheOldest(t *testing.T) {
	l := ratelimit.New(ratelimit.Options{Burst: 1, MaxClients: 2, Now: newClock().Now})
	allowed(l, "192.0.2.1", 1)
	allowed(l, "192.0.2.2", 1)
	allowed(l, "192.0.2.1", 1) // refused, but seen
	allowed(l, "192.0.2.3", 1) // pushes out .2
	for addr, want := range map[string]int{"192.0.2.1": 0, "192.0.2.3": 0} {
		if got := allowed(l, addr, 1); got != want {
			t.Errorf("%s allowed %d, want %d: it must be remembered", addr, got, want)
		}
	}
	if got := allowed(l, "192.0.2.2", 1); got != 1 {
		t.Errorf("the oldest client is still remembered: memory is not bounded")
	}
}

func TestAllowConcurrently(t *testing.T) {
	l := ratelimit.New(ratelimit.Options{Burst: 50, MaxClients: 8, Now: newClock().Now})
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { passed.Add(int64(allowed(l, "192.0.2.1", 100))) })
	}
	wg.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d of 800 parallel requests allowed, want the burst of 50", passed.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		0: "1", 1: "1", time.Second: "1", time.Second + 1: "2", 90 * time.Second: "90",
	} {
		if got := ratelimit.RetryAfter(wait); got != want {
			t.Errorf("RetryAfter(%v) = %q, want %q", wait, got, want)
		}
	}
}

func ExampleLimiter_Allow() {
	limit := ratelimit.New(ratelimit.Options{Rate: 30, Burst: 2})
	addr := netip.MustParseAddr("2001:db8::1")
	for range 3 {
		ok, wait := limit.Allow(addr)
		fmt.Println(ok, ratelimit.RetryAfter(wait))
	}
	// Output:
	// true 1
	// true 1
	// false 2
}

func BenchmarkAllow(b *testing.B) {
	l := ratelimit.New(ratelimit.Options{})
	addr := netip.MustParseAddr("2001:db8::1")
	b.ReportAllocs()
	for b.Loop() {
		l.Allow(addr)
	}
}
