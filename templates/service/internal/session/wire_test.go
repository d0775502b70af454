package session_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// When a cookie is sent, and with which age. The rules are koa-session's (its src/context.ts, _shouldSaveSession and
// save).
func TestSetCookie(t *testing.T) {
	const maxAge = time.Hour
	nothing := func(*session.Session[data]) {}
	tests := []struct {
		name    string
		config  func(*session.Config)
		fresh   bool          // no session yet
		after   time.Duration // between the first visit, which saves Views 1, and the one that is looked at
		do      func(s *session.Session[data])
		want    string // Max-Age, "none" for no cookie, "browser" for one without Max-Age
		sealed  string // the same for sessions in the cookie, where it differs
		wantNew bool
	}{
		{name: "new and empty", fresh: true, do: nothing, want: "none", wantNew: true},
		{
			name:    "new and changed",
			fresh:   true,
			do:      func(s *session.Session[data]) { s.V.Views = 1 },
			want:    "3600",
			wantNew: true,
		},
		{
			name:    "new, empty, Save",
			fresh:   true,
			do:      func(s *session.Session[data]) { s.Save() },
			want:    "3600",
			wantNew: true,
		},
		{
			name:    "new, empty, Regenerate",
			fresh:   true,
			do:      func(s *session.Session[data]) { s.Regenerate() },
			want:    "3600",
			wantNew: true,
		},
		{
			name:    "new, Destroy",
			fresh:   true,
			do:      func(s *session.Session[data]) { s.Destroy() },
			want:    "0",
			wantNew: true,
		},
		{name: "unchanged", after: time.Minute, do: nothing, want: "none"},
		{
			name:  "same value again",
			after: time.Minute,
			do:    func(s *session.Session[data]) { s.V.Views = 1 },
			want:  "none",
		},
		{
			name:  "same value replaced",
			after: time.Minute,
			do:    func(s *session.Session[data]) { s.V = data{Views: 1} },
			want:  "none",
		},
		{name: "changed", after: time.Minute, do: func(s *session.Session[data]) { s.V.Views++ }, want: "3600"},
		{
			name:  "nested change",
			after: time.Minute,
			do:    func(s *session.Session[data]) { s.V.Deep = map[string]int{"a": 1} },
			want:  "3600",
		},
		{name: "emptied", after: time.Minute, do: func(s *session.Session[data]) { s.V = data{} }, want: "3600"},
		{name: "Save", after: time.Minute, do: func(s *session.Session[data]) { s.Save() }, want: "3600"},
		{name: "Regenerate", after: time.Minute, do: func(s *session.Session[data]) { s.Regenerate() }, want: "3600"},
		{name: "Destroy", after: time.Minute, do: func(s *session.Session[data]) { s.Destroy() }, want: "0"},
		{
			name:  "SetMaxAge",
			after: time.Minute,
			do:    func(s *session.Session[data]) { s.SetMaxAge(10 * time.Minute) },
			want:  "600",
		},
		{
			name: "SetMaxAge in milliseconds",
			do:   func(s *session.Session[data]) { s.SetMaxAge(1999 * time.Millisecond) },
			want: "1",
		},
		{
			name: "SetMaxAge under a second",
			do:   func(s *session.Session[data]) { s.SetMaxAge(time.Millisecond) },
			want: "1",
		},
		{name: "SetMaxAge zero", do: func(s *session.Session[data]) { s.SetMaxAge(0) }, want: "0"},
		{
			name: "SetMaxAge browser",
			do:   func(s *session.Session[data]) { s.SetMaxAge(session.BrowserSession) },
			want: "browser",
		},
		{name: "rolling", config: rolling, after: time.Minute, do: nothing, want: "3600"},
		{name: "rolling, same millisecond", config: rolling, do: nothing, want: "3600"},
		{
			name:   "renew, half plus 1 ms left",
			config: renew,
			after:  maxAge/2 - time.Millisecond,
			do:     nothing,
			want:   "none",
		},
		{name: "renew, exactly half left", config: renew, after: maxAge / 2, do: nothing, want: "none"},
		{
			name:   "renew, half minus 1 ms left",
			config: renew,
			after:  maxAge/2 + time.Millisecond,
			do:     nothing,
			want:   "3600",
		},
		{name: "last millisecond", after: maxAge, do: nothing, want: "none"},
		{
			name:  "last millisecond, changed",
			after: maxAge,
			do:    func(s *session.Session[data]) { s.V.Views++ },
			want:  "3600",
		},
		{name: "expired", after: maxAge + time.Millisecond, do: nothing, want: "none", wantNew: true},
		{
			name:    "expired, changed",
			after:   maxAge + time.Millisecond,
			do:      func(s *session.Session[data]) { s.V.Views = 9 },
			want:    "3600",
			wantNew: true,
		},
		{name: "absolute limit near", config: rollingLong, after: 23 * time.Hour, do: nothing, want: "3600"},
		{
			name:   "absolute limit nearer",
			config: rollingLong,
			after:  24*time.Hour - 1500*time.Millisecond,
			do:     nothing,
			want:   "1",
		},
		{name: "browser session, unchanged", config: browser, after: 89 * time.Second, do: nothing, want: "none"},
		{
			name:   "browser session, visited",
			config: browser,
			after:  5 * time.Minute,
			do:     nothing,
			want:   "none",
			sealed: "browser",
		},
		{name: "browser session, rolling", config: browserRolling, after: time.Second, do: nothing, want: "browser"},
		{
			name:   "browser session, changed",
			config: browser,
			do:     func(s *session.Session[data]) { s.V.Views++ },
			want:   "browser",
		},
		{
			name:    "browser session, idle",
			config:  browser,
			after:   30*time.Minute + time.Millisecond,
			do:      nothing,
			want:    "none",
			wantNew: true,
		},
	}
	for _, mode := range []string{"store", "sealed"} {
		for _, tt := range tests {
			t.Run(mode+"/"+tt.name, func(t *testing.T) {
				a := newApp[data](t, func(cfg *session.Config) {
					if mode == "sealed" {
						sealed(cfg)
					}
					if tt.config != nil {
						tt.config(cfg)
					}
				})
				c := newClient()
				if !tt.fresh {
					a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
				}
				a.clock.advance(tt.after)
				rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					if s.IsNew() != tt.wantNew {
						t.Errorf("IsNew = %v, want %v", s.IsNew(), tt.wantNew)
					}
					tt.do(s)
				})
				want := tt.want
				if mode == "sealed" && tt.sealed != "" {
					want = tt.sealed
				}
				if got := cookieAge(t, setCookies(rec)); got != want {
					t.Errorf("cookie age = %s, want %s (Set-Cookie %q)", got, want, setCookies(rec))
				}
				// Answers with a token must not be stored anywhere (OWASP session management, CS-6).
				if got := rec.Result().Header.Get("Cache-Control"); (got == "no-store") != (want != "none") {
					t.Errorf("Cache-Control = %q", got)
				}
				if got := rec.Result().Header.Get("Vary"); got != "Cookie" {
					t.Errorf("Vary = %q, want Cookie", got)
				}
			})
		}
	}
}

func rolling(c *session.Config)        { c.Rolling = true }
func renew(c *session.Config)          { c.Renew = true }
func rollingLong(c *session.Config)    { c.Rolling, c.MaxAge = true, 24*time.Hour }
func browser(c *session.Config)        { c.MaxAge, c.IdleTimeout = session.BrowserSession, 30*time.Minute }
func browserRolling(c *session.Config) { browser(c); c.Rolling = true }

func cookieAge(t *testing.T, lines []string) string {
	t.Helper()
	switch len(lines) {
	case 0:
		return "none"
	case 1:
	default:
		t.Errorf("Set-Cookie = %q, want at most one", lines)
	}
	for attr := range strings.SplitSeq(lines[0], ";") {
		if age, ok := strings.CutPrefix(strings.TrimSpace(attr), "Max-Age="); ok {
			return age
		}
	}
	return "browser"
}

// The attributes are the same on every line, deletions included.
func TestAttributes(t *testing.T) {
	tests := []struct {
		name   string
		config func(*session.Config)
		want   string
	}{
		{"defaults", nil, "; Path=/#; HttpOnly; SameSite=Lax"},
		{"bare", func(c *session.Config) { c.HTTPOnly, c.SameSite = false, 0 }, "; Path=/#"},
		{
			"production",
			func(c *session.Config) { c.Key, c.Secure = "__Host-id", true },
			"; Path=/#; HttpOnly; Secure; SameSite=Lax",
		},
		{"cross-site", func(c *session.Config) {
			c.Key, c.Secure, c.Partitioned, c.SameSite = "__Host-id", true, true, http.SameSiteNoneMode
		}, "; Path=/#; HttpOnly; Secure; SameSite=None; Partitioned"},
		{"domain and path", func(c *session.Config) {
			c.Domain, c.Path, c.SameSite = "example.com", "/app", http.SameSiteStrictMode
		}, "; Path=/app; Domain=example.com#; HttpOnly; SameSite=Strict"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp[data](t, tt.config)
			c := &client{name: a.cfg.Key}
			set := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
			want := a.cfg.Key + "=" + c.value + strings.Replace(tt.want, "#", "; Max-Age=3600", 1)
			if got := setCookies(set); !slices.Equal(got, []string{want}) {
				t.Errorf("Set-Cookie = %q, want %q", got, want)
			}
			cleared := a.visit(
				c,
				func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() },
			)
			want = a.cfg.Key + "=" + strings.Replace(tt.want, "#", "; Max-Age=0", 1)
			if got := setCookies(cleared); !slices.Equal(got, []string{want}) {
				t.Errorf("deletion: Set-Cookie = %q, want %q", got, want)
			}
		})
	}
}

// A token that an older key verified is signed again, with the full attributes and the time that is left.
func TestKeyRotation(t *testing.T) {
	for _, mode := range []string{"store", "sealed"} {
		t.Run(mode, func(t *testing.T) {
			a := newApp[data](t, func(c *session.Config) {
				if mode == "sealed" {
					sealed(c)
				}
			})
			c := newClient()
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
			before := c.value
			a.clock.advance(10 * time.Minute)

			b := newApp[data](t, func(cfg *session.Config) {
				cfg.Store, cfg.Now = a.cfg.Store, a.clock.Now
				cfg.Keys = [][]byte{testKey(2), testKey(1)}
			})
			rec := b.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				if s.V.Views != 1 {
					t.Errorf("Views = %d, want 1", s.V.Views)
				}
			})
			if want := fmt.Sprintf("id=%s; Path=/; Max-Age=3000; HttpOnly; SameSite=Lax", c.value); !slices.Equal(
				setCookies(rec),
				[]string{want},
			) {
				t.Errorf("Set-Cookie = %q, want %q", setCookies(rec), want)
			}
			if c.value == before {
				t.Error("the token was not signed again")
			}
			b.wantEvents(session.OldKey)
			wantCookies(t, b.visit(c, func(http.ResponseWriter, *http.Request, *session.Session[data]) {}), 0)

			// Without the old key the old token is worth nothing (ASVS 7.4.5: removing a key ends every session).
			only := newApp[data](t, func(cfg *session.Config) {
				cfg.Store, cfg.Now = a.cfg.Store, a.clock.Now
				cfg.Keys = [][]byte{testKey(2)}
			})
			if _, isNew := only.value(&client{name: "id", value: before}); !isNew {
				t.Error("a token signed by a removed key was accepted")
			}
			only.wantEvents(session.Invalid)
		})
	}
}

func TestOverwrite(t *testing.T) {
	for _, overwrite := range []bool{true, false} {
		t.Run(fmt.Sprint(overwrite), func(t *testing.T) {
			a := newApp[data](t, func(c *session.Config) { c.Overwrite = overwrite })
			rec := a.visit(newClient(), func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				http.SetCookie(w, &http.Cookie{Name: "id", Value: "mine"})
				http.SetCookie(w, &http.Cookie{Name: "identity", Value: "other"})
				s.V.Views = 1
			})
			want := 2
			if !overwrite {
				want = 3
			}
			wantCookies(t, rec, want)
			if got := setCookies(rec); !slices.Contains(got, "identity=other") {
				t.Errorf("Set-Cookie = %q: the other cookie is gone", got)
			}
		})
	}
}

func TestHeadersOfTheHandlerStay(t *testing.T) {
	a := newApp[data](t, nil)
	rec := a.visit(newClient(), func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		w.Header().Set("Vary", "Accept-Encoding, cookie")
		w.Header().Set("Cache-Control", "no-store, max-age=0")
		s.V.Views = 1
	})
	if got := rec.Result().Header["Vary"]; !slices.Equal(got, []string{"Accept-Encoding, cookie"}) {
		t.Errorf("Vary = %q", got)
	}
	if got := rec.Result().Header["Cache-Control"]; !slices.Equal(got, []string{"no-store, max-age=0"}) {
		t.Errorf("Cache-Control = %q", got)
	}
	rec = a.visit(newClient(), func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		w.Header().Set("Vary", "Origin")
		w.Header().Set("Cache-Control", "public, max-age=60")
		s.V.Views = 1
	})
	if got := rec.Result().Header["Vary"]; !slices.Equal(got, []string{"Origin", "Cookie"}) {
		t.Errorf("Vary = %q", got)
	}
	if got := rec.Result().Header["Cache-Control"]; !slices.Equal(got, []string{"no-store"}) {
		t.Errorf("Cache-Control = %q", got)
	}
}
