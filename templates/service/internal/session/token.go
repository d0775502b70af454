package session

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// encodedHash is the length of 32 bytes as base64url without padding: of ids, of keys in the store, and of signatures.
const encodedHash = 43

// signedTokens are tokens of the form
//
//	id [ "~" user ] [ "." base64url(HMAC-SHA256(key, name "=" id [ "~" user ])) ]
//
// The cookie's name is signed too, so a token is worth nothing under another name. user, the store's key of the user's
// stamp, lets both records be fetched at once; nothing else relies on it. Without keys, tokens are not signed.
type signedTokens struct {
	name string
	keys []*sync.Pool // of HMACs, newest key first: to make one takes longer than to use it
}

func newSignedTokens(cfg Config) *signedTokens {
	t := &signedTokens{name: cfg.Key}
	if cfg.Signed {
		for _, secret := range cfg.Keys {
			key := deriveKey(secret, "session token signature")
			t.keys = append(t.keys, &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }})
		}
	}
	return t
}

// Key hashes the id, so what is in the store cannot be used as a cookie. Without a signature, which binds an id
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
		token += "." + string(t.sign(t.keys[0], token))
	}
	return token, nil
}

func (t *signedTokens) Open(token string) (id, user string, _ []byte, current, ok bool) {
	token, mac, signed := strings.Cut(token, ".")
	id, user, tagged := strings.Cut(token, "~")
	if !isHash(id) || tagged && !isHash(user) || signed != (t.keys != nil) {
		return "", "", nil, false, false
	}
	if !signed {
		return id, user, nil, true, true
	}
	for i, key := range t.keys {
		if hmac.Equal([]byte(mac), t.sign(key, token)) {
			return id, user, nil, i == 0, true
		}
	}
	return "", "", nil, false, false
}

func (t *signedTokens) sign(key *sync.Pool, token string) []byte {
	mac := key.Get().(hash.Hash)
	defer key.Put(mac)
	mac.Reset()
	mac.Write([]byte(t.name + "=" + token))
	return base64.RawURLEncoding.AppendEncode(nil, mac.Sum(nil))
}

// drawID returns 256 random bits (ASVS 7.2.3 asks for 128).
func drawID() string {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// isHash reports whether s has the form of 32 bytes as base64url. No other string gets further.
func isHash(s string) bool {
	_, err := base64.RawURLEncoding.AppendDecode(make([]byte, 0, encodedHash), []byte(s))
	return err == nil && len(s) == encodedHash
}

// storeKey is the form in which names are kept at rest.
func storeKey(name string) string {
	sum := sha256.Sum256([]byte(name))
	return string(base64.RawURLEncoding.AppendEncode(make([]byte, 0, encodedHash), sum[:]))
}

// deriveKey makes one secret serve several purposes, none of which reveals another (RFC 5869).
func deriveKey(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, 32)
	if err != nil {
		panic(fmt.Sprintf("session: derive a key for the %s: %v", purpose, err)) // only for an impossible length
	}
	return key
}

// outcome is what the browser must be sent after a save: a token, or with "" that the session ended.
type outcome struct {
	send   bool
	token  string
	maxAge int // seconds; 0: until the browser closes
}

// write puts the outcome into the response headers. The attributes are the same on every line, also on the one
// that deletes the cookie: browsers look for Path, Domain, Secure and Partitioned.
func (m *Manager[T]) write(h http.Header, out outcome) {
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

// dropCookies removes earlier cookies of this name from the response.
func (m *Manager[T]) dropCookies(h http.Header) {
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool {
		name, _, _ := strings.Cut(line, "=")
		return strings.TrimSpace(name) == m.cfg.Key
	})
}
