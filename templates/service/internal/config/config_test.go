package config

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// key is a signing key of 32 bytes.
var key = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

// loadProduction loads the settings of a service on https with the changes on top, whatever defaults.go says.
func loadProduction(changes map[string]string) (Config, error) {
	s := session.Defaults()
	s.Key, s.Secure = "__Host-sid", true
	defaults := Config{PublicURL: "https://api.example.com", CORSOrigins: []string{"https://app.example.com"},
		Session: s}
	env := map[string]string{"SESSION_KEYS": key}
	maps.Copy(env, changes)
	return load(func(name string) string { return env[name] }, defaults)
}

// TestDefaults holds the chosen values of defaults.go to the rules.
func TestDefaults(t *testing.T) {
	cfg, err := Load(func(name string) string { return map[string]string{"SESSION_KEYS": key}[name] })
	if err != nil {
		t.Fatalf("Load with the defaults and a key: %v", err)
	}
	if cfg.PublicURL != PublicURL || !slices.Equal(cfg.CORSOrigins, CORSOrigins) || cfg.Session.Key != CookieName {
		t.Errorf("Load does not start from defaults.go: %+v", cfg)
	}
	if cfg.Session.MaxAge != MaxAge || cfg.Session.AbsoluteMaxAge != AbsoluteMaxAge || cfg.Session.Rolling != Rolling {
		t.Errorf("the sessions do not have the lifetimes of defaults.go: %+v", cfg.Session)
	}
}

func TestLoadReportsEverythingAtOnce(t *testing.T) {
	_, err := loadProduction(map[string]string{
		"CORS_ORIGINS": "*", "SESSION_KEYS": "", "LOG_LEVEL": "loud", "COOKIE_SECURE": "false",
		"COOKIE_SAME_SITE": "none",
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
