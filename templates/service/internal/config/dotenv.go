package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxDotenv is the largest .env that is read.
const maxDotenv = 64 << 10

// Dotenv answers from getenv and, for variables that are not set or empty there, from the file at path. A file that
// does not exist counts as empty.
func Dotenv(path string, getenv func(string) string) (func(string) string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return getenv, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	values, err := ParseDotenv(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return values[name]
	}, nil
}

// dotenvLine is NAME=value. The groups are the name, and the value in single quotes, in double quotes or in none.
var dotenvLine = regexp.MustCompile(
	`^([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*)'|"((?:[^"\\$` + "`" + `]|\\["\\n])*)"|([^ $'"\\` + "`" + `]*))$`)

// ParseDotenv reads lines of the form
//
//	# comment
//	NAME=value
//	NAME='value'   taken as it is
//	NAME="value"   with \" \\ and \n
//
// and refuses most of what the shell, Docker Compose and others read in different ways: expansion by $, spaces around
// =, unquoted spaces and quotes, text after a closing quote, control characters, a name given twice. The error
// joins one problem for each such line, without quoting a value.
func ParseDotenv(data []byte) (map[string]string, error) {
	if len(data) > maxDotenv {
		return nil, fmt.Errorf("the file has more than %d bytes", maxDotenv)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8; save it as UTF-8")
	}
	values := map[string]string{}
	var problems []error
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		found := dotenvLine.FindStringSubmatch(line)
		if found == nil || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			problems = append(problems, fmt.Errorf("line %d: not of the form NAME=value; put the value in single "+
				"quotes, or in double ones if it has a single one, and a comment on a line of its own", number))
			continue
		}
		name := found[1]
		if _, twice := values[name]; twice {
			problems = append(problems, fmt.Errorf("line %d: %s is given twice; keep one", number, name))
		}
		unescaped := strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(found[3])
		values[name] = found[2] + unescaped + found[4] // two of them are empty
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return values, nil
}
