package session_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Two managers serve one request without getting in each other's way.
func TestTwoManagers(t *testing.T) {
	a := newApp[data](t, nil)
	b := newApp[map[string]any](t, func(c *session.Config) { c.Key = "other" })
	c := newClient()
	rec := a.serve(c, func(w http.ResponseWriter, r *http.Request) {
		b.m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a.m.Get(r).V.Views = 1
			b.m.Get(r).V["x"] = json.Number("1")
		})).ServeHTTP(w, r)
	})
	wantCookies(t, rec, 2)
}

// Managers that share a store share nothing else: a user of one is none of the other, whatever their names, and a token
// of one opens nothing of the other, signed or not.
func TestManagersOfOneStore(t *testing.T) {
	for name, signed := range map[string]bool{"signed": true, "unsigned": false} {
		t.Run(name, func(t *testing.T) {
			shop := newApp[data](t, func(cfg *session.Config) { cfg.Signed = signed })
			admin := newApp[data](t, func(cfg *session.Config) {
				cfg.Key, cfg.Store, cfg.Now, cfg.Signed = "admin", shop.store, shop.clock.Now, signed
			})
			visitor, clerk := newClient(), &client{name: "admin"}
			shop.visit(visitor, signIn("ann"))
			admin.visit(clerk, signIn("ann"))
			if got := admin.user(&client{name: "admin", value: visitor.value}); got != "" {
				t.Errorf("a token of the shop is that of %q for the admin", got)
			}
			if err := shop.m.EndAll(t.Context(), "ann"); err != nil || shop.user(visitor) != "" ||
				admin.user(clerk) != "ann" {
				t.Errorf("EndAll in the shop = %v; shop has %q, admin %q", err, shop.user(visitor), admin.user(clerk))
			}
		})
	}
}
