// Package zoo keeps services with one fault each, and healthy ones, to try the doctor and real browsers on.
//
//	for _, s := range zoo.All() {
//		h, err := s.Start()
//		// probe s.API for s.Page through h.DialContext, or open s.Page in a browser whose resolver maps
//		// h.Rules() to this machine; its title becomes "works" or "fails: ...".
//		h.Close()
//	}
//
// Every service has GET /code, POST /login and GET /me, which name the session they see. In most services GET /code
// starts one, in the accounts of field.go the login does. The page that each specimen brings along takes these steps as
// its query says. The session works if the page can read all answers, and they name the same session once there is one.
package zoo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// All returns every specimen, the healthy ones first. Each call makes services of its own.
func All() []Specimen {
	all := healthy()
	// These faults leave the session working in browsers that are not the strictest.
	harmless := map[string]bool{"reflects-any-origin": true, "error-without-cors": true, "vary": true,
		"cacheable": true, "secure-on-localhost": true,
		"session-changes": true, "samesite-unset": true, "httponly": true, "duplicate-cookie": true}
	for _, list := range [][]Specimen{corsFaults(), cookieFaults(), pairFaults()} {
		for _, s := range list {
			s.Verdict = doctor.Works
			for _, code := range s.Codes {
				if !harmless[code] && s.Name != "localhost and 127.0.0.1 with a cookie for it" {
					s.Verdict = doctor.CannotWork
				} else if s.Verdict == doctor.Works {
					s.Verdict = doctor.WorksExcept
				}
			}
			if s.Name == "no session" {
				s.Verdict = doctor.NotSeen
			}
			if s.listen {
				s.Verdict = doctor.NotProbed
			}
			all = append(all, s)
		}
	}
	return append(all, field()...)
}

// Habitat is a running specimen.
type Habitat struct {
	// DialContext connects the specimen's names to its listeners and refuses all others.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Certificate is that of the specimen's names, and RootCAs holds it alone. The key is the same for all specimens. A
	// service whose fault is its certificate has another one, of another key.
	Certificate *x509.Certificate
	RootCAs     *x509.CertPool

	listeners map[string]string // host:port as a URL means it -> address on this machine
	servers   []*http.Server
}

//go:embed page.html
var page string

// Page is the HTML of the page that each specimen brings along, for a service of the same three paths at the origin
// api.
func Page(api string) string { return strings.ReplaceAll(page, "{api}", api) }

// Start serves the specimen on free ports of this machine.
func (s Specimen) Start() (*Habitat, error) {
	h := &Habitat{listeners: map[string]string{}, RootCAs: x509.NewCertPool()}
	key, err := trusted()
	if err != nil {
		return nil, err
	}
	certificate, root, err := newCertificate(key, s.API, s.Page)
	if err != nil {
		return nil, err
	}
	h.RootCAs.AddCert(root)
	h.Certificate = root
	apiCertificate := certificate
	if s.certificate {
		other, err := newKey()
		if err != nil {
			return nil, err
		}
		if apiCertificate, _, err = newCertificate(other, s.API); err != nil {
			return nil, err
		}
	}
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), s.pageHeader)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, Page(s.API))
	})
	api := s.service
	if s.Page == s.API {
		api = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				front.ServeHTTP(w, r)
				return
			}
			s.service.ServeHTTP(w, r)
		})
	}
	apiTLS := strings.HasPrefix(s.API, "https:") != s.tls
	if !s.listen {
		if err := h.serve(s.API, apiTLS, apiCertificate, api); err != nil {
			return nil, err
		}
	}
	if s.Page != s.API {
		if err := h.serve(s.Page, strings.HasPrefix(s.Page, "https:"), certificate, front); err != nil {
			h.Close()
			return nil, err
		}
	}
	h.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		to, ok := h.listeners[address]
		if !ok {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		var d net.Dialer
		return d.DialContext(ctx, network, to)
	}
	return h, nil
}

// Rules is the value of Chromium's --host-resolver-rules for the specimen's names.
func (h *Habitat) Rules() string {
	var rules []string
	for name, address := range h.listeners {
		rules = append(rules, "MAP "+name+" "+address)
	}
	return strings.Join(rules, ", ")
}

// Close stops the listeners.
func (h *Habitat) Close() {
	for _, s := range h.servers {
		s.Close()
	}
}

func (h *Habitat) serve(origin string, withTLS bool, certificate tls.Certificate, handler http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.listeners[parsed(origin).Address()] = l.Addr().String()
	// Go's server logs each refused handshake; some specimens are about just that.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	h.servers = append(h.servers, server)
	if withTLS {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		go server.ServeTLS(l, "", "")
	} else {
		go server.Serve(l)
	}
	return nil
}

// parsed is an origin of this package.
func parsed(origin string) policy.Origin {
	o, _, err := policy.ParseOrigin(origin)
	if err != nil {
		panic(fmt.Sprintf("zoo: %v", err))
	}
	return o
}

// trusted is the key of all certificates, so that a browser for several specimens accepts one alone.
var trusted = sync.OnceValues(newKey)

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// newCertificate makes a certificate that signs itself for the hosts of the origins.
func newCertificate(key *ecdsa.PrivateKey, origins ...string) (tls.Certificate, *x509.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "zoo"},
		IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, origin := range origins {
		name := parsed(origin).Hostname()
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	root, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, root, err
}
