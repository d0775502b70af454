package storetest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Proxy is between a store and its server and makes faults of the network. It can fall silent: connections stay
// open and new ones are accepted, but no byte passes, as with a frozen server. And it can lose an answer: the server
// has done what it was asked, the connection breaks, and the store cannot know. And it counts round trips.
type Proxy struct {
	Addr string // host:port on the loopback interface

	mu     sync.Mutex
	silent chan struct{} // closed when bytes pass
	lose   atomic.Bool   // the next answer
	trips  atomic.Int64  // how often a client asked something after it had been answered
}

// NewProxy forwards to the TCP address server until the test ends.
func NewProxy(t *testing.T, server string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: l.Addr().String(), silent: make(chan struct{})}
	p.Resume()
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.forward(client, server)
		}
	}()
	return p
}

func (p *Proxy) forward(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	var answered atomic.Bool
	answered.Store(true)
	go func() {
		io.Copy(client, gated{server, p, true, &answered})
		client.Close()
	}()
	io.Copy(server, gated{client, p, false, &answered})
}

// gated holds back what was read while the proxy is silent, and ends the connection where an answer is to be lost.
type gated struct {
	net.Conn
	proxy   *Proxy
	answers bool // the bytes come from the server

	answered *atomic.Bool // the last bytes on this connection came from the server
}

func (g gated) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	g.proxy.mu.Lock()
	silent := g.proxy.silent
	g.proxy.mu.Unlock()
	<-silent
	if g.answers && err == nil && g.proxy.lose.CompareAndSwap(true, false) {
		return 0, io.EOF
	}
	if before := g.answered.Swap(g.answers); before && !g.answers && n > 0 {
		g.proxy.trips.Add(1)
	}
	return n, err
}

// Silence stops all bytes.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = make(chan struct{})
}

// Resume lets them pass again, those that were held back first.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.silent:
	default:
		close(p.silent)
	}
}

// Silent lets the server behind p fall silent and wants every call of s to end with its context, or quickly without
// one, and to succeed again afterwards.
func Silent(t *testing.T, s Store, p *Proxy) {
	t.Helper()
	key := NewKey()
	MustPut(t, s, key, []byte("kept"), hour())
	p.Silence()
	defer p.Resume()

	all := calls(s, key)
	delete(all, "Sweep") // it may take longer
	var wg sync.WaitGroup
	for name, call := range all {
		for _, limit := range []time.Duration{200 * time.Millisecond, 0} {
			ctx, want := t.Context(), Quick
			if limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, limit)
				defer cancel()
				want = limit + 500*time.Millisecond
			}
			wg.Go(func() {
				begin := time.Now()
				err := call(ctx)
				if took := time.Since(begin); err == nil || took > want {
					t.Errorf("%s on a silent server with the limit %v (0: none) = %v after %v, want an error within %v",
						name, limit, err, took, want)
				}
				if limit > 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s on a silent server = %v, want an error that wraps %v",
						name, err, context.DeadlineExceeded)
				}
			})
		}
	}
	wg.Wait()

	p.Resume()
	back := time.Now()
	other := NewKey() // what was held back may still reach the first key
	for {
		err := Put(t.Context(), s, other, []byte("again"), hour())
		if err == nil {
			break
		}
		if time.Since(back) > 5*time.Second {
			t.Fatalf("writing after the server has answered again for 5 s = %v", err)
		}
	}
	wantFound(t, s, other, []byte("again"))
}

// LostAnswer loses the answer to a Swap that the server behind p has carried out, and wants the store to say so with
// an error. "Not swapped" would be a lie: it happens when a driver silently repeats the command.
func LostAnswer(t *testing.T, s Store, p *Proxy) {
	t.Helper()
	for _, c := range []struct {
		name     string
		old, new []byte
		several  bool
	}{
		{"create", nil, []byte("1"), false},
		{"replace", []byte("0"), []byte("1"), false},
		{"delete", []byte("0"), nil, false},
		{"create two", nil, []byte("1"), true},
	} {
		// The first round warms up what the driver keeps for each connection, prepared statements for example.
		for _, lose := range []bool{false, true} {
			key := NewKey()
			if c.old != nil {
				MustPut(t, s, key, c.old, hour())
			} else {
				wantMissing(t, s, key)
			}
			p.lose.Store(lose)
			changes := []session.Change{{Key: key, Old: c.old, New: c.new, Expiry: hour()}}
			if c.several {
				changes = append(changes, session.Change{Key: NewKey(), New: []byte("other"), Expiry: hour()})
			}
			made, err := s.Swap(t.Context(), changes...)
			if !lose && (err != nil || !made[0]) {
				t.Fatalf("Swap to %s = %v, %v; want true, nil", c.name, made, err)
			}
			if lose && err == nil {
				t.Errorf("Swap to %s whose answer was lost = %v, nil; want an error", c.name, made)
			}
			if p.lose.Load() {
				t.Fatal("the proxy saw no answer to lose")
			}
			if c.new == nil {
				wantMissing(t, s, key)
			} else {
				wantFound(t, s, key, c.new)
			}
		}
	}
}

// RoundTrips counts how often s asks the server behind p and waits for the answer: once for each call.
func RoundTrips(t *testing.T, s Store, p *Proxy) {
	t.Helper()
	kept, replaced := NewKey(), NewKey()
	MustPut(t, s, kept, []byte("kept"), hour())
	for round := range 3 { // the first ones open the connection and prepare what the driver keeps for it
		removed := NewKey()
		MustPut(t, s, removed, []byte("removed"), hour())
		MustPut(t, s, replaced, []byte("replaced"), hour())
		for _, c := range []struct {
			name string
			call func() error
		}{
			{"Find of one key", func() error { _, err := s.Find(t.Context(), kept); return err }},
			{"Find of four keys", func() error {
				_, err := s.Find(t.Context(), kept, NewKey(), replaced, NewKey())
				return err
			}},
			{"Swap of one change", func() error {
				_, err := s.Swap(t.Context(), session.Change{Key: NewKey(), New: []byte("new"), Expiry: hour()})
				return err
			}},
			{"Swap of four changes", func() error {
				_, err := s.Swap(t.Context(),
					session.Change{Key: NewKey(), New: []byte("new"), Expiry: hour()},
					session.Change{Key: replaced, Old: []byte("replaced"), New: []byte("new"), Expiry: hour()},
					session.Change{Key: removed, Old: []byte("removed")},
					session.Change{Key: NewKey()})
				return err
			}},
			{"Ping", func() error { return s.Ping(t.Context()) }},
		} {
			before := p.trips.Load()
			if err := c.call(); err != nil {
				t.Fatalf("%s = %v", c.name, err)
			}
			if trips := p.trips.Load() - before; trips != 1 && round > 1 {
				t.Errorf("%s took %d round trips, want 1", c.name, trips)
			}
		}
	}
}
