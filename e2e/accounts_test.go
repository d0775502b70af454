package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keyboard is a web page whose user has no mouse.
type keyboard interface {
	webpage
	visit(url string)
	press(key string)
	is(js string) bool
}

// The keys that the page needs.
const (
	tabKey   = "Tab"
	backKey  = "Shift+Tab"
	enterKey = "Enter"
	spaceKey = " "
)

// account is somebody with an account, at the demo page.
type account struct {
	keyboard
	t     *testing.T
	page  string                              // the page's origin
	mails func(to, kind string) (link string) // opens nothing, but waits for the mail
	check func(state string)                  // looks at the page

	email, password string
	forgetful       bool // logs in until the browser is closed
}

// reach presses Tab, or Shift and Tab, until an element has the focus, which has to be seen.
func (a *account) reach(selector string) {
	a.t.Helper()
	a.until(`((e) => e && !e.disabled && e.checkVisibility())(document.querySelector(` + quoteJS(selector) + `))`)
	for range 60 {
		if a.is(`document.activeElement === document.querySelector(` + quoteJS(selector) + `)`) {
			if !a.is(`document.activeElement.matches(":focus-visible")`) {
				a.t.Errorf("%s has the focus, which does not show", selector)
			}
			return
		}
		if a.is(`document.activeElement.compareDocumentPosition(document.querySelector(` + quoteJS(selector) +
			`)) & Node.DOCUMENT_POSITION_PRECEDING`) {
			a.press(backKey)
		} else {
			a.press(tabKey)
		}
	}
	a.t.Fatalf("Tab does not reach %s", selector)
}

// push presses a button or a link, fill types into a field.
func (a *account) push(selector string) { a.t.Helper(); a.reach(selector); a.press(enterKey) }

func (a *account) fill(selector, text string) {
	a.t.Helper()
	a.reach(selector)
	a.typeInto(selector, text)
}

// said waits for a message, which the page reads aloud, with the focus where it goes on.
func (a *account) said(text string) {
	a.t.Helper()
	a.until(`((e) => !e.hidden && e.innerText.includes(` + quoteJS(text) + `))(document.querySelector("#status"))`)
	if a.is(`document.activeElement === document.body`) {
		a.t.Errorf("after %q the focus is lost", text)
	}
}

// solve lets the browser compute, in place of the picture.
func (a *account) solve() {
	a.t.Helper()
	a.push("#work")
	a.until(`document.querySelector("#altcha").value.length > 100`)
}

// ask fills in the form in one of its modes and sends it.
func (a *account) ask(mode, email, password string) {
	a.t.Helper()
	if mode != "login" {
		a.push(".modes button[value=" + mode + "]")
		a.check(mode)
	}
	hint := a.is(`document.querySelector("#login-card").innerText.includes("At least 8 characters")`)
	if hint != (mode == "register") {
		a.t.Errorf("%s: the rule for new passwords is shown: %t", mode, hint)
	}
	a.fill("#username", email)
	if password != "" {
		a.fill("#password", password)
	}
	a.solve()
	if mode == "login" && !a.forgetful {
		a.reach("#remember")
		a.press(spaceKey)
		a.until(`document.querySelector("#remember").checked`)
	}
	a.push("#submit")
}

// logIn is a login that works.
func (a *account) logIn() {
	a.t.Helper()
	a.ask("login", a.email, a.password)
	a.said("You are logged in")
	a.shows(a.email)
}

// shows waits until the page shows who is logged in.
func (a *account) shows(email string) {
	a.t.Helper()
	a.until(`!document.querySelector("#user-card").hidden && document.querySelector("#user").textContent === ` +
		quoteJS(email))
}

// follow opens the link of a mail and presses the button there, after typing what it asks for.
func (a *account) follow(to, kind, password string) {
	a.t.Helper()
	a.visit(a.mails(to, kind))
	a.until(`document.querySelector("#token-card")`)
	if !a.is(`location.hash === "" && document.activeElement.id === "token-title"`) {
		a.t.Errorf("%s: the token is still in the address, or the focus is elsewhere", kind)
	}
	a.check(kind)
	if password != "" {
		a.fill("#token-password", password)
	}
	a.push("#token-submit")
}

// open opens one of the panels of the user.
func (a *account) open(form string) {
	a.t.Helper()
	a.until(`!document.querySelector("details:has(` + form + `)").open`)
	a.push("details:has(" + form + ") > summary")
	a.until(`document.querySelector("details:has(` + form + `)").open`)
}

// life is all that somebody does with an account.
func (a *account) life() {
	a.t.Helper()
	a.visit(a.page + "/")
	a.until(showsForm)
	a.check("login")
	if a.is(`document.querySelector("#login-card").innerText.includes(".env")`) {
		a.t.Error("the form sends users to .env, where no account of theirs is")
	}

	a.ask("register", a.email, a.password)
	a.said("We have sent you an email")
	a.follow(a.email, "confirm", "")
	a.said("Your address is confirmed")
	a.logIn()
	a.check("user")

	a.open("#password-form")
	a.fill("#password-current", "not the password")
	a.fill("#password-new", "a new password that nobody guesses")
	a.push("#password-form button")
	a.said("This is not your current password")
	a.fill("#password-current", a.password)
	a.push("#password-form button")
	a.said("Your password is changed")
	a.password = "a new password that nobody guesses"

	a.open("#sessions")
	a.until(`document.querySelector("#sessions").innerText.includes("This browser")`)
	a.open("#email-form")
	a.open("#close-form")
	a.check("panels")
	a.fill("#email-new", "new."+a.email)
	a.fill("#email-current", a.password)
	a.push("#email-form button")
	a.said("We have sent an email to the new address")
	a.shows(a.email)
	a.follow("new."+a.email, "email", "")
	a.said("Your address is changed")
	a.email = "new." + a.email
	a.shows(a.email)

	a.push("#logout")
	a.until(showsForm)
	a.ask("forgot", a.email, "")
	a.said("If there is no account with this address")
	a.password = "the third password, which is as long"
	a.follow(a.email, "reset", a.password)
	a.said("Your password is changed")
	a.until(showsForm) // a reset is no login
	a.ask("link", a.email, "")
	a.said("The link in it logs you in")
	a.follow(a.email, "login", "")
	a.said("You are logged in")
	a.shows(a.email)

	a.open("#close-form")
	a.fill("#close-current", a.password)
	a.push("#close-form button")
	a.said("Your account is closed")
	a.until(showsForm)
	a.ask("login", a.email, a.password)
	a.said("The email address or the password is wrong")
}

// day is the least that somebody does with an account.
func (a *account) day() {
	a.t.Helper()
	a.visit(a.page + "/")
	a.until(showsForm)
	a.ask("register", a.email, a.password)
	a.said("We have sent you an email")
	a.follow(a.email, "confirm", "")
	a.said("Your address is confirmed")
	a.logIn()
	a.open("#sessions")
	a.until(`document.querySelector("#sessions").innerText.includes("This browser")`)
	a.open("#close-form")
	a.fill("#close-current", a.password)
	a.push("#close-form button")
	a.said("Your account is closed")
}

// chromiumKeys is a tab of Chromium without a mouse.
type chromiumKeys struct{ *tab }

func (c chromiumKeys) visit(url string) {
	c.t.Helper()
	do(c.tab, "visit", chromedp.Navigate("about:blank")) // a new fragment alone would load nothing
	do(c.tab, "visit "+url, chromedp.Navigate(url))
}

func (c chromiumKeys) press(key string) {
	c.t.Helper()
	var held []chromedp.KeyOption
	if key == backKey {
		held = append(held, chromedp.KeyModifiers(chromedp.ModifierShift))
	}
	keys := map[string]string{tabKey: kb.Tab, backKey: kb.Tab, enterKey: kb.Enter, spaceKey: spaceKey}
	do(c.tab, "press "+key, chromedp.KeyEvent(keys[key], held...))
}

// firefoxKeys is Firefox without a mouse.
type firefoxKeys struct{ *firefox }

func (f firefoxKeys) press(key string) {
	f.t.Helper()
	value := map[string]string{tabKey: "\ue004", backKey: "\ue004", enterKey: "\ue007", spaceKey: spaceKey}[key]
	keys := []object{{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}}
	if key == backKey {
		const shift = "\ue008"
		keys = append(append([]object{{"type": "keyDown", "value": shift}}, keys...),
			object{"type": "keyUp", "value": shift})
	}
	f.act(object{"type": "key", "id": "keyboard", "actions": keys})
}

func (f firefoxKeys) is(js string) bool {
	yes, err := script[bool](f.firefox, "Boolean("+js+")")
	return yes && err == nil
}

// mailbox reads the mailbox page, by its own tab, as a developer does.
func mailbox(t *testing.T, p *tab) func(to, kind string) string {
	return func(to, kind string) string {
		t.Helper()
		card := `[...document.querySelectorAll("#mails article")].find((e) => e.innerText.includes("to ` + to +
			`,") && e.querySelector("a[href*='#` + kind + `=']"))`
		p.until(card)
		return eval[string](p, card+`.querySelector("a").href`)
	}
}

var linkPattern = regexp.MustCompile(`https?://\S+#(\w+)=[\w-]+`)

// axeCheck looks at the page with axe, light and wide, and dark and narrow.
func axeCheck(t *testing.T, p *tab) func(state string) {
	axe, err := os.ReadFile(axeScript)
	if err != nil {
		t.Fatal(err)
	}
	return func(state string) {
		t.Helper()
		for scheme, width := range map[string]int64{"light": 1200, "dark": 380} {
			p.pretend(width, scheme)
			name := fmt.Sprintf("account-%s-%s", state, scheme)
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

// accounts is a project with accounts of its own. Its settings let it serve other topologies as well.
var accounts = topology{name: "accounts", publicURL: localhost.publicURL, origins: localhost.origins,
	flags: []string{"--accounts", "table", "--magic-link", "--store", "sqlite", "--captcha-pow", "--max-age",
		"session"}}

// accountStage is a service with accounts, and its page.
type accountStage struct {
	*service
	hosts *hosts
	page  string
	mails *mailServer // nil: the mails are in the mailbox
}

// here puts the service and the page on two ports of localhost, with the mailbox of development.
func here(t *testing.T) *accountStage {
	t.Helper()
	return accountsAt(t, localhost, nil)
}

// elsewhere puts them on two sites, with a mail server that takes nothing yet.
func elsewhere(t *testing.T) *accountStage {
	t.Helper()
	h := newHosts(t)
	mails := newMailServer(t, h)
	s := accountsAt(t, crossSite, h, append(mails.settings(), "TRUST_PROXY=true", "COOKIE_NAME=__Host-koa.sess",
		"COOKIE_SAME_SITE=none", "COOKIE_SECURE=true", "COOKIE_PARTITIONED=true")...)
	s.mails = mails
	return s
}

func accountsAt(t *testing.T, top topology, h *hosts, env ...string) *accountStage {
	t.Helper()
	if h == nil {
		h = newHosts(t)
	}
	p := *generated(t, accounts)
	p.publicURL, p.origins = top.publicURL, top.origins
	s := serve(t, &p, append(env, "STORE_URL="+filepath.Join(t.TempDir(), "shop.db"),
		"PUBLIC_URL="+top.publicURL, "CORS_ORIGINS="+top.origins[0])...)
	h.forward(p.publicURL, s.addr)
	h.forward(p.origins[0], serveDemo(t, &p, p.origins[0]))
	return &accountStage{service: s, hosts: h, page: p.origins[0]}
}

// visitor is somebody at the page who has no account yet.
func (s *accountStage) visitor(k keyboard) *account {
	a := &account{keyboard: k, t: s.t, page: s.page, check: func(string) {},
		email: fmt.Sprintf("ann.%d@example.com", time.Now().UnixNano()), password: "correct horse battery staple"}
	if s.mails == nil {
		return a
	}
	a.mails = func(to, kind string) string {
		if kind == "confirm" { // the form has answered meanwhile
			s.line("mail cannot be sent now")
			s.mails.up.Store(true)
		}
		return s.mails.find(to, kind)
	}
	return a
}

// keepsSecrets looks for tokens and passwords in the log.
func (s *accountStage) keepsSecrets(a *account) {
	s.t.Helper()
	for _, l := range s.log() {
		if matches(l, `#\w+=|correct horse|`+a.password) {
			s.t.Errorf("the log shows a token or a password: %s", l)
		}
	}
}

// Everything that an account is for, on a front end of another origin, with the mails of the mailbox page, which a
// developer reads in another tab.
func TestAccounts(t *testing.T) {
	t.Parallel()
	s := here(t)
	b := open(t, s.hosts, blocked)
	box := b.visit(s.page + "/mailbox.html")
	box.until(`document.querySelector("#state").innerText.includes("Waiting")`)
	axeCheck(t, box)("mailbox-empty")
	tab := b.visit(s.page + "/")
	a := s.visitor(chromiumKeys{tab})
	a.mails, a.check = mailbox(t, box), axeCheck(t, tab)
	a.life()
	axeCheck(t, box)("mailbox")
}

// The same in Firefox, on a front end of another site, with a mail server that takes nothing at first.
func TestAccountsInFirefox(t *testing.T) {
	t.Parallel()
	s := elsewhere(t)
	a := s.visitor(firefoxKeys{openFirefox(t, s.hosts)})
	a.life()
	s.keepsSecrets(a)
}

// In short, the other way around: Chromium on another site, Firefox on another origin, and by axios.
func TestAccountsTheOtherWayAround(t *testing.T) {
	t.Parallel()
	t.Run("Chromium", func(t *testing.T) {
		t.Parallel()
		s := elsewhere(t)
		a := s.visitor(chromiumKeys{open(t, s.hosts, blocked).visit(s.page + "/")})
		a.day()
		s.keepsSecrets(a)
	})
	t.Run("Firefox", func(t *testing.T) {
		t.Parallel()
		s := here(t)
		f := openFirefox(t, s.hosts)
		f.visit(s.page + "/")
		if _, err := script[any](f, `localStorage.setItem("client", "axios") ?? null`); err != nil {
			t.Fatal(err)
		}
		a := s.visitor(firefoxKeys{f})
		a.mails = func(to, kind string) string { // by the link that the mailbox page shows
			f.visit(s.page + "/mailbox.html")
			link := `[...document.querySelectorAll("#mails a")].find((e) => e.href.includes("#` + kind + `="))`
			f.until(link)
			href, err := script[string](f, link+".href")
			if err != nil {
				t.Fatal(err)
			}
			return href
		}
		a.day()
		f.until(`document.querySelector("#requests").innerText.includes("axios")`)
	})
}
