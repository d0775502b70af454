package session

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

const (
	minID = 16  // characters; shorter ones can be guessed
	maxID = 128 // characters
)

// idMaker makes ids, and says which ones can be ours at all: a stranger's string is checked for length and alphabet before
// anything is done with it.
type idMaker struct {
	gen    func(context.Context) (string, error)
	prefix string
	rand   io.Reader
}

func newIDMaker(cfg Config) idMaker {
	return idMaker{gen: cfg.GenID, prefix: cfg.Prefix, rand: cfg.Rand}
}

// make returns a new id: 256 random bits unless Config.GenID is set (ASVS 7.2.3 asks for 128).
func (g idMaker) make(ctx context.Context) (string, error) {
	if g.gen == nil {
		var b [32]byte
		if _, err := io.ReadFull(g.rand, b[:]); err != nil {
			return "", fmt.Errorf("session: read random bytes: %w", err)
		}
		return g.prefix + base64.RawURLEncoding.EncodeToString(b[:]), nil
	}
	id, err := g.gen(ctx)
	if err != nil {
		return "", fmt.Errorf("session: GenID: %w", err)
	}
	if !g.valid(id) {
		// The id itself is not shown: it may be in use somewhere.
		return "", errors.New(`session: GenID: the id must be 16 to 128 letters, digits, "-", "_", "." or ":"`)
	}
	return id, nil
}

// valid reports whether make can have returned id.
func (g idMaker) valid(id string) bool {
	if g.gen == nil {
		n := len(g.prefix)
		if len(id) != n+encodedHash || id[:n] != g.prefix {
			return false
		}
		id = id[n:]
		for i := range len(id) {
			if !isBase64URL(id[i]) {
				return false
			}
		}
		return true
	}
	return len(id) >= minID && validIDChars(id)
}

func validIDChars(s string) bool {
	if len(s) > maxID {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isBase64URL(c) && c != '.' && c != ':' {
			return false
		}
	}
	return true
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// storeKey is the form in which an id is kept at rest: who reads the store cannot use what he finds as a cookie. It is 43
// characters, which is also as much as the tables of some stores hold.
func storeKey(id string) string {
	var in [maxID + 64]byte
	sum := sha256.Sum256(append(in[:0], id...))
	var out [encodedHash]byte
	base64.RawURLEncoding.Encode(out[:], sum[:])
	return string(out[:])
}
