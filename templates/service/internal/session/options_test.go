package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func TestManualCommit(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) { c.AutoCommit = false })
	c := newClient()
	wantCookies(t, a.visit(c, increment), 0)
	rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Views = 1
		if err := a.m.Commit(w, r); err != nil {
			t.Error(err)
		}
		s.V.Views = 2 // not committed
		fmt.Fprint(w, "x")
	})
	wantCookies(t, rec, 1)
	if v, _ := a.value(c); v.Views != 1 {
		t.Errorf("Views = %d, want 1", v.Views)
	}
}

// Commit with AutoCommit shows the error and sends one cookie in the end, not two.
func TestCommitTwice(t *testing.T) {
	a := newApp[data](t, rolling)
	c := newClient()
	for range 2 {
		rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			for range 3 {
				s.V.Views++
				if err := a.m.Commit(w, r); err != nil {
					t.Error(err)
				}
			}
			s.V.Views++
		})
		wantCookies(t, rec, 1)
	}
	if v, _ := a.value(c); v.Views != 8 {
		t.Errorf("Views = %d, want 8", v.Views)
	}
	a.store.FailWith(down)
	rec := a.serve(newClient(), func(w http.ResponseWriter, r *http.Request) {
		a.m.Get(r).V.Views = 1
		if err := a.m.Commit(w, r); !errors.Is(err, errDown) {
			t.Errorf("Commit = %v", err)
		}
	})
	if rec.Code != 503 {
		t.Errorf("answer = %d", rec.Code)
	}
}

// The max age of a session is kept with it: "remember me".
func TestSetMaxAge(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) { mode(c); c.Renew = true })
		c := newClient()
		a.visit(
			c,
			func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.SetMaxAge(10 * time.Hour) },
		)
		a.clock.advance(5 * time.Hour)
		rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			if s.MaxAge() != 10*time.Hour {
				t.Errorf("MaxAge = %v, want 10h", s.MaxAge())
			}
		})
		wantCookies(t, rec, 0) // exactly half is left
		a.clock.advance(time.Millisecond)
		if age := cookieAge(t, setCookies(a.visit(c, look))); age != "36000" {
			t.Errorf("renewed with Max-Age %s, want 36000", age)
		}
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.SetMaxAge(session.BrowserSession)
		})
		a.clock.advance(30*time.Minute + time.Millisecond)
		if _, isNew := a.value(c); !isNew {
			t.Error("a session that became a browser session has no idle limit")
		}
	})
}

func TestValid(t *testing.T) {
	a := newApp[data](t, func(c *session.Config) {
		c.Valid = func(_ context.Context, v any) bool { return v.(*data).Views < 3 }
	})
	c := newClient()
	for range 3 {
		a.visit(c, increment)
	}
	a.kinds()
	if v, isNew := a.value(c); !isNew || v.Views != 0 {
		t.Errorf("a refused session shows %+v, new %v", v, isNew)
	}
	a.wantEvents(session.Invalid)
}

func TestBeforeSave(t *testing.T) {
	calls := 0
	stamp := func(c *session.Config) {
		c.BeforeSave = func(_ context.Context, v any) { calls++; v.(*data).Name = fmt.Sprint("stamp ", calls) }
	}
	a := newApp[data](t, stamp)
	c := newClient()
	a.visit(c, look)
	a.visit(c, increment)
	a.visit(c, look)
	if v, _ := a.value(c); v.Name != "stamp 1" || calls != 1 {
		t.Errorf("session = %+v after %d calls", v, calls)
	}

	// The saves of Rolling and Renew are saves too.
	for name, change := range map[string]func(*session.Config){"rolling": rolling, "renew": renew} {
		calls = 0
		a := newApp[data](t, func(c *session.Config) { stamp(c); change(c) })
		c := newClient()
		a.visit(c, increment)
		a.clock.advance(31 * time.Minute)
		rec := a.visit(c, look)
		if v, _ := a.value(c); v.Name != "stamp 2" || v.Views != 1 || cookieAge(t, setCookies(rec)) != "3600" {
			t.Errorf("%s: session = %+v after %d calls, Set-Cookie = %q", name, v, calls, setCookies(rec))
		}
	}
}

func TestNewValueAfterDestroy(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		old := *c
		rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.Destroy()
			s.V = data{Name: "next"}
		})
		wantCookies(t, rec, 1)
		if v, isNew := a.value(c); isNew || v.Name != "next" || a.user(c) != "" || c.value == old.value {
			t.Errorf("session = %+v of %q, new %v, same token %v", v, a.user(c), isNew, c.value == old.value)
		}
		if _, isNew := a.value(&old); !isNew {
			t.Error("the old token still works")
		}
	})
}

// Browsers send several cookies of one name when it was set for other paths or domains, and other sites of the domain
// can plant one.
func TestSeveralCookies(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	for _, header := range []string{
		"id=" + c.value, "id=planted; id=" + c.value, `a=b; id="` + c.value + `"; c`, "id=; id=" + c.value,
	} {
		probe := &client{name: "none", header: http.Header{"Cookie": {header}}}
		if v, isNew := a.value(probe); isNew || v.Views != 1 {
			t.Errorf("Cookie %.20q...: session = %+v", header, v)
		}
	}
	// Those of sessions that are over are passed over too, any number of them, and the store is asked once.
	ended := newClient()
	a.visit(ended, increment)
	stale := "id=" + ended.value + "; "
	a.visit(ended, logout)
	for _, n := range []int{1, 3, 100} {
		probe := &client{
			name:   "none",
			header: http.Header{"Cookie": {strings.Repeat(stale+"id=forged; ", n) + "id=" + c.value}},
		}
		before := a.store.Calls()
		if _, isNew := a.value(probe); isNew || a.store.Calls() != before+1 {
			t.Errorf(
				"behind %d tokens of sessions that are over: new %v, %d calls of the store",
				n,
				isNew,
				a.store.Calls()-before,
			)
		}
	}
	for _, header := range []string{"Id=" + c.value, "xid=" + c.value, c.value, "id", "id==" + c.value} {
		if _, isNew := a.value(&client{name: "none", header: http.Header{"Cookie": {header}}}); !isNew {
			t.Errorf("Cookie %.20q... was taken", header)
		}
	}
}
