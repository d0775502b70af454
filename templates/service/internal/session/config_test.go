package session_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*session.Config)
		want   []string // parts of the error; none: accepted
	}{
		{"defaults with store and key", func(*session.Config) {}, nil},
		{"no store", func(c *session.Config) { c.Store = nil }, []string{"Store"}},
		{"koa's old cookie name", func(c *session.Config) { c.Key = "koa:sess" }, []string{`"koa:sess"`, `"koa.sess"`}},
		{"empty name", func(c *session.Config) { c.Key = "" }, []string{`Key ""`, `"koa.sess"`}},
		{"name with a space", func(c *session.Config) { c.Key = "a b" }, []string{`"a b"`, `"koa.sess"`}},
		{"__Host- without Secure", func(c *session.Config) { c.Key = "__Host-id" }, []string{"needs Secure"}},
		{"__host- without Secure", func(c *session.Config) { c.Key = "__host-id" }, []string{"needs Secure"}},
		{
			"__Host- with Domain",
			func(c *session.Config) { c.Key, c.Secure, c.Domain = "__Host-id", true, "example.com" },
			[]string{"__Host- forbids Domain"},
		},
		{
			"__Host- with Path",
			func(c *session.Config) { c.Key, c.Secure, c.Path = "__Host-id", true, "/app" },
			[]string{"any Path"},
		},
		{"__Host- as it must be", func(c *session.Config) { c.Key, c.Secure = "__Host-id", true }, nil},
		{"__Secure- without Secure", func(c *session.Config) { c.Key = "__Secure-id" }, []string{"needs Secure"}},
		{
			"__Secure- with Domain",
			func(c *session.Config) { c.Key, c.Secure, c.Domain = "__Secure-id", true, "example.com" },
			nil,
		},
		{
			"__Http- for scripts",
			func(c *session.Config) { c.Key, c.Secure, c.HTTPOnly = "__Http-id", true, false },
			[]string{"needs HTTPOnly"},
		},
		{
			"SameSite=None without Secure",
			func(c *session.Config) { c.SameSite = http.SameSiteNoneMode },
			[]string{"SameSite=None"},
		},
		{"SameSite of a later net/http", func(c *session.Config) { c.SameSite = 9 }, []string{"SameSite is 9"}},
		{"Partitioned without Secure", func(c *session.Config) { c.Partitioned = true }, []string{"Partitioned"}},
		{"Signed without keys", func(c *session.Config) { c.Keys = nil }, []string{"Keys is empty"}},
		{"unsigned without keys", func(c *session.Config) { c.Keys, c.Signed = nil, false }, nil},
		{
			"short key",
			func(c *session.Config) { c.Keys = [][]byte{testKey(1), []byte("secret")} },
			[]string{"Keys[1] has 6 bytes"},
		},
		{"sealed and unsigned", func(c *session.Config) { sealed(c); c.Signed = false }, []string{"always encrypted"}},
		{"MaxAge 0", func(c *session.Config) { c.MaxAge = 0 }, []string{"MaxAge is 0s"}},
		{"MaxAge negative", func(c *session.Config) { c.MaxAge = -time.Second }, []string{"MaxAge is -1s"}},
		{"MaxAge of milliseconds", func(c *session.Config) { c.MaxAge = 86400 }, []string{"MaxAge is 86.4µs"}},
		{
			"MaxAge over the absolute limit",
			func(c *session.Config) { c.MaxAge = 30 * 24 * time.Hour },
			[]string{"never reached"},
		},
		{"no absolute limit", func(c *session.Config) { c.AbsoluteMaxAge = 0 }, []string{"AbsoluteMaxAge is 0s"}},
		{"browser session", func(c *session.Config) { c.MaxAge = session.BrowserSession }, nil},
		{
			"browser session without an end",
			func(c *session.Config) { c.MaxAge, c.IdleTimeout = session.BrowserSession, 0 },
			[]string{"IdleTimeout is 0s"},
		},
		{
			"rolling and renew",
			func(c *session.Config) { c.Rolling, c.Renew = true, true },
			[]string{"exclude each other"},
		},
		{"Path without a slash", func(c *session.Config) { c.Path = "app" }, []string{`Path "app"`}},
		{
			"Path that ends the attribute",
			func(c *session.Config) { c.Path = "/; Domain=evil.example" },
			[]string{"Path"},
		},
		{
			"Domain with a port",
			func(c *session.Config) { c.Domain = "example.com:8080" },
			[]string{`Domain "example.com:8080"`},
		},
		{"all at once", func(c *session.Config) {
			*c = session.Config{Key: "a;b", Signed: true, SameSite: http.SameSiteNoneMode, Partitioned: true}
		}, []string{"Store", "Key", "Keys", "MaxAge", "AbsoluteMaxAge", "SameSite=None", "Partitioned"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := session.Defaults()
			cfg.Store, cfg.Keys = sessiontest.NewStore(), [][]byte{testKey(1)}
			tt.change(&cfg)
			_, err := session.New[data](cfg)
			if (err != nil) != (len(tt.want) > 0) {
				t.Fatalf("New = %v, want %q", err, tt.want)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("New = %v, want %q in it", err, part)
				}
			}
		})
	}
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = sessiontest.NewStore(), [][]byte{testKey(1)}
	if _, err := session.New[func()](cfg); err == nil {
		t.Error("New took a type that cannot be encoded")
	}
}
