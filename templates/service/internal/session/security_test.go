package session_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// The tests in this file are named by the requirement that they show: OWASP ASVS 5.0 (TestASVS_...), NIST SP 800-63B-4
// (TestNIST_...), and OWASP's session management cheat sheet (TestCS_..., with numbers of ours: it has none).

func increment(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views++ }

func look(http.ResponseWriter, *http.Request, *session.Session[data]) {}

func signIn(user string) handler[data] {
	return func(_ http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		if err := s.SignIn(user); err != nil {
			panic(err)
		}
	}
}

// user returns who is signed in as client c.
func (a *app[T]) user(c *client) string {
	a.t.Helper()
	return a.peek(c.request()).User()
}

func bothModes(t *testing.T, test func(t *testing.T, mode func(*session.Config))) {
	t.Run("store", func(t *testing.T) { test(t, func(*session.Config) {}) })
	t.Run("sealed", func(t *testing.T) { test(t, sealed) })
}

// 7.2.1: tokens are verified by the backend. A token with one byte changed is a stranger's, and no error.
func TestASVS_7_2_1(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, increment)
		good := c.value
		calls := a.store.Calls()
		for i := range good {
			b := []byte(good)
			for _, x := range []byte("A_0.") {
				if b[i] == x {
					continue
				}
				b[i] = x
				break
			}
			c.value = string(b)
			rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				if !s.IsNew() || s.V.Views != 0 || s.Err() != nil {
					t.Errorf("byte %d changed: new %v, %+v, err %v", i, s.IsNew(), s.V, s.Err())
				}
			})
			if rec.Code != 200 {
				t.Errorf("byte %d changed: %d", i, rec.Code)
			}
		}
		if a.store.Calls() != calls {
			t.Error("a forged token reached the store")
		}
	})
}

// 7.2.3: ids are unique, and hold 256 bits from a cryptographic source (crypto/rand, in
// token.go).
func TestASVS_7_2_3(t *testing.T) {
	a := newApp[data](t, nil)
	seen := make(map[string]bool)
	for range 10_000 {
		c := newClient()
		rec := httptest.NewRecorder()
		a.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { a.m.Get(r).Save() })).
			ServeHTTP(rec, c.request())
		c.keep(rec.Result().Header)
		id, _, _ := strings.Cut(c.value, ".")
		if b, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(b) != 32 || seen[id] {
			t.Fatalf("id %q: %d bytes, %v, seen before: %v", id, len(b), err, seen[id])
		}
		seen[id] = true
	}
}

// Ids at rest are hashed: whoever reads the store cannot use what is there.
func TestIDsAtRestAreHashed(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Signed = false })
	c := newClient()
	a.visit(c, increment)
	for _, key := range a.store.Keys() {
		if len(key) != 43 || strings.Contains(c.value, key) {
			t.Errorf("the store has the key %q, the cookie %q", key, c.value)
		}
		if _, isNew := a.value(&client{name: "id", value: key}); !isNew {
			t.Error("a key from the store opens a session")
		}
	}
}

// 7.3.1: a session ends by inactivity, to the millisecond, though the store still has its record.
func TestASVS_7_3_1(t *testing.T) {
	configs := map[string]func(*session.Config){
		"rolling": func(c *session.Config) { c.MaxAge, c.Rolling = 30*time.Minute, true },
		"browser": func(c *session.Config) { c.MaxAge, c.IdleTimeout = session.BrowserSession, 30*time.Minute },
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			bothModes(t, func(t *testing.T, mode func(*session.Config)) {
				a := newApp[data](t, func(c *session.Config) { mode(c); config(c) })
				c := newClient()
				a.visit(c, increment)
				for range 10 {
					a.clock.advance(30 * time.Minute)
					a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
						if s.IsNew() {
							t.Fatal("an active session ended")
						}
					})
				}
				a.kinds()
				a.clock.advance(30*time.Minute + time.Millisecond)
				if _, isNew := a.value(c); !isNew {
					t.Error("an idle session lives on")
				}
				a.wantEvents(session.Expired)
			})
		})
	}
}

// 7.3.2: a session ends at its absolute limit, however active it is.
func TestASVS_7_3_2(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) {
			mode(c)
			c.Rolling, c.MaxAge, c.AbsoluteMaxAge = true, time.Hour, 8*time.Hour
		})
		c := newClient()
		a.visit(c, increment)
		start := a.clock.Now()
		for a.clock.Now().Sub(start) < 8*time.Hour {
			a.clock.advance(10 * time.Minute)
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				if s.IsNew() {
					t.Fatalf("ended after %v", a.clock.Now().Sub(start))
				}
				s.Regenerate() // a new id is not a new life
			})
		}
		a.clock.advance(time.Millisecond)
		if _, isNew := a.value(c); !isNew {
			t.Error("the session outlived its absolute limit")
		}
	})
}

// 3.3.1, 3.3.2, 3.3.3 and 3.3.4: the cookie of a production configuration; New refuses the combinations that browsers
// would drop, see TestNewRefuses.
func TestASVS_3_3_1(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Key, c.Secure = "__Host-id", true })
	rec := a.visit(&client{name: "__Host-id"}, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		s.V.Views = 1
		fmt.Fprintf(w, "%+v", s.V)
	})
	cookie := rec.Result().Cookies()[0]
	if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" ||
		cookie.Domain != "" {
		t.Errorf("cookie = %v", cookie)
	}
	for name, lines := range rec.Result().Header {
		if name != "Set-Cookie" && strings.Contains(strings.Join(lines, " "), cookie.Value) {
			t.Errorf("the token is in the header %s", name)
		}
	}
	if strings.Contains(rec.Body.String(), cookie.Value) {
		t.Error("the token is in the body")
	}
}

// 3.3.5: name and value of a cookie have at most 4096 bytes. A larger one is an error before anything is sent, and the
// old session stays.
func TestASVS_3_3_5(t *testing.T) {
	a := newApp[data](t, sealed)
	c := newClient()
	a.visit(c, increment)
	rec := a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		s.V.Name = strings.Repeat("x", 4096)
		fmt.Fprint(w, "saved")
	})
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "saved") {
		t.Errorf("answer = %d %q", rec.Code, rec.Body)
	}
	wantCookies(t, rec, 0)
	if v, _ := a.value(c); v.Views != 1 || v.Name != "" {
		t.Errorf("the old session is %+v", v)
	}
	for n := 2900; n < 3100; n++ { // around the limit
		rec := a.visit(newClient(), func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Name = strings.Repeat("x", n)
		})
		for _, line := range setCookies(rec) {
			pair, _, _ := strings.Cut(line, ";")
			if size := len(pair) - 1; size > 4096 {
				t.Fatalf("a cookie of %d bytes was sent", size)
			}
		}
	}
}

// 14.2.1: the token counts in the cookie only.
func TestASVS_14_2_1(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	r := httptest.NewRequest("GET", "/?id="+c.value, nil)
	r.Header.Set("Authorization", "Bearer "+c.value)
	r.Header.Set("X-Session", c.value)
	if !a.peek(r).IsNew() {
		t.Error("a token outside the cookie was accepted")
	}
}

// 14.3.3: a cookie-held session cannot be read by whoever has the cookie.
func TestASVS_14_3_3(t *testing.T) {
	a := newApp[data](t, sealed)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Name = "secret-name" })
	plain, err := base64.RawURLEncoding.DecodeString(c.value)
	if err != nil || strings.Contains(string(plain), "secret-name") {
		t.Errorf("the cookie is %q, %v, want base64url that does not show its data", plain, err)
	}
}

// 16.2.5 is checked at the end of each test by app.checkSecrets; this is the other half: ID is the start of the
// hashed id.
func TestASVS_16_2_5(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		if len(s.ID()) != 8 || strings.Contains(c.value, s.ID()) || !strings.HasPrefix(a.store.Keys()[0], s.ID()) {
			t.Errorf("ID = %q with the key %q and the cookie %q", s.ID(), a.store.Keys()[0], c.value)
		}
	})
	if !strings.Contains(a.logs.String(), `"kind":"created"`) {
		t.Errorf("log = %s", a.logs.String())
	}
}

// CS-2: an id that the server did not make is never adopted, and the operator sees it.
func TestCS_2_UnknownIDs(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Signed = false })
	c := newClient()
	c.value = strings.Repeat("A", 43)
	rec := a.visit(c, increment)
	wantCookies(t, rec, 1)
	if c.value == strings.Repeat("A", 43) {
		t.Error("the client's id was adopted")
	}
	a.wantEvents(session.Missed, session.Created)
	if !strings.Contains(a.logs.String(), `"level":"INFO","msg":"session","kind":"missed"`) {
		t.Errorf("the log does not mention it: %s", a.logs.String())
	}
}

// CS-3: ids are untrusted input; see also the fuzz test.
func TestCS_3_OddIDs(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.Signed = false })
	calls := a.store.Calls()
	for _, value := range []string{"x", strings.Repeat("A", 42), strings.Repeat("A", 44), strings.Repeat("A", 100_000),
		strings.Repeat("\x00", 43),
		strings.Repeat("é", 43), strings.Repeat("A", 42) + "=", strings.Repeat("A", 42) + "+",
		`"` + strings.Repeat("A", 42) + `"`, strings.Repeat("../", 14) + "A"} {
		c := newClient()
		c.value = value
		if rec := a.visit(c, look); rec.Code != 200 {
			t.Errorf("%.50q: %d", value, rec.Code)
		}
	}
	if a.store.Calls() != calls {
		t.Error("an impossible id reached the store")
	}
}

// CS-7: the life of a session can be followed by its events.
func TestCS_7_Events(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) { mode(c); c.Renew = true })
		c := newClient()
		a.visit(c, increment)
		a.clock.advance(31 * time.Minute)
		a.visit(c, look)
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() })
		old := *c
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() })
		a.wantEvents(session.Created, session.Renewed, session.Regenerated, session.Destroyed)
		a.visit(&old, look)
		if got := a.kinds(); len(got) != 1 || !slices.Contains([]session.Kind{session.Missed, session.Ended}, got[0]) {
			t.Errorf("events of a dead token = %v", got)
		}
		c.value = "forged"
		a.visit(c, look)
		a.wantEvents(session.Invalid)
	})
}

// 5.1.1-4 of NIST SP 800-63B-4: the browser's own expiry is not relied on. The client here ignores Max-Age, as the test
// clients all do; and a limit that was lowered counts for sessions that exist.
func TestNIST_5_1_1(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.MaxAge = 10 * time.Hour })
	c := newClient()
	a.visit(c, increment)
	lowered := newApp[data](
		t,
		func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxAge = a.store, a.clock.Now, time.Hour },
	)
	a.clock.advance(time.Hour)
	if _, isNew := lowered.value(c); isNew {
		t.Error("ended early")
	}
	a.clock.advance(time.Millisecond)
	if _, isNew := lowered.value(c); !isNew {
		t.Error("the session keeps the old limit")
	}
}
