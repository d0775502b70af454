package e2e

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/zoo"
)

// setup is a service of testdata as people run it.
type setup struct {
	program string // of testdata
	like    string // the framework whose cookie names the program "pairs" uses
	fault   string // what is wrong with it, "" for nothing
	at      place
	change  func(*doctor.Options)
	policy  string // the page's Content-Security-Policy
	token   string // see zoo.Specimen.Token
	verdict doctor.Verdict
	codes   []string
	says    string // part of the doctor's text: the cause that was put in
}

// place is where browsers reach a service.
type place string

const (
	local    place = "localhost"
	proxied  place = "nginx"    // https, on another host than the page
	rewrites place = "rewrites" // https, below /api of the page's own host, as Next.js rewrites do
)

// Origins of the pages and of the services.
const (
	localPage, localAPI = "http://localhost:5173", "http://localhost:8080"
	sitePage, siteAPI   = "https://app.shop.test", "https://api.shop.test"
)

// Set-ups that are not ours, judged by the browser first: the doctor agrees, is silent about healthy ones, and names
// the one fault of the others.
func TestDoctorAgreesOnSetups(t *testing.T) {
	t.Parallel()
	const (
		works, except, cannot = doctor.Works, doctor.WorksExcept, doctor.CannotWork
		laravel, django       = "XSRF-TOKEN:X-XSRF-TOKEN", "csrftoken:X-CSRFToken"
	)
	requestedWith := func(o *doctor.Options) { o.Headers = http.Header{"X-Requested-With": {"XMLHttpRequest"}} }
	profile := func(o *doctor.Options) { o.Check = "/user" }
	versioned := func(o *doctor.Options) { o.Get, o.Post, o.Check = "/v1/code", "/v1/auth/login", "/v1/me" }
	var list []setup
	for _, program := range []string{"koa", "express"} {
		list = append(list, []setup{
			{program: program, at: local, verdict: works},
			{program: program, at: proxied, verdict: works},
			{program: program, at: rewrites, verdict: works},
			{program: program, fault: "no credentials", at: local, verdict: cannot, codes: []string{"acac"}},
			{program: program, fault: "default cors", at: local, verdict: cannot, codes: []string{"acao-star"}},
			{program: program, fault: "any origin", at: local, verdict: except, codes: []string{"reflects-any-origin"}},
			{program: program, fault: "default cookie", at: local, verdict: except, codes: []string{"samesite-unset"}},
			{program: program, fault: "none without secure", at: proxied, verdict: cannot,
				codes: []string{"none-without-secure"}, says: "Write SameSite=Lax"},
			{program: program, fault: "proxy not trusted", at: proxied, verdict: cannot,
				codes: []string{"no-set-cookie"},
				says:  map[string]string{"koa": "app.proxy = true", "express": "trust proxy"}[program]},
			{program: program, fault: "proxy not trusted", at: rewrites, verdict: cannot,
				codes: []string{"no-set-cookie"}, says: "TLS proxy"},
		}...)
	}
	list = append(list, []setup{
		{program: "express", at: local, change: requestedWith, verdict: works},
		{program: "express", fault: "header not allowed", at: local, change: requestedWith, verdict: cannot,
			codes: []string{"preflight-headers"}, says: "content-type, x-requested-with"},
		{program: "express", at: local, change: profile, verdict: works}, // which redirects
		{program: "express", fault: "redirects to http", at: proxied, change: profile, verdict: cannot,
			codes: []string{"redirect"}, says: "believes that it is on plain http"},
		{program: "express", fault: "two paths", at: local, verdict: cannot,
			codes: []string{"cookie-path", "duplicate-cookie"}, says: "Path=/login"},
		{program: "express", fault: "login expires the cookie", at: local, verdict: cannot,
			codes: []string{"cookie-expired"}, says: "Expires=Thu, 01 Jan 1970"},
		{program: "express", at: proxied, policy: "connect-src https://api.shop.test", verdict: works},
		{program: "express", at: proxied, policy: "connect-src 'self'", verdict: cannot, codes: []string{"csp"},
			says: "add https://api.shop.test to connect-src"},
		{program: "express", at: proxied, policy: "connect-src https://api.shop.test/code https://api.shop.test/login",
			verdict: cannot, codes: []string{"csp"}, says: "does not allow /me"},
		{program: "express", at: local, change: func(o *doctor.Options) { o.Body = "" }, verdict: doctor.NotSeen,
			codes: []string{"not-seen"}, says: "Log in: --body"},
		{program: "cookie-session", at: proxied, verdict: works},
		{program: "cookie-session", fault: "proxy not trusted", at: proxied, verdict: cannot,
			codes: []string{"no-set-cookie"}, says: "trust proxy"},
		{program: "cookie-session", fault: "too big", at: local, verdict: cannot, codes: []string{"cookie-too-big"}},
		{program: "pairs", like: "laravel", token: laravel, at: proxied, verdict: works},
		{program: "pairs", like: "laravel", token: laravel, fault: "session without Secure", at: proxied,
			verdict: cannot,
			codes:   []string{"none-without-secure"}, says: "laravel_session"},
		{program: "pairs", like: "laravel", token: laravel, fault: "token of another host", at: proxied,
			verdict: cannot,
			codes:   []string{"csrf-unreadable"}, says: "it belongs to api.shop.test alone"},
		{program: "pairs", like: "laravel", token: laravel, fault: "token that scripts cannot read", at: proxied,
			verdict: cannot, codes: []string{"csrf-unreadable"}, says: "HttpOnly"},
		{program: "pairs", like: "django", token: django, at: proxied, verdict: works},
		{program: "pairs", like: "django", token: django, at: rewrites, fault: "token of another host", verdict: works},
		{program: "pairs", like: "django", token: django, fault: "session without Secure", at: proxied, verdict: cannot,
			codes: []string{"none-without-secure"}, says: "sessionid"},
		{program: "bearer", at: local, verdict: doctor.NotSeen, codes: []string{"bearer-token"},
			says: "with Authorization: Bearer"},
		{program: "bearer", fault: "authorization not allowed", at: local, verdict: cannot,
			codes: []string{"preflight-headers", "bearer-token"}, says: "content-type, authorization"},
		{program: "gin", at: local, change: versioned, verdict: works},
		{program: "gin", fault: "options left out", at: local, change: versioned, verdict: except,
			codes: []string{"samesite-unset", "httponly"}},
		{program: "gin", fault: "default cors", at: local, change: versioned, verdict: cannot,
			codes: []string{"acao-star"}},
		{program: "gin", fault: "path left out", at: local, change: versioned, verdict: cannot,
			codes: []string{"cookie-path"}, says: "Path /v1/auth does not cover /v1/me"},
	}...)
	browsers := &venues{life: t, origins: []string{localPage, localAPI, sitePage, siteAPI}}
	for _, s := range list {
		t.Run(s.name(), func(t *testing.T) {
			t.Parallel()
			s.try(t, browsers)
		})
	}
}

func (s setup) name() string {
	name := s.program + " at " + string(s.at)
	for _, part := range []string{s.like, s.fault, s.policy} {
		if part != "" {
			name += ", " + part
		}
	}
	return name
}

// try lets the browser judge, and then the doctor.
func (s setup) try(t *testing.T, browsers *venues) {
	page, api := localPage, localAPI
	if s.at != local {
		page, api = sitePage, siteAPI
	}
	if s.at == rewrites {
		api = page + "/api"
	}
	h := newHosts(t)
	service := s.start(t, page)
	front := http.NewServeMux()
	front.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if s.policy != "" {
			w.Header().Set("Content-Security-Policy", "script-src 'unsafe-inline'; "+s.policy)
		}
		io.WriteString(w, zoo.Page(api))
	})
	h.serve(page, front)
	switch s.at {
	case local:
		h.forward(api, service)
	case proxied:
		h.rule(api, nginx(t, h.cert, "http://"+service))
	case rewrites:
		front.Handle("/api/", http.StripPrefix("/api", toAddr(service)))
	}

	o := doctor.Options{Get: doctor.DefaultGet, Post: doctor.DefaultPost, Check: doctor.DefaultCheck, Body: zoo.Login}
	if s.change != nil {
		s.change(&o)
	}
	how := howToCall(o, s.token)
	if s.program == "bearer" {
		how += "&bearer=1"
	}
	judged := title(browsers.visit(t, h, page+"/?"+how))

	roots := x509.NewCertPool()
	roots.AddCert(h.cert.Leaf)
	o.URL, o.Origin, o.DialContext, o.RootCAs, o.Timeout = api, page, h.dial, roots, patience
	report, err := doctor.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	report.Text(&text, doctor.TextOptions{Steps: true})
	// Without a cookie the doctor has nothing to say about cookies, whatever the page does.
	if !slices.Contains(report.Codes(), "bearer-token") || report.Verdict == doctor.CannotWork {
		agree(t, report, judged)
	} else if judged != "works" {
		t.Errorf("the browser's page %s\n%s", judged, text.String())
	}
	said := strings.Join(strings.Fields(text.String()), " ")
	if got := report.Codes(); report.Verdict != s.verdict || !slices.Equal(got, s.codes) || !strings.Contains(said,
		s.says) {
		t.Errorf("verdict %s, findings %q; want %s, %q, saying %q; the page %s\n%s", report.Verdict, got, s.verdict,
			s.codes, s.says, judged, text.String())
	}
}

// dial connects as the browser does under the rules.
func (h *hosts) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, known := h.find(address)
	if !known {
		return nil, errors.New("connection refused")
	}
	var d net.Dialer
	return d.DialContext(ctx, network, to)
}

// nodeServices is the directory of the services with their packages.
var nodeServices = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(runDir, "node")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "node"))); err != nil {
		return "", err
	}
	if err := os.RemoveAll(filepath.Join(dir, "node_modules")); err != nil {
		return "", err
	}
	if out, err := command(dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return dir, nil
})

// ginService is the built service of testdata/gin.
var ginService = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(runDir, "gin")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = filepath.Join("testdata", "gin")
	build.Env = append(cleanEnv(),
		"GOWORK=off") // its modules are not those of the tests, and may have to be downloaded
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// start starts the service and returns its address.
func (s setup) start(t *testing.T, page string) string {
	t.Helper()
	var cmd *exec.Cmd
	if s.program == "gin" {
		binary, err := ginService()
		if err != nil {
			missing(t, "the service in gin cannot be built: %v", err)
		}
		cmd = exec.Command(binary)
	} else {
		node, err := exec.LookPath("node")
		if err != nil {
			missing(t, "Node is not installed; on Debian: apt-get install nodejs npm")
		}
		dir, err := nodeServices()
		if err != nil {
			missing(t, "the packages of the services cannot be installed: %v", err)
		}
		cmd = exec.Command(node, s.program+".mjs")
		cmd.Dir = dir
	}
	cmd.Env = append(os.Environ(), "PAGE="+page, "FAULT="+s.fault, "LIKE="+s.like, "NODE_ENV=production",
		"NODE_NO_WARNINGS=1")
	var problems strings.Builder
	cmd.Stderr = &problems
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("%s does not start: %v\n%s", s.program, err, problems.String())
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return net.JoinHostPort("127.0.0.1", strings.TrimSpace(port))
}
