package e2e

import "testing"

// A person opens the demo page, reads the picture, logs in, reloads, is still
// logged in, and logs out; first by fetch and then by axios.
func TestPersonLogsInAndOut(t *testing.T) {
	t.Parallel()
	s := setStage(t, localhost, allowed)
	for _, client := range []string{"fetch", "axios"} {
		p := s.browser.visit("http://localhost:5173/")
		p.loggedOut()
		p.use(client)
		p.click("#another")

		// A wrong picture first, as people do.
		p.seePicture()
		p.typeInto("#username", username)
		p.typeInto("#password", s.project.password)
		p.typeInto("#code", "-")
		p.click("#submit")
		p.until(`!document.querySelector("#status").hidden && ` +
			`document.querySelector("#status").classList.contains("bad")`)

		s.logIn(p)
		if got := eval[string](p, "document.cookie"); got != "" {
			t.Errorf("%s: the page can read the cookie %q", client, got)
		}
		p.reload()
		p.loggedIn()
		s.browser.visit("http://localhost:5173/").loggedIn() // another tab, too

		token := s.browser.sessionCookie(s.project.cookie).Value
		p.click("#logout")
		p.loggedOut()
		if _, alive := s.record(token); alive {
			t.Errorf("%s: the session is still in the store after the logout", client)
		}
		p.reload()
		p.loggedOut()

		used := false
		for _, r := range s.requests("/login") {
			used = used || r.Status == 200 && r.Origin == "http://localhost:5173"
		}
		if !used {
			t.Errorf("%s: the log has no login from http://localhost:5173", client)
		}
	}
}
