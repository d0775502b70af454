package session_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// answers has the answers of one session's life that carry Set-Cookie, by what the handler did.
func answers(t *testing.T, config func(*session.Config), header http.Header) map[string]http.Header {
	t.Helper()
	a := newApp[data](t, func(c *session.Config) { config(c); c.Rolling = true })
	c := &client{name: a.cfg.Key}
	all := make(map[string]http.Header)
	for _, step := range []struct {
		name string
		do   handler[data]
	}{
		{"created", increment},
		{"changed", increment},
		{"looked at, rolling", look},
		{"signed in", signIn("ann")},
		{"regenerated", func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }},
		{"others signed out", func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.SignOutOthers(context.Background())
		}},
		{"destroyed", func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() }},
	} {
		a.clock.advance(time.Minute)
		rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			for name, lines := range header {
				w.Header()[name] = slices.Clone(lines)
			}
			step.do(w, r, s)
			fmt.Fprintf(w, "%+v %s %s", s.V, s.User(), s.ID())
		})
		wantCookies(t, rec, 1)
		all[step.name] = rec.Result().Header
		if token := rec.Result().Cookies()[0].Value; token != "" {
			if strings.Contains(rec.Body.String(), token) {
				t.Errorf("%s: the token is in the body", step.name)
			}
		}
	}
	return all
}

// 3.3.2: SameSite is set by purpose: Lax unless the owner says otherwise, and None only where browsers take it.
func TestASVS_3_3_2(t *testing.T) {
	if got := session.Defaults().SameSite; got != http.SameSiteLaxMode {
		t.Errorf("the default is %v, want Lax", got)
	}
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for want, same := range map[string]http.SameSite{
			"Lax": http.SameSiteLaxMode, "Strict": http.SameSiteStrictMode, "None": http.SameSiteNoneMode,
		} {
			all := answers(t, func(c *session.Config) { mode(c); c.SameSite, c.Secure = same, true }, nil)
			for what, h := range all {
				if line := h.Get("Set-Cookie"); !slices.Contains(strings.Split(line, "; "), "SameSite="+want) {
					t.Errorf("%s: %q, want SameSite=%s", what, line, want)
				}
			}
		}
	})
	refused(t, "None without Secure", "SameSite", func(c *session.Config) { c.SameSite = http.SameSiteNoneMode })
}

// 3.3.3: a cookie of the name __Host- is for this host alone, and New refuses to make it otherwise: browsers would drop
// it.
func TestASVS_3_3_3(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for what, h := range answers(t, func(c *session.Config) { mode(c); c.Key, c.Secure = "__Host-id", true }, nil) {
			line := h.Get("Set-Cookie")
			attrs := strings.Split(line, "; ")
			if !strings.HasPrefix(line, "__Host-id=") || !slices.Contains(attrs, "Path=/") ||
				!slices.Contains(attrs, "Secure") ||
				strings.Contains(line, "Domain") {
				t.Errorf("%s: %q", what, line)
			}
		}
	})
	host := func(c *session.Config) { c.Key, c.Secure = "__Host-id", true }
	refused(t, "Domain", "__Host-", func(c *session.Config) { host(c); c.Domain = "shop.test" })
	refused(t, "Path", "__Host-", func(c *session.Config) { host(c); c.Path = "/shop" })
	refused(t, "no Secure", "__Host-", func(c *session.Config) { host(c); c.Secure = false })
}

// refused wants New to fail with an error that names the word.
func refused(t *testing.T, what, word string, change func(*session.Config)) {
	t.Helper()
	cfg := newApp[data](t, nil).cfg
	change(&cfg)
	if _, err := session.New[data](cfg); err == nil || !strings.Contains(err.Error(), word) {
		t.Errorf("%s: New = %v, want an error about %s", what, err, word)
	}
}

// 3.3.4: scripts cannot read the cookie, and its token is in no other header and in no body (the latter is seen in
// answers).
func TestASVS_3_3_4(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for what, h := range answers(t, mode, nil) {
			line := h.Get("Set-Cookie")
			if !slices.Contains(strings.Split(line, "; "), "HttpOnly") {
				t.Errorf("%s: %q, want HttpOnly", what, line)
			}
			pair, _, _ := strings.Cut(line, ";")
			_, token, _ := strings.Cut(pair, "=")
			for name, lines := range h {
				if token != "" && name != "Set-Cookie" && strings.Contains(strings.Join(lines, " "), token) {
					t.Errorf("%s: the token is in the header %s", what, name)
				}
			}
		}
	})
}

// CS-6: no cache keeps an answer that carries Set-Cookie, whatever the handler says. Others are the handler's own
// matter.
func TestCS_6(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, header := range map[string]http.Header{
			"silent":  nil,
			"public":  {"Cache-Control": {"public, max-age=600"}},
			"partial": {"Cache-Control": {`no-cache="Set-Cookie"`}},
		} {
			for what, h := range answers(t, mode, header) {
				if got := h.Values("Cache-Control"); !slices.Equal(got, []string{"no-store"}) {
					t.Errorf("%s, %s: Cache-Control = %q, want no-store", name, what, got)
				}
			}
		}
	})
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	rec := a.visit(c, func(w http.ResponseWriter, _ *http.Request, _ *session.Session[data]) {
		w.Header().Set("Cache-Control", "private")
	})
	if wantCookies(t, rec, 0); rec.Header().Get("Cache-Control") != "private" {
		t.Errorf("without Set-Cookie: Cache-Control = %q, want the handler's", rec.Header().Get("Cache-Control"))
	}
	rec = a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Views++
		if err := a.m.Commit(w, r); err != nil {
			t.Error(err)
		}
		w.Header().Set("Cache-Control", "public, max-age=600")
	})
	if wantCookies(t, rec, 1); rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("set after a Commit: Cache-Control = %q, want no-store", rec.Header().Get("Cache-Control"))
	}
}

// 5.1-3 of NIST SP 800-63B-4: a logout erases the secret at both ends. A browser drops the cookie only if the deletion
// has the attributes that it was set with.
func TestNIST_5_1_3(t *testing.T) {
	configs := map[string]func(*session.Config){
		"default": func(*session.Config) {},
		"host":    func(c *session.Config) { c.Key, c.Secure = "__Host-id", true },
		"shared":  func(c *session.Config) { c.Domain, c.Path, c.Secure = "shop.test", "/app", true },
		"partitioned": func(c *session.Config) {
			c.Secure, c.Partitioned, c.SameSite = true, true, http.SameSiteNoneMode
		},
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			bothModes(t, func(t *testing.T, mode func(*session.Config)) {
				all := answers(t, func(c *session.Config) { mode(c); config(c) }, nil)
				set, deleted := cookieAttributes(all["created"]), cookieAttributes(all["destroyed"])
				if !slices.Contains(deleted, "Max-Age=0") ||
					all["destroyed"].Get("Set-Cookie")[:len(set[0])+1] != set[0]+"=" {
					t.Errorf("the deletion is %q", all["destroyed"].Get("Set-Cookie"))
				}
				age := func(attr string) bool { return strings.HasPrefix(attr, "Max-Age=") }
				if set, deleted = slices.DeleteFunc(set, age), slices.DeleteFunc(deleted, age); !slices.Equal(
					set,
					deleted,
				) {
					t.Errorf("set with %q, deleted with %q", set, deleted)
				}
			})
		})
	}
}

// cookieAttributes returns the cookie's name and its attributes.
func cookieAttributes(h http.Header) []string {
	attrs := strings.Split(h.Get("Set-Cookie"), "; ")
	attrs[0], _, _ = strings.Cut(attrs[0], "=")
	return attrs
}
