package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minKeyBytes is the shortest signing key: the output size of SHA-256, below
// which HMAC loses strength (RFC 2104, section 3).
const minKeyBytes = 32

// environment reads variables and collects what is wrong with them.
type environment struct {
	getenv   func(string) string
	problems []error
}

func (e *environment) problem(name, value string, err error) {
	e.problems = append(e.problems, fmt.Errorf("%s is %q: %w", name, value, err))
}

func (e *environment) text(name, fallback string) string {
	if v := strings.TrimSpace(e.getenv(name)); v != "" {
		return v
	}
	return fallback
}

func (e *environment) list(name string, fallback []string) []string {
	v := e.text(name, "")
	if v == "" {
		return slices.Clone(fallback)
	}
	var list []string
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

func (e *environment) boolean(name string, fallback bool) bool {
	v := e.text(name, "")
	if v == "" {
		return fallback
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		e.problem(name, v, errors.New("neither true nor false; write true or false"))
		return fallback
	}
	return b
}

func (e *environment) level(name string, fallback slog.Level) slog.Level {
	v := e.text(name, "")
	if v == "" {
		return fallback
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(v)); err != nil {
		e.problem(name, v, errors.New("not a log level; write debug, info, warn or error"))
		return fallback
	}
	return level
}

// keys never quotes what it read: a key with a typing error is still a secret.
func (e *environment) keys(name string) [][]byte {
	var keys [][]byte
	for i, item := range e.list(name, nil) {
		key, err := decodeBase64(item)
		switch {
		case err != nil:
			e.problems = append(e.problems, fmt.Errorf("%s: key %d is not base64; make one with: openssl rand -base64 32", name, i+1))
		case len(key) < minKeyBytes:
			e.problems = append(e.problems, fmt.Errorf("%s: key %d has %d bytes, at least %d are needed; make one with: openssl rand -base64 32", name, i+1, len(key), minKeyBytes))
		default:
			keys = append(keys, key)
		}
	}
	return keys
}

// decodeBase64 takes both alphabets, with and without padding: which one a tool
// writes says nothing about the key.
func decodeBase64(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	return base64.RawStdEncoding.DecodeString(s)
}

// missingKey lets a developer start at once and stops a production service,
// where a random key would log everybody out at each restart and make two
// instances refuse each other's cookies.
func (e *environment) missingKey(cfg *Config) {
	if e.text("SESSION_KEYS", "") != "" {
		return // already a problem: none of the keys could be read
	}
	if !cfg.Dev {
		e.problems = append(e.problems, errors.New("SESSION_KEYS is not set; make one with: openssl rand -base64 32"))
		return
	}
	key := make([]byte, minKeyBytes)
	rand.Read(key) // never fails (Go 1.24)
	cfg.SessionKeys, cfg.RandomKey = [][]byte{key}, true
}

// address is where to listen. A service for this machine alone does not open a
// port to the network, unless ADDR says so: in a container it has to.
func (e *environment) address(public *url.URL) string {
	if addr := e.text("ADDR", ""); addr != "" {
		if _, port, err := net.SplitHostPort(addr); err != nil || !isPort(port) {
			e.problem("ADDR", addr, errors.New("not an address; write :8080 or 127.0.0.1:8080"))
		}
		return addr
	}
	port := "8080"
	if public.Scheme == "http" && public.Port() != "" {
		port = public.Port()
	}
	port = e.text("PORT", port)
	if !isPort(port) {
		e.problem("PORT", port, errors.New("not a port; write a number from 0 to 65535"))
	}
	host := public.Hostname()
	switch {
	case !isLoopback(host):
		host = ""
	case !isAddress(host):
		host = "localhost" // also for shop.localhost, which only browsers know
	}
	return net.JoinHostPort(host, port)
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}
