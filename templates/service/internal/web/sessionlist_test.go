package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
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

// TestASVS_7_5_2: users see their sessions, and can end any of them.
func TestASVS_7_5_2(t *testing.T) {
	s := start(t, nil)
	stranger, phone, desk := s.browser(frontEnd), s.browser(frontEnd), s.browser(frontEnd)
	for _, method := range []string{"GET", "DELETE"} {
		path := map[string]string{"GET": "/sessions", "DELETE": "/sessions/AAAAAAAA"}[method]
		stranger.do(method, path, nil).want(t, method+" by a stranger", http.StatusUnauthorized, "not_logged_in")
	}
	phone.login()
	desk.login()
	list := desk.sessions()
	if config.MaxSessions == 1 {
		return // a user has no second session to end
	}
	if len(list) != 2 || !list[0].Current || list[1].Current || list[0].Since.Before(list[1].Since) {
		t.Fatalf("sessions = %+v, want the current one first, and another that is no newer", list)
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
			c.Session.AutoCommit = auto
		}).browser(frontEnd)
		b.login()
		copied := b.cookie()
		b.do("DELETE", "/sessions/"+b.sessions()[0].ID, nil).want(t, "DELETE of the current session", http.StatusOK, "")
		if b.cookie() != nil {
			t.Errorf("autoCommit %v: the browser still has the cookie", auto)
		}
		b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusUnauthorized, "not_logged_in")
		b.do("GET", "/me", nil, "Cookie", copied.Name+"="+copied.Value).want(t, "GET /me with a copy of the cookie",
			http.StatusUnauthorized, "not_logged_in")
	}
}

// address is a network behind a proxy that says that requests come from there.
type address string

func (a address) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", string(a))
	return http.DefaultTransport.RoundTrip(r)
}

// TestMaxSessions: the login that is one too many ends the oldest session.
func TestMaxSessions(t *testing.T) {
	s := start(t, func(c *config.Config) { c.TrustProxy = 1 })
	s.app.logins = ratelimit.New(ratelimit.Options{Burst: config.MaxSessions + 1}) // of one name
	var browsers []*browser
	for i := range config.MaxSessions + 1 {
		b := s.browser(frontEnd)
		b.client.Transport = address(fmt.Sprintf("203.0.%d.%d", i/256, i%256)) // one may not ask for so many pictures
		b.login()
		browsers = append(browsers, b)
	}
	browsers[0].do("GET", "/me", nil).want(t, "GET /me in the oldest session", http.StatusUnauthorized, "not_logged_in")
	for _, b := range browsers[1:] {
		b.do("GET", "/me", nil).want(t, "GET /me in a later session", http.StatusOK, "")
	}
}
