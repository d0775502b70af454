package session

import (
	"net/http"
	"strconv"
	"strings"
)

// cookieWriter writes Set-Cookie lines and finds the cookie in a request. The attributes are the same on every line, deletions
// included: browsers drop a cookie only if Path, Domain, Secure and Partitioned are those it was set with.
type cookieWriter struct {
	name      string
	tail      string // "; Path=/; ..."
	overwrite bool
}

func newCookieWriter(cfg Config) cookieWriter {
	var b strings.Builder
	b.WriteString("; Path=" + cfg.Path)
	if cfg.Domain != "" {
		b.WriteString("; Domain=" + cfg.Domain)
	}
	if cfg.HTTPOnly {
		b.WriteString("; HttpOnly")
	}
	if cfg.Secure {
		b.WriteString("; Secure")
	}
	switch cfg.SameSite {
	case http.SameSiteLaxMode:
		b.WriteString("; SameSite=Lax")
	case http.SameSiteStrictMode:
		b.WriteString("; SameSite=Strict")
	case http.SameSiteNoneMode:
		b.WriteString("; SameSite=None")
	}
	if cfg.Partitioned {
		b.WriteString("; Partitioned")
	}
	return cookieWriter{name: cfg.Key, tail: b.String(), overwrite: cfg.Overwrite}
}

// browserAge, as maxAge, leaves Max-Age away.
const browserAge = -1

// line returns the cookie with Max-Age in seconds: 0 deletes it. Max-Age alone is enough: it has precedence over Expires and
// does not depend on the browser's clock (RFC 6265, section 5.3).
func (c *cookieWriter) line(value string, maxAge int64) string {
	buf := make([]byte, 0, 256)
	buf = append(append(append(buf, c.name...), '='), value...)
	if maxAge != browserAge {
		buf = strconv.AppendInt(append(buf, "; Max-Age="...), maxAge, 10)
	}
	return string(append(buf, c.tail...))
}

// drop removes earlier cookies of this name from the answer.
func (c *cookieWriter) drop(h http.Header) {
	lines := h["Set-Cookie"]
	if len(lines) == 0 {
		return
	}
	kept := lines[:0]
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) != c.name {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		delete(h, "Set-Cookie")
		return
	}
	h["Set-Cookie"] = kept
}

// find calls yield with the value of each cookie of this name until it returns true. Browsers send several when the same
// name was set for other paths or domains.
func (c *cookieWriter) find(h http.Header, yield func(value string) bool) {
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, ok := strings.Cut(pair, "=")
			if !ok || strings.Trim(name, " \t") != c.name {
				continue
			}
			value = strings.Trim(value, " \t")
			if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
				value = value[1 : n-1]
			}
			if yield(value) {
				return
			}
		}
	}
}

// outcome is what a commit wants the browser to be told.
type outcome struct {
	action action
	token  string
	maxAge int64 // seconds, or browserAge
}

type action uint8

const (
	tellNothing action = iota
	setToken
	clearToken
)

// writeOutcome puts the outcome into the headers of an answer, which is then not to be stored anywhere; see request.noStore.
func (s *Session[T]) writeOutcome(h http.Header, out outcome) {
	c := &s.m.cookie
	switch {
	case out.action == tellNothing:
		return
	case s.m.cfg.ExternalKey != nil:
		s.m.cfg.ExternalKey.Set(h, out.token)
	default:
		if c.overwrite {
			c.drop(h)
		}
		line := c.line(out.token, out.maxAge)
		if old := h["Set-Cookie"]; len(old) > 0 {
			h["Set-Cookie"] = append(old, line)
		} else {
			h["Set-Cookie"] = s.line(1, line)
		}
	}
	s.told = true
}

// line returns the value of a header with one line, in the session's own memory. Appending to it copies it.
func (s *Session[T]) line(i int, value string) []string {
	s.lines[i] = value
	return s.lines[i : i+1 : i+1]
}

// listed reports whether a header's comma-separated lists hold the word, which is in lower case; "*" counts in Vary.
func listed(lines []string, word string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "*" || strings.EqualFold(item, word) {
				return true
			}
		}
	}
	return false
}
