package session_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// during runs one request of c, and in the middle of it, after it has loaded the session, other.
func (a *app[T]) during(c *client, h handler[T], other func()) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[T]) {
		other()
		h(w, r, s)
	})
}

// Two requests that change different fields of one session at once both count. quick comes from the same browser, to
// another instance that shares only the store.
func TestMerge(t *testing.T) {
	set := func(change func(v *data)) handler[data] {
		return func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { change(&s.V) }
	}
	tests := []struct {
		name        string
		slow, quick handler[data]
		want        data
	}{
		{"different fields", set(func(v *data) { v.Name = "slow" }), set(func(v *data) { v.Views = 9 }),
			data{Name: "slow", Views: 9, Cart: []string{"a"}}},
		{"same field", set(func(v *data) { v.Name = "slow" }), set(func(v *data) { v.Name = "quick" }),
			data{Name: "slow", Views: 1, Cart: []string{"a"}}},
		{"removed field", set(func(v *data) { v.Cart = nil }), set(func(v *data) { v.Views = 9 }),
			data{Views: 9}},
		{"removed there", set(func(v *data) { v.Views = 9 }), set(func(v *data) { v.Cart = nil }),
			data{Views: 9}},
		{"all replaced there", set(func(v *data) { v.Name = "slow" }), set(func(v *data) { *v = data{Views: 5} }),
			data{Name: "slow", Views: 5}},
		{
			"max age there",
			set(func(v *data) { v.Views = 1 }),
			func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.SetMaxAge(1e12) },
			data{Views: 1, Cart: []string{"a"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp[data](t, nil)
			elsewhere := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now = a.store, a.clock.Now })
			c := newClient()
			a.visit(c, set(func(v *data) { v.Views, v.Cart = 1, []string{"a"} }))
			a.during(c, tt.slow, func() { tab := *c; elsewhere.visit(&tab, tt.quick) })
			v, isNew := a.value(c)
			if isNew || fmt.Sprintf("%+v", v) != fmt.Sprintf("%+v", tt.want) {
				t.Errorf("session = %+v (new %v), want %+v", v, isNew, tt.want)
			}
			// The merged record has another order of fields; a visit that changes nothing must not see a change in
			// that.
			wantCookies(t, a.visit(c, look), 0)
		})
	}
}

// What SetMaxAge says is merged as a field is: it stays if the other request left it alone, whichever of the two it
// was.
func TestMergeMaxAge(t *testing.T) {
	long := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.SetMaxAge(5 * time.Hour) }
	for name, both := range map[string][2]handler[data]{
		"slow one sets it": {long, increment}, "quick one sets it": {increment, long},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp[data](t, nil)
			c := newClient()
			a.visit(c, increment)
			a.during(c, both[0], func() { tab := *c; a.visit(&tab, both[1]) })
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				if s.MaxAge() != 5*time.Hour || s.V.Views != 2 {
					t.Errorf("MaxAge = %v, Views = %d", s.MaxAge(), s.V.Views)
				}
			})
		})
	}
}

// After a merge the handler's own V is older than the record. The second save, at the end of the handler, must not take
// that for a change and undo what the other request did.
func TestMergeThenSaveAgain(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		s.V = data{Name: "a", Views: 1}
	})
	a.during(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Name = "b"
		if err := a.m.Commit(w, r); err != nil { // saves, and merges
			t.Error(err)
		}
		s.V.Cart = []string{"later"}
	}, func() { tab := *c; a.visit(&tab, increment) })
	if v, _ := a.value(c); v.Name != "b" || v.Views != 2 || len(v.Cart) != 1 {
		t.Errorf("session = %+v, want Name b, Views 2 and one item", v)
	}
}

// A program that is older than the record keeps the fields that it does not know, as in a rolling deployment.
func TestUnknownFieldsStay(t *testing.T) {
	type older struct {
		Views int `json:"views,omitempty"`
	}
	a := newApp[data](t, nil)
	old := newApp[older](t, func(cfg *session.Config) { cfg.Store, cfg.Now = a.store, a.clock.Now })
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		s.V = data{Name: "ann", Views: 1}
	})
	wantCookies(t, old.visit(c, func(http.ResponseWriter, *http.Request, *session.Session[older]) {}), 0)
	old.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[older]) { s.V.Views = 2 })
	if v, _ := a.value(c); v.Name != "ann" || v.Views != 2 {
		t.Errorf("session = %+v, want ann with 2 views", v)
	}
}

// A logout is never undone by a slower request (which scs, express-session and koa-session all let happen).
func TestNoResurrection(t *testing.T) {
	requests := map[string]handler[data]{
		"changes":     increment,
		"saves":       func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Save() },
		"regenerates": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() },
		"only looks":  look,
		"changes after the headers": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			w.(http.Flusher).Flush()
			s.V.Views++
		},
		"changes before and after": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Views++
			fmt.Fprint(w, "x")
			s.V.Views++
		},
	}
	configs := map[string]func(*session.Config){"": nil, "rolling": rolling, "sealed": sealed}
	for config, change := range configs {
		for name, slow := range requests {
			t.Run(config+" "+name, func(t *testing.T) {
				a := newApp[data](t, change)
				c := newClient()
				a.visit(c, signIn("ann"))
				stolen := *c
				rec := a.during(c, slow, func() {
					tab := *c
					a.visit(
						&tab,
						func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() },
					)
				})
				if rec.Code != 200 {
					t.Errorf("answer = %d: the handler's answer should stand", rec.Code)
				}
				if a.user(&stolen) != "" || a.user(c) != "" {
					t.Error("the session came back")
				}
				gone := 0
				for _, kind := range a.kinds() {
					if kind == session.Gone {
						gone++
					}
				}
				if gone > 1 {
					t.Errorf("the lost change was reported %d times", gone)
				}
				if n := len(a.store.Keys()); config != "sealed" && n != 0 {
					t.Errorf("%d records are left, want none", n)
				}
			})
		}
	}
}

// A request that was under way while the session got a new id loses its change, but must not have the browser drop the
// new id.
func TestMovedWhileUnderWay(t *testing.T) {
	regenerate := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }
	for name, slow := range map[string]handler[data]{"changes": increment, "regenerates": regenerate} {
		t.Run(name, func(t *testing.T) {
			bothModes(t, func(t *testing.T, mode func(*session.Config)) {
				a := newApp[data](t, mode)
				c := newClient()
				a.visit(c, increment)
				var login client
				rec := a.during(c, slow, func() { login = *c; a.visit(&login, signIn("ann")) })
				wantCookies(t, rec, 0)
				if a.user(&login) != "ann" || a.user(c) != "" {
					t.Errorf("new id: %q, old id: %q", a.user(&login), a.user(c))
				}
			})
		})
	}
}

// Two sign-ins from one page at once (a double click) both succeed.
func TestParallelSignIns(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, increment)
		var other client
		a.during(c, signIn("ann"), func() { other = *c; a.visit(&other, signIn("ann")) })
		if a.user(c) != "ann" || a.user(&other) != "ann" {
			t.Errorf("users: %q and %q, want ann twice", a.user(c), a.user(&other))
		}
	})
}

// A change that comes while the session gets a new id is merged into the session under the new id.
func TestChangeDuringMove(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	a.during(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Name = "ann"
		signIn("ann")(w, r, s)
	}, func() { tab := *c; a.visit(&tab, increment) })
	if v, _ := a.value(c); v.Views != 2 || v.Name != "ann" || a.user(c) != "ann" {
		t.Errorf("session = %+v of %q", v, a.user(c))
	}
}

// A touch cannot undo another request's change, since it is a compare-and-set too.
func TestTouchDoesNotUndo(t *testing.T) {
	a := newApp[data](t, rolling)
	c := newClient()
	a.visit(c, increment)
	a.during(c, look, func() { tab := *c; a.visit(&tab, increment) })
	if v, _ := a.value(c); v.Views != 2 {
		t.Errorf("Views = %d, want 2", v.Views)
	}
}
