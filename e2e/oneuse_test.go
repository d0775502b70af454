package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A captcha opens the login once, also when right answers reach two instances
// at the same time. Every picture says AAAA (see alwaysAAAA), so that the test
// knows the answer whatever the store.
func TestInstancesTakeAnAnswerOnce(t *testing.T) {
	t.Parallel()
	for store, url := range sharedStores(t) {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			p := generatedShared(t, "--store", store)
			alwaysAAAA(t, p)
			instances := [2]*service{}
			for i := range instances {
				instances[i] = serve(t, p, "STORE_URL="+url, "TRUST_PROXY=true")
			}
			for round := range 5 {
				visitor := newClient(instances[0], p.origins[0])
				if a := visitor.send("GET", "/code", ""); a.status != http.StatusOK {
					t.Fatalf("GET /code: status %d: %s", a.status, a.body)
				}
				cookie := p.cookie + "=" + visitor.token(p.cookie)
				const requests = 8
				statuses := make([]int, requests)
				var all sync.WaitGroup
				for i := range requests {
					all.Go(func() {
						c := newClient(instances[i%2], p.origins[0])
						body := fmt.Sprintf(`{"username": %q, "password": %q, "code": "AAAA"}`, username, p.password)
						// Each from a network of its own, or the rate limit would answer.
						from := fmt.Sprintf("192.0.2.%d", round*requests+i+1)
						statuses[i] = c.send("POST", "/login", body, "Cookie", cookie, "X-Forwarded-For", from).status
					})
				}
				all.Wait()
				count := map[int]int{}
				for _, status := range statuses {
					count[status]++
				}
				if count[http.StatusOK] != 1 || count[http.StatusGone] != requests-1 {
					t.Errorf("%d right answers at once to two instances: statuses %v, want one 200 and the rest 410",
						requests, statuses)
				}
			}
		})
	}
}

// With the session in the cookie a visitor can send an old one again, and with
// it a captcha that was answered or used up: the instance remembers.
func TestSealedAnswerIsTakenOnce(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--store", "cookie")
	alwaysAAAA(t, p)
	s := serve(t, p, "STORE_URL=")
	for _, tt := range []struct {
		name    string
		answers []string
		want    []int
	}{
		{"answered", []string{"AAAA", "AAAA"}, []int{http.StatusOK, http.StatusGone}},
		{"used up", []string{"CCCC", "CCCC", "CCCC", "AAAA"},
			[]int{http.StatusUnprocessableEntity, http.StatusUnprocessableEntity, http.StatusUnprocessableEntity,
				http.StatusGone}},
	} {
		visitor := newClient(s, p.origins[0])
		visitor.send("GET", "/code", "")
		cookie := p.cookie + "=" + visitor.token(p.cookie)
		for i, answer := range tt.answers {
			c := newClient(s, p.origins[0]) // which forgets what the service sets
			body := fmt.Sprintf(`{"username": %q, "password": %q, "code": %q}`, username, p.password, answer)
			if a := c.send("POST", "/login", body, "Cookie", cookie); a.status != tt.want[i] {
				t.Errorf("%s: answer %d, %q, to the picture of an old cookie: status %d, want %d: %s", tt.name, i+1,
					answer, a.status, tt.want[i], a.body)
			}
		}
	}
}

// A restart forgets which pictures were used, so none that was drawn before it
// opens the login.
func TestSealedAnswerIsWorthNothingAfterARestart(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--store", "cookie")
	alwaysAAAA(t, p)
	before := serve(t, p, "STORE_URL=")
	visitor := newClient(before, p.origins[0])
	visitor.send("GET", "/code", "")
	cookie := p.cookie + "=" + visitor.token(p.cookie)
	body := fmt.Sprintf(`{"username": %q, "password": %q, "code": "AAAA"}`, username, p.password)
	for s, want := range map[*service]int{before: http.StatusOK, serve(t, p, "STORE_URL="): http.StatusGone} {
		if a := newClient(s, p.origins[0]).send("POST", "/login", body, "Cookie", cookie); a.status != want {
			t.Errorf("the answer of an old cookie: status %d, want %d: %s", a.status, want, a.body)
		}
	}
}

// A store that writes its records when it stops has them after a planned restart,
// and none after a crash: what was drawn before opens the login then neither
// twice nor once.
func TestSealedAnswerAfterACrash(t *testing.T) {
	t.Parallel()
	p := generatedShared(t, "--store", "cookie")
	alwaysAAAA(t, p)
	for _, tt := range []struct {
		name   string
		end    os.Signal
		unused int // what the login answers after it, for a picture that was not used before
	}{
		{"planned", syscall.SIGTERM, http.StatusOK},
		{"crash", os.Kill, http.StatusGone},
	} {
		setting := "STORE_URL=" + filepath.Join(t.TempDir(), "ended")
		s := serve(t, p, setting)
		cookies := [2]string{}
		for i := range cookies {
			visitor := newClient(s, p.origins[0])
			visitor.send("GET", "/code", "")
			cookies[i] = p.cookie + "=" + visitor.token(p.cookie)
		}
		body := fmt.Sprintf(`{"username": %q, "password": %q, "code": "AAAA"}`, username, p.password)
		login := func(when, cookie string, want int) {
			if a := newClient(s, p.origins[0]).send("POST", "/login", body, "Cookie", cookie); a.status != want {
				t.Errorf("%s, %s: status %d, want %d: %s", tt.name, when, a.status, want, a.body)
			}
		}
		login("before it", cookies[0], http.StatusOK)
		if err := s.cmd.Process.Signal(tt.end); err != nil {
			t.Fatal(err)
		}
		<-s.exited
		s = serve(t, p, setting)
		login("the picture that was used", cookies[0], http.StatusGone)
		login("the other", cookies[1], tt.unused)
	}
}

// alwaysAAAA builds the project again with pictures of a text that the test
// knows, whatever the store.
func alwaysAAAA(t *testing.T, p *project) {
	t.Helper()
	file := filepath.Join(p.dir, "internal", "captcha", "text.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	random, known := "alphabet[below(len(alphabet))]", "alphabet[0*below(len(alphabet))]"
	if !strings.Contains(string(text), random) {
		t.Fatalf("%s does not draw %s", file, random)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), random, known, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := command(p.dir, "go", "build", "-trimpath", "-o", p.binary, "."); err != nil {
		t.Fatalf("build the project: %v\n%s", err, out)
	}
}

// sharedStores are the stores that instances can share, with the address of
// each: an SQLite file, and the servers that the environment names.
func sharedStores(t *testing.T) map[string]string {
	stores := map[string]string{"sqlite": filepath.Join(t.TempDir(), "sessions.db")}
	if addr := os.Getenv("TEST_REDIS_ADDR"); addr != "" {
		stores["redis"] = "redis://" + addr
	}
	if dsn := os.Getenv("TEST_POSTGRES_DSN"); dsn != "" {
		stores["postgres"] = dsn
	}
	return stores
}
