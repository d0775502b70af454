package options

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

func valid() Options {
	o := Defaults()
	o.Module = "example.com/shop"
	return o
}

func TestDefaultsAreValid(t *testing.T) {
	o := valid()
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestValidateRefuses(t *testing.T) {
	cases := map[string]struct {
		change func(*Options)
		option string
	}{
		"no module":             {func(o *Options) { o.Module = "" }, "module"},
		"module ../x":           {func(o *Options) { o.Module = "../x" }, "module"},
		"module con":            {func(o *Options) { o.Module = "con" }, "module"},
		"module with a quote":   {func(o *Options) { o.Module = `a"b` }, "module"},
		"module with a newline": {func(o *Options) { o.Module = "example.com/a\nb" }, "module"},
		"module ${HOME}":        {func(o *Options) { o.Module = "example.com/${HOME}" }, "module"},
		"module {{.}}":          {func(o *Options) { o.Module = "example.com/{{.}}" }, "module"},
		"module in Chinese":     {func(o *Options) { o.Module = "example.com/商店" }, "module"},
		"module net/http":       {func(o *Options) { o.Module = "net/http" }, "module"},
		"module with internal":  {func(o *Options) { o.Module = "example.com/internal/x" }, "module"},
		"module /v1":            {func(o *Options) { o.Module = "example.com/shop/v1" }, "module"},
		"key koa:sess":          {func(o *Options) { o.Key = "koa:sess" }, "key"},
		"key with a newline":    {func(o *Options) { o.Key = "a\nb" }, "key"},
		"no key":                {func(o *Options) { o.Key = "" }, "key"},
		"__Host- with a domain": {func(o *Options) {
			o.PublicURL = "https://api.example.com"
			o.Key, o.Domain = "__Host-sid", "example.com"
		}, "key"},
		"origin *":    {func(o *Options) { o.CORSOrigins = []string{"*"} }, "corsOrigins"},
		"origin null": {func(o *Options) { o.CORSOrigins = []string{"null"} }, "corsOrigins"},
		"origin with a path": {func(o *Options) { o.CORSOrigins = []string{"http://localhost:5173/app"} },
			"corsOrigins"},
		"origin with a newline": {func(o *Options) { o.CORSOrigins = []string{"http://localhost\n:5173"} },
			"corsOrigins"},
		"public URL without scheme":     {func(o *Options) { o.PublicURL = "localhost:8080" }, "publicURL"},
		"SameSite=None without Secure":  {func(o *Options) { o.SameSite, o.Secure = "none", "false" }, "sameSite"},
		"maxAge 0":                      {func(o *Options) { o.MaxAge = 0 }, "maxAge"},
		"maxAge -1":                     {func(o *Options) { o.MaxAge = -time.Millisecond }, "maxAge"},
		"maxAge of two years":           {func(o *Options) { o.MaxAge = 730 * day }, "maxAge"},
		"absoluteMaxAge under maxAge":   {func(o *Options) { o.AbsoluteMaxAge = time.Hour }, "absoluteMaxAge"},
		"rolling and renew":             {func(o *Options) { o.Rolling, o.Renew = true, true }, "renew"},
		"a rolling browser session":     {func(o *Options) { o.MaxAge, o.Rolling = BrowserSession, true }, "maxAge"},
		"demo without another origin":   {func(o *Options) { o.CORSOrigins = nil }, "demo"},
		"maxSessions with cookie store": {func(o *Options) { o.Store, o.MaxSessions = "cookie", 5 }, "maxSessions"},
		"accounts in a table of no database": {func(o *Options) { o.Store, o.Accounts = "redis", "table" },
			"accounts"},
		"links by mail without addresses": {func(o *Options) { o.MagicLink = true }, "magicLink"},
		"an unsigned cookie store":        {func(o *Options) { o.Store, o.Signed = "cookie", false }, "signed"},
		"domain with a quote":             {func(o *Options) { o.Domain = `a";b` }, "domain"},
		"path without slash":              {func(o *Options) { o.Path = "app" }, "path"},
		"path with a semicolon":           {func(o *Options) { o.Path = "/a;b" }, "path"},
		"captcha background": {func(o *Options) { o.Captcha.Background = `red"/><script>` },
			"captcha.background"},
		"captcha that ignores everything": {func(o *Options) {
			o.Captcha.CharPreset, o.Captcha.IgnoreChars = "AB",
				"AB"
		}, "captcha.ignoreChars"},
		"captcha that ignores the preset": {func(o *Options) { o.Captcha.IgnoreChars = unambiguous },
			"captcha.ignoreChars"},
		"captcha of one letter": {func(o *Options) { o.Captcha.CharPreset = "aA" }, "captcha.ignoreChars"},
		"captcha too narrow for a sum": {func(o *Options) {
			o.Captcha.Math, o.Captcha.MathMax, o.Captcha.Width = true,
				99, 60
		}, "captcha.width"},
		"captcha preset":     {func(o *Options) { o.Captcha.CharPreset = "A\"B" }, "captcha.charPreset"},
		"captcha too narrow": {func(o *Options) { o.Captcha.Size = 12 }, "captcha.width"},
		"captcha operands": {func(o *Options) { o.Captcha.MathMin, o.Captcha.MathMax = 20, 10 },
			"captcha.mathMin"},
		"captcha of one operand": {func(o *Options) { o.Captcha.MathMin, o.Captcha.MathMax = 9, 9 },
			"captcha.mathMin"},
		"captcha that ignores small": {func(o *Options) { o.Captcha.IgnoreChars = strings.ToLower(unambiguous) },
			"captcha.ignoreChars"},
		"captcha inverse on a background": {func(o *Options) { o.Captcha.Inverse = true }, "captcha.inverse"},
		"captcha of a day":                {func(o *Options) { o.Captcha.TTL = day }, "captcha.ttl"},
		"proof of work alone": {func(o *Options) { o.Captcha.Enabled, o.Captcha.PoW = false, true },
			"captcha.pow"},
	}
	for name, c := range cases {
		o := valid()
		c.change(&o)
		problems := problem.List(o.Validate())
		if !slices.ContainsFunc(problems, func(p *problem.Problem) bool {
			return p.Option == c.option &&
				p.Fact != "" && p.Hint != ""
		}) {
			t.Errorf("%s: problems %v, want one of option %s with a hint", name, problems, c.option)
		}
		for _, p := range problems {
			if strings.ContainsAny(p.Fact+p.Hint, "\n\r") {
				t.Errorf("%s: a raw newline in %q / %q", name, p.Fact, p.Hint)
			}
		}
	}
}

func TestValidateReportsEverythingAtOnce(t *testing.T) {
	o := valid()
	o.Module, o.Key, o.MaxAge, o.CORSOrigins, o.Captcha.Background = "../x", "koa:sess", 0, []string{"*",
		"null"}, "red;"
	got := map[string]int{}
	for _, p := range problem.List(o.Validate()) {
		got[p.Option]++
	}
	for option, n := range map[string]int{"module": 1, "key": 1, "maxAge": 1, "corsOrigins": 2,
		"captcha.background": 1} {
		if got[option] != n {
			t.Errorf("%d problems of %s, want %d (all: %v)", got[option], option, n, got)
		}
	}
}

func TestTheHintForKoasOldCookieNameNamesTheNewOne(t *testing.T) {
	o := valid()
	o.Key = "koa:sess"
	if p := problem.List(o.Validate()); len(p) != 1 || !strings.Contains(p[0].Hint, "koa.sess") {
		t.Errorf("problems of koa:sess: %v, want one with a hint that names koa.sess", p)
	}
}

func TestTheDefaultAlphabetIsTheEmittedOne(t *testing.T) {
	src, err := os.ReadFile("../../templates/service/internal/captcha/options.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(src), "\""+unambiguous+"\"") {
		t.Errorf("the captcha package does not draw from %q by default", unambiguous)
	}
}
