package options

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// maxLife is the longest Max-Age that browsers keep (RFC 6265bis section
// 5.6.2 caps it at 400 days).
const maxLife = 400 * day

// Validate reports everything that is wrong with o at once, as an
// errors.Join of [*problem.Problem]. Options that pass generate a project that
// compiles, and no text of theirs can break out of the file it lands in.
func (o *Options) Validate() error {
	_, err := o.Policy()
	return err
}

// Policy validates o and decides the cookie and CORS policy that follows from
// it. The error is [Options.Validate]'s.
func (o *Options) Policy() (policy.Decision, error) {
	var problems []error
	add := func(option, hint, fact string, args ...any) {
		problems = append(problems, problem.For(option, fmt.Sprintf(fact, args...), hint))
	}

	if o.Module == "" {
		add("module", "set module, such as example.com/shop (--module)", "no Go module path is given")
	} else if err := checkModule(o.Module); err != nil {
		add("module", "choose a path such as example.com/shop: ASCII letters, digits and -._~ between slashes",
			"module path %q cannot be used: %v", o.Module, err)
	}

	problems = append(problems, o.addedProblems()...)

	switch {
	case o.MaxAge == BrowserSession:
	case o.MaxAge < time.Second:
		add("maxAge", "give at least 1s, or session to end with the browser",
			"maxAge %s would end every session at once", FormatDuration(o.MaxAge))
	case o.MaxAge > maxLife:
		add("maxAge", "give at most 400d", "maxAge %s is longer than browsers keep a cookie", FormatDuration(o.MaxAge))
	}
	switch {
	case o.AbsoluteMaxAge < time.Second || o.AbsoluteMaxAge > maxLife:
		add("absoluteMaxAge", "give 1s to 400d", "absoluteMaxAge %s is out of range", FormatDuration(o.AbsoluteMaxAge))
	case o.assuranceRefuses("maxAge"): // which says what maxAge may be
	case o.MaxAge > o.AbsoluteMaxAge && o.MaxAge <= maxLife:
		add("absoluteMaxAge", fmt.Sprintf("give absoluteMaxAge %s or more, or a shorter maxAge",
			FormatDuration(o.MaxAge)),
			"absoluteMaxAge %s is shorter than maxAge %s", FormatDuration(o.AbsoluteMaxAge), FormatDuration(o.MaxAge))
	}
	if o.Rolling && o.Renew {
		add("renew", "keep rolling (every request) or renew (once half has passed)",
			"renew is of no use beside rolling, which renews at every request already")
	}
	if o.MaxAge == BrowserSession && (o.Rolling || o.Renew) {
		add("maxAge", "give maxAge a duration, or switch rolling and renew off",
			"maxAge session has no end that rolling or renew could move")
	}
	if o.Store == "cookie" && !o.Signed {
		add("signed", "leave signed on, or choose another store",
			"the cookie store seals its sessions, so signed cannot be off")
	}
	if o.MaxSessions != 0 && o.Store == "cookie" {
		add("maxSessions", "leave maxSessions at 0, or choose another store",
			"maxSessions cannot be enforced with the cookie store: the service has no list of its sessions")
	}
	if o.Accounts == "table" && !o.MayHaveTable() {
		add("accounts", "choose the store sqlite or postgres, or set accounts: env",
			"accounts: table needs an SQL database, and the %s store has none", o.Store)
	}
	if o.MagicLink && o.Accounts != "table" {
		add("magicLink", "choose accounts: table, or turn magicLink off",
			"magicLink emails links to users, and accounts: %s has no addresses", o.Accounts)
	}
	for _, header := range o.CORSHeaders {
		if !policy.IsToken(header) {
			add("corsHeaders", "give names such as X-Requested-With", "corsHeaders has %q, which is not a header name",
				header)
		}
	}
	if o.Demo && len(o.CORSOrigins) == 0 {
		add("demo", "leave the demo out, or give its origin: --cors-origin http://localhost:5173",
			"the demo is a front end on another origin, and corsOrigins names none")
	}
	problems = append(problems, o.Captcha.problems()...)
	problems = append(problems, o.assuranceProblems()...)

	d, err := policy.Decide(policy.Input{
		PublicURL: o.PublicURL, Origins: o.CORSOrigins, Captcha: o.Captcha.Enabled, Key: o.Key, Prefix: o.CookiePrefix,
		SameSite: o.SameSite,
		Secure:   o.Secure, Partitioned: o.Partitioned, Domain: o.Domain, Path: o.Path, HTTPOnly: o.HTTPOnly,
	})
	problems = append(problems, problem.Flatten(err)...)
	problems = append(problems, o.plainHTTP(d)...)
	if o.Store == "cookie" {
		d.Notes = append(d.Notes, cookieStoreNotes...)
	}
	if o.KoaKeys {
		d.Notes = append(d.Notes, koaNotes...)
	}
	if o.Demo && len(d.Origins) > 0 && d.Origins[0].String() == d.PublicURL.String() {
		d.Notes = append(d.Notes, policy.Note{Severity: policy.Warn, Code: "demo-origin",
			Fact: "the demo listens on the first of corsOrigins, and that is the service's own address",
			Hint: "put another first, which differs in host or port, or set demo: false"})
	}
	return d, errors.Join(problems...)
}

// cookieStoreNotes say what a store on the server can do and this one cannot.
var cookieStoreNotes = []policy.Note{
	{Severity: policy.Warn, Code: "copied-cookie",
		Fact: "sessions are kept in the cookie, so one that a logout or a new password has ended still works at the " +
			"other instances, and after a restart at every instance, until its limits end it",
		Hint: "choose a store on the server"},
	{Severity: policy.Info, Code: "cookie-room",
		Fact: "a session holds at most about 2900 bytes, and of two requests that change it at the same time " +
			"the later response wins"},
}

// koaNotes say what the move from Koa asks of its owner, and when it is over.
var koaNotes = []policy.Note{
	{Severity: policy.Warn, Code: "koa-keys",
		Fact: "koaKeys is for a move: it lets in whoever has a live cookie of the Koa service, or one of its keys",
		Hint: "give the service KOA_KEYS (app.keys), and KOA_UNTIL, the day of the move plus the longest maxAge of " +
			"Koa; after that day set koaKeys: false, regenerate, and delete the KOA_ variables"},
}

// addedProblems are what cannot be in a module that exists.
func (o *Options) addedProblems() (problems []error) {
	if o.Into == "" {
		return nil
	}
	if err := CheckInto(o.Into); err != nil {
		problems = append(problems, err)
	}
	if o.Docker {
		problems = append(problems, problem.For("docker",
			"add writes no Dockerfile, so docker cannot be on",
			"set docker: false (--docker=false)"))
	}
	if o.CI {
		problems = append(problems, problem.For("ci",
			"add writes no workflow, so ci cannot be on",
			"set ci: false (--ci=false)"))
	}
	return problems
}

// CheckInto refuses a directory that the go command would not build, or that is
// not below the module.
func CheckInto(dir string) error {
	bad := func(fact string) error {
		return problem.For("into", fmt.Sprintf("the packages cannot go to %q: %s", dir, fact),
			"give --dir a directory below go.mod, such as internal/auth")
	}
	if dir == "." || !fs.ValidPath(dir) {
		return bad("it is not a directory below the module, written with slashes")
	}
	for element := range strings.SplitSeq(dir, "/") {
		switch {
		case element[0] == '.' || element[0] == '_' || element == "testdata":
			return bad("the go command does not build what is below " + element)
		case element == "vendor" || element == "node_modules":
			return bad(element + " is for code of others")
		}
	}
	if err := module.CheckImportPath(dir); err != nil {
		return bad("it cannot be part of an import path")
	}
	return nil
}

// The first elements that the standard library has taken for itself: a module
// of such a name would shadow it or be shadowed.
var standardLibrary = strings.Fields(`
	archive arena bufio builtin bytes cmd cmp compress container context crypto database debug embed
	encoding errors expvar flag fmt go hash html image index internal io iter log maps math mime
	net os path plugin reflect regexp runtime slices sort std strconv strings structs sync syscall
	testing text time unicode unique unsafe vendor weak`)

func checkModule(path string) error {
	first, _, _ := strings.Cut(path, "/")
	check := module.CheckImportPath
	if strings.Contains(first, ".") {
		check = module.CheckPath
	}
	if err := check(path); err != nil {
		var invalid *module.InvalidPathError
		if errors.As(err, &invalid) {
			return invalid.Err
		}
		return err
	}
	if path == "main" {
		return errors.New("the go command cannot test a package main of that path")
	}
	if slices.Contains(standardLibrary, first) {
		return fmt.Errorf("%q belongs to the standard library", first)
	}
	// An element of these names is special to the go command: what lies under
	// it cannot be imported, or is not seen at all.
	for e := range strings.SplitSeq(path, "/") {
		if e == "internal" || e == "vendor" || e == "testdata" || strings.HasPrefix(e, "_") {
			return fmt.Errorf("the go command treats the element %q specially", e)
		}
	}
	if len(path) > 200 {
		return errors.New("it is longer than 200 bytes")
	}
	return nil
}

var (
	hexColor     = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)
	alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]*$`)
	printable    = regexp.MustCompile(`^[!-~]*$`)
)

func (c *CaptchaOptions) problems() []error {
	var list []error
	add := func(option, hint, fact string, args ...any) {
		list = append(list, problem.For("captcha."+option, fmt.Sprintf(fact, args...), hint))
	}
	if c.PoW && !c.Enabled {
		add("pow", "switch the captcha on, or leave pow off", "captcha.pow needs the captcha")
	}
	if c.Background != "" && !hexColor.MatchString(c.Background) {
		add("background", "write #rgb or #rrggbb, for example #F5F7FA",
			"captcha.background %q is not a valid color", c.Background)
	}
	if !alphanumeric.MatchString(c.CharPreset) {
		add("charPreset", "use letters A-Z a-z and digits only",
			"captcha.charPreset %q has characters that cannot be drawn", c.CharPreset)
	} else if len(c.CharPreset) > 62 {
		add("charPreset", "name each character once", "captcha.charPreset has %d characters", len(c.CharPreset))
	}
	if !printable.MatchString(c.IgnoreChars) || len(c.IgnoreChars) > 94 {
		add("ignoreChars", "use printable ASCII without blanks, each character once",
			"captcha.ignoreChars %q has characters that no captcha contains", c.IgnoreChars)
	}
	if left := c.alphabet(); len(left) < 2 && alphanumeric.MatchString(c.CharPreset) {
		add("ignoreChars", "leave at least two letters or digits; upper and lower case count as one",
			"captcha.charPreset and captcha.ignoreChars leave fewer than two distinct characters to choose from")
	}
	if c.MathMin >= c.MathMax {
		add("mathMin", "choose 1 and 99",
			"captcha.mathMin %d is not less than captcha.mathMax %d", c.MathMin, c.MathMax)
	}
	if c.Inverse && c.Background != "" {
		add("inverse", `set captcha.background to "", or leave captcha.inverse off: a dark background gets light `+
			"letters anyway",
			"captcha.inverse needs a transparent background, and it is %s", c.Background)
	}
	characters := c.Size
	if c.Math {
		characters = 2*len(strconv.Itoa(c.MathMax)) + len("+=")
	}
	if perLetter := 12; c.Width < characters*perLetter {
		add("width", fmt.Sprintf("give at least %d px for %d characters", characters*perLetter, characters),
			"captcha.width %d leaves under %d px a character, which nobody can read", c.Width, perLetter)
	}
	if c.TTL < 10*time.Second || c.TTL > time.Hour {
		add("ttl", "give 10s to 1h", "captcha.ttl %s is out of range", FormatDuration(c.TTL))
	}
	return list
}

// unambiguous is the alphabet of an empty charPreset; the emitted captcha
// package has the same one, which a test compares.
const unambiguous = "ACDEKRSTU2369"

// alphabet returns the characters to choose from, each once without regard to case.
func (c *CaptchaOptions) alphabet() string {
	preset := c.CharPreset
	if preset == "" {
		preset = unambiguous
	}
	var left strings.Builder
	for _, r := range preset {
		upper := unicode.ToUpper(r)
		if !strings.ContainsRune(strings.ToUpper(c.IgnoreChars)+left.String(), upper) {
			left.WriteRune(upper)
		}
	}
	return left.String()
}

// Problems takes the error of [Options.Validate] or [Option.Set] apart.
func Problems(err error) []*problem.Problem { return problem.List(err) }
