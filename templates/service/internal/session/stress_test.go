package session_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

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

// Clients act at random, three workers to each, on two instances that share one store. A model knows what each must
// find: every confirmed change, nothing of another client, and nothing after a logout.
func TestStress(t *testing.T) {
	a := newApp[tally](t, func(c *session.Config) { c.Renew = true })
	b := newApp[tally](t, func(c *session.Config) { c.Store, c.Now, c.Rolling = a.store, a.clock.Now, true })
	stress(t, func() [2]*app[tally] { return [2]*app[tally]{a, b} })
}

func stress(t *testing.T, start func() [2]*app[tally]) {
	const clients, rounds = 16, 40
	var wg sync.WaitGroup
	for n := range clients {
		instances := start()
		wg.Go(func() {
			for round := range rounds {
				w := stressed{
					t:         t,
					owner:     fmt.Sprintf("client %d", n),
					rnd:       rand.New(rand.NewPCG(uint64(n), uint64(round))),
					instances: instances,
					c:         newClient(),
				}
				w.round()
			}
		})
	}
	wg.Wait()
}

// stressed is one client in one round.
type stressed struct {
	t         *testing.T
	owner     string
	rnd       *rand.Rand
	instances [2]*app[tally]

	mu sync.Mutex
	c  *client
}

// send has a request answered, with the cookies of one browser, at either instance.
func (w *stressed) send(instance int, h func(s *session.Session[tally])) {
	w.mu.Lock()
	r := w.c.request()
	w.mu.Unlock()
	rec := httptest.NewRecorder()
	m := w.instances[instance].m
	m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { h(m.Get(r)) })).ServeHTTP(rec, r)
	if rec.Code != 200 {
		w.t.Errorf("%s: %d", w.owner, rec.Code)
	}
	w.mu.Lock()
	w.c.keep(rec.Result().Header)
	w.mu.Unlock()
}

func (w *stressed) signIn(s *session.Session[tally]) {
	s.V = tally{Owner: w.owner}
	if err := s.SignIn(w.owner); err != nil {
		w.t.Error(err)
	}
}

func (w *stressed) round() {
	either := func() int { return w.rnd.IntN(2) }
	w.send(either(), w.signIn)
	want := w.tabs()
	switch w.rnd.IntN(3) {
	case 0:
		w.send(either(), func(s *session.Session[tally]) { s.Regenerate() })
	case 1:
		other := &stressed{t: w.t, owner: w.owner, instances: w.instances, c: newClient()}
		other.send(either(), other.signIn)
		w.send(either(), func(s *session.Session[tally]) {
			if err := s.SignOutOthers(context.Background()); err != nil {
				w.t.Error(err)
			}
		})
		other.wantDead(either())
	}
	w.send(either(), func(s *session.Session[tally]) {
		if s.V != want || s.User() != w.owner {
			w.t.Errorf("%s finds %+v of %q, want %+v", w.owner, s.V, s.User(), want)
		}
	})
	old := &stressed{t: w.t, owner: w.owner, instances: w.instances, c: &client{name: w.c.name, value: w.c.value}}
	switch w.rnd.IntN(3) {
	case 0: // a logout against slower changes: whoever is first, afterwards the session is dead
		var race sync.WaitGroup
		for _, h := range []func(s *session.Session[tally]){
			func(s *session.Session[tally]) { s.Destroy() },
			func(s *session.Session[tally]) { s.V.Ballot++ },
			func(s *session.Session[tally]) { s.Regenerate() }} {
			tab, instance := &stressed{
				t:         w.t,
				owner:     w.owner,
				instances: w.instances,
				c:         &client{name: old.c.name, value: old.c.value},
			}, either()
			race.Go(func() { tab.send(instance, h) })
		}
		race.Wait()
	case 1:
		if err := w.instances[0].m.EndAll(w.t.Context(), w.owner); err != nil {
			w.t.Error(err)
		}
	default:
		w.send(either(), func(s *session.Session[tally]) { s.Destroy() })
	}
	old.wantDead(either())
}

// tabs sends the requests of three tabs at once, each of which counts in its own field, and returns what the session
// must have then.
func (w *stressed) tabs() tally {
	want := tally{Owner: w.owner}
	var tabs sync.WaitGroup
	for i, field := range []func(v *tally) *int{
		func(v *tally) *int { return &v.A }, func(v *tally) *int { return &v.B }, func(v *tally) *int { return &v.C }} {
		times := 1 + w.rnd.IntN(4)
		*field(&want) = times
		tabs.Go(func() {
			for range times {
				w.send(i%2, func(s *session.Session[tally]) {
					if s.V.Owner != w.owner || s.User() != w.owner {
						w.t.Errorf("%s sees the session of %q, signed in as %q", w.owner, s.V.Owner, s.User())
					}
					*field(&s.V)++
				})
			}
		})
	}
	tabs.Wait()
	return want
}

func (w *stressed) wantDead(instance int) {
	w.send(instance, func(s *session.Session[tally]) {
		if !s.IsNew() || s.V != (tally{}) {
			w.t.Errorf("%s: a dead session shows %+v, new %v", w.owner, s.V, s.IsNew())
		}
	})
}
