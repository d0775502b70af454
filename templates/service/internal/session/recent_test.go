package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// counted notes how often it is decoded. Local stays in the process.
type counted struct {
	Name  string
	Views int
	Local int `json:"-"`
}

var decodings atomic.Int64

func (c *counted) UnmarshalJSON(data []byte) error {
	decodings.Add(1)
	type plain counted
	return json.Unmarshal(data, (*plain)(c))
}

// A session that is read again and again is decoded twice, and then known.
func TestDecodedTwice(t *testing.T) {
	a := newApp[counted](t, nil)
	c := newClient()
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Name = "ann" })
	before := decodings.Load()
	for range 9 {
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
			if s.V.Name != "ann" || s.IsNew() {
				t.Errorf("V = %+v", s.V)
			}
		})
	}
	if got := decodings.Load() - before; got != 2 {
		t.Errorf("decoded %d times, want twice", got)
	}
}

// begin has the session of ann noted as one that is read again, and then changed, so that the next request decodes it.
func begin(a *app[counted], c *client) {
	set := func(name string) handler[counted] {
		return func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Name = name }
	}
	for _, name := range []string{"eve", "eve", "eve", "eve", "ann"} {
		a.visit(c, set(name))
	}
}

// What a request sees of a session is what the store has, whatever earlier requests did to their own copies.
func TestDecodedIsWhatIsStored(t *testing.T) {
	tests := map[string]struct {
		before handler[counted]
		want   counted
	}{
		"a field that is not stored": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Local = 7 }, counted{Name: "ann"}},
		"such a field, and a change": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Local, s.V.Views = 7, 1 }, counted{Name: "ann", Views: 1}},
		"such a field, and a Save":   {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Local = 7; s.Save() }, counted{Name: "ann"}},
		"such a field, and a new id": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
			s.V.Local = 7
			s.Regenerate()
		}, counted{Name: "ann"}},
		"a change after the answer": {func(w http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { w.Write(nil); s.V.Views = 2 }, counted{Name: "ann", Views: 2}},
		"a text that JSON cannot hold": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Name = "\xff" },
			counted{Name: "\ufffd"}},
	}
	for name, tt := range tests {
		for _, mode := range []string{"store", "sealed"} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				a := newApp[counted](t, func(cfg *session.Config) {
					if mode == "sealed" {
						sealed(cfg)
					}
				})
				if mode == "sealed" && name == "a change after the answer" {
					return // the browser cannot be told
				}
				c := newClient()
				begin(a, c)
				// Written to, the answer is followed by a second look at the session, which finds it as it was saved.
				a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[counted]) {
					tt.before(w, r, s)
					w.Write(nil)
				})
				for range 2 {
					a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
						if s.V != tt.want {
							t.Errorf("V = %+v, want %+v", s.V, tt.want)
						}
					})
				}
			})
		}
	}
}

// A request whose session another one changes meanwhile leaves no mix of the two behind.
func TestDecodedAfterAMerge(t *testing.T) {
	a := newApp[counted](t, nil)
	c := newClient()
	begin(a, c)
	a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Views = 1 })
		s.V.Name = "bob"
		w.Write(nil)
	})
	for range 2 {
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
			if want := (counted{Name: "bob", Views: 1}); s.V != want {
				t.Errorf("V = %+v, want %+v", s.V, want)
			}
		})
	}
}

// More sessions than are noted get in nobody's way.
func TestDecodedOfMany(t *testing.T) {
	a := newApp[counted](t, nil)
	var clients []*client
	for i := range 3000 {
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
			s.V.Name = fmt.Sprint("visitor ", i)
		})
		clients = append(clients, c)
	}
	for range 2 {
		for i, c := range clients {
			for range 3 { // the second is noted, the third is spared the decoding
				a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
					if want := fmt.Sprint("visitor ", i); s.V.Name != want {
						t.Errorf("%s sees %+v", want, s.V)
					}
				})
			}
		}
	}
}

// Nor does one that could not save, and takes its change back.
func TestDecodedAfterAFailedMerge(t *testing.T) {
	a := newApp[counted](t, nil)
	c := newClient()
	begin(a, c)
	a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[counted]) {
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) { s.V.Views = 1 })
		s.V.Name = "bob"
		swaps := 0
		a.store.FailWith(func(op, _ string) error {
			if op == "swap" {
				swaps++
			}
			if swaps > 1 {
				return errors.New("the store is gone")
			}
			return nil
		})
		if err := a.m.Commit(w, r); err == nil || swaps != 2 {
			t.Errorf("Commit = %v after %d swaps", err, swaps)
		}
		a.store.FailWith(nil)
		s.V.Name = "ann"
	})
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
		if want := (counted{Name: "ann", Views: 1}); s.V != want {
			t.Errorf("V = %+v, want %+v", s.V, want)
		}
	})
}

// What Config.Valid makes of the value is for this request alone.
func TestDecodedBeforeValid(t *testing.T) {
	a := newApp[counted](t, func(cfg *session.Config) {
		cfg.Valid = func(_ context.Context, v any) bool { v.(*counted).Views++; return true }
	})
	c := newClient()
	begin(a, c)
	for range 4 {
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[counted]) {
			if want := (counted{Name: "ann", Views: 1}); s.V != want {
				t.Errorf("V = %+v, want %+v", s.V, want)
			}
		})
	}
}
