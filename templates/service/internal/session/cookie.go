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

// set adds the cookie with Max-Age in seconds: 0 deletes it. Max-Age alone is enough: it has precedence over Expires and
// does not depend on the browser's clock (RFC 6265, section 5.3).
func (c *cookieWriter) set(h http.Header, value string, maxAge int64) {
	if c.overwrite {
		c.drop(h)
	}
	buf := make([]byte, 0, 256)
	buf = append(append(append(buf, c.name...), '='), value...)
	if maxAge != browserAge {
		buf = strconv.AppendInt(append(buf, "; Max-Age="...), maxAge, 10)
	}
	buf = append(buf, c.tail...)
	h["Set-Cookie"] = append(h["Set-Cookie"], string(buf))
}

// drop removes earlier cookies of this name from the answer.
func (c *cookieWriter) drop(h http.Header) {
	lines := h["Set-Cookie"]
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

// writeOutcome puts the outcome into the headers of an answer. Answers with a token are not to be stored anywhere.
func (m *Manager[T]) writeOutcome(h http.Header, out outcome) {
	if out.action == tellNothing {
		return
	}
	switch {
	case m.cfg.ExternalKey != nil:
		m.cfg.ExternalKey.Set(h, out.token)
	case out.action == clearToken:
		m.cookie.set(h, "", 0)
	default:
		m.cookie.set(h, out.token, out.maxAge)
	}
	if cc := h["Cache-Control"]; !listed(cc, "no-store") {
		h["Cache-Control"] = []string{"no-store"}
	}
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
