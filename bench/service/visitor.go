package service

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Route is one kind of request, and what its answer must hold.
type Route struct {
	Method, Path, Want string
	Fresh              bool // asked by a visitor without cookies
}

func (r Route) String() string { return r.Method + " " + r.Path }

// visitor is one keep-alive connection with the cookies of one browser. It
// writes requests as bytes and reads answers without building headers, since
// net/http's client would cost more than the services do.
type visitor struct {
	addr    string
	conn    net.Conn
	reader  *bufio.Reader
	cookies []string // "name=value"
	request bytes.Buffer
}

// Open begins a session.
var Open = Route{Method: "POST", Path: "/open", Want: `"message":"opened"`, Fresh: true}

// visit opens a connection and a session.
func visit(addr string) (*visitor, error) {
	v := &visitor{addr: addr}
	if err := v.connect(); err != nil {
		return nil, err
	}
	if err := v.do(Open); err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	return v, nil
}

// connect opens a new connection. Between its turns a visitor is idle for longer
// than node keeps a connection (5 s).
func (v *visitor) connect() (err error) {
	if v.conn != nil {
		v.conn.Close()
	}
	v.conn, err = net.Dial("tcp", v.addr)
	v.reader = bufio.NewReader(v.conn)
	return err
}

// do sends one request and reads the whole answer, which must be 200 and hold
// what the route wants.
func (v *visitor) do(r Route) error {
	if r.Fresh {
		v.cookies = v.cookies[:0]
	}
	b := &v.request
	b.Reset()
	b.WriteString(r.Method)
	b.WriteString(" ")
	b.WriteString(r.Path)
	b.WriteString(" HTTP/1.1\r\nHost: ")
	b.WriteString(v.addr)
	b.WriteString("\r\nUser-Agent: bench\r\nAccept: application/json\r\n")
	if r.Method == "POST" {
		b.WriteString("Content-Length: 0\r\n")
	}
	for i, c := range v.cookies {
		if i == 0 {
			b.WriteString("Cookie: ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(c)
	}
	if len(v.cookies) > 0 {
		b.WriteString("\r\n")
	}
	b.WriteString("\r\n")
	if _, err := v.conn.Write(b.Bytes()); err != nil {
		return err
	}
	return v.read(r)
}

var (
	contentLength = []byte("content-length:")
	setCookie     = []byte("set-cookie:")
)

func (v *visitor) read(r Route) error {
	status, err := v.reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("%s: %q", r, status)
	}
	length := -1
	for {
		line, err := v.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			return v.body(r, length)
		case hasName(line, contentLength):
			length = 0
			for _, digit := range bytes.TrimSpace(line[len(contentLength):]) {
				length = length*10 + int(digit-'0')
			}
		case hasName(line, setCookie):
			v.keep(string(line))
		}
	}
}

func hasName(line, name []byte) bool {
	return len(line) >= len(name) && bytes.EqualFold(line[:len(name)], name)
}

func (v *visitor) body(r Route, length int) error {
	if length < 0 {
		return fmt.Errorf("%s: no Content-Length", r)
	}
	text, err := v.reader.Peek(length)
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(r.Want)) {
		return fmt.Errorf("%s: answer %q lacks %q", r, text, r.Want)
	}
	_, err = v.reader.Discard(length)
	return err
}

// keep stores a cookie as a browser does.
func (v *visitor) keep(line string) {
	c, err := http.ParseSetCookie(strings.TrimSpace(line[len(setCookie):]))
	if err != nil {
		return
	}
	for i, old := range v.cookies {
		if strings.HasPrefix(old, c.Name+"=") {
			v.cookies[i] = c.Name + "=" + c.Value
			return
		}
	}
	v.cookies = append(v.cookies, c.Name+"="+c.Value)
}

// load lets the visitors together ask n times, or until the limit has passed, and
// returns how long each request took.
func load(visitors []*visitor, r Route, limit time.Duration, n int) ([]time.Duration, error) {
	for _, v := range visitors {
		if err := v.connect(); err != nil {
			return nil, err
		}
	}
	var group sync.WaitGroup
	took := make([][]time.Duration, len(visitors))
	errs := make([]error, len(visitors))
	end := time.Now().Add(limit)
	for i, v := range visitors {
		group.Go(func() {
			for now := time.Now(); now.Before(end) && len(took[i]) < n/len(visitors); {
				if errs[i] = v.do(r); errs[i] != nil {
					return
				}
				then := time.Now()
				took[i] = append(took[i], then.Sub(now))
				now = then
			}
		})
	}
	group.Wait()
	var all []time.Duration
	for i, err := range errs {
		if err != nil {
			return nil, err
		}
		all = append(all, took[i]...)
	}
	return all, nil
}
