package config

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestLoadReadsVariables(t *testing.T) {
	cfg, err := loadProduction(map[string]string{
		"CORS_ORIGINS":       " https://app.example.com , https://admin.example.com ,",
		"SESSION_KEYS":       key + "," + key,
		"ADDR":               "127.0.0.1:9000",
		"STORE_URL":          "elsewhere",
		"TRUST_PROXY":        "1",
		"LOG_LEVEL":          "warn",
		"DEV":                "true",
		"COOKIE_NAME":        "__Secure-id",
		"COOKIE_DOMAIN":      "example.com",
		"COOKIE_SAME_SITE":   "strict",
		"COOKIE_PARTITIONED": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"https://app.example.com", "https://admin.example.com"}; !slices.Equal(
		cfg.CORSOrigins,
		want,
	) {
		t.Errorf("CORSOrigins = %q, want %q", cfg.CORSOrigins, want)
	}
	if len(cfg.Session.Keys) != 2 || cfg.RandomKey {
		t.Errorf("SessionKeys: %d keys, random %v; want 2 of the environment", len(cfg.Session.Keys), cfg.RandomKey)
	}
	if s := cfg.Session; s.Key != "__Secure-id" || s.Domain != "example.com" || !s.Secure ||
		s.SameSite != http.SameSiteStrictMode || !s.Partitioned {
		t.Errorf("Session = %+v", s)
	}
	if cfg.Addr != "127.0.0.1:9000" || cfg.StoreURL != "elsewhere" ||
		cfg.TrustProxy != 1 || cfg.LogLevel != slog.LevelWarn || !cfg.Dev {
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
		{name: "PORT on this machine only", publicURL: "http://localhost:3000", port: "4000", local: true,
			want: "localhost:4000"},
		{name: "PORT on 127.0.0.1", publicURL: "http://127.0.0.1:3000", port: "4000", local: true,
			want: "127.0.0.1:4000"},
		{name: "this machine by IPv6", publicURL: "http://[::1]:3000", local: true, want: "[::1]:3000"},
		{name: "this machine by another name", publicURL: "http://shop.localhost:3000", local: true,
			want: "localhost:3000"},
		{name: "this machine behind TLS", publicURL: "https://localhost:8443", local: true, want: "localhost:8080"},
		{name: "this machine without hints", publicURL: "http://localhost:3000", dev: "false", local: true,
			want: "localhost:3000"},
		{name: "ADDR in a container", publicURL: "http://localhost:3000", addr: ":8080", local: true,
			want: ":8080"},
		{name: "PORT that a platform assigns to a container", publicURL: "http://localhost:3000", addr: ":8080",
			port: "4000", local: true, want: ":4000"},
		{name: "hints elsewhere", publicURL: "https://api.example.com", dev: "true", want: ":8080"},
		{name: "plain http in a local network", publicURL: "http://192.168.1.2:9000", local: true, want: ":9000"},
		{name: "PORT", publicURL: "https://api.example.com", port: "3000", want: ":3000"},
		{name: "PORT over that of ADDR", publicURL: "https://api.example.com", addr: "[::1]:1", port: "3000",
			want: "[::1]:3000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			changes := map[string]string{"PUBLIC_URL": test.publicURL, "ADDR": test.addr, "PORT": test.port,
				"DEV": test.dev}
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

// TestRefusals: what browsers would drop silently stops the start, with the remedy.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes map[string]string
		want    []string // parts of the message
	}{
		{"SameSite=None without Secure", map[string]string{"COOKIE_NAME": "sid", "COOKIE_SAME_SITE": "none",
			"COOKIE_SECURE": "false"},
			[]string{"SameSite=None without Secure", "COOKIE_SECURE"}},
		{"Partitioned without Secure", map[string]string{"COOKIE_NAME": "sid", "COOKIE_PARTITIONED": "true",
			"COOKIE_SECURE": "false"},
			[]string{"Partitioned without Secure"}},
		{"Secure over plain http", map[string]string{"PUBLIC_URL": "http://api.example.com",
			"CORS_ORIGINS": "http://app.example.com"},
			[]string{"Secure cookie is refused", "http://api.example.com"}},
		{"__Host- without Secure", map[string]string{"COOKIE_SECURE": "false"}, []string{"__Host-sid", "needs Secure"}},
		{"__host- in lower case", map[string]string{"COOKIE_NAME": "__host-sid", "COOKIE_SECURE": "false"},
			[]string{"needs Secure"}},
		{"__Host- with Domain", map[string]string{"COOKIE_DOMAIN": "example.com"}, []string{"forbids Domain"}},
		{"__Secure- without Secure", map[string]string{"COOKIE_NAME": "__Secure-sid", "COOKIE_SECURE": "false"},
			[]string{"needs Secure"}},
		{"cookie name that net/http drops", map[string]string{"COOKIE_NAME": "koa:sess"},
			[]string{`"koa:sess"`, "COOKIE_NAME"}},
		{"unknown SameSite", map[string]string{"COOKIE_SAME_SITE": "loose"},
			[]string{`"loose"`, "lax, strict or none"}},
		{"Domain of somebody else", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "example.org"},
			[]string{"does not cover api.example.com"}},
		{"Domain with port", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "example.com:443"},
			[]string{"without a port"}},
		{"Domain is a top level", map[string]string{"COOKIE_NAME": "sid", "COOKIE_DOMAIN": "com"},
			[]string{"top-level"}},
		{"origin *", map[string]string{"CORS_ORIGINS": "*"}, []string{`"*"`, "list each front end"}},
		{"origin null", map[string]string{"CORS_ORIGINS": "null"}, []string{"sandboxed"}},
		{"origin with slash", map[string]string{"CORS_ORIGINS": "https://app.example.com/"},
			[]string{"write https://app.example.com"}},
		{"origin in upper case", map[string]string{"CORS_ORIGINS": "https://APP.example.com"},
			[]string{"write https://app.example.com"}},
		{"origin with default port", map[string]string{"CORS_ORIGINS": "https://app.example.com:443"},
			[]string{"write https://app.example.com"}},
		{"origin without scheme", map[string]string{"CORS_ORIGINS": "app.example.com"},
			[]string{"does not begin with http"}},
		{"origin twice", map[string]string{"CORS_ORIGINS": "https://app.example.com,https://app.example.com"},
			[]string{"twice"}},
		{"other scheme is another site", map[string]string{"CORS_ORIGINS": "http://app.example.com"},
			[]string{"are different sites", "COOKIE_SAME_SITE=none"}},
		{"other top level is another site", map[string]string{"CORS_ORIGINS": "https://app.example.org"},
			[]string{"are different sites"}},
		{"page on this machine, service elsewhere", map[string]string{"CORS_ORIGINS": "http://localhost:5173"},
			[]string{"are different sites"}},
		{"no key in production", map[string]string{"SESSION_KEYS": ""},
			[]string{"SESSION_KEYS is not set", "openssl rand"}},
		{"short key", map[string]string{"SESSION_KEYS": "c2hvcnQ="}, []string{"key 1 has 5 bytes"}},
		{"key that is not base64", map[string]string{"SESSION_KEYS": key + ",???"}, []string{"key 2 is not base64"}},
		{"bad proxies", map[string]string{"TRUST_PROXY": "maybe"}, []string{`TRUST_PROXY is "maybe"`, "how many"}},
		{"bad number of proxies", map[string]string{"TRUST_PROXY": "-1"}, []string{`TRUST_PROXY is "-1"`}},
		{"bad boolean", map[string]string{"DEV": "maybe"}, []string{`DEV is "maybe"`, "true or false"}},
		{"bad time", map[string]string{"DRAIN_TIMEOUT": "20"}, []string{`DRAIN_TIMEOUT is "20"`, "20s"}},
		{"bad level", map[string]string{"LOG_LEVEL": "loud"}, []string{`LOG_LEVEL is "loud"`}},
		{"bad port", map[string]string{"PORT": "http"}, []string{`PORT is "http"`}},
		{"bad address", map[string]string{"ADDR": "8080"}, []string{`ADDR is "8080"`, ":8080"}},
		{"public URL with path", map[string]string{"PUBLIC_URL": "https://api.example.com/v1"},
			[]string{"PUBLIC_URL", "write https://api.example.com"}},
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

// TestCombinationsThatWork are the neighbours of the refusals.
func TestCombinationsThatWork(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes map[string]string
	}{
		{"one site over https", nil},
		{"other site with None", map[string]string{"CORS_ORIGINS": "https://app.example.org",
			"COOKIE_SAME_SITE": "none", "COOKIE_PARTITIONED": "true"}},
		{"http page, https service", map[string]string{"CORS_ORIGINS": "http://app.example.com",
			"COOKIE_SAME_SITE": "none"}},
		{"shared with siblings", map[string]string{"COOKIE_NAME": "__Secure-sid", "COOKIE_DOMAIN": "example.com"}},
		{"no front end elsewhere", map[string]string{"CORS_ORIGINS": "https://api.example.com"}},
		{"Secure on this machine", map[string]string{"PUBLIC_URL": "http://localhost:8080",
			"CORS_ORIGINS": "http://localhost:5173"}},
		{"plain http in a local network", map[string]string{"PUBLIC_URL": "http://192.168.1.2:8080",
			"CORS_ORIGINS": "http://192.168.1.2", "COOKIE_NAME": "sid", "COOKIE_SECURE": "false"}},
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

func TestKeyAlphabets(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xff}, 17) // has + and / in base64
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
		base64.RawURLEncoding} {
		text := form.EncodeToString(raw)
		cfg, err := loadProduction(map[string]string{"SESSION_KEYS": text})
		if err != nil || !bytes.Equal(cfg.Session.Keys[0], raw) {
			t.Errorf("SESSION_KEYS=%s: keys %x, %v; want %x first", text, cfg.Session.Keys, err, raw)
		}
	}
}

// TestServes: a name that was made to point here is not ours.
func TestServes(t *testing.T) {
	for _, test := range []struct {
		publicURL, allowed string
		yes, no            []string
	}{
		{"https://api.example.com", "", []string{"api.example.com", "API.example.com.", "api.example.com:8443"},
			[]string{"evil.example", "api.example.com.evil.example", "example.com", "127.0.0.1", "localhost", "",
				":80"}},
		{"https://api.example.com", "10.0.0.7, API.internal", []string{"10.0.0.7:8080", "api.internal"},
			[]string{"10.0.0.8", "internal"}},
		{"https://api.example.com", "*", []string{"evil.example", ""}, nil},
		{"http://localhost:8080", "", []string{"localhost:8080", "127.0.0.1:9", "[::1]:8080", "shop.localhost"},
			[]string{"evil.example:8080", "192.168.1.2:8080", "localhost.evil.example"}},
		{"http://[::1]:8080", "", []string{"[::1]:8080"}, []string{"[::2]:8080"}},
	} {
		cfg, err := loadProduction(map[string]string{"PUBLIC_URL": test.publicURL, "CORS_ORIGINS": test.publicURL,
			"COOKIE_NAME": "sid", "COOKIE_SECURE": "false", "ALLOWED_HOSTS": test.allowed})
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range test.yes {
			if !cfg.Serves(host) {
				t.Errorf("%s with %q does not serve %q", test.publicURL, test.allowed, host)
			}
		}
		for _, host := range test.no {
			if cfg.Serves(host) {
				t.Errorf("%s with %q serves %q", test.publicURL, test.allowed, host)
			}
		}
	}
}

// TestHSTS: ASVS 3.4.1, at least a year where browsers come by https, and nothing on a developer's machine, where it
// would cut off every other program at localhost.
func TestHSTS(t *testing.T) {
	local := map[string]string{"PUBLIC_URL": "https://localhost:8443", "CORS_ORIGINS": "https://localhost:5173"}
	for _, test := range []struct {
		changes map[string]string
		want    string
	}{
		{nil, "max-age=31536000"},
		{local, ""},
		{map[string]string{"HSTS": "none"}, ""},
		{map[string]string{"HSTS": "max-age=63072000; includeSubDomains"}, "max-age=63072000; includeSubDomains"},
	} {
		if cfg, err := loadProduction(test.changes); err != nil || cfg.HSTS != test.want {
			t.Errorf("Load(%v): HSTS %q, %v; want %q", test.changes, cfg.HSTS, err, test.want)
		}
	}
}

func TestTrustProxy(t *testing.T) {
	for value, want := range map[string]int{"": 0, "false": 0, "true": 1, "TRUE": 1, "0": 0, "1": 1, "2": 2, "5": 5} {
		if cfg, err := loadProduction(map[string]string{"TRUST_PROXY": value}); err != nil || cfg.TrustProxy != want {
			t.Errorf("TRUST_PROXY=%s: %d proxies, %v; want %d", value, cfg.TrustProxy, err, want)
		}
	}
}

func TestDevStartsWithoutKey(t *testing.T) {
	cfg, err := loadProduction(map[string]string{
		"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": "http://localhost:5173", "SESSION_KEYS": "",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.Dev || !cfg.RandomKey || len(cfg.Session.Keys) != 1 || len(cfg.Session.Keys[0]) < minKeyBytes {
		t.Errorf("Load = dev %v, random key %v, keys %x; want a random key of %d bytes or more", cfg.Dev, cfg.RandomKey,
			cfg.Session.Keys, minKeyBytes)
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
