package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var (
	untrusted = topology{name: "proxy-untrusted", publicURL: "https://api.shop.test",
		origins: []string{"https://app.shop.test"}}
	trusted = topology{name: "proxy-trusted", publicURL: "https://api.shop.test",
		origins: []string{"https://app.shop.test"}, flags: []string{"--trust-proxy"}}
)

// Behind a real TLS proxy the login works and the cookie is Secure, whether the
// proxy is trusted or not: the policy comes from the public URL. What the proxy
// says about the client is believed only with trustProxy.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		top            topology
		scheme, client string // in the log, for a client at 127.0.0.9
	}{
		{untrusted, "http", "127.0.0.1"},
		{trusted, "https", "127.0.0.9"},
	} {
		t.Run(tt.top.name, func(t *testing.T) {
			t.Parallel()
			p := generated(t, tt.top)
			h := newHosts(t)
			s := &stage{service: serve(t, p), hosts: h}
			proxy := nginx(t, h.cert, "http://"+s.addr)
			h.rule(p.publicURL, proxy)
			h.forward("https://app.shop.test", serveDemo(t, p, "https://app.shop.test"))

			// A client that lies about itself, by way of the proxy.
			c := newClient(s.service, "https://app.shop.test")
			c.base = p.publicURL
			c.http.Transport = dialTo(t, proxy, h.cert, "127.0.0.9")
			code := c.send("GET", "/code", "", "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "gopher")
			if got := code.header.Get("Set-Cookie"); code.status != 200 || !strings.Contains(got, "; Secure") ||
				!strings.HasPrefix(got, "__Host-") {
				t.Errorf("GET /code: status %d, Set-Cookie %q, want 200 and a Secure __Host- cookie", code.status, got)
			}
			if a := c.login(p.password, s.answer(c.token(p.cookie))); a.status != 200 {
				t.Errorf("login: %d %s", a.status, a.body)
			}
			if me := c.send("GET", "/me", ""); me.Result["username"] != username {
				t.Errorf("me: %d %s", me.status, me.body)
			}
			for _, r := range s.requests("/code") {
				if r.Scheme != tt.scheme || r.Client != tt.client {
					t.Errorf("the log says scheme %s and client %s, want %s and %s", r.Scheme, r.Client, tt.scheme,
						tt.client)
				}
			}

			// A person, by way of the proxy.
			s.browser = open(t, h, blocked)
			page := s.browser.visit("https://app.shop.test/")
			page.loggedOut()
			s.logIn(page)
			if !s.browser.sessionCookie(p.cookie).Secure {
				t.Error("the browser's cookie is not Secure")
			}
			page.reload()
			page.loggedIn()
		})
	}
}

// Without a proxy the headers are the client's own words.
func TestForwardedHeadersWithoutTrust(t *testing.T) {
	t.Parallel()
	s := serve(t, generated(t, localhost))
	newClient(s, "http://localhost:5173").send("GET", "/me", "", "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto",
		"https", "Forwarded", "for=203.0.113.7;proto=https")
	s.line(`"path":"/me"`)
	for _, r := range s.requests("/me") {
		if r.Scheme != "http" || r.Client != "127.0.0.1" {
			t.Errorf("the log says scheme %s and client %s, want http and 127.0.0.1", r.Scheme, r.Client)
		}
	}
}

// A CDN before an ingress: with TRUST_PROXY=2 the client's address is the one that the outer proxy saw, and not the
// outer proxy's own, whatever the client claims.
func TestBehindTwoProxies(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"1": "127.0.0.1", "2": "127.0.0.9"} {
		t.Run("TRUST_PROXY="+setting, func(t *testing.T) {
			t.Parallel()
			p := generated(t, untrusted)
			h := newHosts(t)
			s := serve(t, p, "TRUST_PROXY="+setting)
			outer := nginx(t, h.cert, "https://"+nginx(t, h.cert, "http://"+s.addr))
			c := newClient(s, "https://app.shop.test")
			c.base = p.publicURL
			c.http.Transport = dialTo(t, outer, h.cert, "127.0.0.9")
			if a := c.send("GET", "/me", "", "X-Forwarded-For", "203.0.113.7, 203.0.113.8"); a.status != 401 {
				t.Errorf("me: %d %s", a.status, a.body)
			}
			s.line(`"path":"/me"`)
			for _, r := range s.requests("/me") {
				if r.Client != want || r.Scheme != "https" {
					t.Errorf("the log says client %s by %s, want %s by https", r.Client, r.Scheme, want)
				}
			}
		})
	}
}

// nginx starts a TLS proxy before a URL and returns its address.
func nginx(t *testing.T, cert tls.Certificate, upstream string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			missing(t, "nginx is not installed; on Debian: apt-get install nginx-light")
		}
	}
	dir, err := os.MkdirTemp(runDir, "nginx-")
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "cert.pem"),
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})))
	writeFile(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))

	text, err := os.ReadFile("testdata/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}

	// Somebody else may take the port before nginx does; then try another one.
	for range 5 {
		listen := freeAddr(t)
		writeFile(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(string(text), dir, listen, upstream))
		p := start(t, exec.Command(path, "-c", filepath.Join(dir, "nginx.conf"), "-p", dir, "-e", "stderr"), nil)
		answers := false
		waitFor(t, "nginx to answer or to end", func() bool {
			select {
			case <-p.exited:
				return true
			default:
			}
			conn, err := tls.DialWithDialer(&net.Dialer{Timeout: time.Second}, "tcp", listen,
				&tls.Config{InsecureSkipVerify: true})
			if err == nil {
				answers = true
				conn.Close()
			}
			return answers
		})
		switch {
		case answers:
			return listen
		case !strings.Contains(strings.Join(p.log(), " "), "Address already in use"):
			t.Fatalf("nginx ended: %v\n%s", p.err, strings.Join(p.log(), "\n"))
		}
	}
	t.Fatal("nginx found no free port in five tries")
	return ""
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// dialTo reaches addr whatever the URL's host is, from a local address.
func dialTo(t *testing.T, addr string, cert tls.Certificate, from string) http.RoundTripper {
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, addr)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}
