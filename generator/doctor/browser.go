package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// Limits on what a service can make the doctor read.
const (
	maxBody   = 64 << 10
	maxHeader = 256 << 10
)

// browser sends requests as a browser does for one page.
type browser struct {
	page      string // origin
	site      string // value of Sec-Fetch-Site, "" where browsers leave Sec-Fetch-* out
	cross     bool
	timeout   time.Duration
	headers   http.Header
	accept    string
	transport *http.Transport
}

// answer is a response whose body was read up to the limit.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func newBrowser(page, api policy.Origin, o Options) *browser {
	b := &browser{page: page.String(), cross: page != api, timeout: o.Timeout, headers: o.Headers.Clone(),
		accept: "*/*"}
	if o.Client == "axios" {
		b.accept = "application/json, text/plain, */*"
	}
	// Browsers send Sec-Fetch-* to trustworthy URLs only (Fetch Metadata, section 2).
	if api.Trustworthy() {
		switch {
		case !b.cross:
			b.site = "same-origin"
		case page.SameSite(api):
			b.site = "same-site"
		default:
			b.site = "cross-site"
		}
	}
	dial := o.DialContext
	proxy := http.ProxyFromEnvironment
	if dial == nil {
		dial = dialLocalhost
	} else {
		proxy = nil
	}
	b.transport = &http.Transport{
		Proxy: proxy, DialContext: dial, ForceAttemptHTTP2: true, DisableCompression: true,
		TLSClientConfig:     &tls.Config{RootCAs: o.RootCAs, InsecureSkipVerify: o.Insecure},
		TLSHandshakeTimeout: o.Timeout, ResponseHeaderTimeout: o.Timeout,
		MaxResponseHeaderBytes: maxHeader, MaxIdleConnsPerHost: 2,
	}
	return b
}

// dialLocalhost connects to names under .localhost as browsers do, without asking a resolver (RFC 6761 section 6.3).
func dialLocalhost(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	name, port, err := net.SplitHostPort(address)
	if err != nil || !strings.HasSuffix(name, ".localhost") {
		return d.DialContext(ctx, network, address)
	}
	conn, err := d.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		if six, err6 := d.DialContext(ctx, network, net.JoinHostPort("::1", port)); err6 == nil {
			return six, nil
		}
	}
	return conn, err
}

// trustAnything goes on after a certificate was found bad.
func (b *browser) trustAnything() {
	b.transport.CloseIdleConnections()
	b.transport.TLSClientConfig = b.transport.TLSClientConfig.Clone()
	b.transport.TLSClientConfig.InsecureSkipVerify = true
}

// fetch sends a request of the page's script with cookies. extra are headers beside those of the options; body is nil
// for none.
func (b *browser) fetch(
	ctx context.Context, method, target, cookies string, extra http.Header, body []byte,
) (*answer, error) {
	h := b.scriptHeaders(extra, body != nil)
	h.Set("Accept", b.accept)
	h.Set("Referer", b.page+"/")
	if b.cross || method != http.MethodGet && method != http.MethodHead {
		h.Set("Origin", b.page)
	}
	b.metadata(h, b.site, "cors", "empty")
	if cookies != "" {
		h.Set("Cookie", cookies)
	}
	return b.send(ctx, method, target, h, body)
}

// scriptHeaders are those that the page's script sets.
func (b *browser) scriptHeaders(extra http.Header, withBody bool) http.Header {
	h := http.Header{}
	maps.Copy(h, b.headers)
	maps.Copy(h, extra)
	if !withBody {
		h.Del("Content-Type") // the options' is that of the body
	} else if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	return h
}

// image loads target as an <img> of the page does: with cookies, without Origin.
func (b *browser) image(ctx context.Context, target, cookies string) (*answer, error) {
	h := http.Header{"Accept": {"image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8"}, "Referer": {b.page + "/"}}
	b.metadata(h, b.site, "no-cors", "image")
	if cookies != "" {
		h.Set("Cookie", cookies)
	}
	return b.send(ctx, http.MethodGet, target, h, nil)
}

// preflight asks for permission in the one spelling that browsers use: lower case, sorted, no spaces, no cookies.
func (b *browser) preflight(ctx context.Context, method, target string, unsafe []string) (*answer, error) {
	h := http.Header{"Accept": {"*/*"}, "Origin": {b.page}, "Access-Control-Request-Method": {method},
		"Referer": {b.page + "/"}}
	if len(unsafe) > 0 {
		h.Set("Access-Control-Request-Headers", strings.Join(unsafe, ","))
	}
	b.metadata(h, b.site, "cors", "empty")
	return b.send(ctx, http.MethodOptions, target, h, nil)
}

// stranger sends a GET of a page on another origin, without cookies.
func (b *browser) stranger(ctx context.Context, origin, target string) (*answer, error) {
	h := http.Header{"Accept": {b.accept}, "Origin": {origin}}
	site := b.site
	if site != "" {
		site = "cross-site"
	}
	b.metadata(h, site, "cors", "empty")
	return b.send(ctx, http.MethodGet, target, h, nil)
}

func (b *browser) metadata(h http.Header, site, mode, dest string) {
	if site != "" {
		h.Set("Sec-Fetch-Site", site)
		h.Set("Sec-Fetch-Mode", mode)
		h.Set("Sec-Fetch-Dest", dest)
	}
}

// send does one round trip; it follows no redirect and keeps no cookie.
func (b *browser) send(ctx context.Context, method, target string, h http.Header, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, target, reader)
	if err != nil {
		return nil, err
	}
	h.Set("User-Agent", "Mozilla/5.0 (compatible; sessionseed-doctor)")
	r.Header = h
	resp, err := b.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil && ctx.Err() == nil && len(text) == 0 && resp.Header == nil {
		return nil, err
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: text}, nil
}

// unsafeHeaders returns the names that a preflight must ask for (Fetch standard, "CORS-unsafe request-header names").
func (b *browser) unsafeHeaders(extra http.Header, withBody bool) []string {
	var names []string
	for name, values := range b.scriptHeaders(extra, withBody) {
		switch lower := strings.ToLower(name); lower {
		case "content-type":
			essence, _, _ := strings.Cut(strings.ToLower(values[0]), ";")
			switch strings.TrimSpace(essence) {
			case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
			default:
				names = append(names, lower)
			}
		case "accept", "accept-language", "content-language", "cookie", "origin", "referer",
			"user-agent", "host":
		default:
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// connection turns an error of a round trip into the code of a finding and its evidence.
func connection(target string, err error) (code, evidence string) {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	u, _ := url.Parse(target)
	address := u.Host
	switch {
	case errors.As(err, &certificate):
		return "certificate", fmt.Sprintf("%s: %v", address, certificate.Err)
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "wrong-scheme", fmt.Sprintf("%s speaks plain http, not https", address)
	case errors.As(err, &dns):
		return "not-listening", fmt.Sprintf("no address is known for the name %s", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "not-listening", fmt.Sprintf("%s does not respond in time", address)
	}
	return "not-listening", fmt.Sprintf("%s: %v", address, err)
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
