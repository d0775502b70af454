package session_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

var errDown = errors.New("the store is down")

func down(string, string) error { return errDown }

// If the session cannot be saved, nothing of the handler's answer gets out.
func TestSaveFails(t *testing.T) {
	answers := []struct {
		name  string
		write func(w http.ResponseWriter)
	}{
		{"nothing written", func(http.ResponseWriter) {}},
		{"body", func(w http.ResponseWriter) { io.WriteString(w, "welcome") }},
		{"redirect", func(w http.ResponseWriter) { w.Header().Set("Location", "/home"); w.WriteHeader(303) }},
		{"created, then body", func(w http.ResponseWriter) { w.WriteHeader(201); io.WriteString(w, "welcome") }},
		{"flush", func(w http.ResponseWriter) { w.(http.Flusher).Flush(); io.WriteString(w, "welcome") }},
		{"copy", func(w http.ResponseWriter) { io.Copy(w, struct{ io.Reader }{strings.NewReader("welcome")}) }},
		{"many writes", func(w http.ResponseWriter) {
			for range 3 {
				if n, err := w.Write([]byte("welcome")); n != 0 || !errors.Is(err, errDown) {
					panic("a write after the failure was taken")
				}
			}
		}},
	}
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp[data](t, nil)
			a.store.FailWith(func(op, _ string) error {
				if op == "find" {
					return nil
				}
				return errDown
			})
			rec := httptest.NewRecorder()
			rec.Header().Set("Access-Control-Allow-Origin", "https://app.example") // by a middleware further out
			a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("ETag", `"1"`)
				w.Header().Set("Expires", "Fri, 01 Jan 2100 00:00:00 GMT")
				w.Header().Set("Clear-Site-Data", `"cache"`)
				w.Header().Set("Cache-Control", "public, max-age=60")
				http.SetCookie(w, &http.Cookie{Name: "id", Value: "the handler's own"})
				a.m.Get(r).V.Views = 1
				tt.write(w)
			})).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
			h := rec.Result().Header
			if rec.Code != 503 || strings.Contains(rec.Body.String(), "welcome") {
				t.Errorf("answer = %d %q, want 503 without the handler's body", rec.Code, rec.Body)
			}
			for name := range strings.FieldsSeq("Location Set-Cookie Etag Cache-Control Expires Clear-Site-Data") {
				if h.Get(name) != "" {
					t.Errorf("%s = %q got out", name, h.Get(name))
				}
			}
			if strings.Contains(h.Get("Content-Type"), "html") || h.Get("Access-Control-Allow-Origin") == "" {
				t.Errorf("header = %v", h)
			}
			if strings.Contains(rec.Body.String(), "down") {
				t.Error("the answer names the internal error")
			}
			a.wantEvents(session.StoreError)
		})
	}
}

func TestLoadFails(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
	a.kinds()
	a.store.FailWith(down)

	// Routes that do not use the session go on.
	rec := a.serve(c, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "fine") })
	if rec.Code != 200 || rec.Body.String() != "fine" || rec.Result().Header.Get("Vary") != "" {
		t.Errorf("untouched: %d %q %v", rec.Code, rec.Body, rec.Result().Header)
	}
	// Those with Get answer 503 in place of what the handler says.
	rec = a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		if s.V.Views != 0 || !s.IsNew() || !errors.Is(s.Err(), errDown) {
			t.Errorf("session = %+v, new %v, err %v", s.V, s.IsNew(), s.Err())
		}
		s.V.Views = 5
		if err := s.SignIn("ann"); !errors.Is(err, errDown) {
			t.Errorf("SignIn = %v", err)
		}
		io.WriteString(w, "hello stranger")
	})
	if rec.Code != 503 || strings.Contains(rec.Body.String(), "stranger") {
		t.Errorf("Get: %d %q, want 503", rec.Code, rec.Body)
	}
	wantCookies(t, rec, 0)
	// An error of the handler's own stays.
	rec = a.visit(c, func(w http.ResponseWriter, _ *http.Request, _ *session.Session[data]) {
		http.Error(w, "my own page", 500)
	})
	if rec.Code != 500 || !strings.Contains(rec.Body.String(), "my own page") {
		t.Errorf("an error page: %d %q", rec.Code, rec.Body)
	}
	a.wantEvents(session.StoreError, session.StoreError)

	a.store.FailWith(nil)
	if v, _ := a.value(c); v.Views != 1 {
		t.Errorf("after the recovery Views = %d, want 1", v.Views)
	}
}

// An answer of 500 and more, and a panic, save nothing: neither a change nor a sign-in.
func TestServerErrorsSaveNothing(t *testing.T) {
	for _, status := range []int{500, 502, 599} {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
		rec := a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Views = 2
			w.WriteHeader(status)
			s.V.Views = 3
		})
		wantCookies(t, rec, 0)
		if v, _ := a.value(c); v.Views != 1 {
			t.Errorf("after %d Views = %d, want 1", status, v.Views)
		}
	}
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
	func() {
		defer func() { recover() }()
		a.visit(
			c,
			func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 2; panic("bug") },
		)
	}()
	if v, _ := a.value(c); v.Views != 1 {
		t.Errorf("after a panic Views = %d, want 1", v.Views)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("net/http took a status of 0")
			}
		}()
		a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Views = 2
			w.WriteHeader(0)
		})
	}()
	if v, _ := a.value(c); v.Views != 1 {
		t.Errorf("after the panic over a status of 0 Views = %d, want 1", v.Views)
	}
}

func TestWithoutMiddleware(t *testing.T) {
	a := newApp[data](t, nil)
	r := httptest.NewRequest("GET", "/", nil)
	s := a.m.Get(r)
	s.V.Views = 1
	if !errors.Is(s.Err(), session.ErrNoMiddleware) || !strings.Contains(a.logs.String(), "Middleware") {
		t.Errorf("Err = %v, log %q", s.Err(), a.logs.String())
	}
	if err := a.m.Commit(httptest.NewRecorder(), r); !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("Commit = %v", err)
	}
	s.Save()
	s.Destroy()
	if err := s.SignIn("ann"); !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("SignIn = %v", err)
	}
}

// A request that passes Middleware twice has one session.
func TestMiddlewareTwice(t *testing.T) {
	a := newApp[data](t, nil)
	inner := a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.m.Get(r).V.Views = 1 }))
	c := newClient()
	rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Name = "outer"
		inner.ServeHTTP(w, r)
	})
	wantCookies(t, rec, 1)
	if v, _ := a.value(c); v.Name != "outer" || v.Views != 1 || len(a.store.Keys()) != 1 {
		t.Errorf("session = %+v in %d records, want both changes in one", v, len(a.store.Keys()))
	}
}

func TestUnencodableValue(t *testing.T) {
	a := newApp[map[string]any](t, nil)
	rec := a.serve(newClient(), func(w http.ResponseWriter, r *http.Request) {
		a.m.Get(r).V["f"] = func() {}
		io.WriteString(w, "fine")
	})
	if rec.Code != 500 || rec.Body.String() == "fine" {
		t.Errorf("answer = %d %q, want an error", rec.Code, rec.Body)
	}
}
