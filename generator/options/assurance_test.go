package options

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

func TestApplyAssurance(t *testing.T) {
	type life struct {
		maxAge, absolute time.Duration
		rolling          bool
	}
	for _, c := range []struct {
		name, level string
		given       map[string]string
		want        life
	}{
		{"none", "none", nil, life{day, 7 * day, false}},
		{"aal1", "aal1", nil, life{30 * day, 30 * day, false}},
		{"aal2", "aal2", nil, life{time.Hour, day, true}},
		{"aal3", "aal3", nil, life{15 * time.Minute, 12 * time.Hour, true}},
		{"given and shorter", "aal2", map[string]string{"maxAge": "20m", "absoluteMaxAge": "8h"},
			life{20 * time.Minute, 8 * time.Hour, true}},
		{"given and too long", "aal3", map[string]string{"maxAge": "1h"}, life{time.Hour, 12 * time.Hour, true}},
		{"absolute under the inactivity limit", "aal2", map[string]string{"absoluteMaxAge": "30m"},
			life{30 * time.Minute, 30 * time.Minute, true}},
		{"rolling off", "aal2", map[string]string{"rolling": "false"}, life{time.Hour, day, false}},
		{"renew", "aal2", map[string]string{"renew": "true"}, life{time.Hour, day, false}},
		{"browser session", "aal2", map[string]string{"maxAge": "session"}, life{BrowserSession, day, false}},
	} {
		o := valid()
		o.Assurance = c.level
		for name, value := range c.given {
			d, _ := Lookup(name)
			if err := d.Set(&o, value); err != nil {
				t.Fatal(err)
			}
		}
		o.ApplyAssurance(func(option string) bool { return c.given[option] == "" })
		if got := (life{o.MaxAge, o.AbsoluteMaxAge, o.Rolling}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if len(c.given) == 0 {
			if err := o.Validate(); err != nil {
				t.Errorf("%s: the level's own limits are refused: %v", c.name, err)
			}
		}
	}
}

// 5.1-5 of NIST SP 800-63B-4, and 5.1 on plain http: what is beyond a level is
// refused with the reason, each at its limit plus one second.
func TestNIST_5_1_5(t *testing.T) {
	at := func(level string) Options {
		o := valid()
		o.Assurance = level
		o.ApplyAssurance(func(string) bool { return true })
		return o
	}
	https := func(o *Options) {
		o.PublicURL, o.CORSOrigins = "https://api.example.com", []string{"https://app.example.com"}
	}
	http := func(o *Options) {
		o.PublicURL, o.CORSOrigins = "http://api.example.com", []string{"http://app.example.com"}
	}
	for _, c := range []struct {
		name, level string
		change      func(*Options)
		option      string // that is refused; empty: none
	}{
		{"aal1, longer", "aal1", func(o *Options) { o.AbsoluteMaxAge += time.Second }, "absoluteMaxAge"},
		{"aal1, until the browser closes", "aal1", func(o *Options) { o.MaxAge = BrowserSession }, ""},
		{"aal1, renew", "aal1", func(o *Options) { o.MaxAge, o.Renew = 14*day, true }, ""},
		{"aal2, longer", "aal2", func(o *Options) { o.AbsoluteMaxAge += time.Second }, "absoluteMaxAge"},
		{"aal2, idle for longer", "aal2", func(o *Options) { o.MaxAge += time.Second }, "maxAge"},
		{"aal2, not rolling", "aal2", func(o *Options) { o.Rolling = false }, "rolling"},
		{"aal2, renew", "aal2", func(o *Options) { o.Rolling, o.Renew = false, true }, "rolling"},
		{"aal2, until the browser closes", "aal2", func(o *Options) { o.MaxAge, o.Rolling = BrowserSession, false },
			""},
		{"aal3, longer", "aal3", func(o *Options) { o.AbsoluteMaxAge += time.Second }, "absoluteMaxAge"},
		{"aal3, idle for longer", "aal3", func(o *Options) { o.MaxAge += time.Second }, "maxAge"},
		{"aal3, until the browser closes", "aal3", func(o *Options) { o.MaxAge, o.Rolling = BrowserSession, false },
			"maxAge"},
		{"aal3, until the browser closes or soon after", "aal3",
			func(o *Options) { o.MaxAge, o.AbsoluteMaxAge, o.Rolling = BrowserSession, 15*time.Minute, false }, ""},
		{"unsigned", "aal1", func(o *Options) { o.Signed = false }, "signed"},
		{"plain http", "aal2", http, "publicURL"},
		{"plain http at the lowest level", "aal1", http, "publicURL"},
		{"plain http without a level", "none", http, ""},
		{"plain http on this machine", "aal3",
			func(o *Options) { o.PublicURL, o.CORSOrigins, o.Demo = "http://127.0.0.1:8080", nil, false }, ""},
		{"https", "aal3", https, ""},
		{"https without Secure", "aal2", func(o *Options) { https(o); o.Secure = "false" }, "secure"},
		{"all of it at no level", "none", func(o *Options) {
			https(o)
			o.Secure, o.Signed, o.AbsoluteMaxAge = "false",
				false, maxLife
		}, ""},
	} {
		o := at(c.level)
		c.change(&o)
		problems := problem.List(o.Validate())
		switch {
		case c.option == "" && len(problems) > 0:
			t.Errorf("%s: refused: %v", c.name, problems)
		case c.option == "":
		case len(problems) != 1 || problems[0].Option != c.option ||
			!strings.Contains(problems[0].Fact, "NIST SP 800-63B-4") || problems[0].Hint == "":
			t.Errorf("%s: problems %v, want one of %s that names the standard and a remedy", c.name, problems, c.option)
		}
	}
}

// A project that chooses a level gets the limits for what is beyond them, and keeps
// what was stricter.
func TestTightenAssurance(t *testing.T) {
	o := valid()
	o.Assurance = "aal2"
	o.TightenAssurance(func(string) bool { return true })
	if err := o.Validate(); err != nil || o.MaxAge != time.Hour || o.AbsoluteMaxAge != day || !o.Rolling {
		t.Errorf("the defaults at aal2: %v, %v, rolling %v (%v)", o.MaxAge, o.AbsoluteMaxAge, o.Rolling, err)
	}
	o.MaxAge, o.AbsoluteMaxAge = 10*time.Minute, 8*time.Hour
	for _, level := range []string{"aal2", "aal1", "none"} {
		o.Assurance = level
		o.TightenAssurance(func(string) bool { return true })
		if o.MaxAge != 10*time.Minute || o.AbsoluteMaxAge != 8*time.Hour || !o.Rolling {
			t.Errorf("%s changes what was stricter: %v, %v, rolling %v", level, o.MaxAge, o.AbsoluteMaxAge, o.Rolling)
		}
	}
	o.Assurance, o.MaxAge = "aal3", time.Hour
	o.TightenAssurance(func(option string) bool { return option != "maxAge" })
	if o.MaxAge != time.Hour {
		t.Error("a given maxAge was changed")
	}
}

// Levels are known by the value of the option, in the order of their numbers.
func TestAssuranceLevels(t *testing.T) {
	d, _ := Lookup("assurance")
	for i, name := range d.Values {
		if assuranceLevel(name) != i {
			t.Errorf("%s is level %d, want %d", name, assuranceLevel(name), i)
		}
		if _, ok := assurances[name]; ok != (i > 0) {
			t.Errorf("%s has limits: %v", name, ok)
		}
	}
	if !slices.Equal(d.Values, []string{"none", "aal1", "aal2", "aal3"}) {
		t.Errorf("values %q", d.Values)
	}
}
