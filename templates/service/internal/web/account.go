package web

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Authenticator decides who a login is. Replace the one account of [NewAccount] by your own user table here.
type Authenticator interface {
	// Authenticate returns the stable id of the user, which is kept in the session. [ErrRefused] stands for an
	// unknown user as well as for a wrong password, and both must take the same time. Any other error is a failure
	// of the user table. It may be called by many requests at once.
	Authenticate(ctx context.Context, username, password string) (userID string, err error)
}

// ErrRefused says that the name or the password is wrong, and not which.
var ErrRefused = errors.New("wrong username or password")

// Parameters of a new hash. The number of iterations is OWASP's for PBKDF2-HMAC-SHA256 (Password Storage cheat
// sheet); a hash carries its own, so it can be raised without touching old ones.
const (
	hashScheme     = "pbkdf2-sha256"
	hashIterations = 600_000
	hashSaltBytes  = 16
)

// Limits of a hash that is read: fewer iterations protect nothing, more would let one login keep a processor busy
// for seconds.
const (
	minIterations = 1_000
	maxIterations = 10_000_000
)

// maxUsername is what a session keeps of a user's id, in bytes.
const maxUsername = 512

// account is the one user of the environment.
type account struct {
	username   [sha256.Size]byte // hashed, to compare in constant time whatever its length
	userID     string
	iterations int
	salt, hash []byte
}

// NewAccount returns an Authenticator that knows one account. The hash is a line of [HashPassword]. With neither,
// it refuses everyone.
func NewAccount(username, passwordHash string) (Authenticator, error) {
	switch {
	case username == "" && passwordHash == "":
		return nobody{}, nil
	case username == "":
		return nil, errors.New("ACCOUNT_PASSWORD_HASH is set without ACCOUNT_USERNAME; set both, or none")
	case len(username) > maxUsername:
		return nil, fmt.Errorf("ACCOUNT_USERNAME has %d bytes; choose one of at most %d", len(username), maxUsername)
	case passwordHash == "":
		return nil, errors.New("ACCOUNT_USERNAME is set without ACCOUNT_PASSWORD_HASH; run: go run . hash-password")
	}
	a, err := parseHash(passwordHash)
	if err != nil {
		return nil, fmt.Errorf("ACCOUNT_PASSWORD_HASH: %w; make one with: go run . hash-password", err)
	}
	a.userID = username
	a.username = sha256.Sum256([]byte(username))
	return a, nil
}

func (a *account) Authenticate(_ context.Context, username, password string) (string, error) {
	// The password is hashed for a wrong name too: the time must not show it.
	hash, err := pbkdf2.Key(sha256.New, password, a.salt, a.iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	name := sha256.Sum256([]byte(username))
	rightName := hmac.Equal(name[:], a.username[:])
	rightPassword := hmac.Equal(hash, a.hash)
	if !rightName || !rightPassword {
		return "", ErrRefused
	}
	return a.userID, nil
}

// nobody is the Authenticator without an account.
type nobody struct{}

func (nobody) Authenticate(context.Context, string, string) (string, error) { return "", ErrRefused }

// HashPassword returns a password in the form pbkdf2-sha256$iterations$salt$hash, salt and hash in base64 without
// padding. It takes a noticeable part of a second. The bytes count: é typed as one character and as e with an accent
// are two passwords, unless you bring both to NFC (golang.org/x/text/unicode/norm; NIST SP 800-63B-4, 3.1.1.2).
func HashPassword(password string) (string, error) {
	return hashPassword(password, hashIterations)
}

func hashPassword(password string, iterations int) (string, error) {
	salt := make([]byte, hashSaltBytes)
	rand.Read(salt) // never fails (Go 1.24)
	hash, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("%s$%d$%s$%s", hashScheme, iterations, b64.EncodeToString(salt), b64.EncodeToString(hash)), nil
}

// parseHash never quotes what it read.
func parseHash(line string) (*account, error) {
	parts := strings.Split(line, "$")
	if len(parts) != 4 || parts[0] != hashScheme {
		return nil, fmt.Errorf("not of the form %s$iterations$salt$hash", hashScheme)
	}
	iterations, err := strconv.Atoi(parts[1])
	if err != nil || iterations < minIterations || iterations > maxIterations {
		return nil, fmt.Errorf("the iterations are not a number from %d to %d", minIterations, maxIterations)
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return nil, errors.New("the salt is not base64 of 8 to 64 bytes")
	}
	hash, err := base64.RawStdEncoding.Strict().DecodeString(parts[3])
	if err != nil || len(hash) != sha256.Size {
		return nil, fmt.Errorf("the hash is not base64 of %d bytes", sha256.Size)
	}
	return &account{iterations: iterations, salt: salt, hash: hash}, nil
}
