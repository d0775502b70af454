package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// hosts are the origins that one browser can reach, and who answers there.
type hosts struct {
	t     *testing.T
	cert  tls.Certificate
	rules []string
}

func newHosts(t *testing.T) *hosts {
	t.Helper()
	cert, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	return &hosts{t: t, cert: cert}
}

// forward lets the browser reach addr under an origin. For https a TLS proxy
// is in between, as in production; it sets the X-Forwarded headers.
func (h *hosts) forward(origin, addr string) {
	h.t.Helper()
	if strings.HasPrefix(origin, "http:") {
		h.rule(origin, addr)
		return
	}
	h.serve(origin, toAddr(addr))
}

// serve answers under an origin with a handler of the test.
func (h *hosts) serve(origin string, handler http.Handler) {
	h.t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = discardLog
	if strings.HasPrefix(origin, "https:") {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{h.cert}}
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	h.t.Cleanup(func() {
		s.CloseClientConnections() // the browser keeps some open
		s.Close()
	})
	h.rule(origin, s.Listener.Addr().String())
}

// rule maps the origin's host and port to an address.
func (h *hosts) rule(origin, addr string) {
	h.rules = append(h.rules, "MAP "+address(origin)+" "+addr)
}

// address is the host and port of an origin, the scheme's where it names none.
func address(origin string) string {
	scheme, host, _ := strings.Cut(origin, "://")
	if _, _, err := net.SplitHostPort(host); err != nil {
		host += map[string]string{"http": ":80", "https": ":443"}[scheme]
	}
	return host
}

// find returns the address of a host:port.
func (h *hosts) find(host string) (addr string, known bool) {
	for _, rule := range h.rules {
		if addr, known = strings.CutPrefix(rule, "MAP "+host+" "); known {
			break
		}
	}
	return addr, known
}

// resolverRules is the value of --host-resolver-rules. Every other name does
// not exist.
func (h *hosts) resolverRules() string {
	return strings.Join(append(h.rules, "MAP * ~NOTFOUND"), ", ")
}

// spki is the value of --ignore-certificate-errors-spki-list.
func (h *hosts) spki() string {
	sum := sha256.Sum256(h.cert.Leaf.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// toAddr is a reverse proxy of the kind that is in front of a service.
func toAddr(addr string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: addr})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorLog: discardLog,
	}
}

// certificate is one for localhost and the names below .test that the tests use,
// made once in a run.
var certificate = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"shop.test", "*.shop.test", "front.test", "*.front.test", "evil.test", "localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
})
