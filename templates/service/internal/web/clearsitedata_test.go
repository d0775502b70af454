package web

import (
	"errors"
	"net/http"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestClearSiteData: the logout has the browser clear what it keeps of the service, if it happened (ASVS 14.3.1).
func TestClearSiteData(t *testing.T) {
	for name, auto := range map[string]bool{"autoCommit": true, "without autoCommit": false} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(c *config.Config) { c.Session.AutoCommit = auto })
			b := s.browser(frontEnd)
			for what, answer := range map[string]reply{"login": b.login(), "GET /me": b.do("GET", "/me", nil)} {
				if got := answer.header.Get("Clear-Site-Data"); got != "" {
					t.Errorf("%s: Clear-Site-Data = %q", what, got)
				}
			}
			s.store.FailWith(func(op, _ string) error {
				if op == "find" {
					return nil // the session is there, and cannot be ended
				}
				return errors.New("down")
			})
			failed := b.do("POST", "/logout", nil)
			failed.want(t, "POST /logout with the store down", http.StatusServiceUnavailable, "unavailable")
			if got := failed.header.Get("Clear-Site-Data"); got != "" {
				t.Errorf("POST /logout that failed: Clear-Site-Data = %q", got)
			}
			s.store.FailWith(nil)
			answer := b.do("POST", "/logout", nil)
			answer.want(t, "POST /logout", http.StatusOK, "")
			if got := answer.header.Get("Clear-Site-Data"); got != clearedAtLogout {
				t.Errorf("POST /logout: Clear-Site-Data = %q, want %q", got, clearedAtLogout)
			}
		})
	}
}
