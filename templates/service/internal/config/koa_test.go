package config

import (
	"strings"
	"testing"
	"time"
)

func TestKoa(t *testing.T) {
	const key = "KOA_KEYS=a long enough key of koa"
	for _, tt := range []struct {
		name string
		dev  bool
		env  string // lines
		want string // of the error; "" for none
		keys int
	}{
		{"two keys", false, key + ", another long enough key", "", 2},
		{"a list with commas in the keys", false, `KOA_KEYS=["a long, enough key"," another, with a space"]`, "", 2},
		{"until a day", false, key + "\nKOA_UNTIL=2999-12-31", "", 1},
		{"until a time", false, key + "\nKOA_UNTIL=2999-12-31T12:00:00+02:00", "", 1},
		{"closed without keys", false, "KOA_UNTIL=2001-01-01", "", 0},
		{"nothing in development", true, "", "", 0},
		{"a weak key in development", true, "KOA_KEYS=secret", "", 1},

		{"nothing", false, "", "KOA_KEYS is not set", 0},
		{"commas alone", false, "KOA_KEYS=,,", "KOA_KEYS is not set", 0},
		{"a short key", false, "KOA_KEYS=secret", "less than 16 bytes", 0},
		{"one of the manual until 2021", false, "KOA_KEYS=a long enough key of koa,im a newer secret", "Koa's manual",
			0},
		{"one of the manual", false, "KOA_KEYS=a long enough key of koa," +
			"MNKeIebviQnCPo38ufHcSfw3FFv8EtnAe1xE02xkN1wkCV1B2z126U44yk2BQVK7", "Koa's manual", 0},
		{"half a list", false, `KOA_KEYS=["secret`, "not a JSON list", 0},
		{"a list of other things", false, `KOA_KEYS=["a long enough key",{"secret":1}]`, "not a JSON list", 0},
		{"no day", false, key + "\nKOA_UNTIL=soon", "write a day", 0},
		{"no name", false, key + "\nKOA_COOKIE=; Domain=example.com", "as in Set-Cookie", 0},
		{"a name that ends a header", false, key + "\nKOA_COOKIE=a\tb", "as in Set-Cookie", 0},
		{"kept under one name", false, key + "\nKOA_KEEP=true\nKOA_COOKIE=sid", "COOKIE_NAME", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Dev: tt.dev, Getenv: lines(tt.env)}
			c.Session.Key = "sid"
			k, err := c.Koa()
			switch {
			case tt.want == "" && (err != nil || len(k.Keys) != tt.keys):
				t.Errorf("Koa = %d keys, %v; want %d", len(k.Keys), err, tt.keys)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("Koa: %v, want %q", err, tt.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the message holds a key: %v", err)
			}
		})
	}
}

func TestKoaCookie(t *testing.T) {
	for text, want := range map[string]string{
		"":         "koa.sess//",
		"sid":      "sid//",
		"koa:sess": "koa:sess//",
		"__Host-s": "__Host-s//",
		"koa.sess=value; path=/; expires=Fri, 29 Nov 2126 23:45:10 GMT; httponly": "koa.sess//",
		"koa.sess; Domain=.example.com; Path=/app":                                "koa.sess/example.com/app",
	} {
		k, err := Config{Dev: true, Getenv: lines("KOA_COOKIE=" + text)}.Koa()
		if got := k.Cookie.Name + "/" + k.Cookie.Domain + k.Cookie.Path; err != nil || got != want {
			t.Errorf("KOA_COOKIE=%s: %s, %v; want %s", text, got, err, want)
		}
	}
}

// KOA_UNTIL includes the day that it names.
func TestKoaUntil(t *testing.T) {
	k, err := Config{Dev: true, Getenv: lines("KOA_UNTIL=2026-12-31")}.Koa()
	if want := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || !k.Until.Equal(want) {
		t.Errorf("Until = %v, %v, want %v", k.Until, err, want)
	}
}

// lines is an environment of NAME=value lines.
func lines(text string) func(string) string {
	return func(name string) string {
		for line := range strings.SplitSeq(text, "\n") {
			if value, ok := strings.CutPrefix(line, name+"="); ok {
				return value
			}
		}
		return ""
	}
}
