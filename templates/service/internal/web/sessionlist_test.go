package web

import (
	"encoding/json"
	"net/http"
	"testing"

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
