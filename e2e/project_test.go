package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// topology is what sessionseed is given about front ends and service.
type topology struct {
	name      string
	publicURL string
	origins   []string
	flags     []string // more of them
}

// The topologies that can work, by the policy's class. localhost and the names
// below .test are all that the certificate and the browser know.
var (
	sameOrigin = topology{name: "same-origin", publicURL: "https://shop.test"}
	localhost  = topology{name: "localhost", publicURL: "http://localhost:8080",
		origins: []string{"http://localhost:5173"}}
	subdomains = topology{name: "subdomains", publicURL: "https://api.shop.test",
		origins: []string{"https://app.shop.test"}}
	plainHTTP = topology{name: "plain-http", publicURL: "http://api.shop.test",
		origins: []string{"http://app.shop.test"}}
	crossSite = topology{name: "cross-site", publicURL: "https://api.shop.test",
		origins: []string{"https://app.front.test"}}
	schemeful = topology{name: "schemeful", publicURL: "https://api.shop.test",
		origins: []string{"http://app.shop.test", "http://app.front.test"}}
	work = topology{name: "work", publicURL: "http://localhost:8080", origins: []string{"http://localhost:5173"},
		flags: []string{"--captcha-pow"}}
	loopback = topology{name: "loopback", publicURL: "http://localhost:8080",
		origins: []string{"http://127.0.0.1:5173"}}
)

// project is a generated and built project.
type project struct {
	topology
	dir      string
	binary   string // of the service
	demo     string
	cookie   string // the cookie's name, as the generated code has it
	password string // of the one account
}

var projects struct {
	sync.Mutex
	made map[string]func() (*project, error)
}

// generated returns the project of a topology, which is made once in a run.
func generated(t *testing.T, top topology) *project {
	t.Helper()
	projects.Lock()
	if projects.made == nil {
		projects.made = map[string]func() (*project, error){}
	}
	if projects.made[top.name] == nil {
		projects.made[top.name] = sync.OnceValues(func() (*project, error) { return generate(top) })
	}
	make := projects.made[top.name]
	projects.Unlock()
	p, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newArgs are the arguments of "sessionseed new" for a topology.
func newArgs(dir string, top topology) []string {
	args := []string{"new", dir, "--yes", "--module", "example.com/shop", "--public-url", top.publicURL}
	if top.origins == nil {
		args = append(args, "--cors-origin=")
	}
	for _, o := range top.origins {
		args = append(args, "--cors-origin", o)
	}
	return append(args, top.flags...)
}

func generate(top topology) (*project, error) {
	p := &project{topology: top, dir: filepath.Join(runDir, top.name)}
	if out, err := command(runDir, generatorBinary, newArgs(p.dir, top)...); err != nil {
		return nil, fmt.Errorf("sessionseed new for %s: %w\n%s", top.name, err, out)
	}
	ownAccount := !slices.Contains(top.flags, "--accounts") // in .env, and sessions that the tests may read
	if ownAccount {
		if err := p.observe(); err != nil {
			return nil, err
		}
	}
	packages := []string{"."}
	if top.origins != nil {
		packages = append(packages, "./demo")
	}
	args := append([]string{"build", "-trimpath", "-o", "bin" + string(filepath.Separator)}, packages...)
	if out, err := command(p.dir, "go", args...); err != nil {
		return nil, fmt.Errorf("build the project for %s: %w\n%s", top.name, err, out)
	}
	p.binary, p.demo = filepath.Join(p.dir, "bin", "shop"), filepath.Join(p.dir, "bin", "demo")
	if top.origins == nil { // there is no demo without another origin; any project's will do
		other := localhost
		other.name = top.name + "-pages"
		front, err := generate(other)
		if err != nil {
			return nil, err
		}
		p.demo = front.demo
	}

	defaults, err := os.ReadFile(filepath.Join(p.dir, "internal", "config", "defaults.go"))
	if err != nil {
		return nil, err
	}
	name := regexp.MustCompile(`CookieName\s+=\s+"([^"]+)"`).FindSubmatch(defaults)
	if name == nil {
		return nil, fmt.Errorf("%s: no CookieName in defaults.go", top.name)
	}
	p.cookie = string(name[1])
	if !ownAccount {
		return p, nil
	}

	p.password, err = nameAccount(p.dir)
	return p, err
}

// nameAccount renames the one account of a project from demo to username, which is not ASCII, and returns its
// password, which .env has in a comment, for its owner to delete.
func nameAccount(dir string) (password string, err error) {
	name := filepath.Join(dir, ".env")
	dotenv, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile(`(?m)password is\n# +(\S+)$`).FindSubmatch(dotenv)
	if found == nil {
		return "", fmt.Errorf("%s does not have the password", name)
	}
	named := bytes.Replace(dotenv, []byte("ACCOUNT_USERNAME=demo"), []byte("ACCOUNT_USERNAME="+username), 1)
	if bytes.Equal(named, dotenv) {
		return "", fmt.Errorf("%s does not name the account demo", name)
	}
	return string(found[1]), os.WriteFile(name, named, 0o600)
}

// observe adds the store of testdata/observed and re-points main.go to it.
func (p *project) observe() error {
	source, err := os.ReadFile(filepath.Join("testdata", "observed", "store.go"))
	if err != nil {
		return err
	}
	dir := filepath.Join(p.dir, "internal", "store", "observed")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "store.go"), source, 0o644); err != nil {
		return err
	}
	name := filepath.Join(p.dir, "main.go")
	main, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	pointed := bytes.Replace(main, []byte(`internal/store/memory"`), []byte(`internal/store/observed"`), 1)
	if bytes.Equal(pointed, main) {
		return fmt.Errorf("%s does not import the memory store", name)
	}
	return os.WriteFile(name, pointed, 0o644)
}

// command runs a program, without downloads if that is go, and returns what it wrote.
func command(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(cleanEnv(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-buildvcs=false -trimpath")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// cleanEnv is the environment without variables that the generator or a
// service would read as settings.
func cleanEnv() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		for _, prefix := range []string{"SESSIONSEED_", "COOKIE_", "ACCOUNT_", "KOA_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return slices.Contains([]string{"PUBLIC_URL", "CORS_ORIGINS", "ADDR", "PORT", "SESSION_KEYS", "STORE_URL",
			"TRUST_PROXY", "ALLOWED_HOSTS", "CORS_HEADERS", "HSTS", "DRAIN_TIMEOUT", "LOG_LEVEL", "DEV",
			"SMTP_URL", "MAIL_FROM", "FRONT_END_URL"}, name)
	})
}

// exitCode of a command that was run, -1 if it did not run.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func matches(s, pattern string) bool { return regexp.MustCompile(pattern).MatchString(s) }
