package generator

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// byteOrderMark begins files of some Windows editors. The service reads past it.
const byteOrderMark = "\ufeff"

// keysLine is the line of a .env that holds the signing keys.
type keysLine struct {
	at                  int // index into the lines
	indent, quote, tail string
	keys                []string
}

// with is the line with other keys, in the form that it had.
func (l *keysLine) with(keys []string) string {
	return l.indent + sessionKeys + "=" + l.quote + strings.Join(keys, ",") + l.quote + l.tail
}

// findKeys reads the line as the emitted service does (internal/config), and
// refuses what that one refuses: a rotation on top of it would lose the keys that
// it was meant to keep. No key is in the error.
func findKeys(lines []string) (*keysLine, error) {
	var found *keysLine
	var raw string
	for i, text := range lines {
		line := strings.TrimSpace(text)
		name, value, given := strings.Cut(line, "=")
		if strings.TrimSpace(strings.TrimPrefix(name, "export ")) != sessionKeys {
			continue // a comment as well
		}
		if found != nil {
			return nil, problem.New(fmt.Sprintf("%s is twice in .env, in lines %d and %d, and the service refuses that", sessionKeys, found.at+1, i+1), "keep one of the two, with all keys in it")
		}
		if name != sessionKeys || !given {
			return nil, problem.New(fmt.Sprintf("line %d of .env is not of the form %s=value, and the service refuses it", i+1, sessionKeys), "write the name, = and the keys with nothing before or between them")
		}
		indent, _, _ := strings.Cut(text, sessionKeys)
		found, raw = &keysLine{at: i, indent: indent, tail: text[len(strings.TrimRight(text, "\r\n")):]}, value
	}
	if found == nil {
		return nil, problem.New(".env has no line "+sessionKeys+"=", "add one with a first key: openssl rand -base64 32")
	}
	value, fault := found.unquote(raw)
	if fault != "" {
		return nil, problem.New(fmt.Sprintf("line %d of .env: the value of %s has %s, and the service refuses it", found.at+1, sessionKeys, fault), "mend that line first; comments have lines of their own")
	}
	for key := range strings.SplitSeq(value, ",") {
		if key = strings.TrimSpace(key); key == "" {
			continue
		}
		found.keys = append(found.keys, key)
		if fault := faultOfKey(key); fault != "" {
			return nil, problem.New(fmt.Sprintf("line %d of .env: key %d %s, and the service refuses it", found.at+1, len(found.keys), fault), "mend that key, or take it out; a new one is made with: openssl rand -base64 32")
		}
	}
	return found, nil
}

// unquote returns the value, or what is wrong with it.
func (l *keysLine) unquote(raw string) (value, fault string) {
	if strings.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", "a control character"
	}
	if raw == "" || raw[0] != '\'' && raw[0] != '"' {
		if strings.ContainsAny(raw, " $'\"\\`") {
			return "", "a space, $, quote or backslash outside of quotes"
		}
		return raw, ""
	}
	l.quote = raw[:1]
	if l.quote == `"` {
		// Of what a backslash may stand before, a key can be followed by a line end alone.
		raw = strings.ReplaceAll(raw, `\n`, " ")
	}
	value, rest, closed := strings.Cut(raw[1:], l.quote)
	switch {
	case !closed:
		return "", "no closing quote"
	case rest != "":
		return "", "text after the closing quote"
	case l.quote == `"` && strings.ContainsAny(value, "$`\\"):
		return "", "$, ` or a backslash in it"
	}
	return value, ""
}

// faultOfKey is what the service finds wrong with a key, empty for nothing.
func faultOfKey(key string) string {
	const least = 32 // bytes
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(key, "="))
	data, err := base64.RawStdEncoding.DecodeString(plain)
	switch {
	case err != nil:
		return "is not base64"
	case len(data) < least:
		return fmt.Sprintf("has %d bytes, and %d are the least", len(data), least)
	}
	return ""
}
