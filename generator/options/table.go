package options

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// table is rows with what follows from each.
var table = completed(rows)

// Table lists every option in the order of sessionseed.yaml and of the
// documentation. The caller must not change it.
func Table() []Option { return table }

// Lookup finds the row of name, which may be a file key or a flag.
func Lookup(name string) (Option, bool) {
	for _, d := range table {
		if d.Name == name || d.Flag == name {
			return d, true
		}
	}
	return Option{}, false
}

func completed(rows []Option) []Option {
	list := slices.Clone(rows)
	for i := range list {
		d := &list[i]
		if d.Flag == "" {
			d.Flag = flagName(d.Name)
		}
		switch d.at(&Options{}).(type) {
		case *string:
			if d.Values != nil {
				d.Kind, d.Limits = Enum, strings.Join(d.Values, ", ")
			}
		case *bool:
			d.Kind = Bool
		case *int:
			d.Kind, d.Limits = Int, fmt.Sprintf("%d to %d", d.low, d.high)
		case *time.Duration:
			d.Kind = Duration
		case *[]string:
			d.Kind = List
		default:
			panic("options: no form for the field of " + d.Name)
		}
	}
	return list
}

// flagName turns koa's camel case into a flag's kebab case: httpOnly becomes
// http-only, publicURL public-url, captcha.mathMin captcha-math-min.
func flagName(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r == '.':
			b.WriteByte('-')
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(r + 'a' - 'A')
		default:
			b.WriteRune(r)
		}
		lower = r >= 'a' && r <= 'z'
	}
	return b.String()
}

// OptionChange is an option whose value differs from the last generation's.
type OptionChange struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// NewNotes are what an owner is to know of a change of options: where the service looks for
// the server of another store, and what the policy warns of that it did not warn of
// before, one sentence each.
func NewNotes(old, next Options) (notes, warnings []string) {
	if note := next.ServerNote(); note != "" && old.Store != next.Store {
		notes = append(notes, note)
	}
	before, _ := old.Policy() // refused by now, if an older generator took them: what is lacking is new
	now, _ := next.Policy()   // they are valid
	for _, n := range now.Notes {
		if n.Severity != policy.Warn || slices.Contains(before.Notes, n) {
			continue
		}
		text := n.Fact
		if n.Hint != "" {
			text += "; " + n.Hint
		}
		warnings = append(warnings, text)
	}
	return notes, warnings
}

// ChangedOptions compares two sets of options by the table.
func ChangedOptions(old, new Options) []OptionChange {
	list := []OptionChange{}
	for _, d := range table {
		a, b := strings.Join(d.Get(&old), ","), strings.Join(d.Get(&new), ",")
		if a != b {
			list = append(list, OptionChange{d.Name, a, b})
		}
	}
	return list
}

// rows say everything about each option, in the order of sessionseed.yaml and of
// the documentation. A new option is a field of [Options] with its default, a row
// here, and the place in the service that uses it.
var rows = []Option{
	{
		Name: "module", Group: Project,
		Prompt: "Go module path",
		Help:   "path of the Go module, as in import statements",
		Limits: "a Go module path such as example.com/shop",
		at:     func(o *Options) any { return &o.Module },
	},
	{
		Name: "into", Flag: "dir", Group: Project, added: true,
		Prompt: "Directory for the packages",
		Help:   "where add puts the packages, below the module's go.mod",
		Limits: "a directory such as internal or pkg/auth; it stays the same for the life of the project",
		at:     func(o *Options) any { return &o.Into },
	},
	{
		Name: "publicURL", Group: Project, Const: "defaults.go:PublicURL", Runtime: "PUBLIC_URL",
		Prompt: "Public URL of the service",
		Help:   "URL at which browsers reach the service; the cookie's attributes follow from it",
		Limits: "http:// or https://, host and port, no path",
		at:     func(o *Options) any { return &o.PublicURL },
	},
	{
		Name: "corsOrigins", Flag: "cors-origin", Group: Project, Const: "defaults.go:CORSOrigins",
		Runtime: "CORS_ORIGINS",
		Prompt:  "Front-end origin",
		Help:    "front ends that may call the service with cookies, each as scheme://host[:port]",
		Limits:  "exact origins; no *, null, path or trailing slash; empty = same origin only",
		at:      func(o *Options) any { return &o.CORSOrigins },
	},
	{
		Name: "corsHeaders", Flag: "cors-header", Group: Project, Const: "defaults.go:CORSHeaders",
		Runtime: "CORS_HEADERS",
		Help:    "request headers that front ends may send besides Content-Type, such as X-Requested-With",
		Limits:  "names of headers; empty = none",
		at:      func(o *Options) any { return &o.CORSHeaders },
	},
	{
		Name: "key", Group: Session, Const: "defaults.go:CookieName", Runtime: "COOKIE_NAME",
		Prompt: "Cookie name (key)",
		Help:   "name of the session cookie; not a secret (the keys are generated)",
		Limits: "letters, digits and !#%*+-.^_|~",
		at:     func(o *Options) any { return &o.Key },
	},
	{
		Name: "maxAge", Group: Session, Const: "defaults.go:MaxAge",
		session: true,
		Prompt:  "Session lifetime (maxAge)",
		Help:    "how long a session lives after it was last saved: 30m, 24h, 7d, a number of milliseconds, or session",
		Limits:  "1s to 400d, or session (until the browser closes, or 30m pass without a request)",
		at:      func(o *Options) any { return &o.MaxAge },
	},
	{
		Name: "absoluteMaxAge", Group: Session, Const: "defaults.go:AbsoluteMaxAge",
		Help:   "age at which the server ends a session, however active it is",
		Limits: "at least maxAge, up to 400d",
		at:     func(o *Options) any { return &o.AbsoluteMaxAge },
	},
	{
		Name: "rolling", Group: Session, Const: "defaults.go:Rolling",
		Prompt: "Restart maxAge at every request (rolling)?",
		Help:   "restart maxAge at every request that uses the session",
		Limits: "cannot be combined with renew",
		at:     func(o *Options) any { return &o.Rolling },
	},
	{
		Name: "renew", Group: Session, Const: "defaults.go:Renew",
		Prompt: "Restart maxAge when half has passed (renew)?",
		Help:   "restart maxAge when less than half of it is left",
		Limits: "cannot be combined with rolling",
		at:     func(o *Options) any { return &o.Renew },
	},
	{
		Name: "assurance", Group: Session,
		Values: []string{"none", "aal1", "aal2", "aal3"},
		Prompt: "Which NIST level?",
		Help: "assurance level of NIST SP 800-63B-4: a maxAge, absoluteMaxAge or rolling that the level does not " +
			"allow is refused; sessionseed new and add set those of the three that you leave out, and sessionseed " +
			"regenerate --assurance changes those that do not fit; with accounts: table, aal2 and aal3 leave out " +
			"remember, the choice at login to stay logged in",
		at: func(o *Options) any { return &o.Assurance },
	},
	{
		Name: "signed", Group: Session, Const: "defaults.go:Signed",
		Help: "sign the session id with HMAC-SHA256, so that a forged one never reaches the store",
		at:   func(o *Options) any { return &o.Signed },
	},
	{
		Name: "httpOnly", Group: Session, Const: "defaults.go:HTTPOnly",
		Help: "hide the cookie from JavaScript",
		at:   func(o *Options) any { return &o.HTTPOnly },
	},
	{
		Name: "overwrite", Group: Session, Const: "defaults.go:Overwrite",
		Help: "replace an earlier Set-Cookie of the same name in the response",
		at:   func(o *Options) any { return &o.Overwrite },
	},
	{
		Name: "autoCommit", Group: Session, Const: "defaults.go:AutoCommit",
		Help: "save the session automatically before the first byte of the response",
		at:   func(o *Options) any { return &o.AutoCommit },
	},
	{
		Name: "sameSite", Group: Session, Const: "defaults.go:SameSite", Runtime: "COOKIE_SAME_SITE",
		Values: []string{"auto", "lax", "strict", "none"},
		Help:   "the cookie's SameSite attribute; auto follows from the URLs",
		at:     func(o *Options) any { return &o.SameSite },
	},
	{
		Name: "secure", Group: Session, Const: "defaults.go:Secure", Runtime: "COOKIE_SECURE",
		Values: []string{"auto", "true", "false"},
		Help:   "the cookie's Secure attribute; auto follows from the URLs",
		at:     func(o *Options) any { return &o.Secure },
	},
	{
		Name: "partitioned", Group: Session, Const: "defaults.go:Partitioned", Runtime: "COOKIE_PARTITIONED",
		Values: []string{"auto", "true", "false"},
		Help:   "the cookie's Partitioned attribute (CHIPS); auto follows from the URLs",
		at:     func(o *Options) any { return &o.Partitioned },
	},
	{
		Name: "cookiePrefix", Group: Session,
		Values: []string{"auto", "host", "secure", "none"},
		Help:   "put __Host- or __Secure- before the cookie's name; auto follows from the URLs",
		at:     func(o *Options) any { return &o.CookiePrefix },
	},
	{
		Name: "domain", Group: Session, Const: "defaults.go:Domain", Runtime: "COOKIE_DOMAIN",
		Help:   "the cookie's Domain attribute; leave it empty unless sibling hosts must share the session",
		Limits: "a parent domain of the public URL's host, or empty",
		at:     func(o *Options) any { return &o.Domain },
	},
	{
		Name: "path", Group: Session, Const: "defaults.go:Path",
		Help:   "the cookie's Path attribute",
		Limits: "starts with /",
		at:     func(o *Options) any { return &o.Path },
	},
	{
		Name: "maxSessions", Group: Session, Const: "sessions.go:MaxSessions",
		low: 0, high: 1000,
		Help: "sessions that a user may have at once; one more ends the oldest; a limit adds GET /sessions and " +
			"DELETE /sessions/{id}; 0 = any number, without these routes; with accounts: table, 0 means 100, " +
			"with the routes",
		at: func(o *Options) any { return &o.MaxSessions },
	},
	{
		Name: "csrfToken", Group: Session,
		Help: "require logged-in clients to send a session token (header X-CSRF-Token) with every POST, PUT, PATCH " +
			"and DELETE, as NIST SP 800-63B-4 asks; other sites are stopped even without the token",
		at: func(o *Options) any { return &o.CSRFToken },
	},
	{
		Name: "clearSiteData", Group: Session,
		Help: "answer POST /logout with Clear-Site-Data: cache and storage; it clears what browsers store for " +
			"the service's origin, not for the front end's, and can take seconds",
		at: func(o *Options) any { return &o.ClearSiteData },
	},
	{
		Name: "koaKeys", Group: Session,
		Help: "keep users of a koa-session service logged in: accept, once, each cookie that it signed, and replace " +
			"it with one of this service; the keys themselves are secrets and go into the variable KOA_KEYS",
		Mistaken: "put the keys into KOA_KEYS in .env, which git ignores",
		at:       func(o *Options) any { return &o.KoaKeys },
	},
	{
		Name: "store", Group: Store,
		Values: []string{"memory", "cookie", "sqlite", "postgres", "redis"},
		Prompt: "Where are sessions kept?",
		Help: "where sessions are kept: memory (one process), cookie (encrypted, in the browser), sqlite (one " +
			"machine), postgres or redis (several instances)",
		at: func(o *Options) any { return &o.Store },
	},
	{
		Name: "accounts", Group: Store,
		Values: []string{"env", "table"},
		Prompt: "Who may log in?",
		Help: "who may log in: env (one account, in the environment) or table (users in the sessions' database, who " +
			"register by email and can change or reset their password; needs the store sqlite or postgres)",
		at: func(o *Options) any { return &o.Accounts },
	},
	{
		Name: "magicLink", Group: Store,
		Help:   "also let users log in by a link sent by email; a new address gets an account",
		Limits: "needs accounts: table",
		at:     func(o *Options) any { return &o.MagicLink },
	},
	{
		Name: "trustProxy", Group: Store, Const: "defaults.go:TrustProxy", Runtime: "TRUST_PROXY",
		Help: "trust X-Forwarded-Proto and X-Forwarded-For; only if a proxy that sets them is always in front",
		at:   func(o *Options) any { return &o.TrustProxy },
	},
	{
		Name: "captcha.enabled", Flag: "captcha", Group: Captcha,
		Prompt: "Captcha before login?",
		Help:   "add a captcha (GET /code) and require it at login",
		at:     func(o *Options) any { return &o.Captcha.Enabled },
	},
	{
		Name: "captcha.pow", Group: Captcha,
		Help: "offer a proof of work (ALTCHA) to people who cannot see the picture",
		at:   func(o *Options) any { return &o.Captcha.PoW },
	},
	{
		Name: "captcha.size", Group: Captcha, Const: "captcha.go:CaptchaSize",
		low: 1, high: 12,
		Help: "characters in the picture",
		at:   func(o *Options) any { return &o.Captcha.Size },
	},
	{
		Name: "captcha.fontSize", Group: Captcha, Const: "captcha.go:CaptchaFontSize",
		low: 8, high: 200,
		Help: "upper bound of the letter size in px; clamped to fit the picture",
		at:   func(o *Options) any { return &o.Captcha.FontSize },
	},
	{
		Name: "captcha.width", Group: Captcha, Const: "captcha.go:CaptchaWidth",
		low: 40, high: 1000,
		Help: "width of the picture in px",
		at:   func(o *Options) any { return &o.Captcha.Width },
	},
	{
		Name: "captcha.height", Group: Captcha, Const: "captcha.go:CaptchaHeight",
		low: 20, high: 500,
		Help: "height of the picture in px",
		at:   func(o *Options) any { return &o.Captcha.Height },
	},
	{
		Name: "captcha.background", Group: Captcha, Const: "captcha.go:CaptchaBackground",
		Help:   "background color; empty = transparent",
		Limits: "#rgb or #rrggbb, or empty",
		at:     func(o *Options) any { return &o.Captcha.Background },
	},
	{
		Name: "captcha.color", Group: Captcha, Const: "captcha.go:CaptchaColor",
		Help: "draw in a random hue; false = gray",
		at:   func(o *Options) any { return &o.Captcha.Color },
	},
	{
		Name: "captcha.inverse", Group: Captcha, Const: "captcha.go:CaptchaInverse",
		Help: "light letters, for a dark page behind a transparent picture (background empty)",
		at:   func(o *Options) any { return &o.Captcha.Inverse },
	},
	{
		Name: "captcha.noise", Group: Captcha, Const: "captcha.go:CaptchaNoise",
		low: 0, high: 10,
		Help: "lines drawn across the letters",
		at:   func(o *Options) any { return &o.Captcha.Noise },
	},
	{
		Name: "captcha.ignoreChars", Group: Captcha, Const: "captcha.go:CaptchaIgnoreChars",
		Help:   "characters never to use, in either case",
		Limits: "printable ASCII",
		at:     func(o *Options) any { return &o.Captcha.IgnoreChars },
	},
	{
		Name: "captcha.charPreset", Group: Captcha, Const: "captcha.go:CaptchaCharPreset",
		Help:   "characters to choose from; empty = those that are hard to confuse",
		Limits: "letters A-Z a-z and digits, or empty",
		at:     func(o *Options) any { return &o.Captcha.CharPreset },
	},
	{
		Name: "captcha.math", Group: Captcha, Const: "captcha.go:CaptchaMath",
		Help: "ask for the result of a sum instead of letters (weaker: a blind guess is right 1 to 2 times in 100)",
		at:   func(o *Options) any { return &o.Captcha.Math },
	},
	{
		Name: "captcha.mathMin", Group: Captcha, Const: "captcha.go:CaptchaMathMin",
		low: 0, high: 99,
		Help: "smallest operand of a sum",
		at:   func(o *Options) any { return &o.Captcha.MathMin },
	},
	{
		Name: "captcha.mathMax", Group: Captcha, Const: "captcha.go:CaptchaMathMax",
		low: 0, high: 99,
		Help: "largest operand of a sum; a small range is easier to guess",
		at:   func(o *Options) any { return &o.Captcha.MathMax },
	},
	{
		Name: "captcha.mathOperator", Group: Captcha, Const: "captcha.go:CaptchaMathOperator",
		Values: []string{"+", "-", "+-"},
		Help:   "operator of the sum; +- takes either",
		at:     func(o *Options) any { return &o.Captcha.MathOperator },
	},
	{
		Name: "captcha.ttl", Group: Captcha, Const: "captcha.go:CaptchaTTL",
		Help:   "how long a picture is valid, whatever the session's lifetime",
		Limits: "10s to 1h",
		at:     func(o *Options) any { return &o.Captcha.TTL },
	},
	{
		Name: "captcha.tries", Group: Captcha, Const: "captcha.go:CaptchaTries",
		low: 1, high: 10,
		Help: "attempts per picture (a sum allows 1)",
		at:   func(o *Options) any { return &o.Captcha.Tries },
	},
	{
		Name: "demo", Group: Project,
		Prompt: "Add a demo front end?",
		Help:   "add a front end on another origin that logs in: go run ./demo",
		Limits: "needs an origin in corsOrigins",
		at:     func(o *Options) any { return &o.Demo },
	},
	{
		Name: "docker", Group: Project,
		Help: "add Dockerfile and compose.yaml (not to a module that exists)",
		at:   func(o *Options) any { return &o.Docker },
	},
	{
		Name: "ci", Group: Project,
		Help: "add a GitHub Actions workflow (not to a module that exists)",
		at:   func(o *Options) any { return &o.CI },
	},
	{
		Name: "tests", Group: Project,
		Values: []string{"app", "all"},
		Help: "which tests the project gets: app (those of the service, through HTTP) or all (also those of the " +
			"session, captcha and CORS engine)",
		at: func(o *Options) any { return &o.Tests },
	},
}
