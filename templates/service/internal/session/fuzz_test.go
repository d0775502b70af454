package session_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// FuzzCookie sends any Cookie header. A stranger's is an anonymous visitor: never an error, never a call to the store,
// never adopted.
func FuzzCookie(f *testing.F) {
	for _, seed := range []string{"", "id=", "id=x", "id=\x00; id=\"", "id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "=;=; id;id=é",
		"id=AQ", ";;;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, mode := range []func(*session.Config){nil, sealed} {
			a := newApp[data](t, mode)
			rec := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Cookie"] = []string{header}
			a.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if s := a.m.Get(r); !s.IsNew() || s.Err() != nil || s.User() != "" {
					t.Errorf("Cookie %q: new %v, err %v, user %q", header, s.IsNew(), s.Err(), s.User())
				}
			})).ServeHTTP(rec, r)
			if rec.Code != 200 || a.store.Calls() != 0 {
				t.Errorf("Cookie %q: %d, %d calls to the store", header, rec.Code, a.store.Calls())
			}
		}
	})
}

// FuzzOwnCookie hides a live cookie in any header. It is found wherever net/http finds it.
func FuzzOwnCookie(f *testing.F) {
	for _, seed := range []string{"", "id=", "a=1; ", "a=1;", "id=x;\t", "id=\"x; ", "x", "\xff; ", " ; =;", "id; "} {
		f.Add(seed, ";id=x")
		f.Add(seed, "; a=\"1\"")
	}
	f.Add(`id="`, `"`) // is not the whole cookie
	f.Fuzz(func(t *testing.T, before, after string) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, increment)
		r := httptest.NewRequest("GET", "/", nil)
		for _, cookie := range []string{"id=" + c.value, "id\t=" + c.value + " ", `id="` + c.value + `"`} {
			r.Header["Cookie"] = []string{"b=2", before + cookie + after}
			found := slices.ContainsFunc(r.CookiesNamed("id"), func(o *http.Cookie) bool { return o.Value == c.value })
			if found && a.peek(r).IsNew() {
				t.Errorf("Cookie %q: the session was not found", r.Header["Cookie"])
			}
		}
	})
}

// FuzzSealed damages a sealed token in one place. None may open.
func FuzzSealed(f *testing.F) {
	f.Add(uint16(0), byte('A'))
	f.Add(uint16(1), byte('-'))
	f.Add(uint16(200), byte('\n'))
	f.Fuzz(func(t *testing.T, at uint16, to byte) {
		a := newApp[data](t, sealed)
		c := newClient()
		a.visit(c, increment)
		token := []byte(c.value)
		i := int(at) % len(token)
		if token[i] == to {
			return
		}
		token[i] = to
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Cookie"] = []string{"id=" + string(token)}
		if !a.peek(r).IsNew() {
			t.Errorf("byte %d as %q: the token opened", i, to)
		}
	})
}

// FuzzFindCookie puts a live cookie between anything else that a Cookie header may hold: dead and forged ones of the
// same name among it. The session is found.
func FuzzFindCookie(f *testing.F) {
	const dead = "id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, seed := range [][2]string{{"", ""}, {dead, dead}, {"id=; id", ";;id=\""}, {"a=b; id=x", "id=\x00"},
		{"$Version=1", " id = x"}, {"ID=x, id=y", "\t"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, mode := range []func(*session.Config){nil, sealed} {
			a := newApp[data](t, mode)
			c := newClient()
			a.visit(c, increment)
			r := httptest.NewRequest("GET", "/", nil)
			r.Header["Cookie"] = []string{before + "; id=" + c.value + "; " + after}
			if a.peek(r).IsNew() {
				t.Errorf("between %q and %q the session is not found", before, after)
			}
		}
	})
}
