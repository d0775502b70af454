package env

import (
	"bytes"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// The account of the tests.
const (
	username = "张三"
	password = "correct horse battery"
)

// newAccount is New with an environment of these two.
func newAccount(username, hash string) (*Account, error) {
	env := map[string]string{"ACCOUNT_USERNAME": username, "ACCOUNT_PASSWORD_HASH": hash}
	return New(config.Config{}, func(name string) string { return env[name] })
}

func TestHashPassword(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "pbkdf2-sha256$600000$") || strings.ContainsAny(hash, "'=\n ") {
		t.Errorf("HashPassword = %q, want pbkdf2-sha256$600000$salt$hash that fits into single quotes", hash)
	}
	a, err := newAccount(username, hash)
	if err != nil {
		t.Fatal(err)
	}
	if user, err := a.Authenticate(t.Context(), username, password); err != nil || user != username {
		t.Errorf("Authenticate with the hashed password = %q, %v", user, err)
	}
}

// TestHashIsPBKDF2 pins the format with a vector that OpenSSL made:
//
//	openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:password -kdfopt salt:NaClNaCl -kdfopt iter:4096 PBKDF2
func TestHashIsPBKDF2(t *testing.T) {
	a, err := newAccount(
		"u",
		"pbkdf2-sha256$4096$"+base64.RawStdEncoding.EncodeToString(
			[]byte("NaClNaCl"),
		)+"$1K3gb/YcyQzoz7bQHhI6s3ZPN3becdUW+fztcLDccIU",
	)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Authenticate(t.Context(), "u", "password"); err != nil {
		t.Errorf("Authenticate with OpenSSL's hash: %v", err)
	}
}

func TestAuthenticate(t *testing.T) {
	hash, err := hashPassword(password, minIterations)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAccount(username, hash)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, username, password string
		ok                       bool
	}{
		{"right", username, password, true},
		{"wrong password", username, password + " ", false},
		{"wrong name", username + "三", password, false},
		{"both wrong", "a", "b", false},
		{"empty", "", "", false},
		{"hash as password", username, hash, false},
	} {
		user, err := a.Authenticate(t.Context(), test.username, test.password)
		if test.ok != (err == nil) || test.ok != (user == username) || !test.ok && !errors.Is(err, ErrRefused) {
			t.Errorf("Authenticate, %s = %q, %v; want ok %v", test.name, user, err, test.ok)
		}
	}
}

// TestUnknownUserTakesAsLong: the time must not show who has an account. Without
// the hashing an unknown user would be refused a thousand times sooner, so a
// tenth shows on a busy machine too.
func TestUnknownUserTakesAsLong(t *testing.T) {
	hash, err := hashPassword(password, 50_000)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newAccount(username, hash)
	if err != nil {
		t.Fatal(err)
	}
	fastest := func(name string) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			a.Authenticate(t.Context(), name, "guess")
			best = min(best, time.Since(start))
		}
		return best
	}
	if known, unknown := fastest(username), fastest("nobody"); unknown < known/10 {
		t.Errorf("an unknown user is refused in %s, a known one in %s", unknown, known)
	}
}

func TestNewRefuses(t *testing.T) {
	good, err := hashPassword(password, minIterations)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, "$")
	with := func(i int, value string) string {
		changed := append([]string(nil), parts...)
		changed[i] = value
		return strings.Join(changed, "$")
	}
	for _, test := range []struct{ name, username, hash, want string }{
		{"hash without name", "", good, "without ACCOUNT_USERNAME"},
		{"name without hash", username, "", "without ACCOUNT_PASSWORD_HASH"},
		{"long name", strings.Repeat("n", maxUsername+1), good, "513 bytes"},
		{"plain password", username, password, "not of the form"},
		{"other scheme", username, with(0, "bcrypt"), "not of the form"},
		{"no iterations", username, with(1, ""), "iterations"},
		{"too few iterations", username, with(1, "1"), "iterations"},
		{"iterations that would block a processor", username, with(1, "2000000000"), "iterations"},
		{"negative iterations", username, with(1, "-600000"), "iterations"},
		{"short salt", username, with(2, "YQ"), "salt"},
		{"salt that is not base64", username, with(2, "????????????"), "salt"},
		{"short hash", username, with(3, "YWJj"), "hash"},
		{"padding", username, good + "=", "hash"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := newAccount(test.username, test.hash)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("New = %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), parts[3]) {
				t.Errorf("New: the message quotes a secret: %v", err)
			}
		})
	}
}

// TestNobody: without an account every login is refused, and the log says so.
func TestNobody(t *testing.T) {
	a, err := newAccount("", " ")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if err := a.Open(t.Context(), slog.New(slog.NewTextHandler(&log, nil))); err != nil ||
		!strings.Contains(log.String(), "every login is refused") {
		t.Errorf("Open = %v, log %q", err, log.String())
	}
	if _, err := a.Authenticate(t.Context(), "", ""); !errors.Is(err, ErrRefused) {
		t.Errorf("Authenticate of nobody: %v", err)
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("pbkdf2-sha256$1000$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$$$")
	f.Fuzz(func(t *testing.T, line string) {
		a, err := parseHash(line)
		if err != nil {
			return
		}
		if a.iterations < minIterations || a.iterations > maxIterations || len(a.salt) < 8 || len(a.hash) != 32 {
			t.Errorf("parseHash(%q) = %d iterations, %d bytes of salt, %d of hash", line, a.iterations, len(a.salt),
				len(a.hash))
		}
	})
}
