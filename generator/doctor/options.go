package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// The steps that Run takes when none of the three is named.
const (
	DefaultGet   = "/code"
	DefaultPost  = "/login"
	DefaultCheck = "/me"
)

// maxTime bounds a run: all its requests together may take maxTime times Options.Timeout.
const maxTime = 6

// Options say what to probe. URL and Origin are required.
type Options struct {
	// URL is where browsers reach the service: an origin, or an origin with a path below which Get, Post and Check lie.
	URL string

	// Origin is the page's, as the address bar shows it. A path at its end, / if there is none, names the page whose
	// Content-Security-Policy is read.
	Origin string

	// Get starts the session, Post uses it in a request that changes something, Check asks for it. Each is a path; Post
	// may have a method before it ("PUT /profile"). All empty: the defaults above. One empty: the step is left out.
	Get, Post, Check string

	// Body is what Post sends. Empty: {}, or for a project a login that is refused. Its type is application/json unless
	// Headers says otherwise.
	Body string

	// Headers are set by the front end on every request, such as X-Requested-With. They cause preflights.
	Headers http.Header

	// Cookie names the session cookie. Empty: the one on which the answer to Check depends, or else
	// the one that looks most like a session, by its name and HttpOnly.
	Cookie string

	// Client is how the front end calls: "fetch", "axios", "img" (Get is loaded by an <img>), or "" for unknown.
	Client string

	// WithoutCredentials declares that the front end does not ask for cookies (neither credentials: 'include' nor
	// withCredentials), which no probe can see.
	WithoutCredentials bool

	// ThirdParty is what the visitors' browsers do with third-party cookies: "blocked", "allowed", or "" for both.
	ThirdParty string

	// Insecure accepts any certificate without a finding, as a visitor does who has clicked the warning away.
	Insecure bool

	// Project says that the service is a generated one: each finding then names the option to change in
	// sessionseed.yaml, and a service that knows the captcha of a session counts as one that knows the session.
	Project bool

	// Timeout bounds each request, default 10 s. Run takes at most six times as long.
	Timeout time.Duration

	// DialContext, Lookup, RootCAs and Now replace the network, name resolution, certificates and clock. Nil: the
	// system's.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	Lookup      func(ctx context.Context, host string) ([]netip.Addr, error)
	RootCAs     *x509.CertPool
	Now         func() time.Time
}
