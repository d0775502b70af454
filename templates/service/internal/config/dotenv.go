package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxDotenv is the largest .env that is read.
const maxDotenv = 64 << 10

// Dotenv answers from getenv and, for variables that are not set or empty
// there, from the file at path. A file that does not exist counts as empty.
func Dotenv(path string, getenv func(string) string) (func(string) string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return getenv, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDotenv+1))
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

// ParseDotenv reads lines of the form
//
//	# comment
//	NAME=value
//	NAME='value'   taken as it stands
//	NAME="value"   with \" \\ and \n
//
// and refuses everything that the shell, Docker Compose and others read in
// different ways: expansion by $, spaces around =, unquoted spaces and quotes,
// text after a closing quote, a name given twice. The error joins one problem
// for each such line, without quoting a value.
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
		name, value, err := parseLine(line)
		if err == nil {
			if _, twice := values[name]; twice {
				err = fmt.Errorf("%s is given twice; keep one", name)
			}
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		values[name] = value
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return values, nil
}

func parseLine(line string) (name, value string, err error) {
	name, raw, ok := strings.Cut(line, "=")
	if !ok || !isName(name) {
		return "", "", errors.New("not of the form NAME=value, without spaces around =")
	}
	switch {
	case strings.HasPrefix(raw, "'"):
		value, err = singleQuoted(raw)
	case strings.HasPrefix(raw, `"`):
		value, err = doubleQuoted(raw)
	default:
		value, err = unquoted(raw)
	}
	if err != nil {
		return "", "", fmt.Errorf("value of %s: %w", name, err)
	}
	return name, value, nil
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		letter := 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func unquoted(raw string) (string, error) {
	if hasControl(raw) || strings.ContainsAny(raw, " $'\"\\`") {
		return "", errors.New("a space, $, quote or backslash; put the value in single quotes")
	}
	return raw, nil
}

func singleQuoted(raw string) (string, error) {
	value, rest, closed := strings.Cut(raw[1:], "'")
	if !closed {
		return "", errors.New("the closing quote is missing")
	}
	if rest != "" {
		return "", errors.New("text after the closing quote; move a comment to a line of its own")
	}
	if hasControl(value) {
		return "", errors.New("a control character; remove it")
	}
	return value, nil
}

func doubleQuoted(raw string) (string, error) {
	var b strings.Builder
	for i := 1; i < len(raw); i++ {
		switch c := raw[i]; c {
		case '"':
			if i != len(raw)-1 {
				return "", errors.New("text after the closing quote; move a comment to a line of its own")
			}
			return b.String(), nil
		case '$', '`':
			return "", errors.New("$ and ` mean expansion to others; put the value in single quotes")
		case '\\':
			i++
			switch {
			case i < len(raw) && (raw[i] == '"' || raw[i] == '\\'):
				b.WriteByte(raw[i])
			case i < len(raw) && raw[i] == 'n':
				b.WriteByte('\n')
			default:
				return "", errors.New(`only \" \\ and \n may follow a backslash`)
			}
		default:
			if c < ' ' || c == 0x7f {
				return "", errors.New("a control character; remove it")
			}
			b.WriteByte(c)
		}
	}
	return "", errors.New("the closing quote is missing")
}

func hasControl(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) >= 0
}
