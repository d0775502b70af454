package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

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

// visit opens a connection and a session.
func visit(addr string) (*visitor, error) {
	v := &visitor{addr: addr}
	if err := v.connect(); err != nil {
		return nil, err
	}
	if err := v.do(route{"POST", "/open", `"message":"opened"`}); err != nil {
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
func (v *visitor) do(r route) error {
	b := &v.request
	b.Reset()
	b.WriteString(r.method)
	b.WriteString(" ")
	b.WriteString(r.path)
	b.WriteString(" HTTP/1.1\r\nHost: ")
	b.WriteString(v.addr)
	b.WriteString("\r\nUser-Agent: bench\r\nAccept: application/json\r\n")
	if r.method == "POST" {
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

func (v *visitor) read(r route) error {
	status, err := v.reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("%s %s: %q", r.method, r.path, status)
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

func (v *visitor) body(r route, length int) error {
	if length < 0 {
		return fmt.Errorf("%s %s: no Content-Length", r.method, r.path)
	}
	text, err := v.reader.Peek(length)
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(r.want)) {
		return fmt.Errorf("%s %s: answer %q lacks %q", r.method, r.path, text, r.want)
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
func load(visitors []*visitor, r route, limit time.Duration, n int) ([]time.Duration, error) {
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

// profile saves the CPU profile that an emitted service takes of itself.
func profile(addr string, during time.Duration, to io.Writer) error {
	answer, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", addr, int(during.Seconds())))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("profile: %s", answer.Status)
	}
	_, err = io.Copy(to, answer.Body)
	return err
}
