package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"testing"
	"time"
)

// echo is a server that sends back what it gets, and a client of it behind a
// proxy with this delay.
func echo(t *testing.T, delay time.Duration) (*proxy, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(conn, conn); conn.Close() }()
		}
	}()
	p, err := newProxy(l.Addr().String(), delay)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.listener.Close() })
	conn, err := net.Dial("tcp", p.addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return p, conn.(*net.TCPConn)
}

func TestProxyDelaysAndCounts(t *testing.T) {
	const delay, times = 5 * time.Millisecond, 20
	p, conn := echo(t, delay)
	answers := bufio.NewReader(conn)
	for range times {
		start := time.Now()
		io.WriteString(conn, "a\nb\n") // two requests, one round trip
		for range 2 {
			if _, err := answers.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < delay {
			t.Errorf("a round trip took %v, want %v at least", took, delay)
		}
	}
	if got := p.trips.Load(); got != times {
		t.Errorf("counted %d round trips, want %d", got, times)
	}
}

// TestProxyKeepsOrderAndThroughput: what is sent in a thousand parts arrives as
// it was, in far less time than a thousand delays.
func TestProxyKeepsOrderAndThroughput(t *testing.T) {
	const delay, parts = 20 * time.Millisecond, 1000
	_, conn := echo(t, delay)
	sent := make([]byte, parts*1000)
	rand.Read(sent)
	start := time.Now()
	go func() {
		for part := range parts {
			conn.Write(sent[part*1000 : (part+1)*1000])
		}
		conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("got %d bytes that differ from the %d sent", len(got), len(sent))
	}
	if took := time.Since(start); took > parts*delay/4 {
		t.Errorf("%d parts took %v", parts, took)
	}
}
