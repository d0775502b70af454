package account_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
)

// TestCheckPassword: ASVS 6.2.1, 6.2.4, 6.2.5, 6.2.9, 6.2.11, and NIST SP 800-63B-4, 3.1.1.2.
func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]bool{
		"":                              false,
		"seven77":                       false,
		"summer2026!":                   false, // a word and figures
		"zwoelfmal":                     true,  // no figure, no sign, no capital
		"正确的马电池订书钉":                     true,
		strings.Repeat("ä€", 32):        true, // 64 characters
		strings.Repeat("x-", 512):       true,
		strings.Repeat("x-", 512) + "x": false, // more than 1024 bytes
		"password":                      false,
		"PassWord":                      false,
		"password2026!":                 false,
		"1q2w3e4r5t":                    false,
		"qqqqqqqqqqqq":                  false,
		"\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9": false,
		"ann@example.com":                 false,
		"ANN@example.com":                 false,
		"            ":                    false,
		"not utf-8: \xff":                 false,
		"jos\u00e9jos\u00e9jos\u00e9 rio": true,
	} {
		var unfit account.Unfit
		if err := account.CheckPassword(password, ann); want != (err == nil) || err != nil && !errors.As(err, &unfit) {
			t.Errorf("CheckPassword(%q) = %v, want that it is fit: %t", password, err, want)
		}
	}
}

// TestWholePassword: a password is compared as a whole and in its case (ASVS 6.2.8), in NFC (NIST 3.1.1.2).
func TestWholePassword(t *testing.T) {
	a := users(t)
	long := strings.Repeat("x-", 511) + "é"
	must(t, a.Create(t.Context(), ann, long))
	for password, want := range map[string]bool{
		long: true, strings.Repeat("x-", 511) + "e\u0301": true, strings.Repeat("x-", 511) + "e": false,
		long[:1000]: false, strings.ToUpper(long): false, long + " ": false, "": false,
	} {
		if _, err := login(t, a, ann, password); (err == nil) != want {
			t.Errorf("login with %.9q, %d bytes: %v, want %t", password, len(password), err, want)
		}
	}
}

// TestRehash: a hash with lower costs and one of the environment's kind are replaced at a login, and by the right
// password alone.
func TestRehash(t *testing.T) {
	a := users(t, ann)
	for name, hash := range map[string]string{
		"pbkdf2 of OpenSSL": "pbkdf2-sha256$4096$TmFDbE5hQ2w$1K3gb/YcyQzoz7bQHhI6s3ZPN3becdUW+fztcLDccIU",
		"argon2id of the reference implementation, 256 KiB": "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$" +
			"nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	} {
		_, err := a.DB().Exec(`UPDATE users SET password = $1`, hash)
		must(t, err)
		stored := func() (hash string) {
			must(t, a.DB().QueryRow(`SELECT password FROM users`).Scan(&hash))
			return hash
		}
		_, err = login(t, a, ann, "Password")
		wantErr(t, name+", wrong password", err, account.ErrRefused)
		if stored() != hash {
			t.Errorf("%s: a wrong password replaced the hash", name)
		}
		_, err = login(t, a, ann, "password")
		wantErr(t, name, err, nil)
		if !strings.HasPrefix(stored(), "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("%s: after the login the hash is %q", name, stored())
		}
		_, err = login(t, a, ann, "password")
		wantErr(t, name+", replaced", err, nil)
	}
}

// TestBrokenHashes: what cannot be read is wrong, and costs no more than the limits.
func TestBrokenHashes(t *testing.T) {
	a := users(t, ann)
	good := "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, change := range [][2]string{{"m=256", "m=99999999"}, {"t=2", "t=4000000000"}, {"p=1", "p=0"}, {"t=2", "t=0"},
		{"v=19", "v=16"}, {"argon2id", "argon2i"}, {"$nf65", "$"}, {good, "password"}, {good, "$$$"},
		{good, "pbkdf2-sha256$99999999$TmFDbE5hQ2w$1K3gb/YcyQzoz7bQHhI6s3ZPN3becdUW+fztcLDccIU"}} {
		_, err := a.DB().Exec(`UPDATE users SET password = $1`, strings.Replace(good, change[0], change[1], 1))
		must(t, err)
		_, err = login(t, a, ann, "password")
		wantErr(t, change[1], err, account.ErrRefused)
	}
}

// TestSameWork: whether an address has an account shows in nothing that is done: not in the statements, the hashes or
// the mails (ASVS 6.3.8). What is counted depends on no clock; docs/accounts.md of sessionseed has the times.
func TestSameWork(t *testing.T) {
	a := users(t, ann)
	var said []string
	a.Watch(func(inner *sql.DB) *sql.DB {
		return sql.OpenDB(watched{inner, func(statement string) { said = append(said, statement) }})
	})
	work := map[string]func(email string) error{
		"login":    func(email string) error { _, err := login(t, a, email, "wrong"); return err },
		"register": func(email string) error { return a.Register(t.Context(), email, phrase) },
		"forgot":   func(email string) error { return a.Forgot(t.Context(), email) },
	}
	if link, ok := any(a).(interface {
		RequestLogin(context.Context, string) error
	}); ok {
		work["link"] = func(email string) error { return link.RequestLogin(t.Context(), email) }
	}
	for name, do := range work {
		count := func(email string) (statements []string, hashes float64, err error) {
			said = nil
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err = do(email)
			runtime.ReadMemStats(&after)
			return said, math.Round(float64(after.TotalAlloc-before.TotalAlloc) / account.HashMemory), err
		}
		known, knownHashes, knownErr := count(ann)
		unknown, unknownHashes, unknownErr := count(bob)
		if len(known) == 0 || !slices.Equal(known, unknown) {
			t.Errorf("%s: statements for an account\n%q\nand for none\n%q", name, known, unknown)
		}
		if want := map[string]float64{"login": 1, "register": 1}[name]; knownHashes != want || unknownHashes != want {
			t.Errorf("%s: %v hashes for an account, %v for none, want %v", name, knownHashes, unknownHashes, want)
		}
		if (knownErr == nil) != (unknownErr == nil) {
			t.Errorf("%s: %v for an account, %v for none", name, knownErr, unknownErr)
		}
	}
}

// watched lends out the connections of a database and notes their statements.
type watched struct {
	inner *sql.DB
	note  func(statement string)
}

func (w watched) Driver() driver.Driver { return w.inner.Driver() }

func (w watched) Connect(ctx context.Context) (conn driver.Conn, err error) {
	lent, err := w.inner.Conn(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	err = lent.Raw(func(c any) error {
		conn = watchedConn{c.(connection), w.note}
		return nil
	})
	return conn, err
}

type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type watchedConn struct {
	connection
	note func(statement string)
}

func (c watchedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.note(query)
	return c.connection.ExecContext(ctx, query, args)
}

func (c watchedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(query)
	return c.connection.QueryContext(ctx, query, args)
}
