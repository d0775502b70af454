package config

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
)

// key is a signing key of 32 bytes.
var key = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// loadProduction loads the settings of a service on https with the changes on
// top, whatever defaults.go says.
func loadProduction(changes map[string]string) (Config, error) { return loadProductionAt(0, changes) }

// loadProductionAt does so at an assurance level.
func loadProductionAt(level int, changes map[string]string) (Config, error) {
	defaults := Config{
		PublicURL:   "https://api.example.com",
		CORSOrigins: []string{"https://app.example.com"},
		Cookie:      Cookie{Name: "__Host-sid", SameSite: "lax", Secure: true, HTTPOnly: true, Path: "/"},
		Session:     Session{Assurance: level},
	}
	env := map[string]string{"SESSION_KEYS": key}
	maps.Copy(env, changes)
	return load(func(name string) string { return env[name] }, defaults)
}

// TestDefaults holds the chosen values of defaults.go to the rules.
func TestDefaults(t *testing.T) {
	cfg, err := Load(func(name string) string {
		if name == "SESSION_KEYS" {
			return key
		}
		return ""
	})
	if err != nil {
		t.Fatalf("Load with the defaults and a key: %v", err)
	}
	if cfg.PublicURL != PublicURL || !slices.Equal(cfg.CORSOrigins, CORSOrigins) || cfg.Cookie.Name != CookieName {
		t.Errorf("Load does not start from defaults.go: %+v", cfg)
	}
	if MaxAge != -1 && MaxAge > AbsoluteMaxAge {
		t.Errorf("MaxAge %s is longer than AbsoluteMaxAge %s", MaxAge, AbsoluteMaxAge)
	}
}

func TestLoadReadsEveryVariable(t *testing.T) {
	cfg, err := loadProduction(map[string]string{
		"CORS_ORIGINS":          " https://app.example.com , https://admin.example.com ,",
		"SESSION_KEYS":          key + "," + key,
		"ADDR":                  "127.0.0.1:9000",
		"STORE_URL":             "elsewhere",
		"ACCOUNT_USERNAME":      "张三",
		"ACCOUNT_PASSWORD_HASH": "hash",
		"TRUST_PROXY":           "1",
		"LOG_LEVEL":             "warn",
		"DEV":                   "true",
		"COOKIE_NAME":           "__Secure-id",
		"COOKIE_DOMAIN":         "example.com",
		"COOKIE_SAME_SITE":      "strict",
		"COOKIE_PARTITIONED":    "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"https://app.example.com", "https://admin.example.com"}; !slices.Equal(cfg.CORSOrigins, want) {
		t.Errorf("CORSOrigins = %q, want %q", cfg.CORSOrigins, want)
	}
	if len(cfg.SessionKeys) != 2 || cfg.RandomKey {
		t.Errorf("SessionKeys: %d keys, random %v; want 2 of the environment", len(cfg.SessionKeys), cfg.RandomKey)
	}
	if want := "__Secure-id; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Strict; Partitioned"; cfg.Cookie.String() != want {
		t.Errorf("Cookie = %q, want %q", cfg.Cookie, want)
	}
	if cfg.Addr != "127.0.0.1:9000" || cfg.StoreURL != "elsewhere" || cfg.AccountUsername != "张三" || cfg.AccountPasswordHash != "hash" ||
		!cfg.TrustProxy || cfg.LogLevel != slog.LevelWarn || !cfg.Dev {
		t.Errorf("Load = %+v", cfg)
	}
}

func TestAddress(t *testing.T) {
	local := map[string]string{"COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}
	for _, test := range []struct {
		name, publicURL, addr, port, dev, want string
		local                                  bool
	}{
		{name: "this machine only", publicURL: "http://localhost:3000", local: true, want: "localhost:3000"},
		{name: "production behind a proxy", publicURL: "https://api.example.com", want: ":8080"},
		{name: "the proxy's port is not ours", publicURL: "https://api.example.com:8443", want: ":8080"},
		{name: "PORT on this machine only", publicURL: "http://localhost:3000", port: "4000", local: true, want: "localhost:4000"},
		{name: "PORT on 127.0.0.1", publicURL: "http://127.0.0.1:3000", port: "4000", local: true, want: "127.0.0.1:4000"},
		{name: "this machine by IPv6", publicURL: "http://[::1]:3000", local: true, want: "[::1]:3000"},
		{name: "this machine by another name", publicURL: "http://shop.localhost:3000", local: true, want: "localhost:3000"},
		{name: "this machine behind TLS", publicURL: "https://localhost:8443", local: true, want: "localhost:8080"},
		{name: "this machine without hints", publicURL: "http://localhost:3000", dev: "false", local: true, want: "localhost:3000"},
		{name: "ADDR in a container", publicURL: "http://localhost:3000", addr: ":8080", port: "4000", local: true, want: ":8080"},
		{name: "hints elsewhere", publicURL: "https://api.example.com", dev: "true", want: ":8080"},
		{name: "plain http in a local network", publicURL: "http://192.168.1.2:9000", local: true, want: ":9000"},
		{name: "PORT", publicURL: "https://api.example.com", port: "3000", want: ":3000"},
		{name: "ADDR wins", publicURL: "https://api.example.com", addr: "[::1]:1", port: "3000", want: "[::1]:1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := map[string]string{"PUBLIC_URL": test.publicURL, "ADDR": test.addr, "PORT": test.port, "DEV": test.dev}
			if test.local {
				maps.Copy(changes, local)
				changes["CORS_ORIGINS"] = test.publicURL
			}
			cfg, err := loadProduction(changes)
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Addr != test.want {
				t.Errorf("Addr = %q, want %q", cfg.Addr, test.want)
			}
		})
	}
}

// TestRefusals: what browsers would drop in silence stops the start, with the remedy.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes map[string]string
		want    []string // parts of the message
	}{
		{"SameSite=None without Secure", map[string]string{"COOKIE_NAME": "sid", "COOKIE_SAME_SITE": "none", "COOKIE_SECURE": "false"},
			[]string{"SameSite=None without Secure", "COOKIE_SECURE=true"}},
		{"Partitioned without Secure", map[string]string{"COOKIE_NAME": "sid", "COOKIE_PARTITIONED": "true", "COOKIE_SECURE": "false"},
			[]string{"Partitioned without Secure"}},
		{"Secure over plain http", map[string]string{"PUBLIC_URL": "http://api.example.com", "CORS_ORIGINS": "http://app.example.com"},
			[]string{"Secure cookie is refused", "http://api.example.com"}},
		{"__Host- without Secure", map[string]string{"COOKIE_SECURE": "false"}, []string{"__Host-sid", "must be Secure"}},
		{"__host- in lower case", map[string]string{"COOKIE_NAME": "__host-sid", "COOKIE_SECURE": "false"}, []string{"must be Secure"}},
		{"__Host- with Domain", map[string]string{"COOKIE_DOMAIN": "example.com"}, []string{"may not have a Domain"}},
		{"__Secure- without Secure", map[string]string{"COOKIE_NAME": "__Secure-sid", "COOKIE_SECURE": "false"}, []string{"must be Secure"}},
		{"cookie name that net/http drops", map[string]string{"COOKIE_NAME": "koa:sess"}, []string{`"koa:sess"`, "token"}},
		{"unknown SameSite", map[string]string{"COOKIE_SAME_SITE": "loose"}, []string{`"loose"`, "lax, strict or none"}},
		{"Domain of somebody else", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "example.org"}, []string{"does not cover api.example.com"}},
		{"Domain with port", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "example.com:443"}, []string{"not a host name"}},
		{"Domain is a top level", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "com"}, []string{"top-level"}},
		{"origin *", map[string]string{"CORS_ORIGINS": "*"}, []string{`"*"`, "list each front end"}},
		{"origin null", map[string]string{"CORS_ORIGINS": "null"}, []string{"sandboxed"}},
		{"origin with slash", map[string]string{"CORS_ORIGINS": "https://app.example.com/"}, []string{"write https://app.example.com"}},
		{"origin in upper case", map[string]string{"CORS_ORIGINS": "https://APP.example.com"}, []string{"write https://app.example.com"}},
		{"origin with default port", map[string]string{"CORS_ORIGINS": "https://app.example.com:443"}, []string{"write https://app.example.com"}},
		{"origin without scheme", map[string]string{"CORS_ORIGINS": "app.example.com"}, []string{"not an origin"}},
		{"origin twice", map[string]string{"CORS_ORIGINS": "https://app.example.com,https://app.example.com"}, []string{"twice"}},
		{"other scheme is another site", map[string]string{"CORS_ORIGINS": "http://app.example.com"}, []string{"another site", "COOKIE_SAME_SITE=none"}},
		{"other top level is another site", map[string]string{"CORS_ORIGINS": "https://app.example.org"}, []string{"another site"}},
		{"page on this machine, service elsewhere", map[string]string{"CORS_ORIGINS": "http://localhost:5173"}, []string{"another site"}},
		{"no key in production", map[string]string{"SESSION_KEYS": ""}, []string{"SESSION_KEYS is not set", "openssl rand"}},
		{"short key", map[string]string{"SESSION_KEYS": "c2hvcnQ="}, []string{"key 1 has 5 bytes"}},
		{"key that is not base64", map[string]string{"SESSION_KEYS": key + ",???"}, []string{"key 2 is not base64"}},
		{"bad boolean", map[string]string{"TRUST_PROXY": "maybe"}, []string{`TRUST_PROXY is "maybe"`, "true or false"}},
		{"bad level", map[string]string{"LOG_LEVEL": "loud"}, []string{`LOG_LEVEL is "loud"`}},
		{"bad port", map[string]string{"PORT": "http"}, []string{`PORT is "http"`}},
		{"bad address", map[string]string{"ADDR": "8080"}, []string{`ADDR is "8080"`, ":8080"}},
		{"public URL with path", map[string]string{"PUBLIC_URL": "https://api.example.com/v1"}, []string{"PUBLIC_URL", "write https://api.example.com"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := loadProduction(test.changes)
			if err == nil {
				t.Fatalf("Load(%v) = nil, want a refusal", test.changes)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Load(%v):\n%v\nlacks %q", test.changes, err, want)
				}
			}
		})
	}
}

func TestLoadReportsEverythingAtOnce(t *testing.T) {
	_, err := loadProduction(map[string]string{
		"CORS_ORIGINS": "*", "SESSION_KEYS": "", "LOG_LEVEL": "loud", "COOKIE_SECURE": "false", "COOKIE_SAME_SITE": "none",
	})
	if err == nil {
		t.Fatal("Load = nil, want problems")
	}
	for _, want := range []string{"CORS_ORIGINS", "SESSION_KEYS", "LOG_LEVEL", "SameSite=None", "__Host-"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Load:\n%v\nlacks %s", err, want)
		}
	}
}

// TestCombinationsThatWork are the neighbours of the refusals.
func TestCombinationsThatWork(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes map[string]string
	}{
		{"one site over https", nil},
		{"other site with None", map[string]string{"CORS_ORIGINS": "https://app.example.org", "COOKIE_SAME_SITE": "none", "COOKIE_PARTITIONED": "true"}},
		{"http page, https service", map[string]string{"CORS_ORIGINS": "http://app.example.com", "COOKIE_SAME_SITE": "none"}},
		{"shared with siblings", map[string]string{"COOKIE_NAME": "__Secure-sid", "COOKIE_DOMAIN": "example.com"}},
		{"no front end elsewhere", map[string]string{"CORS_ORIGINS": "https://api.example.com"}},
		{"Secure on this machine", map[string]string{"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": "http://localhost:5173"}},
		{"plain http in a local network", map[string]string{"PUBLIC_URL": "http://192.168.1.2:8080", "CORS_ORIGINS": "http://192.168.1.2", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}},
		{"host-only by none", map[string]string{"COOKIE_DOMAIN": "none"}},
		{"IPv6", map[string]string{"PUBLIC_URL": "http://[::1]:8080", "CORS_ORIGINS": "http://[::1]:5173"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := loadProduction(test.changes); err != nil {
				t.Errorf("Load(%v):\n%v", test.changes, err)
			}
		})
	}
}

func TestDevStartsWithoutKey(t *testing.T) {
	cfg, err := loadProduction(map[string]string{
		"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": "http://localhost:5173", "SESSION_KEYS": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.Dev || !cfg.RandomKey || len(cfg.SessionKeys) != 1 || len(cfg.SessionKeys[0]) < minKeyBytes {
		t.Errorf("Load = dev %v, random key %v, %d keys; want a random key", cfg.Dev, cfg.RandomKey, len(cfg.SessionKeys))
	}
}

func TestKeyAlphabets(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xff}, 17) // has + and / in base64
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		text := form.EncodeToString(raw)
		cfg, err := loadProduction(map[string]string{"SESSION_KEYS": text})
		if err != nil || !bytes.Equal(cfg.SessionKeys[0], raw) {
			t.Errorf("SESSION_KEYS=%s: %v", text, err)
		}
	}
}

// TestSecretsStayOut: a key or hash with a typing error must not land in a log.
func TestSecretsStayOut(t *testing.T) {
	secret := "c2VjcmV0LXNlY3JldC1zZWNyZXQ"
	_, err := loadProduction(map[string]string{"SESSION_KEYS": secret})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("Load with a bad key = %v, want an error without the key", err)
	}
}

func FuzzParseOrigin(f *testing.F) {
	for _, s := range []string{"https://app.example.com", "http://localhost:5173", "http://[::1]:1", "https://a:443", "https://APP", "http://a/b", "*", "null", "http://[::ffff:1.2.3.4]", "http://a:00080", "http://a@b", "http://a?", "http://a#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := parseOrigin(s)
		if err != nil {
			return
		}
		if got := u.Scheme + "://" + u.Host; got != s {
			t.Errorf("parseOrigin(%q) accepts what is not an origin: %q", s, got)
		}
		if strings.ToLower(s) != s || strings.ContainsAny(s, " \t\r\n\"'<>,;@?#") {
			t.Errorf("parseOrigin(%q) accepts a character that no browser sends", s)
		}
	})
}
