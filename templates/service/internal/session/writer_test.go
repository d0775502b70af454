package session_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Every way in which a handler can send its first byte must let the cookie out first (scs loses it at a Flush before
// the first Write, and what is changed after an informational answer).
func TestFirstByte(t *testing.T) {
	tests := []struct {
		name  string
		write func(w http.ResponseWriter)
	}{
		{"nothing", func(http.ResponseWriter) {}},
		{"Write", func(w http.ResponseWriter) { w.Write([]byte("x")) }},
		{"Write nothing", func(w http.ResponseWriter) { w.Write(nil) }},
		{"WriteString", func(w http.ResponseWriter) { io.WriteString(w, "x") }},
		{"WriteHeader", func(w http.ResponseWriter) { w.WriteHeader(204) }},
		{"redirect", func(w http.ResponseWriter) { w.Header().Set("Location", "/"); w.WriteHeader(303) }},
		{"client error", func(w http.ResponseWriter) { http.Error(w, "no", 404) }},
		{"early hints", func(w http.ResponseWriter) { w.WriteHeader(103); w.Write([]byte("x")) }},
		{"Flush", func(w http.ResponseWriter) { w.(http.Flusher).Flush(); w.Write([]byte("x")) }},
		{"FlushError", func(w http.ResponseWriter) { w.(interface{ FlushError() error }).FlushError() }},
		{"ResponseController.Flush", func(w http.ResponseWriter) { http.NewResponseController(w).Flush() }},
		{"ReadFrom", func(w http.ResponseWriter) { w.(io.ReaderFrom).ReadFrom(strings.NewReader("x")) }},
		{"io.Copy", func(w http.ResponseWriter) { io.Copy(w, strings.NewReader("x")) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp[data](t, nil)
			srv := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				a.m.Get(r).V.Views = 7
				tt.write(w)
			})))
			defer srv.Close()
			resp, err := srv.Client().Transport.RoundTrip(
				httptest.NewRequest("GET", srv.URL, nil).WithContext(t.Context()),
			)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			c := newClient()
			c.keep(resp.Header)
			if v, isNew := a.value(c); isNew || v.Views != 7 {
				t.Errorf(
					"the next request finds %+v (new: %v), want Views 7; Set-Cookie was %q",
					v,
					isNew,
					resp.Header["Set-Cookie"],
				)
			}
		})
	}
}

// An informational answer goes out before the session is saved, and without its cookie.
func TestEarlyHints(t *testing.T) {
	a := newApp[data](t, nil)
	srv := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.m.Get(r)
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		s.V.Views = 1 // after the hint, before the answer
		w.Write([]byte("page"))
	})))
	defer srv.Close()
	var hints []textproto.MIMEHeader
	ctx := httptrace.WithClientTrace(
		t.Context(),
		&httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			hints = append(hints, h)
			return nil
		}},
	)
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(hints) != 1 || hints[0].Get("Link") == "" || hints[0].Get("Set-Cookie") != "" {
		t.Errorf("hints = %v, want one with Link and without Set-Cookie", hints)
	}
	if resp.StatusCode != 200 || len(resp.Header["Set-Cookie"]) != 1 {
		t.Errorf("answer = %s, Set-Cookie %q", resp.Status, resp.Header["Set-Cookie"])
	}
}

// Server-sent events: the cookie comes with the first event while the handler still runs; nothing is buffered, and
// what the handler changes after its first event is reported as late.
func TestServerSentEvents(t *testing.T) {
	a := newApp[data](t, nil)
	next, end := make(chan bool), make(chan bool)
	srv := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.m.Get(r)
		s.V.Name = "ann"
		w.Header().Set("Content-Type", "text/event-stream")
		rc := http.NewResponseController(w)
		for i := range 3 {
			fmt.Fprintf(w, "data: %d\n\n", i)
			if err := rc.Flush(); err != nil {
				t.Error(err)
			}
			<-next
			s.V.Views = i + 1
		}
		close(end)
	})))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	c := newClient()
	c.keep(resp.Header)
	lines := bufio.NewReader(resp.Body)
	for i := range 3 {
		if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("data: %d\n", i) {
			t.Fatalf("event %d = %q, %v", i, line, err)
		}
		lines.ReadString('\n')
		if v, _ := a.value(c); v.Name != "ann" {
			t.Errorf("at event %d the store has %+v, want ann", i, v)
		}
		next <- true
	}
	<-end
	io.Copy(io.Discard, lines)
	a.wantEvents(session.Created, session.Late) // Views, which was set after the headers
}

// readFromRecorder sees whether the fast path of net/http is taken.
type readFromRecorder struct {
	*httptest.ResponseRecorder
	readFrom int
	src      io.Reader
}

func (r *readFromRecorder) ReadFrom(src io.Reader) (int64, error) {
	r.readFrom++
	r.src = src
	return io.Copy(struct{ io.Writer }{r.ResponseRecorder}, src)
}

// Files behind the middleware must still reach the kernel's sendfile: the real writer's ReadFrom has to see the file.
func TestReadFromReachesTheConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	a := newApp[data](t, nil)
	rec := &readFromRecorder{ResponseRecorder: httptest.NewRecorder()}
	a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.m.Get(r).V.Views = 1
		http.ServeFile(w, r, path)
	})).ServeHTTP(rec, httptest.NewRequest("GET", "/file", nil))
	limited, _ := rec.src.(*io.LimitedReader)
	if rec.readFrom != 1 || limited == nil {
		t.Fatalf("ReadFrom was called %d times with a %T", rec.readFrom, rec.src)
	}
	if _, ok := limited.R.(*os.File); !ok {
		t.Errorf("ReadFrom got a %T, want the file", limited.R)
	}
	if rec.Body.Len() != 100_000 {
		t.Errorf("body has %d bytes", rec.Body.Len())
	}
	wantCookies(t, rec.ResponseRecorder, 1)
}

func TestResponseControllerReachesTheConnection(t *testing.T) {
	a := newApp[data](t, nil)
	srv := httptest.NewServer(a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		for name, err := range map[string]error{
			"SetReadDeadline":  rc.SetReadDeadline(time.Now().Add(time.Minute)),
			"SetWriteDeadline": rc.SetWriteDeadline(time.Now().Add(time.Minute)),
			"EnableFullDuplex": rc.EnableFullDuplex(),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// A client that goes away while the handler runs does not lose the write.
func TestClientGone(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := a.m.Get(r)
		cancel()
		s.V.Views = 2
	})).ServeHTTP(httptest.NewRecorder(), c.request().WithContext(ctx))
	if v, _ := a.value(c); v.Views != 2 {
		t.Errorf("Views = %d, want 2", v.Views)
	}
	// Even the load works when the client is gone before it.
	a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.m.Get(r).V.Views = 3 })).
		ServeHTTP(httptest.NewRecorder(), c.request().WithContext(ctx))
	if v, _ := a.value(c); v.Views != 3 {
		t.Errorf("Views = %d, want 3", v.Views)
	}
}
