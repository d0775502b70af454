package session

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// sealer encrypts whole sessions into tokens:
//
//	base64url( version 1 | key id 1 | nonce | ciphertext of ( session id 32 | record ) )
//
// The version and the cookie's name are authenticated too, so a token is worth nothing under another name. The key id spares
// trying every key.
type sealer struct {
	aad  []byte
	keys []sealKey // newest first
	rand io.Reader
	name string
}

type sealKey struct {
	id   byte
	aead cipher.AEAD
}

const (
	sealVersion = 1
	sealHead    = 2 // version and key id
	sealedID    = 32
	maxCookie   = 4096 // name and value together: RFC 6265bis, section 5.6; ASVS 3.3.5
)

var errSeal = errors.New("the sealed token is damaged, forged, or of another version")

func newSealer(s Sealer, name string, secrets [][]byte, rand io.Reader) (*sealer, error) {
	out := &sealer{aad: append([]byte{sealVersion}, name...), rand: rand, name: name}
	for i, secret := range secrets {
		key := deriveKey(secret, "session token sealing")
		aead, err := s.AEAD(key)
		if err != nil {
			return nil, fmt.Errorf("session: Keys[%d]: make the cipher: %w", i, err)
		}
		if aead.NonceSize() < 24 {
			return nil, fmt.Errorf("session: the cipher's nonce has %d bytes: random ones need 24", aead.NonceSize())
		}
		sum := sha256.Sum256(append([]byte("key id"), key...))
		out.keys = append(out.keys, sealKey{id: sum[0], aead: aead})
	}
	return out, nil
}

// seal returns the token, or ErrTooLarge.
func (s *sealer) seal(id, record []byte) (string, error) {
	key := s.keys[0]
	n := sealHead + key.aead.NonceSize() + len(id) + len(record) + key.aead.Overhead()
	if len(s.name)+base64.RawURLEncoding.EncodedLen(n) > maxCookie {
		return "", ErrTooLarge
	}
	buf := make([]byte, sealHead+key.aead.NonceSize(), n)
	buf[0], buf[1] = sealVersion, key.id
	nonce := buf[sealHead:]
	if _, err := io.ReadFull(s.rand, nonce); err != nil {
		return "", fmt.Errorf("session: read random bytes: %w", err)
	}
	plain := append(append(make([]byte, 0, len(id)+len(record)), id...), record...)
	return base64.RawURLEncoding.EncodeToString(key.aead.Seal(buf, nonce, plain, s.aad)), nil
}

// open returns what seal sealed, and which key it was.
func (s *sealer) open(token string) (id, record []byte, key int, err error) {
	if len(token) > maxCookie {
		return nil, nil, 0, errSeal
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(data) < sealHead || data[0] != sealVersion {
		return nil, nil, 0, errSeal
	}
	for i, k := range s.keys {
		n := sealHead + k.aead.NonceSize()
		if k.id != data[1] || len(data) < n {
			continue
		}
		plain, err := k.aead.Open(nil, data[sealHead:n], data[n:], s.aad)
		if err == nil && len(plain) >= sealedID {
			return plain[:sealedID], plain[sealedID:], i, nil
		}
	}
	return nil, nil, 0, errSeal
}
