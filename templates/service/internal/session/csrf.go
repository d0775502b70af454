package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
)

// ErrNoToken: RequireToken found no token of this session in the request.
var ErrNoToken error = &failure{"the " + TokenHeader + " header is not what CSRFToken returns: send that", 403}

// TokenHeader is where [Manager.RequireToken] looks for the token of [Session.CSRFToken].
const TokenHeader = "X-CSRF-Token"

// CSRFToken returns what a page must send back in TokenHeader with every request that changes something, if the routes
// are behind [Manager.RequireToken]: 43 characters, or "" if nobody signed in. NIST SP 800-63B-4, section 5.1, asks for
// such an identifier in POST and PUT requests. A page of another site can make the browser send the cookie, but cannot
// read this.
//
// It is HMAC-SHA256, under a key of its own (see deriveKey), of the cookie's name, the user and the time of the
// sign-in. It is not made from the id on purpose:
//   - the sign-in is known before the session is saved and the id is not, so the login's answer can hold the token;
//   - it stays the same when the session gets a new id, so a page that is open need not fetch another one;
//   - it reveals nothing about the id, and so nothing about the cookie, which scripts must not see.
//
// It changes with each SignIn. (Two sign-ins of one user in the same millisecond share it, which helps no other user.)
// When Config.Keys are rotated, tokens of the older keys are accepted as long as those are.
//
// It is "" without Config.Keys.
func (s *Session[T]) CSRFToken() string {
	if s.env.user == "" || len(s.m.cfg.Keys) == 0 {
		return ""
	}
	return s.csrfToken(csrfKey(s.m.cfg.Keys[0]))
}

// RequireToken lets requests of a signed-in session which may change something (any method but GET, HEAD, OPTIONS and
// TRACE) pass to next only with the session's CSRFToken in TokenHeader. Others get ErrNoToken through
// Config.ErrorHandler: 403 by default. The header's value is compared in constant time.
//
// Requests whose session has no user pass: they have no right that could be abused. http.CrossOriginProtection covers
// them too, and is the first line of defence for all. RequireToken belongs inside Middleware, and panics without
// Config.Keys.
func (m *Manager[T]) RequireToken(next http.Handler) http.Handler {
	if len(m.cfg.Keys) == 0 {
		panic("session: RequireToken needs Config.Keys: give at least one key of 32 random bytes")
	}
	keys := make([][]byte, len(m.cfg.Keys))
	for i, secret := range m.cfg.Keys {
		keys[i] = csrfKey(secret)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
			next.ServeHTTP(w, r)
			return
		}
		s := m.Get(r)
		err := s.Err()
		if err == nil && s.User() != "" && !s.hasToken(keys, r.Header.Get(TokenHeader)) {
			err = ErrNoToken
		}
		if err != nil {
			m.cfg.ErrorHandler(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Session[T]) hasToken(keys [][]byte, got string) bool {
	for _, key := range keys {
		if hmac.Equal([]byte(got), []byte(s.csrfToken(key))) {
			return true
		}
	}
	return false
}

// csrfToken writes the fields so that no two ways to fill them look alike: no cookie's name holds a NUL, and the time
// has a fixed length.
func (s *Session[T]) csrfToken(key []byte) string {
	in := append([]byte(s.m.cfg.Key), 0)
	in = binary.BigEndian.AppendUint64(in, uint64(s.env.auth))
	mac := hmac.New(sha256.New, key)
	mac.Write(append(in, s.env.user...))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func csrfKey(secret []byte) []byte { return deriveKey(secret, "CSRF token") }
