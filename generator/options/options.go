// Package options are the answers that shape a project, and the table that says
// everything about each.
package options

import (
	"slices"
	"strconv"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// Options are the answers that shape a project. Every field has exactly one
// row in [Table], which names its flag, file key, prompt, help and limits.
// The zero value is not useful; start from [Defaults].
type Options struct {
	Module      string   // Go module path of the emitted project
	Into        string   // directory of the packages that add put into a module; "" for a project of new
	PublicURL   string   // where browsers reach the service
	CORSOrigins []string // front ends allowed to call it with credentials
	CORSHeaders []string // request headers that they may set besides Content-Type

	Key            string        // name of the session cookie, without a __Host- prefix chosen by the policy
	MaxAge         time.Duration // life of cookie and session; BrowserSession = until the browser closes
	AbsoluteMaxAge time.Duration // end of a session however active it is
	Rolling        bool          // restart maxAge at each request
	Renew          bool          // restart maxAge when less than half is left
	Assurance      string        // none, aal1, aal2, aal3: limits of NIST SP 800-63B-4 that the lifetimes are held to
	Signed         bool
	HTTPOnly       bool
	Overwrite      bool
	AutoCommit     bool
	SameSite       string // auto, lax, strict, none
	Secure         string // auto, true, false
	Partitioned    string // auto, true, false
	CookiePrefix   string // auto, host, secure, none
	Domain         string
	Path           string
	MaxSessions    int  // live sessions of one user; 0 = any number, with accounts in a table 100
	CSRFToken      bool // ask for a token of the session with each change
	ClearSiteData  bool // have the browser clear its cache and storage at the logout
	KoaKeys        bool // take over the sessions of a service with koa-session

	Store      string
	Accounts   string // env, table: where the users are
	MagicLink  bool   // log in by a link in an email, too
	TrustProxy bool

	Captcha CaptchaOptions

	Demo   bool
	Docker bool
	CI     bool
	Tests  string // app, all: whose tests the project gets
}

// CaptchaOptions carry svg-captcha's names and meanings.
type CaptchaOptions struct {
	Enabled      bool
	PoW          bool
	Size         int
	FontSize     int
	Width        int
	Height       int
	Background   string
	Color        bool
	Inverse      bool
	Noise        int
	IgnoreChars  string
	CharPreset   string
	Math         bool
	MathMin      int
	MathMax      int
	MathOperator string
	TTL          time.Duration
	Tries        int
}

// manySessions is the limit where none was chosen but sessions are listed, as with accounts: table.
const manySessions = 100

// ListsSessions reports whether users see where they are logged in.
func (o *Options) ListsSessions() bool { return o.MaxSessions > 0 || o.Accounts == "table" }

// MayHaveTable reports whether the store is a database that can hold users.
func (o *Options) MayHaveTable() bool { return o.Store == "sqlite" || o.Store == "postgres" }

// StoreURL is where the store keeps its data unless the service's STORE_URL says
// otherwise: without an account or a password, so that nothing secret lands in source
// code.
func (o *Options) StoreURL() string {
	switch o.Store {
	case "sqlite":
		return "sessions.db"
	case "postgres":
		return "postgres://localhost:5432/sessions"
	case "redis":
		return "redis://localhost:6379/0"
	}
	return ""
}

// ServerNote says where the service looks for the server of its store, and "" for a
// store without one.
func (o *Options) ServerNote() string {
	switch o.Store {
	case "postgres":
		return "The service looks for PostgreSQL at " + o.StoreURL() + " (first: createdb sessions); " +
			"to use another, set STORE_URL in .env."
	case "redis":
		return "The service looks for Redis at " + o.StoreURL() + "; to use another, set STORE_URL in .env."
	}
	return ""
}

// Defaults are koa-session's, and for the captcha what tutorials give svg-captcha, where they are safe,
// for a front end on Vite's port and the service on 8080.
func Defaults() Options {
	return Options{
		Module:         "",
		PublicURL:      "http://localhost:8080",
		CORSOrigins:    []string{"http://localhost:5173"},
		CORSHeaders:    []string{},
		Key:            "koa.sess",
		MaxAge:         24 * time.Hour,
		AbsoluteMaxAge: 7 * 24 * time.Hour,
		Assurance:      "none",
		Signed:         true,
		HTTPOnly:       true,
		Overwrite:      true,
		AutoCommit:     true,
		SameSite:       "auto",
		Secure:         "auto",
		Partitioned:    "auto",
		CookiePrefix:   "auto",
		Path:           "/",
		Store:          "memory",
		Accounts:       "env",
		Captcha: CaptchaOptions{
			Enabled: true, Size: 4, FontSize: 46, Width: 120, Height: 30,
			Background: "#F5F7FA", Color: true, Noise: 1, MathMin: 1, MathMax: 99, MathOperator: "+",
			TTL: 5 * time.Minute, Tries: 3,
		},
		Demo: true, Docker: true, CI: true, Tests: "app",
	}
}

// AddDefaults are the defaults of what goes into a module that exists: its main
// package, its image, its CI and its front end are its owner's.
func AddDefaults() Options {
	o := Defaults()
	o.Into, o.Demo, o.Docker, o.CI = "internal", false, false, false
	return o
}

// Canonical is o with its URLs as the policy spells them.
func (o Options) Canonical(d policy.Decision) Options {
	o.PublicURL, o.CORSOrigins = d.PublicURL.String(), policy.Strings(d.Origins)
	return o
}

// Effective is o with what the policy makes of it: no attribute is left open.
func (o Options) Effective(d policy.Decision) Options {
	o = o.Canonical(d)
	o.Key, o.Domain, o.Path = d.CookieName, d.Domain, d.Path
	o.SameSite, o.Secure, o.Partitioned = d.SameSite, strconv.FormatBool(d.Secure), strconv.FormatBool(d.Partitioned)
	if o.MaxSessions == 0 {
		o.MaxSessions = manySessions
	}
	return o
}

// Clone copies options: what is changed in the copy, its lists included, leaves them as
// they are.
func (o *Options) Clone() Options {
	c := *o
	c.CORSOrigins, c.CORSHeaders = slices.Clone(o.CORSOrigins), slices.Clone(o.CORSHeaders)
	return c
}
