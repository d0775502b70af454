package cookie

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// tokens encrypts whole sessions into tokens:
//
//	base64url( version 1 | key id 1 | nonce 24 | ciphertext of ( session id 32 | record ) | tag 16 )
//
// The version and the cookie's name are authenticated too, so a token is worth nothing under another name. The key id
// saves trying every key.
type tokens struct {
	name string
	aad  []byte
	keys []sealKey // newest first
}

type sealKey struct {
	id   byte
	aead cipher.AEAD
}

const (
	sealVersion = 1
	sealHead    = 2 + xaesNonceSize
	idSize      = 32
	maxCookie   = 4096 // name and value together: RFC 6265bis, section 5.6; ASVS 3.3.5
)

// Tokens implements session.Carrier.
func (s *Store) Tokens(name string, secrets [][]byte) (session.Tokens, error) {
	if len(secrets) == 0 {
		return nil, errors.New("cookie store: there is no key")
	}
	t := &tokens{name: name, aad: append([]byte{sealVersion}, name...)}
	for _, secret := range secrets {
		key, err := hkdf.Key(sha256.New, secret, nil, "session token sealing", xaesKeySize)
		if err != nil {
			return nil, fmt.Errorf("cookie store: derive the key: %w", err)
		}
		aead, err := newXAES(key)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(append([]byte("key id"), key...))
		t.keys = append(t.keys, sealKey{sum[0], aead})
	}
	return t, nil
}

// Key implements session.Tokens.
func (t *tokens) Key(id string) string {
	sum := sha256.Sum256([]byte(id))
	return sessionPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Issue implements session.Tokens. id is 32 bytes in base64url form, as the manager makes them; the user is in the
// record and not needed. Issue returns session.ErrTooLarge if the cookie would have more than 4096 bytes.
func (t *tokens) Issue(id, _ string, record []byte) (string, error) {
	rawID, err := strict.DecodeString(id)
	if err != nil || len(rawID) != idSize {
		return "", errors.New("cookie store: the session's id is not 32 bytes in base64url form")
	}
	key := t.keys[0]
	n := sealHead + idSize + len(record) + gcmTagSize
	if len(t.name)+base64.RawURLEncoding.EncodedLen(n) > maxCookie {
		return "", session.ErrTooLarge
	}
	buf := make([]byte, sealHead, n)
	buf[0], buf[1] = sealVersion, key.id
	nonce := buf[2:sealHead]
	rand.Read(nonce)
	sealed := key.aead.Seal(buf, nonce, append(rawID, record...), t.aad)
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open implements session.Tokens.
func (t *tokens) Open(token string) (id, user string, record []byte, current, ok bool) {
	if len(token) > maxCookie {
		return "", "", nil, false, false
	}
	data, err := strict.DecodeString(token)
	if err != nil || len(data) < sealHead || data[0] != sealVersion {
		return "", "", nil, false, false
	}
	for i, key := range t.keys {
		if key.id != data[1] {
			continue
		}
		plain, err := key.aead.Open(nil, data[2:sealHead], data[sealHead:], t.aad)
		if err == nil && len(plain) >= idSize {
			return base64.RawURLEncoding.EncodeToString(plain[:idSize]), "", plain[idSize:], i == 0, true
		}
	}
	return "", "", nil, false, false
}
