package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// tokenOf returns the CSRF token of client c's session.
func (a *app[T]) tokenOf(c *client) string {
	a.t.Helper()
	return a.peek(c.request()).CSRFToken()
}

// post sends a request through RequireToken, with the token unless it is "-", and reports whether the handler ran.
func (a *app[T]) post(c *client, method, token string) (rec *httptest.ResponseRecorder, ran bool) {
	a.t.Helper()
	r := c.request()
	r.Method = method
	if token != "-" {
		r.Header.Set(session.TokenHeader, token)
	}
	guarded := a.m.RequireToken(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		ran = true
		fmt.Fprint(w, "done")
	}))
	rec = httptest.NewRecorder()
	a.m.Middleware(guarded).ServeHTTP(rec, r)
	c.keep(rec.Result().Header)
	a.remember(rec.Result().Header)
	return rec, ran
}

// 5.1 of NIST SP 800-63B-4: POST and PUT requests carry a verified identifier that is bound to the session.
func TestNIST_5_1_CSRFIdentifier(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		ann, annElsewhere, bob, guest := newClient(), newClient(), newClient(), newClient()
		inBody := a.visit(ann, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			if err := s.SignIn("ann"); err != nil {
				t.Error(err)
			}
			io.WriteString(w, s.CSRFToken())
		}).Body.String()
		a.clock.advance(time.Millisecond)
		a.visit(annElsewhere, signIn("ann"))
		a.visit(bob, signIn("bob"))
		a.visit(guest, increment)

		token := a.tokenOf(ann)
		if len(token) != 43 || token != inBody {
			t.Fatalf("the token in the answer to the login is %q, and %q in the next request", inBody, token)
		}
		cookieID, _, _ := strings.Cut(ann.value, ".")
		for name, tt := range map[string]struct {
			c             *client
			method, token string
			status        int
		}{
			"right":                      {ann, "POST", token, 200},
			"right, PUT":                 {ann, "PUT", token, 200},
			"right, DELETE":              {ann, "DELETE", token, 200},
			"a method of its own":        {ann, "PURGE", "-", 403},
			"GET needs none":             {ann, "GET", "-", 200},
			"HEAD needs none":            {ann, "HEAD", "-", 200},
			"missing":                    {ann, "POST", "-", 403},
			"missing, PUT":               {ann, "PUT", "-", 403},
			"missing, PATCH":             {ann, "PATCH", "-", 403},
			"missing, DELETE":            {ann, "DELETE", "-", 403},
			"empty":                      {ann, "POST", "", 403},
			"shortened":                  {ann, "POST", token[:42], 403},
			"longer":                     {ann, "POST", token + "A", 403},
			"of another user":            {ann, "POST", a.tokenOf(bob), 403},
			"of another session of hers": {ann, "POST", a.tokenOf(annElsewhere), 403},
			"the cookie's value":         {ann, "POST", ann.value, 403},
			"the cookie's id":            {ann, "POST", cookieID, 403},
			"a guest needs none":         {guest, "POST", "-", 200},
			"no session at all":          {newClient(), "POST", "-", 200},
		} {
			rec, ran := a.post(tt.c, tt.method, tt.token)
			if rec.Code != tt.status || ran != (tt.status == 200) {
				t.Errorf("%s: status %d, handler ran %v; want %d", name, rec.Code, ran, tt.status)
			}
		}
		if a.tokenOf(guest) != "" {
			t.Error("a session without a user has a token")
		}
	})
}

// The token lives as long as the sign-in does, whatever becomes of the id.
func TestCSRFTokenFollowsTheSignIn(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) { mode(c); c.Rolling = true })
		c := newClient()
		a.visit(c, signIn("ann"))
		token := a.tokenOf(c)
		for name, h := range map[string]handler[data]{
			"a change": increment,
			"a visit":  look,
			"a new id": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() },
			"others ended": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.SignOutOthers(context.Background())
			},
			"another maxAge": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.SetMaxAge(2 * time.Hour)
			},
		} {
			a.clock.advance(time.Minute)
			a.visit(c, h)
			if got := a.tokenOf(c); got != token {
				t.Errorf("after %s the token is %q, want %q", name, got, token)
			}
		}
		a.clock.advance(time.Minute)
		a.visit(c, signIn("ann"))
		if got := a.tokenOf(c); got == token || got == "" {
			t.Errorf("after a new sign-in the token is %q, want another", got)
		}
		if rec, ran := a.post(c, "POST", token); rec.Code != 403 || ran {
			t.Errorf("the token of the sign-in before: %d, handler ran %v", rec.Code, ran)
		}
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.Destroy()
			if s.CSRFToken() != "" {
				t.Error("an ended session has a token")
			}
		})
	})
}

// Neither the id nor what the store keeps can be derived from the token. It depends on the user (two may sign in at one
// instant), on the key and on the cookie's name.
func TestCSRFTokenTellsNothing(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		tokens := map[string]string{}
		for name, tt := range map[string]struct {
			user, key string
			secret    byte
		}{
			"":             {"ann", "id", 1},
			"another user": {"bob", "id", 1},
			"another key":  {"ann", "id", 2},
			"another name": {"ann", "other", 1},
		} {
			a := newApp[data](
				t,
				func(c *session.Config) { mode(c); c.Key, c.Keys = tt.key, [][]byte{testKey(tt.secret)} },
			)
			c := &client{name: a.cfg.Key}
			a.visit(c, signIn(tt.user))
			token := a.tokenOf(c)
			if strings.Contains(c.value, token) || strings.Contains(token, c.value) ||
				slices.Contains(a.store.Keys(), token) {
				t.Errorf("%s: the token %q is in the cookie %q or holds it, or is in the store", name, token, c.value)
			}
			for other, seen := range tokens {
				if seen == token {
					t.Errorf("%q and %q give one token", name, other)
				}
			}
			tokens[name] = token
		}
	})
}

// While keys are rotated, a page that was loaded before goes on.
func TestCSRFTokenOfAnOlderKey(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		token := a.tokenOf(c)
		with := func(keys ...[]byte) *app[data] {
			return newApp[data](
				t,
				func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.Keys = a.cfg.Store, a.clock.Now, keys },
			)
		}
		rotated := with(testKey(2), testKey(1))
		if rec, _ := rotated.post(c, "POST", token); rec.Code != 200 {
			t.Errorf("with the old key in second place: %d", rec.Code)
		}
		fresh := rotated.tokenOf(c)
		if fresh == token || fresh == "" {
			t.Errorf("the token is %q, want another than %q, of the newest key", fresh, token)
		}
		if rec, _ := with(testKey(2)).post(c, "POST", token); rec.Code != 403 {
			t.Errorf("without the old key: %d", rec.Code)
		}
		if rec, _ := with(testKey(2)).post(c, "POST", fresh); rec.Code != 200 {
			t.Errorf("the new token: %d", rec.Code)
		}
	})
}

func TestRequireTokenReportsFailures(t *testing.T) {
	var got error
	a := newApp[data](t, func(c *session.Config) {
		c.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
			got = err
			w.WriteHeader(session.Status(err))
		}
	})
	c := newClient()
	a.visit(c, signIn("ann"))
	if rec, _ := a.post(c, "POST", "-"); rec.Code != 403 || !errors.Is(got, session.ErrNoToken) {
		t.Errorf("without a token: %d, %v", rec.Code, got)
	}
	token := a.tokenOf(c)
	a.store.FailWith(down)
	if rec, ran := a.post(c, "POST", token); rec.Code != 503 || ran {
		t.Errorf("with the store down: %d, handler ran %v", rec.Code, ran)
	}
	if rec, ran := a.post(c, "GET", "-"); rec.Code != 200 || !ran {
		t.Errorf("GET with the store down: %d, handler ran %v; it does not use the session", rec.Code, ran)
	}
}

// Without keys nothing can be verified: that shows when the service starts, not when somebody is to be protected.
func TestRequireTokenNeedsKeys(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Signed, c.Keys = false, nil })
	a.visit(newClient(), func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		if err := s.SignIn("ann"); err != nil || s.CSRFToken() != "" {
			t.Errorf("SignIn: %v, token %q", err, s.CSRFToken())
		}
	})
	defer func() {
		if recover() == nil {
			t.Error("RequireToken took a configuration without keys")
		}
	}()
	a.m.RequireToken(http.NotFoundHandler())
}

// Signed is about the cookie; the token needs the keys alone.
func TestCSRFTokenOfUnsignedSessions(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Signed = false })
	c := newClient()
	a.visit(c, signIn("ann"))
	if rec, _ := a.post(c, "POST", a.tokenOf(c)); rec.Code != 200 {
		t.Errorf("with its token: %d", rec.Code)
	}
	if rec, _ := a.post(c, "POST", "-"); rec.Code != 403 {
		t.Errorf("without: %d", rec.Code)
	}
}

func ExampleManager_RequireToken() {
	cfg := session.Defaults()
	cfg.Store = sessiontest.NewStore()
	cfg.Keys = [][]byte{testKey(1)}
	sessions, err := session.New[data](cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Get(r)
		if err := s.SignIn("ann"); err != nil { // after her password was checked
			http.Error(w, err.Error(), session.Status(err))
			return
		}
		fmt.Fprint(w, s.CSRFToken()) // the page keeps it in memory
	})
	mux.HandleFunc("POST /transfer", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "done") })
	handler := sessions.Middleware(sessions.RequireToken(mux))

	login := httptest.NewRecorder()
	handler.ServeHTTP(login, httptest.NewRequest("POST", "/login", nil))
	for _, token := range []string{"", login.Body.String()} {
		r := httptest.NewRequest("POST", "/transfer", nil)
		r.AddCookie(login.Result().Cookies()[0])
		r.Header.Set(session.TokenHeader, token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 403
	// 200
}
