package session_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// tally counts what a model-based test does in a session. Each worker has its own field, so no increment may be lost.
type tally struct {
	Owner  string `json:"owner,omitempty"`
	A      int    `json:"a,omitempty"`
	B      int    `json:"b,omitempty"`
	C      int    `json:"c,omitempty"`
	Ballot int    `json:"ballot,omitempty"`
}

// Clients act at random, three workers to each, on two instances that share one store. A model knows what each must find: every
// confirmed change, nothing of another client, and nothing after a logout.
func TestStress(t *testing.T) {
	const clients, rounds = 16, 40
	a := newApp[tally](t, func(c *session.Config) { c.Renew = true })
	b := newApp[tally](t, func(c *session.Config) { c.Store, c.Now, c.Rolling = a.store, a.clock.Now, true })
	instances := []*app[tally]{a, b}

	var wg sync.WaitGroup
	for n := range clients {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(n), 1))
			owner := fmt.Sprintf("client %d", n)
			c := newClient()
			send := func(c *client, h func(s *session.Session[tally])) {
				rec := httptest.NewRecorder()
				m := instances[rnd.IntN(2)].m
				m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { h(m.Get(r)) })).ServeHTTP(rec, c.request())
				if rec.Code != 200 {
					t.Errorf("%s: %d", owner, rec.Code)
				}
				c.keep(rec.Result().Header)
			}
			for range rounds {
				send(c, func(s *session.Session[tally]) { s.V = tally{Owner: owner}; s.SignIn(owner) })
				want := tally{Owner: owner}
				// Three tabs at once, each with its own field.
				var tabs sync.WaitGroup
				for i, field := range []func(v *tally) *int{
					func(v *tally) *int { return &v.A }, func(v *tally) *int { return &v.B }, func(v *tally) *int { return &v.C }} {
					times := 1 + rnd.IntN(4)
					*field(&want) = times
					m := instances[(n+i)%2].m
					tabs.Go(func() {
						for range times {
							tab := *c
							rec := httptest.NewRecorder()
							m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
								s := m.Get(r)
								if s.V.Owner != owner || s.User() != owner {
									t.Errorf("%s sees the session of %q", owner, s.V.Owner)
								}
								*field(&s.V)++
							})).ServeHTTP(rec, tab.request())
						}
					})
				}
				tabs.Wait()
				if rnd.IntN(2) == 0 {
					send(c, func(s *session.Session[tally]) { s.Regenerate() })
				}
				send(c, func(s *session.Session[tally]) {
					if s.V != want {
						t.Errorf("%s finds %+v, want %+v", owner, s.V, want)
					}
				})
				old := *c
				// A logout against a slower change: whoever is first, afterwards the session is dead.
				switch rnd.IntN(3) {
				case 0:
					var race sync.WaitGroup
					for _, h := range []func(s *session.Session[tally]){
						func(s *session.Session[tally]) { s.Destroy() },
						func(s *session.Session[tally]) { s.V.Ballot++ },
						func(s *session.Session[tally]) { s.Regenerate() }} {
						m := instances[rnd.IntN(2)].m
						race.Go(func() {
							tab := old
							m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { h(m.Get(r)) })).ServeHTTP(httptest.NewRecorder(), tab.request())
						})
					}
					race.Wait()
				case 1:
					if err := a.m.EndAll(t.Context(), owner); err != nil {
						t.Error(err)
					}
				default:
					send(c, func(s *session.Session[tally]) { s.Destroy() })
				}
				send(&old, func(s *session.Session[tally]) {
					if !s.IsNew() || s.V != (tally{}) {
						t.Errorf("%s: a dead session shows %+v", owner, s.V)
					}
				})
				c = newClient()
			}
		})
	}
	wg.Wait()
}

// The same without a native Swap: the locks of AsSwapper must do for one process.
func TestMergeOnPlainStore(t *testing.T) {
	a := newApp[map[string]int](t, func(c *session.Config) { c.Store = plainStore{c.Store} })
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]int]) { s.V["start"] = 1 })
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			tab := *c
			rec := httptest.NewRecorder()
			a.m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { a.m.Get(r).V[fmt.Sprint(n)] = n })).ServeHTTP(rec, tab.request())
		})
	}
	wg.Wait()
	if v, _ := a.value(c); len(v) != 21 {
		t.Errorf("the session has %d fields, want 21: %v", len(v), v)
	}
	if !slices.Contains(a.kinds(), session.Merged) {
		t.Error("no two requests met, so the test showed nothing")
	}
}

// plainStore hides all but the methods of a Store, and is slow enough for requests to meet.
type plainStore struct{ session.Store }

func (p plainStore) Find(ctx context.Context, key string) ([]byte, bool, error) {
	data, found, err := p.Store.Find(ctx, key)
	time.Sleep(100 * time.Microsecond)
	return data, found, err
}
