package session_test

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// A real WebSocket upgrade (RFC 6455, section 4) by a handler that takes the connection over.
func TestWebSocketUpgrade(t *testing.T) {
	a := newApp[data](t, nil)
	srv := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.m.Get(r).V.Views = 5
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(
			rw,
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
				"Sec-WebSocket-Accept: %s\r\n",
			base64.StdEncoding.EncodeToString(sum[:]),
		)
		w.Header().Write(rw) // the session's cookie
		rw.WriteString("\r\n")
		rw.Flush()
		head := make([]byte, 6) // an opcode, a length under 126, a mask
		if _, err := io.ReadFull(rw, head); err != nil {
			t.Error(err)
			return
		}
		text := make([]byte, head[1]&0x7f)
		io.ReadFull(rw, text)
		for i := range text {
			text[i] ^= head[2+i%4]
		}
		rw.Write(append([]byte{0x81, byte(len(text))}, text...))
		rw.Flush()
	})))
	defer srv.Close()

	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(
		conn,
		"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	)
	br := bufio.NewReader(conn)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The key and its answer are the RFC's own example.
	if resp.StatusCode != 101 || resp.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("handshake: %s %v", resp.Status, resp.Header)
	}
	c := newClient()
	c.keep(resp.Header)
	if v, _ := a.value(c); v.Views != 5 {
		t.Errorf("Views = %d, want 5", v.Views)
	}
	mask := []byte{1, 2, 3, 4}
	frame := append([]byte{0x81, 0x80 | 5}, mask...)
	for i, b := range []byte("hello") {
		frame = append(frame, b^mask[i%4])
	}
	conn.Write(frame)
	echo := make([]byte, 7)
	if _, err := io.ReadFull(br, echo); err != nil || string(echo[2:]) != "hello" {
		t.Errorf("echo = %q, %v", echo, err)
	}
}

// An answer of 101 through WriteHeader is a final one.
func TestSwitchingProtocols(t *testing.T) {
	a := newApp[data](t, nil)
	rec := httptest.NewRecorder()
	a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.m.Get(r).V.Views = 1
		w.WriteHeader(http.StatusSwitchingProtocols)
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	wantCookies(t, rec, 1)
}

func TestHTTP2(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Secure = true })
	srv := httptest.NewUnstartedServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.m.Get(r)
		s.V.Views++
		if _, _, err := http.NewResponseController(w).Hijack(); r.URL.Path == "/hijack" &&
			!errors.Is(err, http.ErrNotSupported) {
			t.Errorf("Hijack over HTTP/2 = %v, want ErrNotSupported", err)
		}
		http.NewResponseController(w).Flush()
		fmt.Fprintf(w, "%s %d", r.Proto, s.V.Views)
	})))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	c := newClient()
	for i := 1; i <= 3; i++ {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", srv.URL, nil)
		if i == 3 {
			req.URL.Path = "/hijack"
		}
		req.Header = c.request().Header
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		c.keep(resp.Header)
		if want := fmt.Sprintf("HTTP/2.0 %d", i); string(body) != want {
			t.Errorf("answer %d = %q, want %q", i, body, want)
		}
	}
}
