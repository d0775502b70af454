package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// parseOrigin accepts an origin exactly as a browser writes it in the Origin
// header (RFC 6454, section 6.2). The comparison there is by bytes, so a
// trailing slash or an upper-case letter would make a front end fail in a way
// that is hard to see; the error says what to write instead.
func parseOrigin(s string) (*url.URL, error) {
	switch s {
	case "":
		return nil, errors.New("empty; write an origin such as https://app.example.com")
	case "*":
		return nil, errors.New("browsers refuse * together with cookies; list each front end, such as https://app.example.com")
	case "null":
		return nil, errors.New("null is the origin of any sandboxed page; list real front ends, such as https://app.example.com")
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("not an origin; write scheme://host or scheme://host:port, such as https://app.example.com")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("only http and https pages send cookies; start it with http:// or https://")
	}
	host, port := u.Hostname(), u.Port()
	if port != "" && !isPort(port) || strings.HasSuffix(u.Host, ":") {
		return nil, errors.New("the port is not a number from 0 to 65535")
	}
	if !validHost(host) {
		return nil, errors.New("the host is not a name or an address as browsers write it; use punycode (xn--...) for other alphabets")
	}
	if want := canonical(u.Scheme, host, port); s != want {
		return nil, fmt.Errorf("an origin has no path, user, default port or upper-case letter; write %s", want)
	}
	return u, nil
}

func canonical(scheme, host, port string) string {
	host = strings.ToLower(host)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + strings.TrimLeft(port, "0")
}

func validHost(host string) bool {
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Zone() == "" && addr.String() == strings.ToLower(host)
	}
	if host == "" || len(host) > 253 {
		return false
	}
	for _, c := range []byte(host) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return !strings.Contains(host, "..") && !strings.HasPrefix(host, ".")
}

// isLoopback reports whether host is this machine, to which browsers grant what
// they otherwise reserve for https (Secure Contexts, section 3.1).
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// surelyCrossSite reports whether two origins belong to different sites under
// any public suffix list. Two names with the same last label may or may not,
// and get the benefit of the doubt.
func surelyCrossSite(a, b *url.URL) bool {
	if a.Scheme != b.Scheme {
		return true
	}
	hostA, hostB := a.Hostname(), b.Hostname()
	if hostA == hostB {
		return false
	}
	if isAddress(hostA) || isAddress(hostB) {
		return true
	}
	return lastLabel(hostA) != lastLabel(hostB)
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func lastLabel(host string) string {
	host = strings.TrimSuffix(host, ".")
	return host[strings.LastIndexByte(host, '.')+1:]
}
