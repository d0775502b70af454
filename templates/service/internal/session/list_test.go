package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// newListed is newApp for a manager that limits the sessions of a user.
func newListed(t *testing.T, most int, change func(*session.Config)) *app[data] {
	t.Helper()
	a := newApp[data](t, change)
	if err := a.m.LimitSessions(most); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLimitSessions(t *testing.T) {
	for _, tt := range []struct {
		most   int
		change func(*session.Config)
		want   string
	}{{1000, nil, ""}, {-1, nil, "is -1"}, {1001, nil, "is 1001"}, {5, sealed, "cookie cannot be limited"}} {
		err := newApp[data](t, tt.change).m.LimitSessions(tt.most)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("LimitSessions(%d) = %v, want %q", tt.most, err, tt.want)
		}
	}
}

// A limit that was lowered holds from the next sign-in on, which ends others and not itself.
func TestLowerLimit(t *testing.T) {
	before := newListed(t, 3, nil)
	a := newListed(t, 2, func(cfg *session.Config) { cfg.Store, cfg.Now = before.store, before.clock.Now })
	phone, desk, car := newClient(), newClient(), newClient()
	before.visit(phone, signInFrom("phone"))
	before.visit(desk, signInFrom("desk"))
	before.visit(car, signInFrom("car"))
	a.visit(phone, signInFrom("phone"))
	wantNames(t, a, "car", "phone")
	if got := a.user(desk); got != "" {
		t.Errorf("the oldest other session has the user %q", got)
	}
}

// Managers that share a store have lists of their own.
func TestListsOfOneStore(t *testing.T) {
	shop := newListed(t, 1, nil)
	admin := newListed(
		t,
		1,
		func(cfg *session.Config) { cfg.Key, cfg.Store, cfg.Now = "admin", shop.store, shop.clock.Now },
	)
	visitor, clerk := newClient(), &client{name: "admin"}
	shop.visit(visitor, signInFrom("shop"))
	admin.visit(clerk, signInFrom("admin"))
	wantNames(t, shop, "shop")
	wantNames(t, admin, "admin")
	if shop.user(visitor) != "ann" || admin.user(clerk) != "ann" {
		t.Errorf(
			"shop has %q, admin %q: a sign-in of one ended that of the other",
			shop.user(visitor),
			admin.user(clerk),
		)
	}
}

// Clients act at random with a limit of two sessions, which nobody exceeds.
func TestStressListed(t *testing.T) {
	store := sessiontest.NewStore()
	stress(t, func() (instances [2]*app[tally]) {
		clock := newClock()
		for i := range instances {
			instances[i] = newApp[tally](t, func(c *session.Config) { c.Store, c.Now = store, clock.Now })
			instances[i].clock = clock
			if err := instances[i].m.LimitSessions(2); err != nil {
				t.Fatal(err)
			}
		}
		return instances
	})
}

// signInFrom signs ann in and notes from where.
func signInFrom(browser string) handler[data] {
	return func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V.Name = browser
		signIn("ann")(w, r, s)
	}
}

// names lists from where ann is signed in.
func (a *app[T]) names(name func(session.Info[T]) string) []string {
	a.t.Helper()
	infos, err := a.m.Sessions(a.t.Context(), "ann")
	if err != nil {
		a.t.Fatal(err)
	}
	names := []string{}
	for _, info := range infos {
		names = append(names, name(info))
	}
	return names
}

func browserOf(i session.Info[data]) string { return i.V.Name }

func wantNames(t *testing.T, a *app[data], want ...string) {
	t.Helper()
	if got := a.names(browserOf); !slices.Equal(got, want) {
		t.Errorf("sessions = %q, want %q", got, want)
	}
}

// 7.5.2: users see their sessions, and end any of them.
func TestASVS_7_5_2(t *testing.T) {
	a := newListed(t, 10, nil)
	phone, desk, bob := newClient(), newClient(), newClient()
	a.visit(bob, signIn("bob"))
	a.visit(phone, signInFrom("phone"))
	a.clock.advance(time.Minute)
	a.visit(desk, signInFrom("desk"))
	a.clock.advance(time.Minute)
	a.visit(phone, increment)
	wantNames(t, a, "phone", "desk")
	infos, _ := a.m.Sessions(t.Context(), "ann")
	if got := infos[0].Seen.Sub(infos[0].AuthTime); got != 2*time.Minute || infos[1].Seen != infos[1].AuthTime {
		t.Errorf("sessions = %+v, want the phone seen 2m after its sign-in", infos)
	}
	a.visit(desk, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		if s.ID() != infos[1].ID {
			t.Errorf("ID = %q, want %q, to find the current session in the list", s.ID(), infos[1].ID)
		}
	})
	for _, tt := range []struct {
		user, id string
		want     bool
	}{
		{"ann", "", false}, {"ann", "AAAAAAAA", false}, {"bob", infos[0].ID, false},
		{"ann", infos[0].ID, true}, {"ann", infos[0].ID, false},
	} {
		if ended, err := a.m.End(t.Context(), tt.user, tt.id); ended != tt.want || err != nil {
			t.Errorf("End(%s, %q) = %v, %v, want %v", tt.user, tt.id, ended, err, tt.want)
		}
	}
	if a.user(phone) != "" || a.user(desk) != "ann" || a.user(bob) != "bob" {
		t.Errorf("phone has %q, desk %q, bob %q", a.user(phone), a.user(desk), a.user(bob))
	}
	wantNames(t, a, "desk")
}

// What happens to a session otherwise is seen in the list.
func TestListFollows(t *testing.T) {
	regenerate := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }
	tests := map[string]struct {
		do   func(a *app[data], phone, desk *client)
		want []string
	}{
		"new id": {func(a *app[data], phone, _ *client) { a.visit(phone, regenerate) }, []string{"phone", "desk"}},
		"again": {
			func(a *app[data], phone, _ *client) { a.visit(phone, signInFrom("phone")) },
			[]string{"desk", "phone"},
		},
		"change": {func(a *app[data], phone, _ *client) {
			a.visit(
				phone,
				func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Name = "tablet" },
			)
		}, []string{"tablet", "desk"}},
		"logout": {func(a *app[data], phone, _ *client) {
			a.visit(phone, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() })
		}, []string{"desk"}},
		"expiry": {func(a *app[data], _, desk *client) {
			a.clock.advance(40 * time.Minute)
			a.visit(desk, increment)
			a.clock.advance(21 * time.Minute)
		}, []string{"desk"}},
		"others": {func(a *app[data], phone, _ *client) {
			a.visit(phone, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.SignOutOthers(context.Background())
			})
		}, []string{"phone"}},
		"all": {func(a *app[data], _, _ *client) { a.m.EndAll(a.t.Context(), "ann") }, []string{}},
		"bob": {func(a *app[data], phone, _ *client) { a.visit(phone, signIn("bob")) }, []string{"desk"}},
		"a login after all": {func(a *app[data], _, desk *client) {
			a.m.EndAll(a.t.Context(), "ann")
			a.visit(desk, signInFrom("desk"))
		}, []string{"desk"}},
		"one more": {
			func(a *app[data], _, _ *client) { a.visit(newClient(), signInFrom("car")) },
			[]string{"desk", "car"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := newListed(t, 2, nil)
			phone, desk := newClient(), newClient()
			a.visit(phone, signInFrom("phone"))
			a.visit(desk, signInFrom("desk"))
			tt.do(a, phone, desk)
			wantNames(t, a, tt.want...)
			// Each can be ended under whatever id it has now.
			infos, _ := a.m.Sessions(t.Context(), "ann")
			for _, info := range infos {
				if ended, err := a.m.End(t.Context(), "ann", info.ID); !ended || err != nil {
					t.Errorf("End(%s) = %v, %v", info.V.Name, ended, err)
				}
			}
			if a.user(phone) == "ann" || a.user(desk) == "ann" {
				t.Error("a session lives on")
			}
		})
	}
}

// A session that was ended while it got a new id is in nobody's list, and neither is one whose new id could not be
// written into the list, until the next sign-in.
func TestListAfterTrouble(t *testing.T) {
	regenerate := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }
	a := newListed(t, 5, nil)
	phone := newClient()
	a.visit(phone, signInFrom("phone"))
	a.during(phone, regenerate, func() { a.m.EndAll(t.Context(), "ann") })
	wantNames(t, a)

	a.visit(phone, signInFrom("phone"))
	for step, what := range []string{"the session", "the list"} {
		a.store.FailWith(nth("swap", 1+2*step)) // the new record and the old one, then the list
		if rec := a.visit(phone, regenerate); rec.Code != 503 {
			t.Fatalf("answer = %d when %s could not be written", rec.Code, what)
		}
		a.store.FailWith(nil)
		if got, want := a.user(phone), []string{"ann", ""}[step]; got != want { // the new id reached nobody
			t.Errorf("the session is that of %q when %s could not be written, want %q", got, what, want)
		}
	}
	a.visit(phone, signInFrom("phone"))
	wantNames(t, a, "phone")
	infos, _ := a.m.Sessions(t.Context(), "ann")
	if ended, err := a.m.End(t.Context(), "ann", infos[0].ID); !ended || err != nil {
		t.Errorf("End = %v, %v", ended, err)
	}
	wantNames(t, a)
}

// 7.1.2: with a limit, a sign-in that is one too many ends the oldest live session of the user.
func TestASVS_7_1_2(t *testing.T) {
	a := newListed(t, 2, nil)
	clients := make([]*client, 6)
	for i := range clients {
		clients[i] = newClient()
	}
	bob := newClient()
	a.visit(bob, signIn("bob"))
	a.visit(clients[0], signInFrom("0"))
	a.visit(clients[1], signInFrom("1"))
	a.visit(clients[1], logout) // a session that is over does not count
	a.visit(clients[2], signInFrom("2"))
	wantNames(t, a, "0", "2")
	a.visit(clients[3], signInFrom("3"))
	wantNames(t, a, "2", "3")
	if a.user(clients[0]) != "" || a.user(clients[2]) != "ann" || a.user(bob) != "bob" {
		t.Errorf("the oldest has %q, the next %q, bob %q", a.user(clients[0]), a.user(clients[2]), a.user(bob))
	}

	// If the oldest one cannot be ended, the sign-in fails, and nothing is out of the list that still lives.
	oldest, _ := a.m.Sessions(t.Context(), "ann")
	a.store.FailWith(func(op, key string) error {
		if op == "swap" && strings.HasPrefix(key, oldest[0].ID) {
			return errDown
		}
		return nil
	})
	if rec := a.visit(clients[4], signInFrom("4")); rec.Code != 503 {
		t.Errorf("the sign-in was answered with %d", rec.Code)
	}
	a.store.FailWith(nil)
	wantNames(t, a, "2", "3")
	a.visit(clients[5], signInFrom("5"))
	wantNames(t, a, "3", "5")
	if a.user(clients[2]) != "" {
		t.Error("the oldest session lives on")
	}

	// The limit holds for sign-ins at the same time, too.
	a = newListed(t, 3, nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			a.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				signInFrom("x")(w, r, a.m.Get(r))
			})).ServeHTTP(httptest.NewRecorder(), newClient().request())
		})
	}
	wg.Wait()
	sessions, _ := a.records()
	if got := a.names(browserOf); len(got) != 3 || len(sessions) != 3 {
		t.Errorf("%d sessions are listed and %d stored, want 3", len(got), len(sessions))
	}
}

func TestListErrors(t *testing.T) {
	a := newApp[data](t, nil)
	if _, err := a.m.Sessions(t.Context(), "ann"); !errors.Is(err, session.ErrNoList) || session.Status(err) != 500 {
		t.Errorf("Sessions = %v, status %d, want ErrNoList, 500", err, session.Status(err))
	}
	if _, err := a.m.End(t.Context(), "ann", "x"); !errors.Is(err, session.ErrNoList) {
		t.Errorf("End = %v, want ErrNoList", err)
	}
	a = newListed(t, 1, nil)
	if _, err := a.m.Sessions(t.Context(), ""); !errors.Is(err, session.ErrNoUser) {
		t.Errorf("Sessions = %v, want ErrNoUser", err)
	}
	wantNames(t, a)
	c := newClient()
	a.visit(c, signInFrom("desk"))
	a.store.FailWith(down)
	if _, err := a.m.Sessions(t.Context(), "ann"); err == nil || session.Status(err) != 503 {
		t.Errorf("Sessions with the store down = %v, status %d, want an error of 503", err, session.Status(err))
	}
	if rec := a.visit(newClient(), signInFrom("phone")); rec.Code != 503 {
		t.Errorf("a sign-in with the store down: %d", rec.Code)
	}
}
