package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"
)

// Two instances of a service with one store behind one address share their
// sessions, and users who are logged in stay so when one of them is killed.
func TestInstancesShareSessions(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--store", "sqlite", "--captcha=false")
	store := filepath.Join(t.TempDir(), "sessions.db")
	first, second := serve(t, p, "STORE_URL="+store), serve(t, p, "STORE_URL="+store)
	b := &balancer{t: t, addrs: []string{first.addr, second.addr}, served: map[string]int{}}
	front := httptest.NewServer(b)
	t.Cleanup(front.Close)

	const people = 8
	clients := make([]*client, people)
	for i := range clients {
		c := newClientAt(first, front.URL)
		if a := c.login(p.password, ""); a.status != http.StatusOK {
			t.Fatalf("login %d: status %d: %s", i, a.status, a.body)
		}
		clients[i] = c
	}
	everybody := func(when string, rounds int) {
		t.Helper()
		for range rounds {
			for i, c := range clients {
				if a := c.send("GET", "/me", ""); a.status != http.StatusOK || a.Result["username"] != username {
					t.Errorf("%s: person %d is answered %d %s", when, i, a.status, a.body)
				}
			}
		}
	}
	// An odd number of further requests in each round has every person meet
	// both instances.
	for range 2 {
		everybody("both alive", 1)
		newClientAt(first, front.URL).send("GET", "/me", "")
	}
	for _, s := range []*service{first, second} {
		if b.count(s.addr) < people {
			t.Errorf("%s answered %d requests only", s.addr, b.count(s.addr))
		}
	}

	// A logout at one instance counts at the other.
	out := clients[people-1]
	clients = clients[:people-1]
	stolen := p.cookie + "=" + out.token(p.cookie)
	if a := out.send("POST", "/logout", ""); a.status != http.StatusOK {
		t.Fatalf("logout: status %d: %s", a.status, a.body)
	}
	for _, s := range []*service{first, second} {
		if a := newClientAt(s, "http://"+s.addr).send("GET", "/me", "", "Cookie",
			stolen); a.status != http.StatusUnauthorized {
			t.Errorf("after the logout %s answers its cookie %d", s.addr, a.status)
		}
	}

	if err := first.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-first.exited
	b.remove(first.addr)
	before := b.count(second.addr)
	everybody("one was killed", 3)
	if got, want := b.count(second.addr)-before, 3*len(clients); got != want {
		t.Errorf("the other instance answered %d requests, want %d", got, want)
	}

	// Its successor knows everybody, too, also whoever logs in only now.
	third := serve(t, p, "STORE_URL="+store)
	b.add(third.addr)
	c := newClientAt(second, front.URL)
	if a := c.login(p.password, ""); a.status != http.StatusOK {
		t.Fatalf("login after the kill: status %d: %s", a.status, a.body)
	}
	clients = append(clients, c)
	b.remove(second.addr)
	everybody("at the successor", 1)
}

// generatedShared is a project of the test's own, with the store that its flags name. It is not made by generated,
// which watches the memory store.
func generatedShared(t *testing.T, flags ...string) *project {
	t.Helper()
	p := &project{topology: localhost, dir: filepath.Join(t.TempDir(), "shop")}
	p.flags = flags
	if out, err := command(runDir, generatorBinary, newArgs(p.dir, p.topology)...); err != nil {
		t.Fatalf("sessionseed new: %v\n%s", err, out)
	}
	p.binary = filepath.Join(p.dir, "shop")
	if out, err := command(p.dir, "go", "build", "-trimpath", "-o", p.binary, "."); err != nil {
		t.Fatalf("build the project: %v\n%s", err, out)
	}
	p.cookie = find(t, filepath.Join(p.dir, "internal", "config", "defaults.go"), `CookieName\s+=\s+"([^"]+)"`)
	password, err := nameAccount(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	p.password = password
	return p
}

// balancer sends requests to its instances in turn.
type balancer struct {
	t      *testing.T
	mu     sync.Mutex
	addrs  []string
	turn   int
	served map[string]int
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	addr := b.addrs[b.turn%len(b.addrs)]
	b.turn++
	b.served[addr]++
	b.mu.Unlock()
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", addr
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			b.t.Errorf("%s %s at %s: %v", r.Method, r.URL.Path, addr, err)
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

func (b *balancer) count(addr string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.served[addr]
}

func (b *balancer) remove(addr string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addrs = slices.DeleteFunc(b.addrs, func(a string) bool { return a == addr })
}

func (b *balancer) add(addr string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addrs = append(b.addrs, addr)
}

// newClientAt is a new visitor from the listed front end.
func newClientAt(s *service, base string) *client {
	c := newClient(s, "http://localhost:5173")
	c.base = base
	return c
}

// find returns what the pattern's group matches in a file.
func find(t *testing.T, name, pattern string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		t.Fatalf("%s: nothing like %s", name, pattern)
	}
	return string(match[1])
}
