package doctor

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// cookie is one Set-Cookie line as browsers read it (RFC 6265bis section 5.6).
type cookie struct {
	http.Cookie        // attributes as written, without those that browsers ignore; SameSite 0 for unset
	path        string // below which it is sent: Path, or the default
	sameSite    string // the attribute where browsers do not know it
	control     bool   // holds a control character
	expired     bool
	expiry      string // the attribute that decides when it ends, as written
}

// parseCookie reads one line. now is the server's clock if it sent a Date, else ours; requestPath gives the default
// path.
//
// The attributes are read by net/http, the rest is not, because browsers take more: names that are not tokens, such as
// koa:sess, or no name at all, JSON and quotes in values, spaces before the = of an attribute, numbers of seconds that
// begin with a zero or are too large for an int, and dates in more forms. They ignore attributes of more than 1024
// bytes.
func parseCookie(line, requestPath string, now time.Time) cookie {
	pair, rest, _ := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found {
		name, value = "", pair
	}
	c := cookie{}
	attributes, written := "name=value", map[string]string{}
	for attribute := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(attribute, "=")
		key, value = strings.ToLower(strings.Trim(key, " \t")), strings.Trim(value, " \t")
		c.control = c.control || hasControl(value)
		if len(value) <= 1024 {
			attributes += "; " + key + "=" + value
			written[key] = value
		}
	}
	if parsed, err := http.ParseSetCookie(attributes); err == nil {
		c.Cookie = *parsed
	}
	c.Name, c.Value, c.Raw = strings.Trim(name, " \t"), strings.Trim(value, " \t"), line
	if c.SameSite == http.SameSiteDefaultMode {
		c.SameSite, c.sameSite = 0, written["samesite"]
	}
	c.path = c.Path
	if !strings.HasPrefix(c.path, "/") {
		c.path = defaultPath(requestPath)
	}
	c.control = c.control || hasControl(c.Name) || hasControl(c.Value)
	maxAge := written["max-age"]
	if digits := strings.TrimPrefix(maxAge, "-"); c.MaxAge != 0 || digits != "" && strings.Trim(digits,
		"0123456789") == "" {
		c.expired, c.expiry = c.MaxAge < 0 || digits != maxAge, "Max-Age="+maxAge
	} else if t, ok := parseDate(c.RawExpires); ok {
		c.expired, c.expiry = t.Before(now), "Expires="+c.RawExpires
	}
	return c
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// parseDate reads the forms of Expires that servers send.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC, time.RFC1123, time.RFC1123Z,
		"Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// defaultPath is RFC 6265 section 5.1.4.
func defaultPath(requestPath string) string {
	i := strings.LastIndexByte(requestPath, '/')
	if i <= 0 {
		return "/"
	}
	return requestPath[:i]
}

// covers is the path-match of RFC 6265 section 5.1.4.
func covers(path, requestPath string) bool {
	return path == requestPath || strings.HasPrefix(requestPath, path) && (strings.HasSuffix(path, "/") ||
		requestPath[len(path)] == '/')
}

// unsigned is a name without the ending of a signature, as Koa and cookie-session add it.
func unsigned(name string) string { return strings.TrimSuffix(name, ".sig") }

// deletes reports whether a cookie is there to delete one: it has no value, or the one of PHP.
func (c cookie) deletes() bool {
	return c.expired && (c.Value == "" || c.Value == `""` || c.Value == "deleted")
}

// describe is the cookie as Set-Cookie writes it, without its value.
func (c cookie) describe() string {
	return "Set-Cookie: " + c.Name + "=..." + policy.Attributes(&c.Cookie)
}

// identity returns the part of a value that names the session: without a signature at its end. It is "" for a value
// that holds the session itself, which changes with it: JSON in base64, or more than an id needs.
func identity(value string) string {
	const longestID = 72
	if strings.HasPrefix(value, "eyJ") || strings.HasPrefix(value, "%7B") || strings.HasPrefix(value, "{") {
		return ""
	}
	if i := strings.LastIndexByte(value, '.'); i > 0 {
		value = value[:i]
	}
	if len(value) > longestID {
		return ""
	}
	return value
}

// maxCookies bounds the cookies of one answer; Chromium keeps 180 of a site.
const maxCookies = 180

// cookies returns the cookies of an answer.
func (a *answer) cookies(target string, now time.Time) []cookie {
	if date, ok := parseDate(a.header.Get("Date")); ok {
		now = date
	}
	path := "/"
	if u, err := url.Parse(target); err == nil && u.Path != "" {
		path = u.Path
	}
	var list []cookie
	for i, line := range a.header["Set-Cookie"] {
		if i == maxCookies {
			break
		}
		list = append(list, parseCookie(line, path, now))
	}
	return list
}

// folded returns the names of further cookies in the same header, which browsers take for a part of the first one.
func (c cookie) folded() []string {
	pair, attributes, _ := strings.Cut(c.Raw, ";")
	var names []string
	for _, m := range slices.Concat(foldedPair.FindAllStringSubmatch(pair, -1),
		foldedAttribute.FindAllStringSubmatch(attributes, -1)) {
		names = append(names, m[1])
	}
	return names
}

var (
	foldedPair      = regexp.MustCompile(", +([^\\s\"=;,]+)=") // a comma without a space is in many values
	foldedAttribute = regexp.MustCompile(", *([^\\s\"=;,]+)=")
)

// jar keeps what the service set, also what a browser would drop, so that the rest can still be examined; only a cookie
// that is expired or has a control character is left out.
type jar struct{ cookies []cookie }

func (j *jar) keep(c cookie) {
	j.cookies = slices.DeleteFunc(j.cookies, func(o cookie) bool { return o.replaces(c) })
	if !c.expired && !c.control {
		j.cookies = append(j.cookies, c)
	}
}

// replaces reports whether a browser keeps only one of two cookies (RFC 6265bis section 5.7: name, domain and path).
func (c cookie) replaces(o cookie) bool {
	domain := func(c cookie) string { return strings.TrimPrefix(strings.ToLower(c.Domain), ".") }
	return c.Name == o.Name && c.path == o.path && domain(c) == domain(o)
}

// to returns the cookies for a URL's path, longer paths first.
func (j *jar) to(path string) []cookie {
	path, _, _ = strings.Cut(path, "?")
	var list []cookie
	for _, c := range j.cookies {
		if covers(c.path, path) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b cookie) int { return len(b.path) - len(a.path) })
	return list
}

// without is the jar without the cookies of a name.
func (j *jar) without(name string) *jar {
	return &jar{slices.DeleteFunc(slices.Clone(j.cookies), func(c cookie) bool { return unsigned(c.Name) == name })}
}

// header is the value of Cookie.
func header(list []cookie) string {
	var pairs []string
	for _, c := range list {
		if c.Name == "" {
			pairs = append(pairs, c.Value)
		} else {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

// find returns the first cookie of a name.
func find(list []cookie, name string) (cookie, bool) {
	i := slices.IndexFunc(list, func(c cookie) bool { return c.Name == name })
	if i < 0 {
		return cookie{}, false
	}
	return list[i], true
}
