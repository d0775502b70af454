package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// proxy passes TCP connections on and delays the bytes to the server, but not those
// coming back: a round trip takes that much longer. Order is kept, and any number of
// bytes may be on the way, so throughput is not limited.
type proxy struct {
	listener net.Listener
	server   string
	delay    time.Duration
	line     chan parcel // of all connections, in the order in which they are due
	trips    atomic.Int64
}

// parcel is what is written to a connection when it is due. Without data the
// connection is closed for writing.
type parcel struct {
	due  time.Time
	to   *net.TCPConn
	data []byte
}

// newProxy starts a proxy, which runs until the process ends.
func newProxy(server string, delay time.Duration) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, server: server, delay: delay, line: make(chan parcel, 1<<14)}
	go p.deliver()
	go p.accept()
	return p, nil
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		var asked atomic.Bool
		go p.forth(client, server.(*net.TCPConn), &asked)
		go p.back(server, client, &asked)
	}
}

// forth puts what the client sends in the line. The first bytes after an answer
// begin a round trip.
func (p *proxy) forth(client io.Reader, server *net.TCPConn, asked *atomic.Bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if n > 0 {
			if !asked.Swap(true) {
				p.trips.Add(1)
			}
			p.line <- parcel{time.Now().Add(p.delay), server, append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			p.line <- parcel{time.Now().Add(p.delay), server, nil}
			return
		}
	}
}

// back passes on what the server sends.
func (p *proxy) back(server, client net.Conn, asked *atomic.Bool) {
	defer client.Close()
	defer server.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		asked.Store(false)
		if _, failed := client.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

// deliver writes each parcel when it is due. It sleeps in the system, whose
// clock is good to some microseconds: a timer of Go may be a millisecond late.
func (p *proxy) deliver() {
	runtime.LockOSThread()
	const setTimerSlack = 29 // PR_SET_TIMERSLACK, 50 µs unless set, for this thread
	syscall.RawSyscall(syscall.SYS_PRCTL, setTimerSlack, 1, 0)
	for parcel := range p.line {
		for wait := time.Until(parcel.due); wait > 0; wait = time.Until(parcel.due) {
			span := syscall.NsecToTimespec(int64(wait))
			syscall.Nanosleep(&span, nil) // if a signal ends it early, it goes on
		}
		if parcel.data == nil {
			parcel.to.CloseWrite()
		} else {
			parcel.to.Write(parcel.data) // an error shows to the reader of the connection
		}
	}
}

// timePings returns how many microseconds a PING of Redis takes, at the median,
// straight and through a proxy.
func timePings(redis string) (pings [2]float64, err error) {
	p, err := newProxy(redis, delay)
	if err != nil {
		return pings, err
	}
	for i, addr := range []string{redis, p.addr()} {
		if pings[i], err = timePing(addr); err != nil {
			return pings, err
		}
	}
	return pings, nil
}

func timePing(addr string) (float64, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	var took []float64
	for range 500 {
		start := time.Now()
		if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
			return 0, err
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			return 0, fmt.Errorf("PING: %w", err)
		}
		if answer != "+PONG\r\n" {
			return 0, fmt.Errorf("PING: answer %q", answer)
		}
		took = append(took, float64(time.Since(start))/float64(time.Microsecond))
	}
	return measure.Median(took), nil
}
