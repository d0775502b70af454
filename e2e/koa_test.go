package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The keys of the Koa service, the new one first.
const (
	koaKeysJSON = `["a new key, with a comma in it","an old key of koa"]`
	koaOldKey   = `["an old key of koa"]`
)

// move is a browser, an origin that it visits, and who answers there: at first a Koa service, then ours.
type move struct {
	t       *testing.T
	origin  string
	project *project
	page    koaPage
	answers atomic.Pointer[http.Handler]
}

// koaPage is a page of the origin, in a browser.
type koaPage interface {
	reload()
	ask(js string) string        // runs JavaScript and waits for its promise
	cookieNames() (all []string) // of the browser
}

// koaBrowsers open a page.
var koaBrowsers = map[string]func(t *testing.T, h *hosts, url string) koaPage{
	"Chromium": func(t *testing.T, h *hosts, url string) koaPage {
		b := open(t, h, blocked)
		return koaChromium{b.visit(url), b}
	},
	"Firefox": func(t *testing.T, h *hosts, url string) koaPage {
		f := openFirefox(t, h)
		f.visit(url)
		return koaFirefox{f}
	},
}

type koaChromium struct {
	*tab
	browser *browser
}

func (c koaChromium) ask(js string) string { c.tab.t.Helper(); return eval[string](c.tab, js) }

func (c koaChromium) cookieNames() (all []string) {
	c.tab.t.Helper()
	for _, cookie := range c.browser.cookies() {
		all = append(all, cookie.Name)
	}
	return all
}

type koaFirefox struct{ *firefox }

func (f koaFirefox) ask(js string) string {
	f.t.Helper()
	text, err := script[string](f.firefox, js)
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

func (f koaFirefox) cookieNames() (all []string) {
	f.t.Helper()
	for _, cookie := range f.cookies() {
		all = append(all, cookie.Name)
	}
	return all
}

// movedProjects are one project an origin, with koaKeys and an owner's file that looks into a directory for what Koa
// keeps in its store. At http both services have cookies of one name.
var movedProjects = map[string]func() (*project, error){
	"http://shop.test":  sync.OnceValues(func() (*project, error) { return generateMoved("http://shop.test") }),
	"https://shop.test": sync.OnceValues(func() (*project, error) { return generateMoved("https://shop.test") }),
}

func generateMoved(origin string) (*project, error) {
	scheme, _, _ := strings.Cut(origin, ":")
	p := &project{topology: topology{publicURL: origin, flags: []string{"--koa-keys", "--demo=false"}}}
	p.dir = filepath.Join(runDir, "koa-"+scheme)
	if out, err := command(runDir, generatorBinary, newArgs(p.dir, p.topology)...); err != nil {
		return nil, fmt.Errorf("sessionseed new: %w\n%s", err, out)
	}
	name := filepath.Join(p.dir, "internal", "web", "fromkoa.go")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for _, change := range [][2]string{
		{"koaFields(_ context.Context, _ string)", "koaFields(_ context.Context, id string)"},
		{"\treturn nil, nil\n}", `	name := filepath.Join(os.Getenv("KOA_STORE"), filepath.Base(id)+".json")
	record, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(record, &fields)
	}
	return fields, err
}`},
		{`"encoding/json"`, "\"encoding/json\"\n\t\"os\"\n\t\"path/filepath\""},
	} {
		if n := bytes.Count(text, []byte(change[0])); n != 1 {
			return nil, fmt.Errorf("%s has %q %d times, want once", name, change[0], n)
		}
		text = bytes.Replace(text, []byte(change[0]), []byte(change[1]), 1)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return nil, err
	}
	p.binary = filepath.Join(p.dir, "bin", "shop")
	if out, err := command(p.dir, "go", "build", "-trimpath", "-o", p.binary, "."); err != nil {
		return nil, fmt.Errorf("build: %w\n%s", err, out)
	}
	return p, nil
}

// beginMove opens a browser at the origin, where nobody answers yet.
func beginMove(t *testing.T, origin, browser string) *move {
	t.Helper()
	p, err := movedProjects[origin]()
	if err != nil {
		t.Fatal(err)
	}
	m := &move{t: t, origin: origin, project: p}
	m.answer(http.NotFoundHandler())
	h := newHosts(t)
	h.serve(origin, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*m.answers.Load()).ServeHTTP(w, r)
	}))
	m.page = koaBrowsers[browser](t, h, origin+"/")
	return m
}

func (m *move) answer(h http.Handler) { m.answers.Store(&h) }

// koa starts the Koa service, with options of koa-session as JSON.
func (m *move) koa(options string, env ...string) *process {
	m.t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(m.t, "Node is not installed; on Debian: apt-get install nodejs npm")
	}
	dir, err := nodeServices()
	if err != nil {
		missing(m.t, "the packages of the services cannot be installed: %v", err)
	}
	cmd := exec.Command(node, "koa-move.mjs")
	cmd.Dir = dir
	return start(m.t, cmd, append([]string{"KEYS=" + koaKeysJSON, "OPTIONS=" + options, "NODE_ENV=production"}, env...))
}

// ours starts the service that takes Koa's place.
func (m *move) ours(env ...string) *service {
	m.t.Helper()
	until := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	base := []string{"STORE_URL=", "KOA_KEYS=" + koaKeysJSON, "KOA_UNTIL=" + until}
	if strings.HasPrefix(m.origin, "https:") {
		base = append(base, "TRUST_PROXY=true")
	}
	return serve(m.t, m.project, append(base, env...)...)
}

func koaAddr(p *process) string { return p.line(`listening on (\S+)`)[1] }

// stop ends a program before the test does.
func (m *move) stop(p *process) {
	m.t.Helper()
	p.cmd.Process.Signal(os.Interrupt)
	<-p.exited
}

// fetch asks as a script of the page does and returns status and text.
func (m *move) fetch(method, path string) string {
	m.t.Helper()
	return m.page.ask(`fetch(` + quoteJS(path) + `, {method: ` + quoteJS(method) + `}).then(` +
		`async answer => answer.status + ' ' + await answer.text())`)
}

func (m *move) want(what, method, path string, status, text string) {
	m.t.Helper()
	got := m.fetch(method, path)
	if !strings.HasPrefix(got, status+" ") || !strings.Contains(got, text) {
		m.t.Errorf("%s: %s %s = %s, want %s with %s", what, method, path, got, status, text)
	}
}

// names are the browser's cookies, sorted.
func (m *move) names() string {
	m.t.Helper()
	list := m.page.cookieNames()
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (m *move) wantNames(what, want string) {
	m.t.Helper()
	if got := m.names(); got != want {
		m.t.Errorf("%s the browser has the cookies %q, want %q", what, got, want)
	}
}

const ann = `"ann"`

// Whoever is logged in at a real koa-session stays logged in when our service takes its place, and then has our
// cookie.
func TestKoaUsersStayLoggedIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, origin string
		options      string
		koa, env     []string
		cookie       string // ours
		store        bool
		firefox      bool // too: which cookies go and come is the browser's part, keys and stores are not
	}{
		{name: "one name", origin: "http://shop.test", options: `{}`, cookie: "koa.sess", firefox: true},
		{name: "until the browser closes", origin: "http://shop.test", options: `{"maxAge":"session"}`,
			cookie: "koa.sess"},
		{name: "another name, for the domain", origin: "https://shop.test",
			options: `{"key":"koa:sess","domain":"shop.test","maxAge":3600000,"sameSite":"lax"}`,
			env:     []string{"KOA_COOKIE=koa:sess; Domain=shop.test"}, cookie: "__Host-koa.sess", firefox: true},
		{name: "one name, for the domain", origin: "http://shop.test", options: `{"domain":"shop.test"}`,
			env: []string{"KOA_COOKIE=koa.sess; Domain=shop.test"}, cookie: "koa.sess"},
		{name: "an old key", origin: "https://shop.test", options: `{"renew":true}`,
			koa: []string{"KEYS=" + koaOldKey}, cookie: "__Host-koa.sess"},
		{name: "Keygrip with SHA-256", origin: "http://shop.test", options: `{}`, koa: []string{"ALGORITHM=sha256"},
			cookie: "koa.sess"},
		{name: "an id of a store", origin: "https://shop.test", options: `{"rolling":true}`, store: true,
			cookie: "__Host-koa.sess"},
	} {
		for browser := range koaBrowsers {
			if browser == "Firefox" && !tt.firefox {
				continue
			}
			t.Run(tt.name+"/"+browser, func(t *testing.T) {
				t.Parallel()
				m := beginMove(t, tt.origin, browser)
				koaEnv, env := tt.koa, tt.env
				if tt.store {
					dir := "KOA_STORE=" + t.TempDir()
					koaEnv = append(slices.Clip(koaEnv), strings.TrimPrefix(dir, "KOA_"))
					env = append(slices.Clip(env), dir)
				}
				koa := m.koa(tt.options, koaEnv...)
				m.answer(toAddr(koaAddr(koa)))
				m.page.reload()
				m.want("at Koa", "POST", "/login?user=ann", "200", ann)
				m.want("at Koa", "GET", "/me", "200", ann)
				m.stop(koa)

				service := m.ours(env...)
				m.answer(toAddr(service.addr))
				m.want("after the move", "GET", "/me", "200", ann)
				m.wantNames("after the move", tt.cookie)
				m.page.reload()
				m.want("later", "GET", "/me", "200", ann)
				log := strings.Join(service.log(), "\n")
				if n := strings.Count(log, `"msg":"taken over from koa","user":"ann"`); n != 1 {
					t.Errorf("%d takeovers in the log, want 1", n)
				}
				m.want("a logout", "POST", "/logout", "200", "logged out")
				m.wantNames("after the logout", "")
				m.want("after the logout", "GET", "/me", "401", "not_logged_in")
			})
		}
	}
}

// What koa-session signs and what it does not: nobody comes in with anything but a live pair.
func TestKoaStrangersStayOut(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options  string
		koa, env []string
		wait     time.Duration
	}{
		"unsigned":   {options: `{"signed":false}`},
		"other keys": {options: `{}`, koa: []string{`KEYS=["a key that we do not know"]`}},
		"expired":    {options: `{"maxAge":1}`, wait: 10 * time.Millisecond},
		"after KOA_UNTIL": {options: `{}`,
			env: []string{"KOA_UNTIL=" + time.Now().AddDate(0, 0, -2).Format(time.DateOnly)}},
		"an id of no store": {options: `{}`, koa: []string{"STORE=" + t.TempDir()},
			env: []string{"KOA_STORE=" + t.TempDir()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := movedProjects["http://shop.test"]()
			if err != nil {
				t.Fatal(err)
			}
			m := &move{t: t, origin: "http://shop.test", project: p}
			answer, err := http.Post("http://"+koaAddr(m.koa(tt.options, tt.koa...))+"/login?user=ann", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			pair := answer.Cookies()
			if len(pair) == 0 {
				t.Fatal("Koa sets no cookie")
			}
			time.Sleep(tt.wait)
			r, _ := http.NewRequest("GET", "http://"+m.ours(tt.env...).addr+"/me", nil)
			r.Host = "shop.test"
			for _, c := range pair {
				r.AddCookie(c)
			}
			got, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			if got.StatusCode != http.StatusUnauthorized || len(got.Cookies()) > 0 {
				t.Errorf("GET /me = %d and the cookies %v, want 401 and none", got.StatusCode, got.Cookies())
			}
		})
	}
}

// Both run under one origin, by path, as docs/koa.md says.
func TestKoaRunsBeside(t *testing.T) {
	t.Parallel()
	for browser := range koaBrowsers {
		t.Run(browser, func(t *testing.T) {
			t.Parallel()
			koaRunsBeside(t, browser)
		})
	}
}

func koaRunsBeside(t *testing.T, browser string) {
	t.Helper()
	const (
		https  = "https://shop.test"
		cookie = "__Host-koa.sess"
		pair   = "koa.sess koa.sess.sig"
	)
	isOurs := func(variable string) bool { return !strings.HasPrefix(variable, "OTHER=") }
	begin := func(t *testing.T, origin string, env ...string) *move {
		m := beginMove(t, origin, browser)
		koa := toAddr(koaAddr(m.koa(`{}`, slices.DeleteFunc(slices.Clone(env), isOurs)...)))
		service := toAddr(m.ours(env...).addr)
		m.answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/old/") {
				http.StripPrefix("/old", koa).ServeHTTP(w, r)
				return
			}
			service.ServeHTTP(w, r)
		}))
		m.want("at Koa", "POST", "/old/login?user=ann", "200", ann)
		m.want("here", "GET", "/me", "200", ann)
		return m
	}
	t.Run("KOA_KEEP", func(t *testing.T) {
		t.Parallel()
		m := begin(t, https, "KOA_KEEP=true")
		m.wantNames("after the first request", cookie+" "+pair)
		m.want("Koa still", "GET", "/old/me", "200", ann)
		m.want("another login at Koa", "POST", "/old/login?user=bob", "200", `"bob"`)
		m.want("who was logged in stays", "GET", "/me", "200", ann)
		m.want("a logout", "POST", "/logout", "200", "logged out")
		m.wantNames("after the logout", "")
		m.want("Koa after the logout here", "GET", "/old/me", "401", "")

		m.want("a login at Koa", "POST", "/old/login?user=ann", "200", ann)
		m.want("here after the login at Koa", "GET", "/me", "200", ann)
		m.want("a logout at Koa", "POST", "/old/logout", "200", "")
		m.want("still here after the logout at Koa", "GET", "/me", "200", ann)
	})
	if browser == "Firefox" {
		return // the rest is what the services answer
	}
	t.Run("Koa's logout deletes both", func(t *testing.T) {
		t.Parallel()
		m := begin(t, https, "KOA_KEEP=true", "OTHER="+cookie)
		m.want("a logout at Koa", "POST", "/old/logout", "200", "")
		m.wantNames("after it", "")
		m.want("here after a logout at Koa that deletes both cookies", "GET", "/me", "401", "not_logged_in")
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		m := begin(t, https)
		m.wantNames("after the first request", cookie)
		m.want("Koa has lost its cookie", "GET", "/old/me", "401", "")
	})
	t.Run("one name", func(t *testing.T) {
		t.Parallel()
		m := begin(t, "http://shop.test")
		m.wantNames("after the first request", "koa.sess")
		m.want("Koa has lost its cookie", "GET", "/old/me", "401", "")
		m.want("a login at Koa", "POST", "/old/login?user=bob", "200", `"bob"`)
		m.want("takes the place of ours", "GET", "/me", "200", `"bob"`)
	})
}
