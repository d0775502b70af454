package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// axe-core, Deque's checker of WCAG rules, as its package ships it.
const axeScript = "testdata/axe-core/axe.min.js"

// violation is a finding of axe.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// The demo page has no violation of WCAG that axe can find, in any of its
// states, light and dark, wide and narrow.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(axeScript)
	if err != nil {
		t.Fatal(err)
	}
	s := setStage(t, work, allowed) // the page with the most on it
	p := s.browser.visit("http://localhost:5173/")
	check := func(state string) {
		t.Helper()
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1200, 380} {
				p.pretend(width, scheme)
				name := fmt.Sprintf("%s-%s-%d", state, scheme, width)
				// innerWidth would not do: on a phone it grows with the page.
				if got := eval[int64](p, "document.documentElement.scrollWidth"); got > width {
					t.Errorf("%s: the page is %d pixels wide, its window %d", name, got, width)
				}
				eval[string](p, string(axe)+`; "loaded"`)
				found := eval[[]violation](p, `axe.run({ resultTypes: ["violations"] }).then((r) => r.violations)`)
				for _, v := range found {
					for _, n := range v.Nodes {
						t.Errorf("%s: %s (%s): %s\n%s\n%s", name, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
					}
				}
				p.shoot(name)
			}
		}
	}

	p.loggedOut()
	p.seePicture()
	check("login")

	p.typeInto("#username", username)
	p.typeInto("#password", s.project.password)
	p.typeInto("#code", "-")
	p.click("#submit")
	p.until(`!document.querySelector("#status").hidden`)
	p.seePicture()
	check("wrong")

	s.logIn(p)
	check("user")
}

// shoot writes a picture of the page when -screenshots asks for it.
func (p *tab) shoot(name string) {
	p.t.Helper()
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, "demo-"+name+".png"), p.wholePage(), 0o644); err != nil {
		p.t.Fatal(err)
	}
}
