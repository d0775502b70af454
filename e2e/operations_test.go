package e2e

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// streams are routes that an owner adds: one that ends with its context, as a project's README says, and one that does
// not.
const streams = `package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

func (a *app) getNews(w http.ResponseWriter, r *http.Request) error {
	out := http.NewResponseController(w)
	if err := errors.Join(out.SetReadDeadline(time.Time{}), out.SetWriteDeadline(time.Time{})); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		fmt.Fprint(w, ": still here\n\n")
		if err := out.Flush(); err != nil {
			return nil
		}
		if r.URL.Query().Has("stubborn") {
			time.Sleep(time.Hour)
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-time.After(15 * time.Second):
		}
	}
}
`

// A stop with an open stream: one that ends with its request's context lets the service end in time, and one that does
// not has it killed. Everybody is still logged in at the next start.
func TestStopWithOpenStream(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--captcha=false")
	routes := filepath.Join(p.dir, "internal", "web", "routes.go")
	source, err := os.ReadFile(routes)
	if err != nil {
		t.Fatal(err)
	}
	const first = "\tmux := http.NewServeMux()\n"
	edited := bytes.Replace(source, []byte(first), []byte(first+"\tmux.Handle(\"GET /news\", a.answer(a.getNews))\n"),
		1)
	writeFile(t, routes, string(edited))
	writeFile(t, filepath.Join(p.dir, "internal", "web", "news.go"), streams)
	if out, err := command(p.dir, "go", "build", "-trimpath", "-o", p.binary, "."); err != nil {
		t.Fatalf("build with a stream: %v\n%s", err, out)
	}
	for _, tt := range []struct {
		query, drain string
		killed       bool
	}{
		{"", "8s", false},
		{"?stubborn", "20s", true},
	} {
		t.Run("GET /news"+tt.query, func(t *testing.T) {
			t.Parallel()
			settings := []string{"STORE_URL=" + filepath.Join(t.TempDir(), "sessions.snapshot"),
				"DRAIN_TIMEOUT=" + tt.drain}
			s := serve(t, p, settings...)
			c := newClient(s, "http://localhost:5173")
			if a := c.login(p.password, ""); a.status != http.StatusOK {
				t.Fatalf("login: %d %s", a.status, a.body)
			}
			stream, err := c.http.Get(c.base + "/news" + tt.query)
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Body.Close()
			if _, err := stream.Body.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			select {
			case <-s.exited:
				if tt.killed {
					t.Errorf("the service ended by itself: %v", s.err)
				} else if s.err != nil {
					t.Errorf("the service ended with %v, want exit code 0", s.err)
				}
			case <-time.After(10 * time.Second): // docker stop
				if !tt.killed {
					t.Error("the service did not end within 10 seconds")
				}
				s.cmd.Process.Kill()
				<-s.exited
			}
			c.base = "http://" + serve(t, p, settings...).addr
			if me := c.send("GET", "/me", "", "Cookie",
				p.cookie+"="+c.token(p.cookie)); me.Result["username"] != username {
				t.Errorf("after the restart: %d %s", me.status, me.body)
			}
		})
	}
}

// A service at localhost answers at both loopbacks: some clients dial ::1 alone for that name.
func TestBothLoopbacks(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node is not installed; on Debian: apt-get install nodejs")
	}
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6 loopback")
	}
	probe.Close()
	s := serve(t, generated(t, localhost), "ADDR=", "PORT=0")
	_, port, _ := net.SplitHostPort(s.addr)
	for _, host := range []string{"::1", "127.0.0.1"} {
		// A connection that is kept keeps Node until the service closes it, after two minutes.
		script := fmt.Sprintf("require('http').get({host:%q,port:%s,path:'/me',agent:false,"+
			"headers:{host:'localhost:%[2]s'}},"+
			"(r)=>{console.log(r.statusCode);r.resume()}).on('error',(e)=>console.log(e.code))", host, port)
		if out, err := exec.Command(node, "-e", script).Output(); err != nil ||
			strings.TrimSpace(string(out)) != "401" {
			t.Errorf("node at %s: %s %v, want 401", host, out, err)
		}
	}
}

// A browser extension with host_permissions logs in and stays logged in without being listed; one without
// them is refused.
func TestExtension(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--captcha=false")
	s := serve(t, p, "STORE_URL=")
	for _, tt := range []struct{ permissions, want string }{
		{`"http://localhost/*"`, "401 200 " + username + " 200 401"},
		{``, "TypeError"},
	} {
		t.Run("host_permissions "+tt.permissions, func(t *testing.T) {
			t.Parallel()
			h := newHosts(t)
			h.rule(p.publicURL, s.addr)
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "manifest.json"), `{"manifest_version": 3, "name": "shop", "version": "1",
				"host_permissions": [`+tt.permissions+`]}`)
			writeFile(t, filepath.Join(dir, "page.html"), "<!doctype html><title>extension</title>")
			tab := open(t, h, blocked, extension(dir)).visit("chrome-extension://" + extensionID(dir) + "/page.html")
			got := eval[string](tab, `(async () => {
				const ask = (method, path, body) => fetch("`+p.publicURL+`" + path, { method, credentials: "include",
					headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
				try {
					const before = await ask("GET", "/me");
					const login = await ask("POST", "/login", { username: "`+username+
				`", password: `+quoteJS(p.password)+` });
					const me = await (await ask("GET", "/me")).json();
					const logout = await ask("POST", "/logout");
					const after = await ask("GET", "/me");
					return [before.status, login.status, me.result.username, logout.status, after.status].join(" ");
				} catch (e) { return e.name; }
			})()`)
			if got != tt.want {
				t.Errorf("the extension got %q, want %q", got, tt.want)
			}
		})
	}
	preflight := newClient(s, "chrome-extension://abcdefghijklmnopabcdefghijklmnop").send("OPTIONS", "/login", "",
		"Access-Control-Request-Method", "POST", "Host", "localhost:8080")
	if preflight.status != http.StatusForbidden || !strings.Contains(preflight.body, "host_permissions") {
		t.Errorf("preflight of an extension: %d %s", preflight.status, preflight.body)
	}
}

// extensionID is what Chromium makes of an unpacked extension's directory.
func extensionID(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	id := []byte(fmt.Sprintf("%x", sum[:16]))
	for i, c := range id {
		id[i] = 'a' + byte(strings.IndexByte("0123456789abcdef", c))
	}
	return string(id)
}

// The page of an app that was built with Capacitor for Android has the origin https://localhost. It is listed like any
// other front end, on another site than the service: the cookie needs SameSite=None and Partitioned.
func TestCapacitorOnAndroid(t *testing.T) {
	t.Parallel()
	top := topology{name: "capacitor", publicURL: "https://api.shop.test", origins: []string{"https://localhost"},
		flags: []string{"--captcha=false"}}
	p := generated(t, top)
	s := serve(t, p, "TRUST_PROXY=1")
	h := newHosts(t)
	h.forward(p.publicURL, s.addr)
	h.serve("https://localhost", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>app</title>")
	}))
	tab := open(t, h, blocked).visit("https://localhost/")
	got := eval[string](tab, `(async () => {
		const ask = (method, path, body) => fetch("`+p.publicURL+`" + path, { method, credentials: "include",
			headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
		const login = await ask("POST", "/login", { username: "`+username+`", password: `+quoteJS(p.password)+` });
		return login.status + " " + (await (await ask("GET", "/me")).json()).result.username;
	})()`)
	if want := "200 " + username; got != want {
		t.Errorf("the app got %q, want %q", got, want)
	}
}
