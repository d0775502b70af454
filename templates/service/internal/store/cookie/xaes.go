package cookie

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
)

const (
	xaesKeySize   = 32
	xaesNonceSize = 24
	gcmTagSize    = 16
)

// xaes is XAES-256-GCM (https://c2sp.org/XAES-256-GCM): AES-256-GCM under a key that is derived from half of a
// 24-byte nonce. Plain GCM with random 12-byte nonces is good for 2^32 messages with one key, which a busy rolling
// session cookie reaches within weeks; this is good for 2^80.
type xaes struct {
	c  cipher.Block
	k1 [aes.BlockSize]byte
}

func newXAES(key []byte) (cipher.AEAD, error) {
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

func (*xaes) NonceSize() int { return xaesNonceSize }
func (*xaes) Overhead() int  { return gcmTagSize }

// derive returns AES-256-GCM under the key that NIST SP 800-108r1 (counter mode with CMAC) derives from the first half
// of the nonce with the label "X".
func (x *xaes) derive(nonce []byte) (cipher.AEAD, error) {
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

// Seal implements cipher.AEAD. It panics if the nonce has not 24 bytes.
func (x *xaes) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	if len(nonce) != xaesNonceSize {
		panic("cookie store: the nonce must have 24 bytes")
	}
	gcm, err := x.derive(nonce)
	if err != nil {
		panic("cookie store: " + err.Error()) // the sizes are right, so this cannot be
	}
	return gcm.Seal(dst, nonce[12:], plaintext, additionalData)
}

// Open implements cipher.AEAD.
func (x *xaes) Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error) {
	if len(nonce) != xaesNonceSize {
		return nil, errors.New("cookie store: the nonce must have 24 bytes")
	}
	gcm, err := x.derive(nonce)
	if err != nil {
		return nil, err
	}
	return gcm.Open(dst, nonce[12:], ciphertext, additionalData)
}
