package web

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

func (b *browser) sessions() []listedSession {
	b.t.Helper()
	var list []listedSession
	r := b.do("GET", "/sessions", nil)
	r.want(b.t, "GET /sessions", http.StatusOK, "")
	if err := json.Unmarshal(r.Result, &list); err != nil {
		b.t.Fatal(err)
	}
	return list
}

// TestASVS_7_5_2: users see where they are logged in, and end any of it.
func TestASVS_7_5_2(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Session.MaxSessions = 2 })
	stranger, phone, desk := s.browser(frontEnd), s.browser(frontEnd), s.browser(frontEnd)
	for _, method := range []string{"GET", "DELETE"} {
		path := map[string]string{"GET": "/sessions", "DELETE": "/sessions/AAAAAAAA"}[method]
		stranger.do(method, path, nil).want(t, method+" by a stranger", http.StatusUnauthorized, "not_logged_in")
	}
	phone.login()
	desk.login()
	list := desk.sessions()
	if len(list) != 2 || !list[0].Current || list[1].Current || list[0].Since.Before(list[1].Since) {
		t.Fatalf("sessions = %+v, want the own one first, and another", list)
	}
	desk.do("DELETE", "/sessions/"+list[1].ID, nil).want(t, "DELETE", http.StatusOK, "")
	desk.do("DELETE", "/sessions/"+list[1].ID, nil).want(t, "DELETE again", http.StatusNotFound, "not_found")
	phone.do("GET", "/me", nil).want(t, "the ended session", http.StatusUnauthorized, "not_logged_in")
	desk.do("GET", "/me", nil).want(t, "the other one", http.StatusOK, "")
	if list := desk.sessions(); len(list) != 1 {
		t.Errorf("sessions = %+v, want one", list)
	}
}

// TestEndCurrentSession: ending the session of the request itself is a logout.
func TestEndCurrentSession(t *testing.T) {
	for _, auto := range []bool{true, false} {
		b := start(t, func(c *config.Config) {
			c.Session.MaxSessions, c.Session.AutoCommit, c.Session.ClearSiteData = 2, auto, true
		}).browser(frontEnd)
		b.login()
		copied := b.cookie()
		answer := b.do("DELETE", "/sessions/"+b.sessions()[0].ID, nil)
		answer.want(t, "DELETE of the own session", http.StatusOK, "")
		if b.cookie() != nil || answer.header.Get("Clear-Site-Data") != clearedAtLogout {
			t.Errorf("autoCommit %v: the browser still has the cookie %v, and is told to clear %q", auto, b.cookie(), answer.header.Get("Clear-Site-Data"))
		}
		b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusUnauthorized, "not_logged_in")
		b.do("GET", "/me", nil, "Cookie", copied.Name+"="+copied.Value).want(t, "GET /me with a copy of the cookie", http.StatusUnauthorized, "not_logged_in")
	}
}

// TestSessionsAfterRotation: the list has the id that the answer brings.
func TestSessionsAfterRotation(t *testing.T) {
	for _, auto := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := unplugged(t, func(c *config.Config) {
				c.Session.MaxSessions, c.Session.AutoCommit, c.Session.RotateEvery = 2, auto, 5*time.Minute
			}).browser(frontEnd)
			b.login()
			time.Sleep(6 * time.Minute)
			before := b.cookie().Value
			list := b.sessions()
			if len(list) != 1 || !list[0].Current || b.cookie().Value == before {
				t.Fatalf("autoCommit %v: sessions = %+v, new id %v", auto, list, b.cookie().Value != before)
			}
			b.do("DELETE", "/sessions/"+list[0].ID, nil).want(t, "DELETE by the id of the list", http.StatusOK, "")
			b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusUnauthorized, "not_logged_in")
		})
	}
}

// TestMaxSessions: the login that is one too many ends the oldest session.
func TestMaxSessions(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Session.MaxSessions = 2 })
	var browsers []*browser
	for range 3 {
		b := s.browser(frontEnd)
		b.login()
		browsers = append(browsers, b)
	}
	for i, want := range []int{http.StatusUnauthorized, http.StatusOK, http.StatusOK} {
		if got := browsers[i].do("GET", "/me", nil).status; got != want {
			t.Errorf("login %d: GET /me = %d, want %d", i, got, want)
		}
	}
}

func TestNoSessionListUnlessChosen(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	b.login()
	b.do("GET", "/sessions", nil).want(t, "GET /sessions", http.StatusNotFound, "not_found")
}
