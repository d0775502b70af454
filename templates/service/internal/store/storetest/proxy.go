package storetest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a store and its server and makes faults of the network. It can fall silent: connections stay
// open and new ones are accepted, but no byte passes, as with a frozen server. And it can lose an answer: the server
// has done what it was asked, the connection breaks, and the store cannot know.
type Proxy struct {
	Addr string // host:port on the loopback interface

	mu     sync.Mutex
	silent chan struct{} // closed when bytes pass
	lose   atomic.Bool   // the next answer
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
		io.Copy(client, gated{server, p, true})
		client.Close()
	}()
	io.Copy(server, gated{client, p, false})
}

// gated holds back what was read while the proxy is silent, and ends the connection where an answer is to be lost.
type gated struct {
	net.Conn
	proxy   *Proxy
	answers bool // the bytes come from the server
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
