// Package config turns the environment into the settings of the service.
//
// The values you chose are in generated files, such as defaults.go; where a variable overrides one, the comment of its
// field names it. [Load] checks the cookie, the origins and how they fit together, and refuses what browsers would
// certainly not accept. Add settings of your own to [Config] and [Load].
package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Config holds the settings of one run. It is complete and consistent when [Load] returned it without an error, and
// nobody changes it afterwards. Inside another server Addr, Drain and LogLevel are not used: they are that server's.
type Config struct {
	// PublicURL is where browsers reach this service: scheme, host and port, without a path. Behind a TLS proxy it
	// is the proxy's https URL. Environment: PUBLIC_URL.
	PublicURL string
	// CORSOrigins are the front ends that may call with cookies. Each is an exact origin such as
	// https://app.example.com; "*" and "null" are refused. Empty: only pages of PublicURL itself. Environment:
	// CORS_ORIGINS, separated by commas.
	CORSOrigins []string
	// CORSHeaders are the request headers that front ends may set besides Content-Type, such as X-Requested-With or
	// those of tracing (baggage, sentry-trace, traceparent). Environment: CORS_HEADERS, separated by commas.
	CORSHeaders []string
	// Addr is where the service listens. Default: the port that PublicURL names if it is plain http, else 8080; where
	// PublicURL is this machine, on localhost alone. Environment: ADDR; PORT for the port alone, over that of ADDR.
	Addr string
	// AllowedHosts are the names by which requests may ask for the service, without a port: the host of PublicURL (all
	// names of this machine if it is one of them), and those of ALLOWED_HOSTS in the environment. "*" is any.
	AllowedHosts []string
	// HSTS is the Strict-Transport-Security header, which has browsers use only https for this host. Default:
	// a year if PublicURL is https and not this machine. Environment: HSTS, the whole value, such as
	// "max-age=31536000; includeSubDomains" (ASVS 3.4.1 at level 2), or "none" to send none.
	HSTS string
	// Drain is how long the service waits for requests in flight after the signal to stop; their contexts end after
	// a quarter of it. Default: 20s. Give the platform's kill timeout a few seconds more. Environment: DRAIN_TIMEOUT.
	Drain time.Duration
	// Session says how long sessions live and what their cookie looks like. Environment: COOKIE_NAME,
	// COOKIE_SAME_SITE (lax, strict or none), COOKIE_SECURE, COOKIE_PARTITIONED, COOKIE_DOMAIN ("none" empties it);
	// for the keys SESSION_KEYS, base64, separated by commas. In Dev a missing key is replaced by a random one.
	Session session.Config
	// RandomKey is true when Session.Keys holds the random key of Dev.
	RandomKey bool
	// StoreURL says where the session store is; the store defines its form. Environment: STORE_URL.
	StoreURL string
	// TrustProxy is how many proxies are always in front, whose X-Forwarded-For and X-Forwarded-Proto are
	// believed. If there are fewer, any client can choose the address it is limited by; if there are more, clients
	// share that of a proxy. Environment: TRUST_PROXY, a number, or true for 1 and false for 0.
	TrustProxy int
	// ResourcePolicy is the Cross-Origin-Resource-Policy of the responses, which says whose pages may embed them:
	// same-origin, same-site or cross-origin.
	ResourcePolicy string
	// LogLevel is the least severe level that is logged. Environment: LOG_LEVEL (debug, info, warn, error).
	LogLevel slog.Level
	// Dev adds hints for front-end developers to the log and allows a random session key. Default: true when
	// PublicURL is plain http on this machine. Environment: DEV.
	Dev bool
	// Getenv is what [Load] was given, for the variables of optional parts.
	Getenv func(string) string
}

// Load reads the settings from getenv, which returns "" for a variable that is not set, on top of the values of
// defaults.go. The error joins every problem found.
func Load(getenv func(string) string) (Config, error) {
	return load(getenv, chosen())
}

// chosen holds the values of defaults.go.
func chosen() Config {
	s := session.Defaults()
	s.Key, s.Domain, s.Path = CookieName, Domain, Path
	s.SameSite, s.Secure, s.HTTPOnly, s.Partitioned = sameSites[SameSite], Secure, HTTPOnly, Partitioned
	s.MaxAge, s.AbsoluteMaxAge, s.IdleTimeout = MaxAge, AbsoluteMaxAge, min(30*time.Minute, AbsoluteMaxAge)
	s.Rolling, s.Renew, s.Signed, s.Overwrite, s.AutoCommit = Rolling, Renew, Signed, Overwrite, AutoCommit
	return Config{PublicURL: PublicURL, CORSOrigins: CORSOrigins, CORSHeaders: CORSHeaders, Session: s,
		StoreURL: StoreURL, TrustProxy: map[bool]int{true: 1}[TrustProxy], ResourcePolicy: ResourcePolicy}
}

func load(getenv func(string) string, cfg Config) (Config, error) {
	e := environment{getenv: getenv}
	cfg.Getenv = getenv
	cfg.PublicURL = e.text("PUBLIC_URL", cfg.PublicURL)
	cfg.CORSOrigins = e.list("CORS_ORIGINS", cfg.CORSOrigins)
	cfg.StoreURL = e.text("STORE_URL", cfg.StoreURL)
	cfg.TrustProxy = read(&e, "TRUST_PROXY", cfg.TrustProxy, parseProxies, "how many proxies, true or false")
	cfg.CORSHeaders = e.list("CORS_HEADERS", cfg.CORSHeaders)
	cfg.Drain = read(&e, "DRAIN_TIMEOUT", 20*time.Second, time.ParseDuration, "20s or 1m")
	cfg.LogLevel = read(&e, "LOG_LEVEL", cfg.LogLevel, parseLevel, "debug, info, warn or error")

	s := &cfg.Session
	s.Key = e.text("COOKIE_NAME", s.Key)
	s.SameSite = read(&e, "COOKIE_SAME_SITE", s.SameSite, parseSameSite, "lax, strict or none")
	s.Secure, s.Partitioned = e.boolean("COOKIE_SECURE", s.Secure), e.boolean("COOKIE_PARTITIONED", s.Partitioned)
	if s.Domain = e.text("COOKIE_DOMAIN", s.Domain); s.Domain == "none" {
		s.Domain = ""
	}

	public, err := cors.ParseOrigin(cfg.PublicURL)
	if err != nil {
		e.problem("PUBLIC_URL: %w", err)
		public = &url.URL{}
	}
	cfg.Dev = e.boolean("DEV", public.Scheme == "http" && IsLoopback(public.Hostname()))
	cfg.Addr = e.address(public)
	cfg.AllowedHosts = append(e.list("ALLOWED_HOSTS", nil), public.Hostname())
	if public.Scheme == "https" && !IsLoopback(public.Hostname()) {
		cfg.HSTS = "max-age=31536000"
	}
	if cfg.HSTS = e.text("HSTS", cfg.HSTS); cfg.HSTS == "none" {
		cfg.HSTS = ""
	}
	s.Keys = e.keys("SESSION_KEYS")
	if e.text("SESSION_KEYS", "") == "" {
		e.missingKey(&cfg)
	}
	e.checkSite(&cfg, public)
	return cfg, errors.Join(e.problems...)
}

// environment reads variables and collects what is wrong with them.
type environment struct {
	getenv   func(string) string
	problems []error
}

func (e *environment) problem(format string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf(format, args...))
}

func (e *environment) text(name, fallback string) string {
	if v := strings.TrimSpace(e.getenv(name)); v != "" {
		return v
	}
	return fallback
}

func (e *environment) list(name string, fallback []string) []string {
	if v := e.text(name, ""); v != "" {
		return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' })
	}
	return slices.Clone(fallback)
}

// read returns what parse makes of a variable, or the fallback if it is not set or cannot be parsed.
func read[T any](e *environment, name string, fallback T, parse func(string) (T, error), remedy string) T {
	v := e.text(name, "")
	if v == "" {
		return fallback
	}
	parsed, err := parse(v)
	if err != nil {
		e.problem("%s is %q; write %s", name, v, remedy)
		return fallback
	}
	return parsed
}

func (e *environment) boolean(name string, fallback bool) bool {
	return read(e, name, fallback, strconv.ParseBool, "true or false")
}

func parseProxies(s string) (n int, err error) {
	if b, err := strconv.ParseBool(s); err == nil {
		return map[bool]int{true: 1}[b], nil
	}
	count, err := strconv.ParseUint(s, 10, 8)
	return int(count), err
}

func parseLevel(s string) (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(s))
	return level, err
}

var sameSites = map[string]http.SameSite{
	"lax": http.SameSiteLaxMode, "strict": http.SameSiteStrictMode, "none": http.SameSiteNoneMode,
}

func parseSameSite(s string) (http.SameSite, error) {
	if sameSites[s] == 0 {
		return 0, strconv.ErrSyntax
	}
	return sameSites[s], nil
}

// keys never quotes what it read: a key with a typing error is still a secret.
func (e *environment) keys(name string) [][]byte {
	const remedy = "make one with: openssl rand -base64 32"
	var keys [][]byte
	for i, item := range e.list(name, nil) {
		key, err := decodeBase64(item)
		switch {
		case err != nil:
			e.problem("%s: key %d is not base64; %s", name, i+1, remedy)
		case len(key) < minKeyBytes:
			e.problem("%s: key %d has %d bytes, at least %d are needed; %s", name, i+1, len(key), minKeyBytes, remedy)
		default:
			keys = append(keys, key)
		}
	}
	return keys
}

// decodeBase64 takes both alphabets, with and without padding: which one a tool writes says nothing about the key.
func decodeBase64(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	return base64.RawStdEncoding.DecodeString(s)
}
