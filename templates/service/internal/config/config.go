// Package config turns the environment into the settings of the service.
//
// Every setting has a default in defaults.go. Those that may differ between a
// laptop and production can be overridden by an environment variable, which
// the comment of each field names. [Load] checks all of them and how they fit
// together, so a service that starts has a policy that browsers accept:
//
//	cfg, err := config.Load(os.Getenv)
//	if err != nil {
//		return err // every problem at once, each with its remedy
//	}
package config

import (
	"errors"
	"log/slog"
	"net/url"
	"time"
)

// Config holds the settings of one run. It is complete and consistent when
// [Load] returned it without an error, and nobody changes it afterwards.
type Config struct {
	// PublicURL is where browsers reach this service: scheme, host and port,
	// without a path. Behind a TLS proxy it is the proxy's https URL.
	// Environment: PUBLIC_URL.
	PublicURL string

	// CORSOrigins are the front ends that may call with cookies. Each is an
	// exact origin such as https://app.example.com; "*" and "null" are refused.
	// Empty: only pages of PublicURL itself. Environment: CORS_ORIGINS, separated
	// by commas.
	CORSOrigins []string

	// Addr is the address to listen on, as for net.Listen. Default: the port of
	// PublicURL if that is plain http, else 8080; on localhost only when PublicURL
	// is the machine itself. Environment: ADDR, or PORT for the port alone.
	Addr string

	// Cookie is the session cookie as the browser sees it.
	Cookie Cookie

	// Session says how long sessions live and how they are kept.
	Session Session

	// SessionKeys sign the session cookie, newest first: the first one signs, all
	// of them verify. At least 32 bytes each. In Dev a missing key is replaced by a
	// random one, which ends all sessions at a restart; else it is an error.
	// Environment: SESSION_KEYS, base64, separated by commas.
	SessionKeys [][]byte

	// RandomKey is true when SessionKeys holds the random key of Dev.
	RandomKey bool

	// StoreURL says where the session store is; its form is the store's.
	// Environment: STORE_URL.
	StoreURL string

	// AccountUsername is the name of the one account that may log in. Default:
	// none, then nobody can. Environment: ACCOUNT_USERNAME.
	AccountUsername string

	// AccountPasswordHash is that account's password as "go run . hash-password"
	// prints it. Environment: ACCOUNT_PASSWORD_HASH.
	AccountPasswordHash string

	// TrustProxy believes the last value of X-Forwarded-For and
	// X-Forwarded-Proto. Switch it on only when a proxy that sets both is always
	// in front: otherwise any client can choose the address it is limited by.
	// Environment: TRUST_PROXY.
	TrustProxy bool

	// ResourcePolicy is the Cross-Origin-Resource-Policy of every answer, which says
	// whose pages may embed it: same-origin, same-site or cross-origin.
	ResourcePolicy string

	// LogLevel is the least severe level that is logged: debug, info, warn or
	// error. Default: info. Environment: LOG_LEVEL.
	LogLevel slog.Level

	// Dev adds hints for front-end developers to the log and allows a random
	// session key. Default: true when PublicURL is plain http on this machine.
	// Environment: DEV.
	Dev bool
}

// Cookie holds the attributes of the session cookie (RFC 6265bis, section 5.7).
type Cookie struct {
	// Name of the cookie. The prefixes __Host- and __Secure- bind it to Secure.
	// Environment: COOKIE_NAME.
	Name string

	// SameSite is lax, strict or none; none needs Secure. Environment: COOKIE_SAME_SITE.
	SameSite string

	// Secure keeps the cookie off plain http. Environment: COOKIE_SECURE.
	Secure bool

	// HTTPOnly hides the cookie from JavaScript.
	HTTPOnly bool

	// Partitioned keeps one cookie for each top-level site (CHIPS), which lets it
	// work where third-party cookies are blocked; needs Secure.
	// Environment: COOKIE_PARTITIONED.
	Partitioned bool

	// Domain shares the cookie with all hosts under a parent domain. Empty, the
	// default, means this host only. Environment: COOKIE_DOMAIN; "none" empties it.
	Domain string

	// Path is the part of the service that gets the cookie.
	Path string
}

// Session holds the lifetimes, with koa-session's names.
type Session struct {
	// MaxAge ends a session that was not renewed. Minus one: it ends when the
	// browser closes, or after 30 minutes (AbsoluteMaxAge, if that is less) without
	// a request.
	MaxAge time.Duration

	// AbsoluteMaxAge ends a session at this age, however active it is.
	AbsoluteMaxAge time.Duration

	// Rolling starts MaxAge anew at every request that uses the session.
	Rolling bool

	// Renew starts MaxAge anew when less than half of it is left.
	Renew bool

	// Signed adds an HMAC to the cookie, so that a forged one never reaches the store.
	Signed bool

	// Overwrite replaces an earlier Set-Cookie of the same name in one answer.
	Overwrite bool

	// AutoCommit saves the session before the first byte of the answer.
	AutoCommit bool

	// RotateEvery gives a session a new id when the one it has is this old. 0:
	// only at login.
	RotateEvery time.Duration

	// MaxSessions is how many sessions a user may be logged in to; one more ends
	// the oldest. 0: any number.
	MaxSessions int

	// CSRFToken asks every POST, PUT, PATCH and DELETE of who is logged in for the
	// header X-CSRF-Token, whose value the login and GET /me tell.
	CSRFToken bool

	// ClearSiteData has the browser clear its cache and storage of this service at
	// the logout; those of the front end's origin are not touched.
	ClearSiteData bool

	// Assurance is the authenticator assurance level (AAL) of NIST SP 800-63B-4,
	// 1 to 3, whose session limits the values above were chosen by, and to which
	// PublicURL and Secure are held at start. Zero: none.
	Assurance int
}

// Load reads the settings from getenv, which answers "" for a variable that is
// not set, on top of the values of defaults.go. The error joins every problem
// found.
func Load(getenv func(string) string) (Config, error) {
	return load(getenv, chosen())
}

// chosen holds the values of defaults.go.
func chosen() Config {
	return Config{
		PublicURL:   PublicURL,
		CORSOrigins: CORSOrigins,
		Cookie: Cookie{
			Name:        CookieName,
			SameSite:    SameSite,
			Secure:      Secure,
			HTTPOnly:    HTTPOnly,
			Partitioned: Partitioned,
			Domain:      Domain,
			Path:        Path,
		},
		Session: Session{
			MaxAge:         MaxAge,
			AbsoluteMaxAge: AbsoluteMaxAge,
			Rolling:        Rolling,
			Renew:          Renew,
			Signed:         Signed,
			Overwrite:      Overwrite,
			AutoCommit:     AutoCommit,
			MaxSessions:    MaxSessions,
			CSRFToken:      CSRFToken,
			ClearSiteData:  ClearSiteData,
			Assurance:      Assurance,
		},
		StoreURL:       StoreURL,
		TrustProxy:     TrustProxy,
		ResourcePolicy: ResourcePolicy,
		LogLevel:       slog.LevelInfo,
	}
}

func load(getenv func(string) string, cfg Config) (Config, error) {
	e := environment{getenv: getenv}
	cfg.PublicURL = e.text("PUBLIC_URL", cfg.PublicURL)
	cfg.CORSOrigins = e.list("CORS_ORIGINS", cfg.CORSOrigins)
	cfg.Cookie.Name = e.text("COOKIE_NAME", cfg.Cookie.Name)
	cfg.Cookie.SameSite = e.text("COOKIE_SAME_SITE", cfg.Cookie.SameSite)
	cfg.Cookie.Secure = e.boolean("COOKIE_SECURE", cfg.Cookie.Secure)
	cfg.Cookie.Partitioned = e.boolean("COOKIE_PARTITIONED", cfg.Cookie.Partitioned)
	cfg.Cookie.Domain = e.text("COOKIE_DOMAIN", cfg.Cookie.Domain)
	if cfg.Cookie.Domain == "none" {
		cfg.Cookie.Domain = ""
	}
	cfg.SessionKeys = e.keys("SESSION_KEYS")
	cfg.StoreURL = e.text("STORE_URL", cfg.StoreURL)
	cfg.AccountUsername = e.text("ACCOUNT_USERNAME", "")
	cfg.AccountPasswordHash = e.text("ACCOUNT_PASSWORD_HASH", "")
	cfg.TrustProxy = e.boolean("TRUST_PROXY", cfg.TrustProxy)
	cfg.LogLevel = e.level("LOG_LEVEL", cfg.LogLevel)

	public, err := parseOrigin(cfg.PublicURL)
	if err != nil {
		e.problem("PUBLIC_URL", cfg.PublicURL, err)
		public = &url.URL{}
	}
	cfg.Dev = e.boolean("DEV", public.Scheme == "http" && isLoopback(public.Hostname()))
	cfg.Addr = e.address(public)
	if len(cfg.SessionKeys) == 0 {
		e.missingKey(&cfg)
	}
	e.problems = append(e.problems, cfg.check(public)...)
	return cfg, errors.Join(e.problems...)
}
