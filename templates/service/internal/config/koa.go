package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/koa"
)

// Koa says whose sessions are taken over from koa-session, and until when.
type Koa struct {
	// Cookies are the pair that the Koa service set. Environment: KOA_KEYS, its app.keys, separated by commas, or as a
	// JSON list where a key has a comma in it; KOA_COOKIE, the name and, if it has them, Domain, Path and Partitioned:
	// "koa.sess; Domain=example.com". Default: koa.sess on this host, at the path /.
	koa.Cookies
	// Until is when the last cookie of the Koa service has ended: the day of the move plus its longest maxAge. Later
	// none is accepted. Default: none. Environment: KOA_UNTIL, 2006-01-02 or RFC 3339.
	Until time.Time
	// Keep leaves the pair in the browser while both services run. It needs another COOKIE_NAME than Koa's.
	// Environment: KOA_KEEP, true or false.
	Keep bool
}

// published are keys that Koa's and koa-session's manuals show. Whoever knows a key can log in as anybody.
var published = []string{"some secret hurr", "im a newer secret", "i like turtle",
	"OEK5zjaAMPc3L6iK7PyUjCOziUH3rsrMKB9u8H07La1SkfwtuBoDnHaaPCkG5Brg",
	"MNKeIebviQnCPo38ufHcSfw3FFv8EtnAe1xE02xkN1wkCV1B2z126U44yk2BQVK7"}

// minKoaKey is the length in bytes below which whoever has a cookie of their own can find the key by trying.
const minKoaKey = 16

// Koa reads the variables of the move. Without keys nothing is taken over, which only Dev allows before Until.
func (c Config) Koa() (Koa, error) {
	e := environment{getenv: c.Getenv}
	if c.Getenv == nil {
		return Koa{}, nil
	}
	k := Koa{Keep: e.boolean("KOA_KEEP", false)}
	k.Until = read(&e, "KOA_UNTIL", time.Time{}, parseDay, "a day such as 2026-12-31, or a time as in RFC 3339")
	k.Cookie = read(&e, "KOA_COOKIE", http.Cookie{Name: "koa.sess", Path: "/"}, parseKoaCookie,
		"koa.sess, or with attributes, as in Set-Cookie: koa.sess; Domain=example.com")
	k.Cookie.Secure, k.Cookie.SameSite, k.Cookie.HttpOnly = c.Session.Secure, c.Session.SameSite, true
	k.Keys = e.koaKeys()
	closed := !k.Until.IsZero() && time.Now().After(k.Until)
	switch weak := slices.ContainsFunc(k.Keys, isWeak); {
	case c.Dev || closed:
	case len(k.Keys) == 0:
		e.problem("KOA_KEYS is not set, so the move would log everybody out; give the app.keys of the Koa service, " +
			"separated by commas, or regenerate with koaKeys off")
	case weak:
		e.problem("KOA_KEYS has a key of less than %d bytes, or one from Koa's manual: anybody could log in with "+
			"it as anybody; leave it out, which logs out the users whose cookie it signed", minKoaKey)
	}
	if k.Keep && k.Cookie.Name == c.Session.Key {
		e.problem("KOA_KEEP is true, but both services have a cookie named %q; set another COOKIE_NAME", c.Session.Key)
	}
	return k, errors.Join(e.problems...)
}

func isWeak(key string) bool { return len(key) < minKoaKey || slices.Contains(published, key) }

// koaKeys never puts a key into a message.
func (e *environment) koaKeys() (keys []string) {
	text := e.text("KOA_KEYS", "")
	if strings.HasPrefix(text, "[") {
		if json.Unmarshal([]byte(text), &keys) != nil {
			e.problem("KOA_KEYS begins with [ and is not a JSON list of strings; write [\"one\",\"two\"]")
		}
		return keys
	}
	for key := range strings.SplitSeq(text, ",") {
		keys = append(keys, strings.TrimSpace(key))
	}
	return slices.DeleteFunc(keys, func(key string) bool { return key == "" })
}

// parseDay takes a day as its end, in UTC.
func parseDay(s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	return time.Parse(time.RFC3339, s)
}

// parseKoaCookie reads a name and attributes as in Set-Cookie. Koa allows names that net/http does not.
func parseKoaCookie(s string) (http.Cookie, error) {
	name, attributes, _ := strings.Cut(s, ";")
	name, _, _ = strings.Cut(strings.TrimSpace(name), "=")
	c, err := http.ParseSetCookie("x=;" + attributes)
	if err != nil || name == "" || len(name) > 100 || strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",\`, r)
	}) {
		return http.Cookie{}, errors.New("not a cookie")
	}
	return http.Cookie{Name: name, Domain: strings.TrimPrefix(c.Domain, "."), Path: cmp.Or(c.Path, "/"),
		Partitioned: c.Partitioned}, nil
}
