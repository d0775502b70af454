package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

// minKeyBytes is the shortest signing key: the output size of SHA-256, below which HMAC loses strength (RFC 2104,
// section 3).
const minKeyBytes = 32

// missingKey lets a developer start at once and stops a production service, where a random key would log everybody
// out at each restart and make two instances refuse each other's cookies.
func (e *environment) missingKey(cfg *Config) {
	if !cfg.Dev {
		e.problem("SESSION_KEYS is not set; make one with: openssl rand -base64 32")
		return
	}
	key := make([]byte, minKeyBytes)
	rand.Read(key) // never fails (Go 1.24)
	cfg.Session.Keys, cfg.RandomKey = [][]byte{key}, true
}

// address is where to listen. A service for this machine alone does not open a port to the network, unless ADDR
// says so: in a container it has to. PORT is what a platform assigns, so it wins over the port of ADDR.
func (e *environment) address(public *url.URL) string {
	host, port := public.Hostname(), "8080"
	switch {
	case !IsLoopback(host):
		host = ""
	case !isAddress(host):
		host = "localhost" // also for shop.localhost, which only browsers know
	}
	if public.Scheme == "http" && public.Port() != "" {
		port = public.Port()
	}
	if addr := e.text("ADDR", ""); addr != "" {
		var err error
		if host, port, err = net.SplitHostPort(addr); err != nil || !isPort(port) {
			e.problem("ADDR is %q: not an address; write :8080 or 127.0.0.1:8080", addr)
			return addr
		}
	}
	if port = e.text("PORT", port); !isPort(port) {
		e.problem("PORT is %q: not a port; write a number from 0 to 65535", port)
	}
	return net.JoinHostPort(host, port)
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// checkSite finds the combinations that browsers drop silently. Better a service that does not start than one whose
// users are never logged in.
func (e *environment) checkSite(cfg *Config, public *url.URL) {
	s := cfg.Session
	for i, origin := range cfg.CORSOrigins {
		u, err := cors.ParseOrigin(origin)
		switch {
		case err != nil:
			e.problem("CORS_ORIGINS: %w", err)
		case slices.Contains(cfg.CORSOrigins[:i], origin):
			e.problem("CORS_ORIGINS contains %q twice; keep one", origin)
		case public.Host != "" && s.SameSite != http.SameSiteNoneMode && surelyCrossSite(public, u):
			e.problem("CORS_ORIGINS: %s and %s are different sites, so browsers withhold a cookie without "+
				"SameSite=None; put both under one site and scheme, or set COOKIE_SAME_SITE=none, COOKIE_SECURE=true "+
				"and COOKIE_PARTITIONED=true", origin, cfg.PublicURL)
		}
	}
	if err := s.CheckCookie(); err != nil {
		e.problem("browsers would refuse the session cookie; change COOKIE_NAME, COOKIE_SAME_SITE, COOKIE_SECURE, "+
			"COOKIE_PARTITIONED or COOKIE_DOMAIN:\n%w", err)
	}
	if s.Secure && public.Scheme == "http" && !IsLoopback(public.Hostname()) {
		e.problem("a Secure cookie is refused at %s, which is plain http; set PUBLIC_URL to the https URL "+
			"that browsers use, or COOKIE_SECURE=false", public)
	}
	if s.Domain != "" && public.Host != "" {
		if err := checkDomain(s.Domain, public.Hostname()); err != nil {
			e.problem("COOKIE_DOMAIN is %q: %w", s.Domain, err)
		}
	}
}

// checkDomain refuses what browsers refuse, but for public suffixes such as co.uk, whose list is not here.
func checkDomain(domain, host string) error {
	name := strings.ToLower(strings.TrimPrefix(domain, "."))
	switch {
	case name == host:
		return nil
	case isAddress(host) || !strings.HasSuffix(host, "."+name):
		return fmt.Errorf("it does not cover %s, so browsers refuse the cookie; set COOKIE_DOMAIN=none", host)
	case !strings.Contains(name, "."):
		return errors.New("browsers refuse a cookie for a whole top-level domain; set COOKIE_DOMAIN=none")
	}
	return nil
}

// Serves reports whether a request may name this host, with or without a port.
func (c Config) Serves(host string) bool {
	asked := url.URL{Host: host}
	name := strings.ToLower(strings.TrimSuffix(asked.Hostname(), "."))
	return slices.ContainsFunc(c.AllowedHosts, func(allowed string) bool {
		return allowed == "*" || strings.ToLower(allowed) == name || IsLoopback(allowed) && IsLoopback(name)
	})
}

// IsLoopback reports whether host is this machine, to which browsers grant what they otherwise reserve for https
// (Secure Contexts, section 3.1).
func IsLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && addr.IsLoopback()
}

// surelyCrossSite reports whether two origins belong to different sites under any public suffix list. Two names
// with the same last label may or may not, and get the benefit of the doubt.
func surelyCrossSite(a, b *url.URL) bool {
	hostA, hostB := a.Hostname(), b.Hostname()
	return a.Scheme != b.Scheme || hostA != hostB &&
		(isAddress(hostA) || isAddress(hostB) || lastLabel(hostA) != lastLabel(hostB))
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func lastLabel(host string) string { return host[strings.LastIndexByte(host, '.')+1:] }
