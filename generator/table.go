package generator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stores are the values of the store option, lightest first.
var stores = []string{"memory", "cookie", "sqlite", "postgres", "redis"}

var table = []Option{
	text("module", "Go module path", "path of the new Go module, as in the import statements of its code",
		"a Go module path such as example.com/shop", "", func(o *Options) *string { return &o.Module }),
	text("publicURL", "Public URL of the service", "the URL at which browsers reach the service; cookie attributes follow from it",
		"http:// or https://, host and port, no path", "PUBLIC_URL", func(o *Options) *string { return &o.PublicURL }),
	{Name: "corsOrigins", Flag: "cors-origin", Kind: List, Prompt: "Front-end origin",
		Help:   "front ends that may call the service with cookies, each as scheme://host[:port]",
		Limits: "exact origins; no *, null, path or trailing slash; empty = same origin only", Runtime: "CORS_ORIGINS",
		get: func(o *Options) []string { return o.CORSOrigins },
		set: func(o *Options, v []string) error { o.CORSOrigins = splitList(v); return nil }},

	text("key", "Cookie name (key)", "the NAME of the session cookie; signing keys are made for you and are never asked for",
		"an RFC 6265 token: letters, digits and !#$%&'*+-.^_`|~", "COOKIE_NAME", func(o *Options) *string { return &o.Key }),
	duration("maxAge", "Session life (maxAge)", "how long a session lives without being renewed: 30m, 24h, 7d, koa's milliseconds, or session",
		"1s to 400d, or session (until the browser closes)", true, func(o *Options) *time.Duration { return &o.MaxAge }),
	duration("absoluteMaxAge", "", "the server ends a session at this age, however active it is",
		"at least maxAge, up to 400d", false, func(o *Options) *time.Duration { return &o.AbsoluteMaxAge }),
	boolean("rolling", "Start maxAge anew at every request (rolling)?", "start maxAge anew at each request that uses the session",
		"cannot be combined with renew", "", func(o *Options) *bool { return &o.Rolling }),
	boolean("renew", "Start maxAge anew when half has passed (renew)?", "start maxAge anew when less than half of it is left",
		"cannot be combined with rolling", "", func(o *Options) *bool { return &o.Renew }),
	enum("assurance", "Which level of NIST SP 800-63B-4?", "hold the sessions to an assurance level of NIST SP 800-63B-4: it sets maxAge, absoluteMaxAge and rolling where they are not given, and refuses what is beyond it",
		[]string{"none", "aal1", "aal2", "aal3"}, func(o *Options) *string { return &o.Assurance }),
	boolean("signed", "", "sign the session id with HMAC-SHA256, so that a forged one never reaches the store", "", "", func(o *Options) *bool { return &o.Signed }),
	boolean("httpOnly", "", "hide the cookie from JavaScript", "", "", func(o *Options) *bool { return &o.HTTPOnly }),
	boolean("overwrite", "", "replace an earlier Set-Cookie of the same name in one answer", "", "", func(o *Options) *bool { return &o.Overwrite }),
	boolean("autoCommit", "", "save the session by itself before the first byte of an answer", "", "", func(o *Options) *bool { return &o.AutoCommit }),
	overridable("COOKIE_SAME_SITE", enum("sameSite", "", "the cookie's SameSite attribute; auto follows from the URLs", []string{"auto", "lax", "strict", "none"}, func(o *Options) *string { return &o.SameSite })),
	overridable("COOKIE_SECURE", enum("secure", "", "the cookie's Secure attribute; auto follows from the URLs", []string{"auto", "true", "false"}, func(o *Options) *string { return &o.Secure })),
	overridable("COOKIE_PARTITIONED", enum("partitioned", "", "the cookie's Partitioned attribute (CHIPS); auto follows from the URLs", []string{"auto", "true", "false"}, func(o *Options) *string { return &o.Partitioned })),
	enum("cookiePrefix", "", "put __Host- or __Secure- before the cookie's name; auto follows from the URLs", []string{"auto", "host", "secure", "none"}, func(o *Options) *string { return &o.CookiePrefix }),
	text("domain", "", "the cookie's Domain attribute; leave it empty unless sibling hosts must share the session",
		"a parent domain of the public URL's host, or empty", "COOKIE_DOMAIN", func(o *Options) *string { return &o.Domain }),
	text("path", "", "the cookie's Path attribute", "starts with /", "", func(o *Options) *string { return &o.Path }),
	integer("maxSessions", "how many sessions a user may be logged in to, one more ends the oldest; adds GET /sessions and DELETE /sessions/{id}; 0 = any number", 0, 1000,
		func(o *Options) *int { return &o.MaxSessions }),
	boolean("csrfToken", "", "ask for a token of the session (header X-CSRF-Token) with each POST, PUT, PATCH and DELETE, as NIST SP 800-63B-4 wants; other sites are refused without it too, by http.CrossOriginProtection and SameSite",
		"", "", func(o *Options) *bool { return &o.CSRFToken }),
	boolean("clearSiteData", "", "answer POST /logout with Clear-Site-Data: cache and storage, which can take a browser seconds; it clears those of the service's own origin, not the front end's",
		"", "", func(o *Options) *bool { return &o.ClearSiteData }),

	enum("store", "Where are sessions kept?", "memory (one process), cookie (sealed, no server state), sqlite (one machine), postgres or redis (several instances)",
		stores, func(o *Options) *string { return &o.Store }),
	boolean("trustProxy", "", "believe X-Forwarded-Proto and X-Forwarded-For, because a proxy that sets them is always in front", "", "TRUST_PROXY", func(o *Options) *bool { return &o.TrustProxy }),

	captchaBool("enabled", "captcha", "Captcha before login?", "add GET /code and ask for its text at login", func(c *CaptchaOptions) *bool { return &c.Enabled }),
	captchaBool("pow", "captcha-pow", "", "offer a proof of work (ALTCHA) to those who cannot see the picture", func(c *CaptchaOptions) *bool { return &c.PoW }),
	captchaInt("size", "characters in the picture", 1, 12, func(c *CaptchaOptions) *int { return &c.Size }),
	captchaInt("fontSize", "upper bound of the letter size in px; clamped to fit the picture", 8, 200, func(c *CaptchaOptions) *int { return &c.FontSize }),
	captchaInt("width", "width of the picture in px", 40, 1000, func(c *CaptchaOptions) *int { return &c.Width }),
	captchaInt("height", "height of the picture in px", 20, 500, func(c *CaptchaOptions) *int { return &c.Height }),
	captchaText("background", "background colour; empty = transparent", "#rgb or #rrggbb, or empty", func(c *CaptchaOptions) *string { return &c.Background }),
	captchaBool("color", "captcha-color", "", "draw in a random hue; false = grey", func(c *CaptchaOptions) *bool { return &c.Color }),
	captchaBool("inverse", "captcha-inverse", "", "light letters, for a dark page behind a transparent picture (background empty)", func(c *CaptchaOptions) *bool { return &c.Inverse }),
	captchaInt("noise", "ribbons drawn across the letters", 0, 10, func(c *CaptchaOptions) *int { return &c.Noise }),
	captchaText("ignoreChars", "characters never to use, in either case", "printable ASCII", func(c *CaptchaOptions) *string { return &c.IgnoreChars }),
	captchaText("charPreset", "characters to choose from; empty = those that are not mistaken for one another", "letters A-Z a-z and digits, or empty", func(c *CaptchaOptions) *string { return &c.CharPreset }),
	captchaBool("math", "captcha-math", "", "ask for the result of a sum instead of letters (weaker: a blind guess is right in 1 to 2 of 100)", func(c *CaptchaOptions) *bool { return &c.Math }),
	captchaInt("mathMin", "smallest operand of a sum", 0, 99, func(c *CaptchaOptions) *int { return &c.MathMin }),
	captchaInt("mathMax", "largest operand of a sum; the fewer there are, the easier to guess", 0, 99, func(c *CaptchaOptions) *int { return &c.MathMax }),
	{Name: "captcha.mathOperator", Flag: "captcha-math-operator", Kind: Enum, Values: []string{"+", "-", "+-"}, Help: "operator of the sum; +- takes either",
		get: func(o *Options) []string { return []string{o.Captcha.MathOperator} },
		set: func(o *Options, v []string) error {
			return setEnum("captcha.mathOperator", []string{"+", "-", "+-"}, &o.Captcha.MathOperator, v[0])
		}},
	duration("captcha.ttl", "", "how long a picture may be answered, whatever the session's life", "10s to 1h", false, func(o *Options) *time.Duration { return &o.Captcha.TTL }),
	captchaInt("tries", "wrong answers until a new picture is needed; a sum takes 1", 1, 10, func(c *CaptchaOptions) *int { return &c.Tries }),

	boolean("demo", "Add a demo front end?", "add a front end on another origin that logs in: go run ./demo", "needs an origin in corsOrigins", "", func(o *Options) *bool { return &o.Demo }),
	boolean("docker", "", "add Dockerfile and compose.yaml", "", "", func(o *Options) *bool { return &o.Docker }),
	boolean("ci", "", "add a GitHub Actions workflow", "", "", func(o *Options) *bool { return &o.CI }),
	enum("tests", "", "which tests the project gets: app are those of the service, through HTTP; all adds those of the session, captcha and CORS engine",
		[]string{"app", "all"}, func(o *Options) *string { return &o.Tests }),
}

func text(name, prompt, help, limits, runtime string, at func(*Options) *string) Option {
	return Option{Name: name, Flag: flagName(name), Kind: Text, Prompt: prompt, Help: help, Limits: limits, Runtime: runtime,
		get: func(o *Options) []string { return []string{*at(o)} },
		set: func(o *Options, v []string) error { *at(o) = v[0]; return nil }}
}

func boolean(name, prompt, help, limits, runtime string, at func(*Options) *bool) Option {
	return Option{Name: name, Flag: flagName(name), Kind: Bool, Prompt: prompt, Help: help, Limits: limits, Runtime: runtime,
		get: func(o *Options) []string { return []string{strconv.FormatBool(*at(o))} },
		set: func(o *Options, v []string) error {
			b, err := strconv.ParseBool(v[0])
			if err != nil {
				return &Problem{name, fmt.Sprintf("%s is %q, which is neither true nor false", name, v[0]), "write true or false"}
			}
			*at(o) = b
			return nil
		}}
}

func integer(name, help string, low, high int, at func(*Options) *int) Option {
	limits := fmt.Sprintf("%d to %d", low, high)
	return Option{Name: name, Flag: flagName(name), Kind: Int, Help: help, Limits: limits,
		get: func(o *Options) []string { return []string{strconv.Itoa(*at(o))} },
		set: func(o *Options, v []string) error {
			n, err := strconv.Atoi(v[0])
			if err != nil || n < low || n > high {
				return &Problem{name, fmt.Sprintf("%s is %q, which is not a whole number from %s", name, v[0], limits), "choose one from " + limits}
			}
			*at(o) = n
			return nil
		}}
}

func enum(name, prompt, help string, values []string, at func(*Options) *string) Option {
	return Option{Name: name, Flag: flagName(name), Kind: Enum, Values: values, Prompt: prompt, Help: help, Limits: strings.Join(values, ", "),
		get: func(o *Options) []string { return []string{*at(o)} },
		set: func(o *Options, v []string) error { return setEnum(name, values, at(o), v[0]) }}
}

// overridable names the service's environment variable of an option.
func overridable(variable string, d Option) Option {
	d.Runtime = variable
	return d
}

func setEnum(name string, values []string, at *string, v string) error {
	if !slices.Contains(values, v) {
		return &Problem{name, fmt.Sprintf("%s is %q, which is not one of its values", name, v), "choose one of " + strings.Join(values, ", ")}
	}
	*at = v
	return nil
}

func duration(name, prompt, help, limits string, session bool, at func(*Options) *time.Duration) Option {
	return Option{Name: name, Flag: flagName(name), Kind: Duration, Prompt: prompt, Help: help, Limits: limits,
		get: func(o *Options) []string { return []string{FormatDuration(*at(o))} },
		set: func(o *Options, v []string) error {
			d, err := ParseDuration(v[0])
			if err != nil || d == BrowserSession && !session {
				return &Problem{name, fmt.Sprintf("%s is %q, which is not a duration", name, v[0]), "write it as 30m, 24h or 7d, or as koa's milliseconds, e.g. 86400000"}
			}
			*at(o) = d
			return nil
		}}
}

func captchaBool(name, flag, prompt, help string, at func(*CaptchaOptions) *bool) Option {
	d := boolean("captcha."+name, prompt, help, "", "", func(o *Options) *bool { return at(&o.Captcha) })
	d.Flag = flag
	return d
}

func captchaInt(name, help string, low, high int, at func(*CaptchaOptions) *int) Option {
	return integer("captcha."+name, help, low, high, func(o *Options) *int { return at(&o.Captcha) })
}

func captchaText(name, help, limits string, at func(*CaptchaOptions) *string) Option {
	return text("captcha."+name, "", help, limits, "", func(o *Options) *string { return at(&o.Captcha) })
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

func splitList(values []string) []string {
	list := []string{}
	for _, v := range values {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}
