package e2e

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// couple is somebody with two browsers.
type couple struct {
	laptop *account
	phone  func() *account // opens it: until then the laptop's page is in front
	// closeLaptop does what closing that browser does, and opens the page again: cookies without an end are gone.
	closeLaptop func()
}

// createUser makes the account, as an owner does who has no mail server yet.
func (s *accountStage) createUser(email, password string) {
	s.t.Helper()
	cmd := exec.Command(s.project.binary, "create-user", email)
	cmd.Dir, cmd.Env, cmd.Stdin = s.project.dir, s.cmd.Env, strings.NewReader(password+"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("create-user: %v\n%s", err, out)
	}
}

// live logs in with and without "Stay logged in", and ends one browser's session from the other.
func (c couple) live(s *accountStage) {
	laptop := c.laptop
	laptop.t.Helper()
	s.createUser(laptop.email, laptop.password)

	laptop.visit(laptop.page + "/")
	laptop.until(showsForm)
	laptop.forgetful = true
	laptop.logIn()
	c.closeLaptop()
	laptop.until(showsForm)
	laptop.forgetful = false
	laptop.logIn()
	c.closeLaptop()
	laptop.shows(laptop.email)

	phone := c.phone()
	phone.email = laptop.email
	phone.visit(phone.page + "/")
	phone.until(showsForm)
	phone.logIn()
	laptop.open("#sessions")
	laptop.until(`document.querySelectorAll("#sessions li").length === 3`) // with the one that was forgotten
	laptop.check("sessions")
	laptop.push("#sessions li:first-child button") // the latest login
	laptop.said("That session has ended")
	laptop.until(`document.querySelectorAll("#sessions li").length === 2`)

	phone.push("#logout-others")
	phone.said("You are no longer logged in")
	phone.until(showsForm)
	phone.until(`document.querySelector("#requests .bad").innerText === "401"`)
	phone.check("ended")
	laptop.visit(laptop.page + "/")
	laptop.shows(laptop.email)

	// A page that only forgets to send the cookie does not say that the session has ended.
	laptop.reach("#forget")
	laptop.press(spaceKey)
	laptop.push("#logout-others")
	laptop.said("The service got no cookie")
}

// "Stay logged in on this device" outlives the browser, and the list of sessions ends that of another browser.
func TestRememberAndEnd(t *testing.T) {
	t.Parallel()
	t.Run("Chromium", func(t *testing.T) {
		t.Parallel()
		s := here(t)
		b := open(t, s.hosts, blocked)
		tab := b.visit("about:blank")
		c := couple{laptop: s.visitor(chromiumKeys{tab})}
		c.laptop.check = axeCheck(t, tab)
		c.phone = func() *account {
			other := open(t, s.hosts, blocked).visit("about:blank")
			phone := s.visitor(chromiumKeys{other})
			phone.check = axeCheck(t, other)
			return phone
		}
		c.closeLaptop = func() {
			for _, c := range b.cookies() {
				if c.Session {
					do(tab, "delete the cookie "+c.Name, call(network.DeleteCookies, network.DeleteCookiesParams{
						Name: c.Name, Domain: c.Domain, Path: c.Path, PartitionKey: c.PartitionKey}))
				}
			}
			c.laptop.visit(s.page + "/")
		}
		c.live(s)
	})
	t.Run("Firefox", func(t *testing.T) {
		t.Parallel()
		s := elsewhere(t)
		f := openFirefox(t, s.hosts)
		c := couple{laptop: s.visitor(firefoxKeys{f})}
		c.phone = func() *account { return s.visitor(firefoxKeys{f.another()}) }
		c.closeLaptop = func() {
			for _, cookie := range f.cookies() {
				if cookie.Expiry == nil {
					bidi[any](f, "storage.deleteCookies", object{"filter": object{"name": cookie.Name},
						"partition": object{"type": "context", "context": f.tab}})
				}
			}
			c.laptop.visit(s.page + "/")
		}
		c.live(s)
	})
}
