package storetest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Proxy stands between a store and its server and can fall silent: connections stay open and new ones are accepted,
// but no byte passes, as with a frozen server or a broken network.
type Proxy struct {
	Addr string // host:port on the loopback interface

	mu     sync.Mutex
	silent chan struct{} // closed when bytes pass
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
	go func() {
		io.Copy(client, gated{server, p})
		client.Close()
	}()
	io.Copy(server, gated{client, p})
}

// gated holds back what was read while the proxy is silent.
type gated struct {
	net.Conn
	proxy *Proxy
}

func (g gated) Read(b []byte) (int, error) {
	n, err := g.Conn.Read(b)
	g.proxy.mu.Lock()
	silent := g.proxy.silent
	g.proxy.mu.Unlock()
	<-silent
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
func Silent(t *testing.T, s session.Store, p *Proxy) {
	t.Helper()
	key := NewKey()
	mustCommit(t, s, key, []byte("kept"), hour())
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
					t.Errorf("%s on a silent server with a context of %v = %v after %v, want an error within %v", name, limit, err, took, want)
				}
				if limit > 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s on a silent server = %v, want an error that wraps %v", name, err, context.DeadlineExceeded)
				}
			})
		}
	}
	wg.Wait()

	p.Resume()
	back := time.Now()
	other := NewKey() // what was held back may still reach the first key
	for {
		err := s.Commit(t.Context(), other, []byte("again"), hour())
		if err == nil {
			break
		}
		if time.Since(back) > 5*time.Second {
			t.Fatalf("Commit after the server has answered again for 5 s = %v", err)
		}
	}
	wantFound(t, s, other, []byte("again"))
}
