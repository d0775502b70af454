package e2e

import (
	"bytes"
	"image/png"
	"testing"
)

// webpage is what can be done on a web page, in any browser. Each call waits for what it needs, and fails the test
// if that does not come.
type webpage interface {
	click(selector string)
	typeInto(selector, text string)
	until(js string) // waits for a condition
	picture(selector string) []byte
}

// person uses the demo page.
type person struct {
	webpage
	t *testing.T
}

// use presses the page's switch between fetch and axios.
func (p person) use(client string) {
	p.t.Helper()
	p.click(`label:has(input[name=client][value=` + client + `]) span`)
	p.until(`document.querySelector("input[name=client]:checked").value === ` + quoteJS(client))
}

// seePicture waits until the captcha is painted, and checks that there is something to read in its box.
func (p person) seePicture() {
	p.t.Helper()
	p.until(`(() => { const i = document.querySelector("#picture"); return i.complete && i.naturalWidth > 0 && ` +
		`getComputedStyle(i).opacity === "1"; })()`)
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

// fillIn types what a person would.
func (p person) fillIn(password, code string) {
	p.t.Helper()
	p.typeInto("#username", username)
	p.typeInto("#password", password)
	p.typeInto("#code", code)
}

// Conditions of the page.
const (
	showsUser = `!document.querySelector("#user-card").hidden && ` +
		`document.querySelector("#user").textContent === "` + username + `"`
	showsForm = `!document.querySelector("#login-card").hidden && document.querySelector("#user-card").hidden`
)

func (p person) loggedIn()  { p.t.Helper(); p.until(showsUser) }
func (p person) loggedOut() { p.t.Helper(); p.until(showsForm) }
