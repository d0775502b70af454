package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// stage is a running service with a demo page at each of its front ends, and
// a browser that can reach them.
type stage struct {
	*service
	browser *browser
	hosts   *hosts
}

// setStage starts all of it. more may add hosts before the browser starts.
func setStage(t *testing.T, top topology, cookies thirdParty, more ...func(*hosts)) *stage {
	t.Helper()
	s := emptyStage(t, top)
	for _, add := range more {
		add(s.hosts)
	}
	s.browser = open(t, s.hosts, cookies)
	return s
}

// emptyStage starts all but a browser.
func emptyStage(t *testing.T, top topology) *stage {
	t.Helper()
	p := generated(t, top)
	h := newHosts(t)
	env := []string{}
	if strings.HasPrefix(p.publicURL, "https:") {
		env = append(env, "TRUST_PROXY=true") // hosts.forward is the proxy
	}
	s := &stage{service: serve(t, p, env...), hosts: h}
	if len(p.origins) == 0 {
		h.serve(p.publicURL, oneOrigin(s.addr, serveDemo(t, p, p.publicURL)))
	} else {
		h.forward(p.publicURL, s.addr)
	}
	for _, origin := range p.origins {
		h.forward(origin, serveDemo(t, p, origin))
	}
	return s
}

// oneOrigin sends the service's paths to the service and all others to the
// page, as a reverse proxy does that puts both under one origin.
func oneOrigin(service, page string) http.Handler {
	toService, toPage := toAddr(service), toAddr(page)
	paths := []string{"/code", "/login", "/logout", "/logout/others", "/me"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(paths, r.URL.Path) {
			toService.ServeHTTP(w, r)
			return
		}
		toPage.ServeHTTP(w, r)
	})
}

// fillIn types what a person would, reading the picture.
func (s *stage) fillIn(p *tab) {
	p.t.Helper()
	p.seePicture()
	p.fillIn(s.project.password, s.answer(s.browser.sessionCookie(s.project.cookie).Value))
}

// logIn fills in the form and waits for the answer.
func (s *stage) logIn(p *tab) {
	p.t.Helper()
	s.fillIn(p)
	p.click("#submit")
	p.loggedIn()
}
