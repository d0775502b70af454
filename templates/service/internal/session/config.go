package session

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// BrowserSession, as a MaxAge, is koa's maxAge 'session': the cookie has no Max-Age, so the browser drops it when it
// is closed (or restores it with its tabs). The server ends such a session after Config.IdleTimeout without a visit.
const BrowserSession time.Duration = -1

// Config is what New needs. Start from [Defaults], then set at least Store and Keys. The names are koa-session's.
type Config struct {
	// Store keeps the sessions. Required. A Store that is also a Sealer keeps them in the cookie.
	Store Store
	// Stamps keeps the small records that end sessions: per-user stamps, and the logouts of cookie-held sessions.
	// Default: Store. Give sessions in the cookie a store here that all instances share, and that survives restarts,
	// if a logout must also end a copied cookie.
	Stamps Store

	// Key is the cookie's name. It must be a token of RFC 9110 (net/http drops "koa:sess" in silence); the prefixes
	// __Host- and __Secure- are held to the rules of RFC 6265bis, section 4.1.3.
	Key string
	// Keys are the secrets for signing and sealing, at least 32 random bytes each, newest first. The first one signs; the others
	// still verify, and what they verify is signed again. Needed if Signed, and for sessions in the cookie.
	Keys [][]byte

	// MaxAge is how long a session lives after it was last saved, at least one second, or BrowserSession.
	// Session.SetMaxAge overrides it for one session.
	MaxAge time.Duration
	// AbsoluteMaxAge ends a session this long after it began, or after the last SignIn, however active it is.
	AbsoluteMaxAge time.Duration
	// IdleTimeout ends a browser session that was not visited for this long. Without effect on others.
	IdleTimeout time.Duration
	// Rolling saves a session, and sends its cookie, on each request that looks at it, so that MaxAge counts from the last visit.
	Rolling bool
	// Renew does so only when less than half of MaxAge is left.
	Renew bool
	// TouchGrain spares the store: a visit extends a session only if this share (0 to 0.5) of its idle time has passed
	// since the last extension. 0 means each visit for Rolling, and 0.05 for browser sessions.
	TouchGrain float64
	// RotateEvery replaces the id of a session when it is this old, at the next request that looks at the session, so that an id
	// which leaked is of no use for long. The old one goes on working for a minute, for requests on their way. At least 5
	// minutes; 0 means never. Not for sessions in the cookie, whose old cookies cannot be taken back.
	RotateEvery time.Duration
	// MaxSessions limits the live sessions that one user is signed in to: a sign-in that is one too many ends the oldest. It also
	// has a list of them kept, for Manager.Sessions and Manager.End. At most 1000; 0 means any number, and no list. Not for sessions
	// in the cookie, which nobody can count.
	MaxSessions int

	// AutoCommit saves each session before the response's first byte. Without it nothing is saved but by Manager.Commit.
	AutoCommit bool
	// Signed puts an HMAC-SHA256 behind the id, so that a made-up id never reaches the store.
	Signed bool

	// HTTPOnly hides the cookie from scripts.
	HTTPOnly bool
	// Overwrite drops cookies of the same name which the handler has set in this response.
	Overwrite bool
	// Secure keeps the cookie off plain HTTP. Browsers trust http://localhost all the same, but for Safari.
	Secure bool
	// Partitioned keeps the cookie apart for each top-level site (CHIPS). Needs Secure.
	Partitioned bool
	// SameSite limits sending the cookie from other sites. None needs Secure. The zero value sends no such attribute.
	SameSite http.SameSite
	// Domain widens the cookie to subdomains; "" is this host only. Path is where the browser sends it; "" is "/".
	Domain, Path string

	// Codec turns the session's value to bytes and back. Default: JSON. With another codec two requests that change
	// one session at once are not merged field by field: the later one wins.
	Codec Codec
	// GenID makes the id of a new session: 16 to 128 letters, digits, "-", "_", "." or ":", which must be hard to guess
	// (128 random bits or more) and unique. Default: 32 random bytes as base64url.
	GenID func(ctx context.Context) (string, error)
	// Prefix is put before the default id. Not with GenID.
	Prefix string
	// ExternalKey carries the token elsewhere than in a cookie, such as in a header. Beware: scripts can read it there.
	ExternalKey *ExternalKey

	// Valid may refuse a session that was loaded; the visitor is then anonymous. v is a *T.
	Valid func(ctx context.Context, v any) bool
	// BeforeSave is called before each save and may change the value. v is a *T.
	BeforeSave func(ctx context.Context, v any)
	// Events is told what happens to sessions, while the request waits: hand slow work to another goroutine.
	Events func(ctx context.Context, e Event)
	// ErrorHandler answers when a session could not be loaded or saved, or when RequireFresh refuses. See Status.
	// Default: the bare status text.
	ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

	// StoreTimeout limits what one request waits for the store each time. 0 means 3 s.
	StoreTimeout time.Duration
	// Logger gets store errors and late changes as errors, refused tokens as info, the rest as debug. Default: none.
	Logger *slog.Logger
	// Now is the clock; default time.Now. Rand is the source of ids and nonces; default crypto/rand.Reader. For tests.
	Now  func() time.Time
	Rand io.Reader
}

// Defaults returns koa-session's defaults, with the differences that docs call for: SameSite=Lax, a cookie Max-Age
// from the first answer on, and an absolute limit of 7 days. Store and Keys are left to the caller.
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

// ExternalKey carries a session's token outside the cookie. Both functions are required.
type ExternalKey struct {
	// Get returns the token that the client sent, or "".
	Get func(r *http.Request) string
	// Set puts the token into the answer, or "" when the session ended.
	Set func(h http.Header, token string)
}

// withDefaults fills the fields whose zero value stands for a default.
func (c Config) withDefaults() Config {
	if c.Stamps == nil {
		c.Stamps = c.Store
	}
	if c.Path == "" {
		c.Path = "/"
	}
	if c.IdleTimeout == 0 && c.MaxAge != BrowserSession {
		c.IdleTimeout = min(30*time.Minute, c.AbsoluteMaxAge)
	}
	if c.Codec == nil {
		c.Codec = jsonCodec{}
	}
	if c.ErrorHandler == nil {
		c.ErrorHandler = answerError
	}
	if c.StoreTimeout == 0 {
		c.StoreTimeout = 3 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}
