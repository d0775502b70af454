package session

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"sync"
)

// encodedHash is the length of 32 bytes as base64url without padding.
const encodedHash = 43

// signer makes and checks tokens of the form id "." base64url(HMAC-SHA256(key, name "=" id)). The cookie's name is
// signed too, so that a token is worth nothing under another name.
type signer struct {
	name string
	keys []*sync.Pool // of *macState, newest key first
}

// macState is a keyed hash that is used again: keying one costs more than hashing an id.
type macState struct {
	mac hash.Hash
	in  []byte
	sum [sha256.Size]byte
	out [encodedHash]byte
}

func newSigner(name string, secrets [][]byte) *signer {
	s := &signer{name: name}
	for _, secret := range secrets {
		key := deriveKey(secret, "session token signature")
		s.keys = append(s.keys, &sync.Pool{New: func() any { return &macState{mac: hmac.New(sha256.New, key)} }})
	}
	return s
}

// sum leaves the encoded MAC of id in st.out.
func (s *signer) sum(st *macState, id string) {
	st.mac.Reset()
	st.in = append(append(append(st.in[:0], s.name...), '='), id...)
	st.mac.Write(st.in)
	base64.RawURLEncoding.Encode(st.out[:], st.mac.Sum(st.sum[:0]))
}

// sign returns the token for id, signed with the newest key.
func (s *signer) sign(id string) string {
	st := s.keys[0].Get().(*macState)
	defer s.keys[0].Put(st)
	s.sum(st, id)
	buf := make([]byte, 0, 192)
	buf = append(append(append(buf, id...), '.'), st.out[:]...)
	return string(buf)
}

// verify returns the id of a token that one of the keys signed, and which key.
func (s *signer) verify(token string) (id string, key int, ok bool) {
	dot := len(token) - encodedHash - 1
	if dot < 1 || dot > maxID || token[dot] != '.' {
		return "", 0, false
	}
	id = token[:dot]
	var got [encodedHash]byte
	copy(got[:], token[dot+1:])
	for i, pool := range s.keys {
		st := pool.Get().(*macState)
		s.sum(st, id)
		ok = subtle.ConstantTimeCompare(got[:], st.out[:]) == 1
		pool.Put(st)
		if ok {
			return id, i, true
		}
	}
	return "", 0, false
}

// deriveKey makes one secret serve several purposes, none of which tells about another (RFC 5869).
func deriveKey(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, purpose, 32)
	if err != nil {
		panic(fmt.Sprintf("session: derive a key for the %s: %v", purpose, err)) // only for an impossible length
	}
	return key
}
