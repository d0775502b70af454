package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// TestRunWithoutStore: what the store says about its URL is said once.
func TestRunWithoutStore(t *testing.T) {
	env := map[string]string{
		"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": "http://localhost:5173", "COOKIE_NAME": "sid",
		"COOKIE_SECURE":    "false",
		"COOKIE_SAME_SITE": "lax", "COOKIE_PARTITIONED": "false", "COOKIE_DOMAIN": "none",
		"STORE_URL": "mysql://ann:geheim@127.0.0.1/db",
	}
	err := run(t.Context(), call{getenv: func(name string) string { return env[name] }, stderr: io.Discard})
	if err == nil {
		t.Fatal("run with the URL of a store that nothing here knows = nil")
	}
	if text := err.Error(); strings.Contains(text, "geheim") || strings.Count(text, "store") == 0 ||
		strings.Count(text, "open session store") > 1 {
		t.Errorf("run = %q; want it to name the store once, and no password", text)
	}
}

// TestCommand: a command runs with as many arguments as it names. Everything else is answered with what exists.
func TestCommand(t *testing.T) {
	t.Chdir(t.TempDir()) // away from the .env of the project
	var got []string
	commands["move"] = command{[]string{"FROM", "TO"}, func(_ context.Context, c call) error {
		got = c.args
		return nil
	}}
	defer delete(commands, "move")
	wrong := [][]string{{"serve"}, {"help"}, {""}, {"", "x", "y"}, {"move FROM TO"}, {"move", "FROM TO"}}
	for name, c := range commands {
		wrong = append(wrong, append([]string{name, "extra"}, c.args...))
		if len(c.args) > 0 {
			wrong = append(wrong, append([]string{name}, c.args[1:]...))
		}
	}
	for _, args := range wrong {
		var stdout, stderr bytes.Buffer
		code := execute(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		usage := stderr.String()
		if code != 2 || stdout.Len() > 0 || !strings.HasPrefix(usage, "usage: service [COMMAND]\n  ") ||
			!strings.Contains(usage, "\n  move FROM TO\n") {
			t.Errorf("execute(%q) = %d, stdout %q, stderr %q", args, code, stdout.String(), usage)
		}
	}
	if got != nil {
		t.Fatalf("move ran with %q", got)
	}
	var stderr bytes.Buffer
	code := execute(t.Context(), []string{"move", "here", "there"}, strings.NewReader(""), io.Discard, &stderr)
	if code != 0 || !slices.Equal(got, []string{"here", "there"}) {
		t.Errorf("execute = %d with the arguments %q, stderr %q", code, got, stderr.String())
	}
}

// TestAnnounce: the first line says where, which cookie and which front ends,
// and never a secret.
func TestAnnounce(t *testing.T) {
	cfg := localConfig()
	cfg.RandomKey, cfg.PublicURL = true, "https://api.example.com" // https, with a cookie that was chosen for http
	var log bytes.Buffer
	announce(slog.New(slog.NewJSONHandler(&log, nil)), cfg, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	first, rest, _ := strings.Cut(log.String(), "\n")
	var line struct{ Msg, Addr, URL, Cookie, Origins string }
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "listening" || line.Addr != "127.0.0.1:8080" || line.URL != cfg.PublicURL ||
		line.Cookie != "sid; Path=/; HttpOnly; SameSite=Lax" || line.Origins != "http://localhost:5173" {
		t.Errorf("first line: %s", first)
	}
	for _, want := range []string{"SESSION_KEYS is not set", "the session cookie is not Secure"} {
		if !strings.Contains(rest, want) {
			t.Errorf("the warnings lack %q:\n%s", want, rest)
		}
	}
}

// fullStore has so many expired records, or fails.
type fullStore struct {
	expired int
	calls   int
	err     error
}

func (f *fullStore) Sweep(_ context.Context, limit int) (int, error) {
	f.calls++
	if f.err != nil {
		return 0, f.err
	}
	n := min(limit, f.expired)
	f.expired -= n
	return n, nil
}

func TestSweep(t *testing.T) {
	for _, test := range []struct {
		name      string
		store     fullStore
		wantLeft  int
		wantCalls int
		wantLog   string
	}{
		{"in batches until nothing is left", fullStore{expired: 2*sweepBatch + 1}, 0, 4, ""},
		{"an error ends this sweep", fullStore{expired: 1, err: errors.New("no connection")}, 1, 2, "no connection"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				stop := sweepEvery(t.Context(), time.Minute, &test.store, slog.New(slog.NewTextHandler(&log, nil)))
				time.Sleep(time.Minute)
				synctest.Wait()
				stop()
				time.Sleep(time.Hour)
				if test.store.expired != test.wantLeft || test.store.calls != test.wantCalls ||
					!strings.Contains(log.String(), test.wantLog) {
					t.Errorf("%d records left after %d calls, log %q; want %d after %d, log with %q",
						test.store.expired, test.store.calls, log.String(), test.wantLeft, test.wantCalls, test.wantLog)
				}
			})
		})
	}
}

// slowStore sweeps until it may no longer. It is closed when it begins.
type slowStore chan struct{}

func (s slowStore) Sweep(ctx context.Context, _ int) (int, error) {
	close(s)
	<-ctx.Done()
	return 0, ctx.Err()
}

// TestSweepStops: what a stop interrupts is not logged as an error.
func TestSweepStops(t *testing.T) {
	var log bytes.Buffer
	store := make(slowStore)
	stop := sweepEvery(t.Context(), time.Minute, store, slog.New(slog.NewTextHandler(&log, nil)))
	<-store
	stop()
	if log.Len() > 0 {
		t.Errorf("log %q, want nothing", log.String())
	}
}

// TestRunRefuses: settings that cannot work stop the start, all at once, before
// anything is opened.
func TestRunRefuses(t *testing.T) {
	env := map[string]string{
		"CORS_ORIGINS":     "*",
		"COOKIE_SAME_SITE": "none",
		"COOKIE_SECURE":    "false",
		"LOG_LEVEL":        "loud",
	}
	err := run(t.Context(), call{getenv: func(name string) string { return env[name] }, stderr: io.Discard})
	if err == nil {
		t.Fatal("run with settings that cannot work = nil")
	}
	for _, want := range []string{"CORS_ORIGINS", "SameSite=None without Secure", "LOG_LEVEL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("run:\n%v\nlacks %q", err, want)
		}
	}
}

// localConfig is a service on this machine.
func localConfig() config.Config {
	s := session.Defaults()
	s.Key, s.Keys = "sid", [][]byte{bytes.Repeat([]byte{1}, 32)}
	return config.Config{PublicURL: "http://localhost:8080", CORSOrigins: []string{"http://localhost:5173"}, Session: s}
}

// TestIsTerminal: isTerminal decides how the log is written. The null device is a character device, as a terminal is.
func TestIsTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	device, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for _, test := range []struct {
		name   string
		stream any
		want   bool
	}{{"a buffer", new(bytes.Buffer), false}, {"a file", file, false}, {"a device", device, true}} {
		if got := isTerminal(test.stream); got != test.want {
			t.Errorf("isTerminal(%s) = %v, want %v", test.name, got, test.want)
		}
	}
}
