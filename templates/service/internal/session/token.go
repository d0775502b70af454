package session

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// encodedHash is the length of 32 bytes as base64url without padding.
const encodedHash = 43

// signedTokens are tokens of the form
//
//	id [ "~" user ] [ "." base64url(HMAC-SHA256(key, name "=" id [ "~" user ])) ]
//
// The cookie's name is signed too, so a token is worth nothing under another name. user, the store's key of the user's
// stamp, lets both records be fetched at once; nothing else relies on it. Without keys, tokens are not signed.
type signedTokens struct {
	name string
	keys [][]byte // newest first
	gen  bool     // ids are Config.GenID's
	pre  string   // Config.Prefix
}

func newSignedTokens(cfg Config) *signedTokens {
	t := &signedTokens{name: cfg.Key, gen: cfg.GenID != nil, pre: cfg.Prefix}
	if cfg.Signed {
		for _, secret := range cfg.Keys {
			t.keys = append(t.keys, deriveKey(secret, "session token signature"))
		}
	}
	return t
}

// Key hashes the id: who reads the store cannot use what is there as a cookie. Without a signature, which binds an id
// to the cookie's name, the hash does that.
func (t *signedTokens) Key(id string) string {
	if t.keys == nil {
		id = t.name + "=" + id
	}
	return storeKey(id)
}

func (t *signedTokens) Issue(id, user string, _ []byte) (string, error) {
	token := id
	if user != "" {
		token += "~" + user
	}
	if t.keys != nil {
		token += "." + t.sign(t.keys[0], token)
	}
	return token, nil
}

func (t *signedTokens) Open(token string) (id, user string, _ []byte, current, ok bool) {
	if len(token) > maxID+2*(1+encodedHash) {
		return "", "", nil, false, false
	}
	used := 0
	if t.keys != nil {
		dot := strings.LastIndexByte(token, '.')
		if dot < 0 {
			return "", "", nil, false, false
		}
		var mac string
		token, mac = token[:dot], token[dot+1:]
		if used = t.signedBy(token, mac); used < 0 {
			return "", "", nil, false, false
		}
	}
	id, user, tagged := strings.Cut(token, "~")
	if tagged && (len(user) != encodedHash || !validIDChars(user)) || !t.validID(id) {
		return "", "", nil, false, false
	}
	return id, user, nil, used == 0, true
}

// signedBy returns which key has made the MAC of the token, or -1.
func (t *signedTokens) signedBy(token, mac string) int {
	for i, key := range t.keys {
		if hmac.Equal([]byte(mac), []byte(t.sign(key, token))) {
			return i
		}
	}
	return -1
}

func (t *signedTokens) sign(key []byte, token string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(t.name + "=" + token))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

const (
	minID = 16  // characters; shorter ones can be guessed
	maxID = 128 // characters
)

// newID returns a new id: 256 random bits unless Config.GenID is set (ASVS 7.2.3 asks for 128).
func (m *Manager[T]) newID(ctx context.Context) (string, error) {
	if m.cfg.GenID == nil {
		var b [32]byte
		rand.Read(b[:]) // never fails
		return m.cfg.Prefix + base64.RawURLEncoding.EncodeToString(b[:]), nil
	}
	id, err := m.cfg.GenID(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("GenID: %w", err)
	case len(id) < minID || !validIDChars(id): // not quoted: it may be in use somewhere
		return "", errors.New(`GenID: the id must be 16 to 128 letters, digits, "-", "_", "." or ":"`)
	}
	return id, nil
}

// validID reports whether newID can have returned id. A stranger's string gets no further without it.
func (t *signedTokens) validID(id string) bool {
	if t.gen {
		return len(id) >= minID && validIDChars(id)
	}
	random, ok := strings.CutPrefix(id, t.pre)
	return ok && len(random) == encodedHash && validIDChars(random)
}

func validIDChars(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.:", rune(c)) {
			return false
		}
	}
	return len(s) <= maxID
}

// storeKey is the form in which names are kept at rest: 43 characters.
func storeKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// deriveKey makes one secret serve several purposes, none of which reveals another (RFC 5869).
func deriveKey(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, 32)
	if err != nil {
		panic(fmt.Sprintf("session: derive a key for the %s: %v", purpose, err)) // only for an impossible length
	}
	return key
}

// tokensOf returns the tokens that the request has. Browsers send several cookies of one name when they were set for
// other paths or domains, in any order.
func (m *Manager[T]) tokensOf(r *http.Request) []string {
	if x := m.cfg.ExternalKey; x != nil {
		if token := x.Get(r); token != "" {
			return []string{token}
		}
		return nil
	}
	var tokens []string
	for _, c := range r.CookiesNamed(m.cfg.Key) {
		tokens = append(tokens, c.Value)
	}
	return tokens
}

// outcome is what the browser must be told after a save: a token, or with "" that the session ended.
type outcome struct {
	tell   bool
	token  string
	maxAge int // seconds; 0: until the browser closes
}

// write puts the outcome into the headers of an answer. The attributes are the same on every line, also on the one
// that deletes the cookie: browsers look for Path, Domain, Secure and Partitioned.
func (m *Manager[T]) write(h http.Header, out outcome) {
	if x := m.cfg.ExternalKey; x != nil {
		x.Set(h, out.token)
		return
	}
	c := m.cookie
	c.Value, c.MaxAge = out.token, out.maxAge
	if out.token == "" {
		c.MaxAge = -1 // is sent as Max-Age=0
	}
	if m.cfg.Overwrite {
		m.dropCookies(h)
	}
	h.Add("Set-Cookie", c.String())
}

// dropCookies removes earlier cookies of this name from the answer.
func (m *Manager[T]) dropCookies(h http.Header) {
	var kept []string
	for _, line := range h["Set-Cookie"] {
		if name, _, _ := strings.Cut(line, "="); strings.TrimSpace(name) != m.cfg.Key {
			kept = append(kept, line)
		}
	}
	h["Set-Cookie"] = kept
	if kept == nil {
		delete(h, "Set-Cookie")
	}
}
