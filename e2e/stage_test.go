package e2e

import (
	"bytes"
	"image/png"
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
	for _, add := range more {
		add(h)
	}
	s.browser = open(t, h, cookies)
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

// use presses the page's switch between fetch and axios.
func (p *tab) use(client string) {
	p.t.Helper()
	p.click(`label:has(input[name=client][value=` + client + `]) span`)
	p.until(`document.querySelector("input[name=client]:checked").value === ` + quoteJS(client))
}

// seePicture waits until the captcha is painted, and looks whether there is
// something to read in its box.
func (p *tab) seePicture() {
	p.t.Helper()
	p.until(`(() => { const i = document.querySelector("#picture"); return i.complete && i.naturalWidth > 0 && getComputedStyle(i).opacity === "1"; })()`)
	if dark, all := ink(p.t, p.picture("#picture")); dark*50 < all || dark*2 > all {
		p.t.Errorf("the captcha has %d dark pixels of %d: nothing to read", dark, all)
	}
}

// ink counts the pixels of a PNG that are far from white.
func ink(t *testing.T, data []byte) (dark, all int) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if all++; (r+g+b)/3 < 0xa000 {
				dark++
			}
		}
	}
	return dark, all
}

// fillIn types what a person would, reading the picture.
func (s *stage) fillIn(p *tab) {
	p.t.Helper()
	p.seePicture()
	p.typeInto("#username", username)
	p.typeInto("#password", s.project.password)
	p.typeInto("#code", s.answer(s.browser.sessionCookie(s.project.cookie).Value))
}

// logIn fills in the form and waits for the answer.
func (s *stage) logIn(p *tab) {
	p.t.Helper()
	s.fillIn(p)
	p.click("#submit")
	p.loggedIn()
}

// Conditions of the page.
const (
	showsUser = `!document.querySelector("#user-card").hidden && document.querySelector("#user").textContent === "` + username + `"`
	showsForm = `!document.querySelector("#login-card").hidden && document.querySelector("#user-card").hidden`
)

func (p *tab) loggedIn()  { p.t.Helper(); p.until(showsUser) }
func (p *tab) loggedOut() { p.t.Helper(); p.until(showsForm) }
