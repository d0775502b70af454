package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// BrowserSession, as a MaxAge, is koa's maxAge 'session': the cookie has no Max-Age, so the browser drops it when it
// is closed (or restores it with its tabs). The server ends such a session after Config.IdleTimeout without a visit.
const BrowserSession time.Duration = -1

// Config is what New needs. Start from [Defaults], then set at least Store and Keys. The names are koa-session's.
type Config struct {
	// Store keeps the sessions. Required. With one that is a Carrier they are in the cookie.
	Store Store
	// Key is the cookie's name. It must be a token of RFC 9110 (net/http drops "koa:sess" silently); the prefixes
	// __Host- and __Secure- are held to the rules of RFC 6265bis, section 4.1.3.
	Key string
	// Keys are the secrets for signing and sealing, at least 32 random bytes each, newest first. The first one signs;
	// what the others verify is signed again. Needed if Signed, and for sessions in the cookie.
	Keys [][]byte

	// MaxAge is how long a session lives after it was last saved, at least one second, or BrowserSession.
	// Session.SetMaxAge overrides it for one session.
	MaxAge time.Duration
	// AbsoluteMaxAge ends a session this long after it began, or after the last SignIn, however active it is.
	AbsoluteMaxAge time.Duration
	// IdleTimeout ends a browser session that was not visited for this long. Without effect on others.
	IdleTimeout time.Duration
	// Rolling saves a session, and sends its cookie, at each visit, so that MaxAge counts from the last one.
	Rolling bool
	// Renew does so only when less than half of MaxAge is left.
	Renew bool
	// AutoCommit saves each session before the response's first byte. Without it only Manager.Commit saves.
	AutoCommit bool
	// Signed puts an HMAC-SHA256 behind the id, so that a made-up id never reaches the store.
	Signed bool

	// HTTPOnly hides the cookie from scripts.
	HTTPOnly bool
	// Overwrite drops cookies of the same name which the handler has set in this response.
	Overwrite bool
	// Secure keeps the cookie off plain HTTP. Browsers except Safari make an exception for http://localhost.
	Secure bool
	// Partitioned keeps the cookie apart for each top-level site (CHIPS). Needs Secure.
	Partitioned bool
	// SameSite limits sending the cookie from other sites. None needs Secure. The zero value sends no such attribute.
	SameSite http.SameSite
	// Domain widens the cookie to subdomains; "" is this host only. Path is where the browser sends it; "" is "/".
	Domain, Path string

	// Visitor may shorten how long the server keeps a session that nobody signed in to: it returns how long the value
	// is needed, or 0 for MaxAge. v is a *T.
	Visitor func(v any) time.Duration
	// Valid may refuse a session that was loaded; the visitor is then anonymous. v is a *T.
	Valid func(ctx context.Context, v any) bool
	// BeforeSave is called before each save and may change the value. v is a *T.
	BeforeSave func(ctx context.Context, v any)
	// Events receives what happens to sessions, while the request waits: hand slow work to another goroutine.
	Events func(ctx context.Context, e Event)
	// ErrorHandler answers when a session could not be loaded or saved, or when RequireFresh refuses. See Status.
	// Default: the bare status text.
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

	// Logger gets StoreError and Late as errors, Invalid and Missed as info, the rest as debug. Default: none.
	Logger *slog.Logger
	// Now is the clock, for tests. Default: time.Now.
	Now func() time.Time
}

// Defaults returns koa-session's defaults, with these differences: SameSite=Lax, a cookie Max-Age
// from the first response on, and an absolute limit of 7 days. Store and Keys are left to the caller.
func Defaults() Config {
	return Config{
		Key:            "koa.sess",
		MaxAge:         24 * time.Hour,
		AbsoluteMaxAge: 7 * 24 * time.Hour,
		IdleTimeout:    30 * time.Minute,
		AutoCommit:     true,
		Signed:         true,
		HTTPOnly:       true,
		Overwrite:      true,
		SameSite:       http.SameSiteLaxMode,
		Path:           "/",
	}
}

// withDefaults fills the fields whose zero value stands for a default.
func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = "/"
	}
	if c.ErrorHandler == nil { // it says no more than the status, since the error may name internals
		c.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, http.StatusText(Status(err)), Status(err))
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// validate finds every combination that cannot work, so that the program stops at its start and not at the first login.
func (c Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("session: "+format, args...)) }

	_, carried := c.Store.(Carrier)
	if c.Store == nil {
		bad("Store is nil: open one of the packages in store")
	}
	switch {
	case carried && !c.Signed:
		bad("Signed is false, but sessions in the cookie are always encrypted: set it, or choose a store on the server")
	case c.Signed && len(c.Keys) == 0:
		bad("Keys is empty: give at least one key of 32 random bytes")
	}
	for i, key := range c.Keys {
		if len(key) < 32 {
			bad("Keys[%d] has %d bytes: give at least 32 random ones", i, len(key))
		}
	}
	idle, name := c.MaxAge, "MaxAge"
	switch {
	case c.MaxAge == BrowserSession:
		idle, name = c.IdleTimeout, "IdleTimeout"
		if c.IdleTimeout <= 0 {
			bad("IdleTimeout is %v: browser sessions need one, or nothing ends them", c.IdleTimeout)
		}
	case c.MaxAge < time.Second:
		bad("MaxAge is %v: give at least 1s, or BrowserSession", c.MaxAge)
	}
	switch {
	case c.AbsoluteMaxAge <= 0:
		bad("AbsoluteMaxAge is %v: give the age at which even an active session ends", c.AbsoluteMaxAge)
	case c.AbsoluteMaxAge < idle:
		bad("%s %v is longer than AbsoluteMaxAge %v and is never reached: shorten it", name, idle, c.AbsoluteMaxAge)
	}
	if c.Rolling && c.Renew {
		bad("Rolling and Renew exclude each other: Rolling saves at each visit already, so leave Renew out")
	}
	return errors.Join(append(errs, c.CheckCookie())...)
}

// CheckCookie reports everything about the cookie's name and attributes that browsers would refuse, joined with
// [errors.Join]. New does so as well.
func (c Config) CheckCookie() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("session: "+format, args...)) }

	named := http.Cookie{Name: c.Key, Value: "x"}
	if err := named.Valid(); err != nil {
		bad("Key %q is not a valid cookie name (RFC 6265), and net/http drops it silently: use \"koa.sess\"", c.Key)
	}
	attrs := http.Cookie{Name: "x", Path: c.Path, Domain: c.Domain, Partitioned: c.Partitioned, Secure: true}
	if err := attrs.Valid(); err != nil || !strings.HasPrefix(c.Path, "/") {
		bad("Path %q or Domain %q is not valid: use a path from \"/\" and a host without a port", c.Path, c.Domain)
	}
	if c.SameSite < 0 || c.SameSite > http.SameSiteNoneMode {
		bad("SameSite is %d: use one of the constants of net/http", c.SameSite)
	}
	if c.SameSite == http.SameSiteNoneMode && !c.Secure {
		bad("SameSite=None without Secure: browsers drop such a cookie: set Secure")
	}
	if c.Partitioned && !c.Secure {
		bad("Partitioned without Secure: browsers drop such a cookie: set Secure")
	}
	// Browsers compare the prefixes without case.
	name := strings.ToLower(c.Key)
	host := strings.HasPrefix(name, "__host-")
	http1 := strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")
	if (host || http1 || strings.HasPrefix(name, "__secure-")) && !c.Secure {
		bad("Key %q has a prefix that needs Secure: set it, or drop the prefix", c.Key)
	}
	if host && (c.Domain != "" || c.Path != "/") {
		bad("Key %q: __Host- forbids Domain and any Path but \"/\": clear them, or use __Secure-", c.Key)
	}
	if http1 && !c.HTTPOnly {
		bad("Key %q has a prefix that needs HTTPOnly: set it, or drop the prefix", c.Key)
	}
	return errors.Join(errs...)
}
