package postgres

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// errForm does not tell the cause: that quotes what it takes for a name, and that may be half of a password.
var errForm = errors.New("the URL cannot be read: the form is postgres://user:password@host:5432/database, where you " +
	"percent-encode special characters in the password (/ is %2F, ? is %3F, % is %25, @ is %40, also in the parameters), " +
	"or host=... password='...', where \\ goes before ' and \\")

// parameterName is the form of the server's parameters; those of extensions have a dot.
var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$.]*$`)

// parse reads a URL, or a string of settings. Its errors do not show it, since it may hold a password.
func parse(url string) (*pgxpool.Config, error) {
	if scheme, rest, ok := strings.Cut(url, "://"); ok && (scheme == "postgres" || scheme == "postgresql") {
		authority, tail, _ := strings.Cut(rest, "/")
		if strings.Count(authority, "@") > 1 || strings.Contains(tail, "@") {
			return nil, errForm // the host would begin, or have ended, within a password
		}
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, describe(err)
	}
	for name := range config.ConnConfig.RuntimeParams {
		if !parameterName.MatchString(name) { // a URL of another scheme, taken for a setting
			return nil, errForm
		}
	}
	return config, nil
}

// describe leaves out of the driver's error the string that it quotes, where the driver finds only some of the passwords.
func describe(err error) error {
	text := err.Error()
	i := strings.LastIndex(text, "`: ")
	if i < 0 || strings.Contains(text[i:], "failed to parse") {
		return errForm
	}
	return fmt.Errorf("%s: the form is postgres://user:password@host:5432/database", text[i+len("`: "):])
}
