// Package koa reads the sessions of a service that ran on Koa with koa-session, so that the service which takes its
// place need not log anybody out. It is for the time of the move alone: nothing here writes such a session.
//
// koa-session sends two cookies. One holds the session itself as JSON in base64, or, with a store, an id; the other,
// of the same name with ".sig" behind it, is base64url(HMAC-SHA1(key, name "=" value)), as the modules cookies 0.9 and
// keygrip 1.1 make it. A value without that second cookie is worth nothing here, whatever Koa's option signed was.
package koa

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"iter"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	maxCookie = 4096 // bytes of a name and a value: browsers keep no larger cookies
	maxTries  = 4    // cookies of one name: browsers send several that were set for other paths or domains
)

// Cookies are the pair in which koa-session keeps a session. The zero value finds nothing.
type Cookies struct {
	// Cookie has the name, and the attributes by which a browser finds the pair to delete it: Domain, Path and
	// Partitioned, and where the answer is to a page of another site, Secure and SameSite. The name may also be
	// "koa:sess" (the default up to koa-session 5), which net/http does not write.
	Cookie http.Cookie
	// Keys are app.keys, any of which may have signed.
	Keys []string
}

// Values returns the values of the request's pairs that one of the keys has signed. They come from the Koa service and
// from nobody else, but may be old.
func (c *Cookies) Values(r *http.Request) []string {
	if len(c.Keys) == 0 {
		return nil
	}
	var values, macs, signed []string
	for name, value := range cookies(r) {
		switch {
		case value == "" || len(name)+len(value) > maxCookie: // Koa signs the empty one, too, which ends a session
		case name == c.Cookie.Name && len(values) < maxTries:
			values = append(values, value)
		case name == c.Cookie.Name+".sig" && len(macs) < maxTries:
			macs = append(macs, value)
		}
	}
	for _, value := range values {
		for _, mac := range macs {
			if c.verify(value, mac) {
				signed = append(signed, value)
				break
			}
		}
	}
	return signed
}

// verify compares in constant time. Keygrip's other algorithm in Koa's manual, SHA-256, is known by its length.
func (c *Cookies) verify(value, mac string) bool {
	algorithm := map[int]func() hash.Hash{27: sha1.New, 43: sha256.New}[len(mac)]
	if algorithm == nil {
		return false
	}
	ok := false
	for _, key := range c.Keys {
		h := hmac.New(algorithm, []byte(key))
		h.Write([]byte(c.Cookie.Name + "=" + value))
		if hmac.Equal([]byte(mac), base64.RawURLEncoding.AppendEncode(nil, h.Sum(nil))) {
			ok = true
		}
	}
	return ok
}

// Without returns a request like r that does not have these values of the pair.
func (c *Cookies) Without(r *http.Request, values []string) *http.Request {
	var rest []string
	for name, value := range cookies(r) {
		if name != c.Cookie.Name || !slices.Contains(values, value) {
			rest = append(rest, name+"="+value)
		}
	}
	r = r.WithContext(r.Context()) // a copy
	r.Header = r.Header.Clone()
	r.Header["Cookie"] = []string{strings.Join(rest, "; ")}
	return r
}

// Delete has the browser drop the pair. own is the cookie that takes its place: where that has the same name, domain
// and path, it replaces the first of the two.
func (c *Cookies) Delete(h http.Header, own http.Cookie) {
	gone := c.Cookie
	gone.Name, gone.Value, gone.MaxAge = "x", "", -1
	attributes := strings.TrimPrefix(gone.String(), gone.Name)
	if c.Cookie.Name != own.Name || c.Cookie.Domain != own.Domain || c.Cookie.Path != own.Path {
		h.Add("Set-Cookie", c.Cookie.Name+attributes)
	}
	h.Add("Set-Cookie", c.Cookie.Name+".sig"+attributes)
}

// cookies are the names and values of a request's cookies, with the quotation marks off, as Koa reads them.
func cookies(r *http.Request) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for _, line := range r.Header["Cookie"] {
			for pair := range strings.SplitSeq(line, ";") {
				name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
				if ok && !yield(name, strings.Trim(value, `"`)) {
					return
				}
			}
		}
	}
}

// Fields are those of a session that the cookie itself holds. ok is false for any other value, such as the id of a
// store, or what an encode function of the Koa service has made.
func Fields(value string) (fields map[string]json.RawMessage, ok bool) {
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil || json.Unmarshal(text, &fields) != nil {
		return nil, false
	}
	// koa-session writes one of them into every session.
	return fields, fields["_expire"] != nil || fields["_session"] != nil
}

// End returns when the Koa service ends a session with these fields: _expire, or the zero time if it never does, as
// with maxAge 'session'. In Koa _maxAge counts only when a session is written again.
func End(fields map[string]json.RawMessage) (time.Time, error) {
	text, has := fields["_expire"]
	if !has || string(text) == "null" {
		return time.Time{}, nil
	}
	var ms float64
	if err := json.Unmarshal(text, &ms); err != nil {
		return time.Time{}, errors.New("_expire is not a number")
	}
	if ms < 0 || ms > math.MaxInt64/1e6 { // what time.Time can be compared and stored with
		return time.Time{}, fmt.Errorf("_expire is %v, which is not a time", ms)
	}
	return time.UnixMilli(int64(ms)), nil
}
