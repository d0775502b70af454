package session

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// validate finds every combination that cannot work, so that the program stops at its start and not at the first login.
func (c Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("session: "+format, args...)) }

	_, sealed := c.Store.(Sealer)
	if c.Store == nil {
		bad("Store is nil: open one of internal/store")
	}
	c.validateKeys(sealed, bad)
	c.validateLimits(bad)
	switch {
	case c.RotateEvery != 0 && sealed:
		bad("RotateEvery has no use for sessions in the cookie, whose old cookies stay good: leave it out, or choose a store on the server")
	case c.RotateEvery != 0 && c.RotateEvery < minRotateEvery:
		bad("RotateEvery is %v: give at least %v, or 0 for never", c.RotateEvery, minRotateEvery)
	}
	switch {
	case c.MaxSessions != 0 && sealed:
		bad("MaxSessions cannot be kept for sessions in the cookie: leave it out, or choose a store on the server")
	case c.MaxSessions < 0 || c.MaxSessions > 1000:
		bad("MaxSessions is %d: give 1 to 1000, or 0 for any number", c.MaxSessions)
	}
	if c.ExternalKey != nil {
		if c.ExternalKey.Get == nil || c.ExternalKey.Set == nil {
			bad("ExternalKey needs both Get and Set")
		}
	}
	c.validateCookie(bad)
	if c.GenID != nil && c.Prefix != "" {
		bad("Prefix %q has no effect with GenID: let GenID put it in front", c.Prefix)
	}
	if !validIDChars(c.Prefix) || len(c.Prefix)+encodedHash > maxID {
		bad("Prefix %q: use at most %d letters, digits, \"-\", \"_\", \".\" and \":\"", c.Prefix, maxID-encodedHash)
	}
	if sealed && (c.GenID != nil || c.Prefix != "") {
		bad("GenID and Prefix have no effect on sessions in the cookie: leave them out")
	}
	return errors.Join(errs...)
}

func (c Config) validateKeys(sealed bool, bad func(string, ...any)) {
	switch {
	case sealed && !c.Signed:
		bad("Signed is false, but sessions in the cookie are always sealed: set it, or choose a store on the server")
	case c.Signed && len(c.Keys) == 0:
		bad("Keys is empty: give at least one key of 32 random bytes")
	}
	for i, key := range c.Keys {
		if len(key) < 32 {
			bad("Keys[%d] has %d bytes: give at least 32 random ones", i, len(key))
		}
		if slices.ContainsFunc(c.Keys[:i], func(k []byte) bool { return string(k) == string(key) }) {
			bad("Keys[%d] is there twice: remove one", i)
		}
	}
}

func (c Config) validateLimits(bad func(string, ...any)) {
	idle, name := c.MaxAge, "MaxAge"
	switch {
	case c.MaxAge == BrowserSession:
		idle, name = c.IdleTimeout, "IdleTimeout"
		if c.IdleTimeout <= 0 {
			bad("IdleTimeout is %v: browser sessions need one, or nothing ends them", c.IdleTimeout)
		}
	case c.MaxAge < time.Second:
		bad("MaxAge is %v: give at least 1s, or BrowserSession", c.MaxAge)
	case c.IdleTimeout < 0:
		bad("IdleTimeout is %v: it cannot be negative", c.IdleTimeout)
	}
	switch {
	case c.AbsoluteMaxAge <= 0:
		bad("AbsoluteMaxAge is %v: give the age at which even an active session ends", c.AbsoluteMaxAge)
	case c.AbsoluteMaxAge < idle:
		bad("%s %v is longer than AbsoluteMaxAge %v and would never be reached: shorten it, or lengthen the other", name, idle, c.AbsoluteMaxAge)
	}
	if !(c.TouchGrain >= 0 && c.TouchGrain <= 0.5) {
		bad("TouchGrain is %v: it is a share from 0 to 0.5", c.TouchGrain)
	}
	if c.StoreTimeout < 0 {
		bad("StoreTimeout is %v: it cannot be negative", c.StoreTimeout)
	}
}

// CheckCookie reports everything about the cookie's name and attributes that browsers would refuse, joined with
// [errors.Join]. New does so as well.
func (c Config) CheckCookie() error {
	var errs []error
	c.validateCookie(func(format string, args ...any) { errs = append(errs, fmt.Errorf("session: "+format, args...)) })
	return errors.Join(errs...)
}

func (c Config) validateCookie(bad func(string, ...any)) {
	named := http.Cookie{Name: c.Key, Value: "x"}
	if err := named.Valid(); err != nil {
		hint := strings.Map(func(r rune) rune {
			if (&http.Cookie{Name: string(r)}).Valid() != nil {
				return '.'
			}
			return r
		}, c.Key)
		if hint == "" {
			hint = "koa.sess"
		}
		bad("Key %q is no cookie name (RFC 6265, section 4.1.1), and net/http would drop it in silence: use for example %q", c.Key, hint)
	}
	attrs := http.Cookie{Name: "x", Value: "x", Path: c.Path, Domain: c.Domain, Partitioned: c.Partitioned, Secure: true}
	if err := attrs.Valid(); err != nil || !strings.HasPrefix(c.Path, "/") {
		bad("Path %q or Domain %q cannot be used in a cookie: give a path that begins with \"/\" and a host name without a port", c.Path, c.Domain)
	}
	switch c.SameSite {
	case 0, http.SameSiteDefaultMode, http.SameSiteLaxMode, http.SameSiteStrictMode, http.SameSiteNoneMode:
	default:
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
}
