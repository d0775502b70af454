// Package sessiontest helps to test handlers that use sessions.
//
//	sessions, err := session.New[Session](cfg) // with cfg.Store = sessiontest.NewStore()
//	r := httptest.NewRequest("GET", "/me", nil)
//	r = sessiontest.SignedIn(t, r, sessions, "ann", Session{Theme: "dark"})
//	me(httptest.NewRecorder(), r) // sessions.Get(r) finds the session; so does sessions.Middleware
package sessiontest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// With returns a copy of r that carries a saved session with this value: its cookie is in the header, and the session
// is loaded, so that both a bare handler and one behind Middleware find it. m must use a cookie.
func With[T any](t testing.TB, r *http.Request, m *session.Manager[T], v T) *http.Request {
	t.Helper()
	return ready(t, r, m, func(s *session.Session[T]) error {
		s.V = v
		s.Save()
		return nil
	})
}

// SignedIn is With for a session to which the user has signed in.
func SignedIn[T any](t testing.TB, r *http.Request, m *session.Manager[T], user string, v T) *http.Request {
	t.Helper()
	return ready(t, r, m, func(s *session.Session[T]) error {
		s.V = v
		return s.SignIn(user)
	})
}

func ready[T any](
	t testing.TB,
	r *http.Request,
	m *session.Manager[T],
	fill func(*session.Session[T]) error,
) *http.Request {
	t.Helper()
	var err error
	save := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err = fill(m.Get(r)); err == nil {
			err = m.Commit(w, r)
		}
	}))
	rec := httptest.NewRecorder()
	save.ServeHTTP(rec, httptest.NewRequestWithContext(r.Context(), "GET", "/", nil))
	cookies := rec.Result().Cookies()
	if err != nil || len(cookies) != 1 {
		t.Fatalf("sessiontest: save a session: %d cookies, %v", len(cookies), err)
	}
	r = r.Clone(r.Context())
	r.AddCookie(&http.Cookie{Name: cookies[0].Name, Value: cookies[0].Value})

	var loaded *http.Request
	load := m.Middleware(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { loaded, err = r, m.Get(r).Err() }),
	)
	load.ServeHTTP(httptest.NewRecorder(), r)
	if err != nil {
		t.Fatalf("sessiontest: load the session: %v", err)
	}
	return loaded
}
