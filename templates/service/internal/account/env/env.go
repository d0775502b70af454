// Package env knows the one account that the environment names: ACCOUNT_USERNAME and ACCOUNT_PASSWORD_HASH, which
// "go run . hash-password" prints. With neither, every login is refused.
package env

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// ErrRefused says that the name or the password is wrong, and not which.
var ErrRefused = errors.New("wrong username or password")

// Parameters of a new hash. The number of iterations is OWASP's for PBKDF2-HMAC-SHA256 (Password Storage cheat
// sheet); a hash carries its own, so it can be raised without touching old ones.
const (
	hashScheme     = "pbkdf2-sha256"
	hashIterations = 600_000
	hashSaltBytes  = 16

	// Limits of a hash that is read: fewer iterations protect nothing, more would let one login keep a processor busy
	// for seconds.
	minIterations = 1_000
	maxIterations = 10_000_000

	maxUsername = 512  // bytes: what a session keeps of a user's id
	minPassword = 15   // characters: NIST SP 800-63B-4, section 3.1.1.2, where it is the only factor
	maxPassword = 4096 // bytes
)

// Account is the one user of the environment. The zero value is nobody. It is safe for concurrent use.
type Account struct {
	username   [sha256.Size]byte // hashed, to compare in constant time whatever its length
	userID     string            // "": nobody
	iterations int
	salt, hash []byte
}

// New reads the account. Its errors show no hash.
func New(_ config.Config, getenv func(string) string) (*Account, error) {
	username := strings.TrimSpace(getenv("ACCOUNT_USERNAME"))
	passwordHash := strings.TrimSpace(getenv("ACCOUNT_PASSWORD_HASH"))
	switch {
	case username == "" && passwordHash == "":
		return &Account{}, nil
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
	a.userID, a.username = username, sha256.Sum256([]byte(username))
	return a, nil
}

// Open says in the log when nobody can log in.
func (a *Account) Open(_ context.Context, log *slog.Logger) error {
	if a.userID == "" {
		log.Warn("no account is set, so every login is refused; set ACCOUNT_USERNAME and ACCOUNT_PASSWORD_HASH " +
			"(go run . hash-password)")
	}
	return nil
}

// Close does nothing.
func (a *Account) Close() error { return nil }

// Authenticate returns the account's name if username is that name and the password is right, else [ErrRefused].
func (a *Account) Authenticate(_ context.Context, username, password string) (string, error) {
	if a.userID == "" {
		return "", ErrRefused
	}
	// The password is hashed for a wrong name too: the time must not show it.
	hash, err := pbkdf2.Key(sha256.New, password, a.salt, a.iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	name := sha256.Sum256([]byte(username))
	if rightName, right := hmac.Equal(name[:], a.username[:]), hmac.Equal(hash, a.hash); !rightName || !right {
		return "", ErrRefused
	}
	return a.userID, nil
}

// ReadPassword reads one line, and refuses a password that is weak, or that a login form, which sends UTF-8, could not
// repeat.
func ReadPassword(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPassword+int64(len("\r\n"))+1)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	n := utf8.RuneCountInString(password)
	switch {
	case len(password) > maxPassword:
		return "", fmt.Errorf("the password has more than %d bytes; choose a shorter one", maxPassword)
	case !utf8.ValidString(password):
		return "", errors.New("the password is not UTF-8, so no login could match it; set terminal or file to UTF-8")
	case strings.HasPrefix(password, "\ufeff"), strings.ContainsFunc(password, unicode.IsControl):
		return "", errors.New("the password has a control character or a byte order mark, which nobody can type; " +
			"save a file as UTF-8, without the mark")
	case n < minPassword:
		return "", fmt.Errorf("the password has %d characters; choose at least %d, such as a few words", n, minPassword)
	case strings.TrimSpace(password) != password:
		return "", errors.New("the password begins or ends with a space, which is easily lost; leave it out")
	}
	return password, nil
}

// HashPassword returns the hash of a password as pbkdf2-sha256$iterations$salt$hash, salt and hash in base64 without
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
func parseHash(line string) (*Account, error) {
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
	return &Account{iterations: iterations, salt: salt, hash: hash}, nil
}
