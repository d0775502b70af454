package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// faulty fails one call. If lost, the call does what it should, and only its answer is lost.
type faulty struct {
	*sessiontest.Store
	calls, at int
	lost      bool
}

func (f *faulty) call(do func() error) error {
	f.calls++
	fails := f.calls == f.at
	if fails && !f.lost {
		return errDown
	}
	err := do()
	if fails {
		return errDown
	}
	return err
}

func (f *faulty) Find(ctx context.Context, keys ...string) (records [][]byte, err error) {
	err = f.call(func() (err error) { records, err = f.Store.Find(ctx, keys...); return err })
	return records, err
}

func (f *faulty) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	err = f.call(func() (err error) { made, err = f.Store.Swap(ctx, changes...); return err })
	return made, err
}

// A save of which any one call of the store fails, or loses its answer, is made up for by the next save of the same
// request: the one at the handler's end. Only a Regenerate or SignOutOthers that lost its answer may log the user out.
func TestSaveAfterAFailedCall(t *testing.T) {
	type want struct {
		user   string
		views  int
		others bool // ann's other session goes on
	}
	does := map[string]struct {
		do   func(s *session.Session[data]) error
		want want
	}{
		"change": {
			func(s *session.Session[data]) error { s.V.Views = 5; return nil },
			want{"ann", 5, true},
		},
		"Save": {func(s *session.Session[data]) error { s.Save(); return nil }, want{"ann", 1, true}},
		"SetMaxAge": {
			func(s *session.Session[data]) error { s.SetMaxAge(2 * time.Hour); return nil },
			want{"ann", 1, true},
		},
		"Regenerate": {(*session.Session[data]).Regenerate, want{"ann", 1, true}},
		"SignIn": {
			func(s *session.Session[data]) error { s.V.Views = 5; return s.SignIn("ann") },
			want{"ann", 5, true},
		},
		"SignIn of another": {func(s *session.Session[data]) error { return s.SignIn("bob") }, want{"bob", 1, true}},
		"SignOutOthers":     {signOutOthersOf, want{"ann", 1, false}},
		"Destroy":           {func(s *session.Session[data]) error { s.Destroy(); return nil }, want{"", 0, true}},
		"Destroy and change": {
			func(s *session.Session[data]) error { s.Destroy(); s.V.Views = 7; return nil },
			want{"", 7, true},
		},
		"Destroy and SignIn": {
			func(s *session.Session[data]) error { s.Destroy(); return s.SignIn("bob") },
			want{"bob", 0, true},
		},
		"all out, and Destroy": {
			func(s *session.Session[data]) error { err := signOutOthersOf(s); s.Destroy(); return err },
			want{"", 0, false},
		},
	}
	for _, mode := range []string{"plain", "sealed"} {
		for name, tt := range does {
			for _, lost := range []bool{false, true} {
				reached := true
				for at := 1; reached; at++ {
					t.Run(fmt.Sprintf("%s/%s/lost=%v/%d", mode, name, lost, at), func(t *testing.T) {
						f := &faulty{Store: sessiontest.NewStore(), lost: lost}
						a := newApp[data](t, func(cfg *session.Config) {
							cfg.Store = f
							if mode == "sealed" {
								sealed(cfg)
							}
						})
						a.store = f.Store
						other, c := newClient(), newClient()
						a.visit(other, signIn("ann"))
						a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
							s.V.Views = 1
							signIn("ann")(w, r, s)
						})
						a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
							if err := tt.do(s); err != nil {
								t.Error(err)
							}
							f.calls, f.at = 0, at
							_ = a.m.Commit(w, r)
							reached, f.at = f.calls >= at, 0
						})
						v, _ := a.value(c)
						got := want{a.user(c), v.Views, a.user(other) == "ann"}
						if lost && got.user == "" && (name == "Regenerate" || name == "SignOutOthers") {
							got.user, got.views = tt.want.user, tt.want.views
						}
						if got != tt.want {
							t.Errorf("got %+v, want %+v", got, tt.want)
						}
						live := 0
						for _, one := range []*client{c, other} {
							if _, isNew := a.value(one); !isNew {
								live++
							}
						}
						if sessions, _ := a.records(); mode != "sealed" && tt.want.others && !lost &&
							len(sessions) != live {
							t.Errorf("%d records of %d sessions", len(sessions), live)
						}
					})
				}
			}
		}
	}
}

// nth fails the n-th call of this kind.
func nth(kind string, n int) func(op, key string) error {
	return func(op, _ string) error {
		if op == kind {
			n--
			if n == 0 {
				return errDown
			}
		}
		return nil
	}
}

// An extension that failed was none, and is tried again.
func TestRenewAfterAFailedOne(t *testing.T) {
	a := newApp[data](t, renew)
	c := newClient()
	a.visit(c, increment)
	a.clock.advance(40 * time.Minute)
	rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, _ *session.Session[data]) {
		a.store.FailWith(down)
		if err := a.m.Commit(w, r); !errors.Is(err, errDown) {
			t.Errorf("Commit = %v", err)
		}
		a.store.FailWith(nil)
	})
	if got := cookieAge(t, setCookies(rec)); got != "3600" {
		t.Errorf("cookie age = %s, want 3600", got)
	}
}

// What a Commit has confirmed stays with the browser when the save at the end of the handler fails.
func TestCommitThenAFailedSave(t *testing.T) {
	for name, do := range map[string]func(s *session.Session[data]) error{
		"Regenerate": (*session.Session[data]).Regenerate,
		"SignIn":     func(s *session.Session[data]) error { return s.SignIn("ann") },
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp[data](t, nil)
			c := newClient()
			a.visit(c, signIn("ann"))
			rec := a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
				http.SetCookie(w, &http.Cookie{Name: "id", Value: "the handler's own"})
				if err := errors.Join(do(s), a.m.Commit(w, r)); err != nil {
					t.Error(err)
				}
				s.V.Views++
				w.Header().Set("Cache-Control", "public, max-age=60")
				a.store.FailWith(down)
				io.WriteString(w, "x")
				a.store.FailWith(nil)
			})
			if rec.Code != 503 || rec.Header().Get("Cache-Control") != "no-store" || a.user(c) != "ann" {
				t.Errorf(
					"answer %d, Cache-Control %q, and the browser's session is that of %q",
					rec.Code,
					rec.Header().Get("Cache-Control"),
					a.user(c),
				)
			}
			wantCookies(t, rec, 1)
		})
	}
}
