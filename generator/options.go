package generator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Options are the answers that shape a project. Every field has exactly one
// row in [Table], which names its flag, file key, prompt, help and limits.
// The zero value is not useful; start from [Defaults].
type Options struct {
	Module      string   // Go module path of the emitted project
	PublicURL   string   // where browsers reach the service
	CORSOrigins []string // front ends allowed to call it with credentials

	Key            string        // name of the session cookie, without a __Host- prefix chosen by the policy
	MaxAge         time.Duration // life of cookie and session; BrowserSession = until the browser closes
	AbsoluteMaxAge time.Duration // end of a session however active it is
	Rolling        bool          // start maxAge anew at each request
	Renew          bool          // start maxAge anew when less than half is left
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
	MaxSessions    int  // live sessions of one user; 0 = any number
	CSRFToken      bool // ask for a token of the session with each change
	ClearSiteData  bool // have the browser clear its cache and storage at the logout

	Store      string
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

// BrowserSession is the MaxAge of a session that ends with the browser
// (koa-session's maxAge: 'session').
const BrowserSession time.Duration = -1

// Kind is the form of an option's value; it decides the flag's type, the
// prompt's widget and the YAML form.
type Kind int

const (
	Text Kind = iota
	Bool
	Int
	Duration // 30m, 24h, 7d, koa's milliseconds, or "session" where allowed
	Enum
	List
)

// Option describes one field of [Options]: every place that speaks of an
// option (flag, environment, file, prompt, documentation) reads this row.
type Option struct {
	Name    string   // koa-session's name and the key in sessionseed.yaml: maxAge, captcha.size
	Flag    string   // max-age
	Kind    Kind     // form of the value
	Values  []string // the allowed values of an Enum
	Prompt  string   // the question, under 60 columns; empty: asked only by a preset or not at all
	Help    string   // one sentence
	Limits  string   // what is accepted
	Runtime string   // environment variable of the emitted service that overrides it; empty: fixed at generation

	get func(*Options) []string
	set func(*Options, []string) error
}

// Env is the environment variable that the generator itself reads for the
// option: SESSIONSEED_ and the flag's name in upper case.
func (d Option) Env() string {
	return "SESSIONSEED_" + strings.ToUpper(strings.ReplaceAll(d.Flag, "-", "_"))
}

// Get returns the option's value in o in its canonical text form; only List
// options have other than one element.
func (d Option) Get(o *Options) []string { return d.get(o) }

// Default is the value in [Defaults], lists joined by a comma.
func (d Option) Default() string {
	o := Defaults()
	return strings.Join(d.get(&o), ",")
}

// Set stores values in o. The error is a [*Problem] and o is unchanged when a
// value has not the option's form; limits between options are [Options.Validate]'s.
func (d Option) Set(o *Options, values ...string) error {
	if d.Kind != List && len(values) != 1 {
		return &Problem{d.Name, fmt.Sprintf("%s takes one value, got %d", d.Name, len(values)), "give it once"}
	}
	return d.set(o, values)
}

// Problem is one reason to refuse options: the fact, then the remedy.
type Problem struct {
	Option string // name in [Table]; empty when no single option is at fault
	Fact   string
	Hint   string
}

func (p *Problem) Error() string { return p.Fact }

// Lookup finds the row of name, which may be a file key or a flag.
func Lookup(name string) (Option, bool) {
	i := slices.IndexFunc(table, func(d Option) bool { return d.Name == name || d.Flag == name })
	if i < 0 {
		return Option{}, false
	}
	return table[i], true
}

// Table lists every option in the order of sessionseed.yaml and of the
// documentation. The caller must not change it.
func Table() []Option { return table }

// Defaults are koa-session's, and for the captcha what tutorials give svg-captcha, where they are safe,
// for a front end on Vite's port and the service on 8080.
func Defaults() Options {
	return Options{
		Module:         "",
		PublicURL:      "http://localhost:8080",
		CORSOrigins:    []string{"http://localhost:5173"},
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
		Captcha: CaptchaOptions{
			Enabled: true, Size: 4, FontSize: 46, Width: 120, Height: 30,
			Background: "#F5F7FA", Color: true, Noise: 1, MathMin: 1, MathMax: 99, MathOperator: "+",
			TTL: 5 * time.Minute, Tries: 3,
		},
		Demo: true, Docker: true, CI: true, Tests: "app",
	}
}
