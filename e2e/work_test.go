package e2e

import "testing"

// Somebody who cannot see the picture lets the browser compute instead, and the
// picture still works for everybody else. That the page with both ways is accessible, TestAccessibility shows.
func TestWorkInsteadOfPicture(t *testing.T) {
	t.Parallel()
	s := setStage(t, work, allowed)
	p := s.browser.visit("http://localhost:5173/")
	p.loggedOut()
	p.typeInto("#username", username)
	p.typeInto("#password", s.project.password)
	eval[bool](p, `document.querySelector("#work").focus() || document.activeElement.id === "work"`)
	p.click("#work")
	p.until(`document.querySelector("#altcha").value.length > 100`)
	if got := eval[string](p, `document.querySelector("#work-state").getAttribute("aria-live")`); got != "polite" {
		t.Errorf("aria-live of the progress is %q, want polite", got)
	}
	p.click("#submit")
	p.loggedIn()
	p.click("#logout")
	p.loggedOut()
	s.logIn(p) // by the picture
}
