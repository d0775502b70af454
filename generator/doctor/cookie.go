package doctor

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cookie is one Set-Cookie line as RFC 6265bis section 5.6 reads it. net/http's parser is not used: it drops names such
// as koa:sess, which browsers keep.
type cookie struct {
	name, value      string
	sameSite         string // "lax", "strict", "none", or "" for unset and unknown values
	domain, path     string // as written; path "" means the default
	hasDomain        bool
	secure, httpOnly bool
	partitioned      bool
	control          bool // holds a control character
	expired          bool
	expiry           string // the attribute that expired, as written
}

// parseCookie reads one line. now is the server's clock if it sent a Date, else ours; requestPath gives the default path.
func parseCookie(line, requestPath string, now time.Time) cookie {
	c := cookie{}
	pair, rest, _ := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found {
		name, value = "", pair
	}
	c.name, c.value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
	maxAge := false
	for attribute := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(attribute, "=")
		value = strings.Trim(value, " \t")
		c.control = c.control || hasControl(value)
		if len(value) > 1024 {
			continue
		}
		switch strings.ToLower(strings.Trim(key, " \t")) {
		case "samesite":
			c.sameSite = strings.ToLower(value)
			if !slices.Contains([]string{"lax", "strict", "none"}, c.sameSite) {
				c.sameSite = ""
			}
		case "secure":
			c.secure = true
		case "httponly":
			c.httpOnly = true
		case "partitioned":
			c.partitioned = true
		case "domain":
			c.domain, c.hasDomain = value, value != ""
		case "path":
			c.path = value
		case "max-age":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil || strings.Trim(value, "-0123456789") == "" && value != "" {
				maxAge, c.expired, c.expiry = true, n <= 0 && err == nil || strings.HasPrefix(value, "-"), "Max-Age="+value
			}
		case "expires":
			if t, ok := parseDate(value); ok && !maxAge {
				c.expired, c.expiry = t.Before(now), "Expires="+value
			}
		}
	}
	if !strings.HasPrefix(c.path, "/") {
		c.path = defaultPath(requestPath)
	}
	c.control = c.control || hasControl(c.name) || hasControl(c.value)
	return c
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// parseDate reads the forms of Expires that servers send.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC, time.RFC1123, time.RFC1123Z, "Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST"} {
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
	return path == requestPath || strings.HasPrefix(requestPath, path) && (strings.HasSuffix(path, "/") || requestPath[len(path)] == '/')
}

// cookies returns all cookies of an answer.
func (a *answer) cookies(target string, now time.Time) []cookie {
	if date, ok := parseDate(a.header.Get("Date")); ok {
		now = date
	}
	path := "/"
	if u, err := url.Parse(target); err == nil && u.Path != "" {
		path = u.Path
	}
	var list []cookie
	for _, line := range a.header["Set-Cookie"] {
		list = append(list, parseCookie(line, path, now))
	}
	return list
}

// jar keeps what the service set, also what a browser would drop, so that the rest can still be examined.
type jar struct{ cookies []cookie }

func (j *jar) keep(c cookie) {
	j.cookies = slices.DeleteFunc(j.cookies, func(o cookie) bool { return o.name == c.name && o.path == c.path && o.domain == c.domain })
	if !c.expired && !c.control {
		j.cookies = append(j.cookies, c)
	}
}

// header returns the Cookie header for a path, longer paths first.
func (j *jar) header(path string) string {
	var list []cookie
	for _, c := range j.cookies {
		if covers(c.path, path) {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b cookie) int { return len(b.path) - len(a.path) })
	var pairs []string
	for _, c := range list {
		if c.name == "" {
			pairs = append(pairs, c.value)
		} else {
			pairs = append(pairs, c.name+"="+c.value)
		}
	}
	return strings.Join(pairs, "; ")
}

func (j *jar) find(name string) (cookie, bool) {
	i := slices.IndexFunc(j.cookies, func(c cookie) bool { return c.name == name })
	if i < 0 {
		return cookie{}, false
	}
	return j.cookies[i], true
}

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) })
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}
