package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// firefox is one Firefox with an empty profile, and one tab. It is driven by
// WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), which Firefox speaks
// by itself.
type firefox struct {
	person
	t     *testing.T
	conn  *websocket.Conn
	calls int
	wait  time.Duration // for the answer to a command
	tab   string        // its id
	many  bool          // there are others, which have to go behind this one for its keys
}

// openFirefox starts a browser that knows the hosts: it sends everything to a
// proxy of the test.
func openFirefox(t *testing.T, h *hosts) *firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		path, err = exec.LookPath("firefox")
	}
	if err != nil {
		missing(t, "Firefox is not installed; on Debian: apt-get install firefox-esr")
	}
	profile, err := os.MkdirTemp(runDir, "firefox-")
	if err != nil {
		t.Fatal(err)
	}
	// What a new profile asks for by itself ends at the proxy, save for localhost,
	// which is not sent there without this. The viewer of JSON would be a page whose scripts may send nothing.
	writeFile(t, filepath.Join(profile, "user.js"), `user_pref("network.proxy.allow_hijacking_localhost", true);
user_pref("devtools.jsonview.enabled", false);`)
	const origin = "http://127.0.0.1" // of the connection that drives it
	process := start(t, exec.Command(path, "--headless", "--no-remote", "--profile", profile,
		"--remote-debugging-port", "0", "--remote-allow-origins", origin), []string{"HOME=" + profile})
	url := process.line(`WebDriver BiDi listening on (ws://\S+)`)[1]

	f := &firefox{t: t, wait: 3 * patience} // until it has started
	f.person = person{f, t}
	if f.conn, err = websocket.Dial(url+"/session", "", origin); err != nil {
		t.Fatalf("connect to Firefox: %v", err)
	}
	t.Cleanup(func() { f.conn.Close() })
	bidi[any](f, "session.new", object{"capabilities": object{"alwaysMatch": reaching(h)}})
	f.tab = bidi[struct{ Context string }](f, "browsingContext.create", object{"type": "tab"}).Context
	f.wait = patience
	return f
}

// reaching are the capabilities of a browser that reaches the hosts.
func reaching(h *hosts) object {
	proxy := h.proxy()
	return object{
		"acceptInsecureCerts": true, // the certificate is the test's own
		"proxy":               object{"proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy},
	}
}

type object map[string]any

// bidi runs a command, which must succeed before f.wait ends.
func bidi[R any](f *firefox, method string, params object) R {
	f.t.Helper()
	f.conn.SetDeadline(time.Now().Add(f.wait))
	f.calls++
	if err := websocket.JSON.Send(f.conn, object{"id": f.calls, "method": method, "params": params}); err != nil {
		f.t.Fatalf("%s: %v", method, err)
	}
	for {
		var answer struct {
			ID      int
			Result  R
			Error   string
			Message string
		}
		if err := websocket.JSON.Receive(f.conn, &answer); err != nil {
			f.t.Fatalf("%s: %v", method, err)
		}
		if answer.Error != "" {
			f.t.Fatalf("%s: %s: %s", method, answer.Error, answer.Message)
		}
		if answer.ID == f.calls { // others are events
			return answer.Result
		}
	}
}

func (f *firefox) visit(url string) {
	f.t.Helper()
	bidi[any](f, "browsingContext.navigate", object{"context": f.tab, "url": url, "wait": "complete"})
}

func (f *firefox) reload() {
	f.t.Helper()
	bidi[any](f, "browsingContext.reload", object{"context": f.tab, "wait": "complete"})
}

// script runs JavaScript in the page, waits for its promise and decodes its
// value. It reports what was thrown.
func script[T any](f *firefox, js string) (value T, err error) {
	f.t.Helper()
	out := bidi[struct {
		Type   string
		Result struct{ Value string }
		Thrown struct{ Text string } `json:"exceptionDetails"`
	}](f, "script.evaluate", object{"expression": "(async () => JSON.stringify(await (" + js + ")))()",
		"target": object{"context": f.tab}, "awaitPromise": true})
	if out.Type != "success" {
		return value, fmt.Errorf("%s: %s", js, out.Thrown.Text)
	}
	return value, json.Unmarshal([]byte(out.Result.Value), &value)
}

func (f *firefox) until(js string) {
	f.t.Helper()
	done := false
	defer func() {
		if !done {
			text, _ := script[string](f, "document.body.innerText")
			f.t.Logf("the page shows:\n%s", text)
		}
	}()
	waitFor(f.t, js, func() bool {
		yes, err := script[bool](f, "Boolean("+js+")")
		return yes && err == nil
	})
	done = true
}

// middle scrolls to an element, waits until it can be used and has stopped
// moving, as it does while the page settles, and returns where its middle is in
// the window.
func (f *firefox) middle(selector string) (x, y int) {
	f.t.Helper()
	f.until(`((e) => e && !e.disabled && e.checkVisibility())(document.querySelector(` + quoteJS(selector) + `))`)
	at, err := script[[2]float64](f, `(async (e) => {
		for (let last = ""; ;) {
			e.scrollIntoView({ block: "center", behavior: "instant" });
			const b = e.getBoundingClientRect(), now = [b.x + b.width / 2, b.y + b.height / 2];
			if (String(now) === last) return now;
			last = String(now);
			await new Promise((done) => setTimeout(done, 50));
		}
	})(document.querySelector(`+quoteJS(selector)+`))`)
	if err != nil {
		f.t.Fatal(err)
	}
	return int(at[0]), int(at[1])
}

// click presses the middle of an element with the mouse.
func (f *firefox) click(selector string) {
	f.t.Helper()
	x, y := f.middle(selector)
	f.act(object{"type": "pointer", "id": "mouse", "actions": []object{
		{"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
		{"type": "pointerUp", "button": 0}}})
}

// typeInto replaces the text of a field, key by key.
func (f *firefox) typeInto(selector, text string) {
	f.t.Helper()
	f.middle(selector)
	if _, err := script[any](f, "document.querySelector("+quoteJS(selector)+").select() ?? null"); err != nil {
		f.t.Fatal(err)
	}
	var keys []object
	for _, r := range text {
		keys = append(keys, object{"type": "keyDown", "value": string(r)}, object{"type": "keyUp", "value": string(r)})
	}
	f.act(object{"type": "key", "id": "keyboard", "actions": keys})
}

func (f *firefox) act(source object) {
	f.t.Helper()
	if f.many {
		bidi[any](f, "browsingContext.activate", object{"context": f.tab})
	}
	bidi[any](f, "input.performActions", object{"context": f.tab, "actions": []object{source}})
}

// picture returns a PNG of an element, as it is painted.
func (f *firefox) picture(selector string) []byte {
	f.t.Helper()
	f.middle(selector)
	box, err := script[map[string]float64](f, "document.querySelector("+quoteJS(selector)+").getBoundingClientRect()")
	if err != nil {
		f.t.Fatal(err)
	}
	shot := bidi[struct{ Data string }](f, "browsingContext.captureScreenshot", object{"context": f.tab,
		"clip": object{"type": "box", "x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}})
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		f.t.Fatal(err)
	}
	return data
}

// firefoxCookie is a cookie as Firefox reports it.
type firefoxCookie struct {
	Name, Path, SameSite string
	Value                struct{ Value string }
	Secure, HTTPOnly     bool
	Expiry               *float64 // nil: when the browser closes
}

// cookies returns all cookies that are sent from the tab's page.
func (f *firefox) cookies() []firefoxCookie {
	f.t.Helper()
	return bidi[struct{ Cookies []firefoxCookie }](f, "storage.getCookies",
		object{"partition": object{"type": "context", "context": f.tab}}).Cookies
}

// another opens a tab that shares nothing with f's, as another browser would.
func (f *firefox) another() *firefox { f.t.Helper(); return f.anotherAs(f.t, object{}) }

// anotherFor is one that reaches hosts of its own, for a test within f's.
func (f *firefox) anotherFor(t *testing.T, h *hosts) *firefox {
	t.Helper()
	return f.anotherAs(t, reaching(h))
}

func (f *firefox) anotherAs(t *testing.T, options object) *firefox {
	t.Helper()
	user := bidi[struct{ UserContext string }](f, "browser.createUserContext", options).UserContext
	f.many = true
	other := *f
	other.t, other.person = t, person{&other, t}
	other.tab = bidi[struct{ Context string }](&other, "browsingContext.create",
		object{"type": "tab", "userContext": user}).Context
	return &other
}

// cookie waits for the one cookie of the service that is sent from the tab's
// page.
func (f *firefox) cookie(name string) firefoxCookie {
	f.t.Helper()
	var found []firefoxCookie
	waitFor(f.t, "the browser to hold exactly one cookie "+name, func() bool {
		found = bidi[struct{ Cookies []firefoxCookie }](f, "storage.getCookies",
			object{"filter": object{"name": name}, "partition": object{"type": "context", "context": f.tab}}).Cookies
		return len(found) == 1
	})
	return found[0]
}
