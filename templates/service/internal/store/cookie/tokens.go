package cookie

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync"

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
	warn sync.Once // of a large cookie
}

type sealKey struct {
	id   byte
	xaes *xaes
}

const (
	sealVersion = 1
	sealHead    = 2 + xaesNonceSize
	idSize      = 32
	maxCookie   = 4096 // name and value together: RFC 6265bis, section 5.6; ASVS 3.3.5
	largeCookie = 3000 // with the other headers it may exceed what nginx takes by default, 4096 bytes for all of them

	xaesKeySize   = 32
	xaesNonceSize = 24
	gcmTagSize    = 16
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
		x, err := newXAES(key)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(append([]byte("key id"), key...))
		t.keys = append(t.keys, sealKey{sum[0], x})
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
	size := len(t.name) + base64.RawURLEncoding.EncodedLen(n)
	if size > maxCookie {
		return "", session.ErrTooLarge
	}
	if size > largeCookie {
		t.warn.Do(func() {
			slog.Warn(
				"a session's cookie comes near its limit, and a proxy may answer 502 (nginx: proxy_buffer_size 16k; "+
					"proxy_buffers 8 16k); keep less in the session, or choose a store on the server",
				"bytes",
				size,
				"limit",
				maxCookie,
			)
		})
	}
	buf := make([]byte, sealHead, n)
	buf[0], buf[1] = sealVersion, key.id
	nonce := buf[2:sealHead]
	rand.Read(nonce)
	sealed := key.xaes.seal(buf, nonce, append(rawID, record...), t.aad)
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
		plain, err := key.xaes.open(nil, data[2:sealHead], data[sealHead:], t.aad)
		if err == nil && len(plain) >= idSize {
			return base64.RawURLEncoding.EncodeToString(plain[:idSize]), "", plain[idSize:], i == 0, true
		}
	}
	return "", "", nil, false, false
}

// xaes is XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM under a key that is derived from half of a
// 24-byte nonce. Plain GCM with random 12-byte nonces is good for 2^32 messages with one key, which a busy rolling
// session cookie reaches within weeks; this is good for 2^80.
type xaes struct {
	c  cipher.Block
	k1 [aes.BlockSize]byte
}

func newXAES(key []byte) (*xaes, error) {
	if len(key) != xaesKeySize {
		return nil, fmt.Errorf("cookie store: the key has %d bytes: XAES-256-GCM needs %d", len(key), xaesKeySize)
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cookie store: %w", err)
	}
	// K1 is the first subkey of CMAC (NIST SP 800-38B, section 6.1): the encrypted zero block, doubled in GF(2^128).
	x := &xaes{c: c}
	c.Encrypt(x.k1[:], x.k1[:])
	var msb byte
	for i := len(x.k1) - 1; i >= 0; i-- {
		msb, x.k1[i] = x.k1[i]>>7, x.k1[i]<<1|msb
	}
	x.k1[len(x.k1)-1] ^= msb * 0b10000111
	return x, nil
}

// derive returns AES-256-GCM under the key that NIST SP 800-108r1 (counter mode with CMAC) derives from the first half
// of the nonce with the label "X".
func (x *xaes) derive(nonce []byte) (cipher.AEAD, error) {
	if len(nonce) != xaesNonceSize {
		return nil, fmt.Errorf("cookie store: the nonce has %d bytes: XAES-256-GCM needs %d", len(nonce), xaesNonceSize)
	}
	key := make([]byte, 0, xaesKeySize)
	key = append(append(key, 0, 1, 'X', 0), nonce[:12]...)
	key = append(append(key, 0, 2, 'X', 0), nonce[:12]...)
	subtle.XORBytes(key[:aes.BlockSize], key[:aes.BlockSize], x.k1[:])
	subtle.XORBytes(key[aes.BlockSize:], key[aes.BlockSize:], x.k1[:])
	x.c.Encrypt(key[:aes.BlockSize], key[:aes.BlockSize])
	x.c.Encrypt(key[aes.BlockSize:], key[aes.BlockSize:])
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (x *xaes) seal(dst, nonce, plaintext, aad []byte) []byte {
	gcm, err := x.derive(nonce)
	if err != nil {
		panic(err) // the sizes are right, so this cannot be
	}
	return gcm.Seal(dst, nonce[12:], plaintext, aad)
}

func (x *xaes) open(dst, nonce, ciphertext, aad []byte) ([]byte, error) {
	gcm, err := x.derive(nonce)
	if err != nil {
		return nil, err
	}
	return gcm.Open(dst, nonce[12:], ciphertext, aad)
}
