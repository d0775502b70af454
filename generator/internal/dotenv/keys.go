package dotenv

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// SessionKeys is the variable that holds the signing keys.
const SessionKeys = "SESSION_KEYS"

// KeysLine is the line of a .env that holds the signing keys.
type KeysLine struct {
	At            int // index into the lines
	indent, quote string
	Tail          string
	Keys          []string
}

// With is the line with other keys, in the form that it had.
func (l *KeysLine) With(keys []string) string {
	return l.indent + SessionKeys + "=" + l.quote + strings.Join(keys, ",") + l.quote + l.Tail
}

// FindKeys reads the line as the emitted service does (internal/config), and
// refuses what that one refuses: a rotation on top of it would lose the keys that
// it was meant to keep. No key is in the error.
func FindKeys(lines []string) (*KeysLine, error) {
	var found *KeysLine
	var raw string
	for i, text := range lines {
		line := strings.TrimSpace(text)
		name, value, given := strings.Cut(line, "=")
		if strings.TrimSpace(strings.TrimPrefix(name, "export ")) != SessionKeys {
			continue // a comment as well
		}
		if found != nil {
			return nil, problem.New(fmt.Sprintf("%s is twice in .env, in lines %d and %d", SessionKeys,
				found.At+1, i+1), "keep one of the two, with all keys in it")
		}
		if name != SessionKeys || !given {
			return nil, problem.New(fmt.Sprintf("line %d of .env is not of the form %s=value", i+1, SessionKeys),
				"write the name, = and the keys with nothing before or between them")
		}
		indent, _, _ := strings.Cut(text, SessionKeys)
		found, raw = &KeysLine{At: i, indent: indent, Tail: text[len(strings.TrimRight(text, "\r\n")):]}, value
	}
	if found == nil {
		return nil, problem.New(".env has no line "+SessionKeys+"=",
			"add one with a first key: openssl rand -base64 32")
	}
	value, fault := found.unquote(raw)
	if fault != "" {
		return nil, problem.New(fmt.Sprintf("line %d of .env: the value of %s has %s",
			found.At+1, SessionKeys, fault), "fix that line first; comments go on lines of their own")
	}
	for key := range strings.SplitSeq(value, ",") {
		if key = strings.TrimSpace(key); key == "" {
			continue
		}
		found.Keys = append(found.Keys, key)
		if fault := faultOfKey(key); fault != "" {
			return nil, problem.New(fmt.Sprintf("line %d of .env: key %d %s", found.At+1,
				len(found.Keys), fault),
				"fix or remove that key; openssl rand -base64 32 makes a new one")
		}
	}
	return found, nil
}

// unquote returns the value, or what is wrong with it.
func (l *KeysLine) unquote(raw string) (value, fault string) {
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
		// Of the escapes that the service knows, only this one can be beside a key.
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
		return fmt.Sprintf("has %d bytes, at least %d are needed", len(data), least)
	}
	return ""
}
