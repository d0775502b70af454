package e2e

import "testing"

// A front end that forgets to send credentials gets no message from any
// browser. The service names the mistake in its log, and the way out of it for
// both clients.
func TestForgottenCredentialsAreNamed(t *testing.T) {
	t.Parallel()
	for _, client := range []string{"fetch", "axios"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, localhost, allowed)
			p := s.browser.visit("http://localhost:5173/")
			p.loggedOut()
			p.use(client)
			p.click("label:has(#forget)")
			waitFor(t, "the service to name the mistake", func() bool {
				p.click("#another") // each gives a cookie that the browser drops
				p.until(`!document.querySelector("#another").disabled`)
				for _, l := range s.log() {
					if matches(l, `forgot to send credentials.*"origin":"http://localhost:5173".*`+
						`credentials: .*include.*withCredentials = true`) {
						return true
					}
				}
				return false
			})

			// The page says it too, when the login then fails.
			p.typeInto("#username", username)
			p.typeInto("#password", s.project.password)
			p.typeInto("#code", "abcd")
			p.click("#submit")
			p.until(`!document.querySelector("#status").hidden && ` +
				`document.querySelector("#status").innerText.includes("did not come back")`)
			p.until(showsForm)
		})
	}
}

// A correct front end is never accused.
func TestCorrectFrontEndIsNotAccused(t *testing.T) {
	t.Parallel()
	s := setStage(t, localhost, allowed)
	p := s.browser.visit("http://localhost:5173/")
	p.loggedOut()
	s.logIn(p)
	p.click("#logout")
	p.loggedOut()
	s.logIn(p)
	for _, l := range s.log() {
		if matches(l, "forgot to send credentials") {
			t.Errorf("the log accuses a front end that did nothing wrong: %s", l)
		}
	}
}

// A logout without credentials ends nothing, and the page does not claim that it did.
func TestLogoutWithoutCredentials(t *testing.T) {
	t.Parallel()
	s := setStage(t, localhost, allowed)
	p := s.browser.visit("http://localhost:5173/")
	p.loggedOut()
	s.logIn(p)
	token := s.browser.sessionCookie(s.project.cookie).Value
	p.click("label:has(#forget)")
	p.click("#logout")
	p.until(`document.querySelector("#status").innerText.includes("ended no session")`)
	p.loggedIn()
	if _, alive := s.record(token); !alive {
		t.Error("the session is gone")
	}
	p.click("label:has(#forget)")
	p.click("#logout")
	p.loggedOut()
}
