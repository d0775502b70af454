package session_test

import (
	"crypto/fips140"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// aals are the limits of NIST SP 800-63B-4 (sections 2.1.3, 2.2.3 and 2.3.3) as settings. AAL1 has no inactivity limit,
// so its session lives as long as it may at all.
var aals = map[string]struct {
	overall, inactivity time.Duration
	config              func(*session.Config)
}{
	"AAL1": {
		30 * 24 * time.Hour,
		30 * 24 * time.Hour,
		func(c *session.Config) { c.MaxAge, c.AbsoluteMaxAge = 30*24*time.Hour, 30*24*time.Hour },
	},
	"AAL2": {
		24 * time.Hour,
		time.Hour,
		func(c *session.Config) { c.MaxAge, c.AbsoluteMaxAge, c.Rolling = time.Hour, 24*time.Hour, true },
	},
	"AAL2, until the browser closes": {24 * time.Hour, time.Hour, func(c *session.Config) {
		c.MaxAge, c.AbsoluteMaxAge, c.IdleTimeout = session.BrowserSession, 24*time.Hour, time.Hour
	}},
	"AAL3": {
		12 * time.Hour,
		15 * time.Minute,
		func(c *session.Config) { c.MaxAge, c.AbsoluteMaxAge, c.Rolling = 15*time.Minute, 12*time.Hour, true },
	},
}

// 5.1-2: the secret has at least 64 bits from an approved random bit generator: 256 of crypto/rand, which in FIPS 140-3
// mode (GODEBUG=fips140=on) is the generator of the validated module (SP 800-90A). All tests of this package pass in
// that mode.
func TestNIST_5_1_2(t *testing.T) {
	if wanted := strings.Contains(os.Getenv("GODEBUG"), "fips140=on"); wanted && !fips140.Enabled() {
		t.Error("GODEBUG asks for FIPS 140-3 mode, and it is off")
	}
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		id, _, _ := strings.Cut(c.value, "~")
		secret, err := base64.RawURLEncoding.DecodeString(id)
		if err != nil || len(secret)*8 < 64 {
			t.Errorf("the secret has %d bits (%v)", len(secret)*8, err)
		}
	})
}

// 5.1-5: sessions time out at the limits of the assurance level: by inactivity, and however active they are; activity
// resets the timer (5.2).
func TestNIST_5_1_5(t *testing.T) {
	for name, aal := range aals {
		t.Run(name, func(t *testing.T) {
			bothModes(t, func(t *testing.T, mode func(*session.Config)) {
				a := newApp[data](t, func(c *session.Config) { mode(c); aal.config(c) })
				idle, active := newClient(), newClient()
				a.visit(idle, signIn("ann"))
				a.visit(active, signIn("bob"))
				began := a.clock.Now()
				a.clock.advance(aal.inactivity)
				if a.user(idle) != "ann" {
					t.Error("a session ended before its inactivity limit")
				}
				a.visit(active, look)
				a.clock.advance(time.Millisecond)
				if a.user(idle) != "" {
					t.Error("a session outlived its inactivity limit")
				}
				// A visit at nine tenths of the inactivity limit each time, until the overall limit.
				for aal.inactivity < aal.overall {
					left := aal.overall - a.clock.Now().Sub(began)
					a.clock.advance(min(left, aal.inactivity*9/10))
					a.visit(active, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
						if s.User() != "bob" {
							t.Fatalf("an active session ended after %v", a.clock.Now().Sub(began))
						}
					})
					if left <= aal.inactivity*9/10 {
						a.clock.advance(time.Millisecond)
						break
					}
				}
				if a.user(active) != "" {
					t.Error("a session outlived its overall limit")
				}
			})
		})
	}
}

// 5.1.1-4: the cookie expires with the session, and that is not relied on: whoever edits Max-Age away, or keeps a copy,
// still has a session that the server ends.
func TestNIST_5_1_1_4(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		rec := a.visit(c, signIn("ann"))
		cookie := rec.Result().Cookies()[0]
		if got, want := time.Duration(cookie.MaxAge)*time.Second, a.cfg.MaxAge; got != want {
			t.Errorf("Max-Age is %v, the session lives %v", got, want)
		}
		cookie.MaxAge, cookie.Expires = 0, time.Time{} // edited away: the browser keeps it until it closes
		ask := func() (user string) {
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(cookie)
			return a.peek(r).User()
		}
		a.clock.advance(a.cfg.MaxAge)
		if ask() != "ann" {
			t.Error("the session ended early")
		}
		a.clock.advance(time.Millisecond)
		if ask() != "" {
			t.Error("the session lives on with the cookie that was kept")
		}
	})
}

// 5.1.1-5: the cookie can have the __Host- prefix, with Path=/ and without Domain; New holds it to that, see
// TestASVS_3_3_3.
func TestNIST_5_1_1_5(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for what, h := range answers(t, func(c *session.Config) { mode(c); c.Key, c.Secure = "__Host-id", true }, nil) {
			attrs := cookieAttributes(h)
			if attrs[0] != "__Host-id" || !slices.Contains(attrs, "Path=/") || !slices.Contains(attrs, "Secure") {
				t.Errorf("%s: %q", what, attrs)
			}
		}
	})
}

// 5.1.1-6: SameSite is Lax unless the owner says otherwise, also on the deletion.
func TestNIST_5_1_1_6(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for what, h := range answers(t, mode, nil) {
			if attrs := cookieAttributes(h); !slices.Contains(attrs, "SameSite=Lax") {
				t.Errorf("%s: %q", what, attrs)
			}
		}
	})
}

// 5.1.1-7: the value is opaque. Neither the user nor the session's data can be read from it, and two cookies of one
// user do not begin alike, but for the version of the seal and the number of the key.
func TestNIST_5_1_1_7(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		sign := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Name, s.V.Cart = "ann@shop.test", []string{"a secret wish"}
			if err := s.SignIn("ann@shop.test"); err != nil {
				t.Error(err)
			}
		}
		one, two := newClient(), newClient()
		a.visit(one, sign)
		a.visit(two, sign)
		decoded := one.value
		for _, part := range strings.FieldsFunc(one.value, func(r rune) bool { return r == '.' || r == '~' }) {
			plain, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				t.Fatalf("a part of the cookie is not base64url: %v", err)
			}
			decoded += string(plain)
		}
		for _, personal := range []string{"ann@shop", "shop.test", "secret wish", `"name"`} {
			if strings.Contains(decoded, personal) {
				t.Errorf("the cookie shows %q", personal)
			}
		}
		common := 0
		for common < len(one.value) && one.value[common] == two.value[common] {
			common++
		}
		if common > 8 { // equal by chance: one in 2^48
			t.Errorf("two cookies of one user begin with the same %d characters", common)
		}
	})
}

// CS-1: the name does not reveal what the service is made with. That of koa-session stands for the semantics, which no
// server can be recognised by; any other will do, __Host-id included.
func TestCS_1(t *testing.T) {
	name := strings.ToLower(session.Defaults().Key)
	for telling := range strings.FieldsSeq(`phpsessid jsessionid cfid cftoken asp.net connect.sid laravel django rack
		golang net/http scs gorilla`) {
		if strings.Contains(name, telling) {
			t.Errorf("the default name %q reveals %s", name, telling)
		}
	}
	for _, name := range []string{"id", "__Host-id", "__Secure-id"} {
		a := newApp[data](t, func(c *session.Config) { c.Key, c.Secure = name, true })
		c := &client{name: name}
		a.visit(c, signIn("ann"))
		if a.user(c) != "ann" {
			t.Errorf("a cookie named %s does not work", name)
		}
	}
}

// CS-4: a change of privilege takes a new id, and the old one is worth nothing, least of all the new privilege.
func TestCS_4(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		before := *c
		a.visit(c, increment)
		if _, sealed := a.cfg.Store.(session.Carrier); !sealed &&
			c.value != before.value { // a sealed value changes with the data
			t.Error("a change of no privilege took a new id")
		}
		before = *c
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Name = "administrator"
			if err := s.Regenerate(); err != nil {
				t.Error(err)
			}
		})
		if c.value == before.value {
			t.Error("the id stayed")
		}
		if v, _ := a.value(c); v.Name != "administrator" || v.Views != 1 || a.user(c) != "ann" {
			t.Errorf("under the new id: %+v of %q", v, a.user(c))
		}
		if v, isNew := a.value(&before); !isNew || v.Name != "" || a.user(&before) != "" {
			t.Errorf("under the old id: %+v of %q, new %v", v, a.user(&before), isNew)
		}
	})
}

// CS-8: the cookie is the only way in and out.
func TestCS_8(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		rec := a.visit(c, signIn("ann"))
		for name, lines := range rec.Result().Header {
			if name != "Set-Cookie" && strings.Contains(strings.Join(lines, " "), c.value) {
				t.Errorf("the token goes out in %s", name)
			}
		}
		form := url.Values{"id": {c.value}, "session": {c.value}}.Encode()
		for name, request := range map[string]func() *http.Request{
			"query": func() *http.Request { return httptest.NewRequest("GET", "/?"+form, nil) },
			"path":  func() *http.Request { return httptest.NewRequest("GET", "/;id="+c.value, nil) },
			"form": func() *http.Request {
				r := httptest.NewRequest("POST", "/", strings.NewReader(form))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				return r
			},
			"header": func() *http.Request {
				r := httptest.NewRequest("GET", "/", nil)
				for h := range strings.FieldsSeq("Authorization X-Session X-Session-Id Id Set-Cookie Cookie2") {
					r.Header.Set(h, c.value)
				}
				return r
			},
			"another cookie": func() *http.Request {
				r := httptest.NewRequest("GET", "/", nil)
				r.AddCookie(&http.Cookie{Name: "ID", Value: c.value})
				return r
			},
		} {
			if s := a.peek(request()); !s.IsNew() || s.User() != "" {
				t.Errorf("%s: new %v, signed in as %q", name, s.IsNew(), s.User())
			}
		}
		if a.user(c) != "ann" {
			t.Error("the cookie does not work")
		}
	})
}
