package e2e

import (
	"strings"
	"testing"
)

var nist = topology{name: "nist", publicURL: "https://api.shop.test", origins: []string{"https://app.shop.test"},
	flags: []string{"--assurance", "aal2", "--csrf-token", "--clear-site-data"}}

// With the token asked for, the demo goes on as before by both clients, also
// after a reload; a request without the token is refused. The logout clears what
// the browser keeps of the service, and nothing of the page's own origin.
func TestTokenAndClearSiteData(t *testing.T) {
	t.Parallel()
	s := setStage(t, nist, blocked)
	for _, client := range []string{"fetch", "axios"} {
		p := s.browser.visit("https://app.shop.test/")
		p.loggedOut()
		p.use(client)
		s.logIn(p)

		service := s.browser.visit("https://api.shop.test/healthz") // a page of the service's origin
		for _, tab := range []*tab{service, p} {
			eval[string](tab, `localStorage.setItem("kept", location.origin), ""`)
		}
		const bare = `fetch("https://api.shop.test/logout", { method: "POST", credentials: "include" })` +
			`.then(async (r) => r.status + " " + (await r.json()).result.error)`
		if got := eval[string](p, bare); got != "403 csrf_token" {
			t.Errorf("%s: a logout without the token = %q, want 403 csrf_token", client, got)
		}
		p.click("#logout-others")
		p.until(`document.querySelector("#status").textContent.includes("other sessions have ended")`)
		p.reload()
		p.loggedIn()
		p.click("#logout-others")
		p.until(`document.querySelector("#status").textContent.includes("other sessions have ended")`)
		service = s.browser.visit("https://api.shop.test/healthz")
		const kept = `localStorage.getItem("kept") ?? "nothing"`
		if got := eval[string](service, kept); got != "https://api.shop.test" {
			t.Errorf("%s: the service's storage has %q before the logout", client, got)
		}
		p.click("#logout")
		p.loggedOut()

		if got := eval[string](p, kept); got != "https://app.shop.test" {
			t.Errorf("%s: the page's own storage has %q after the logout", client, got)
		}
		service = s.browser.visit("https://api.shop.test/healthz")
		if got := eval[string](service, kept); got != "nothing" {
			t.Errorf("%s: the service's storage has %q after the logout", client, got)
		}
	}
	for _, r := range s.requests("/logout") {
		if r.Status != 200 && r.Status != 204 && r.Status != 403 {
			t.Errorf("%s /logout: status %d", r.Method, r.Status)
		}
	}
	if log := strings.Join(s.log(), "\n"); strings.Contains(log, "X-CSRF") || strings.Contains(log, "csrfToken") {
		t.Error("the log has X-CSRF or csrfToken")
	}
}
