package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

// TestRunRefuses: settings that cannot work stop the start, all at once, before
// anything is opened.
func TestRunRefuses(t *testing.T) {
	env := map[string]string{
		"CORS_ORIGINS":     "*",
		"COOKIE_SAME_SITE": "none",
		"COOKIE_SECURE":    "false",
		"ACCOUNT_USERNAME": "张三",
		"LOG_LEVEL":        "loud",
	}
	err := run(t.Context(), func(name string) string { return env[name] }, io.Discard)
	if err == nil {
		t.Fatal("run with settings that cannot work = nil")
	}
	for _, want := range []string{"CORS_ORIGINS", "SameSite=None without Secure", "ACCOUNT_PASSWORD_HASH",
		"LOG_LEVEL"} {
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

// nobody is a user table without users.
type nobody struct{}

func (nobody) Authenticate(context.Context, string, string) (string, error) {
	return "", web.ErrRefused
}

// TestDrain: a request in flight when the signal comes gets its answer, and no
// new one is taken.
func TestDrain(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	handler, err := web.New(localConfig(), sessiontest.NewStore(), nobody{}, log)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	served := make(chan error, 1)
	go func() { served <- serve(ctx, listener, handler, log) }()

	// The server answers "100 Continue" when the handler begins to read the body,
	// so from then on the request is in flight.
	body, rest := io.Pipe()
	reading := make(chan struct{})
	trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	request, err := http.NewRequestWithContext(trace, "POST", url+"/login", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	type result struct {
		status int
		err    error
	}
	answered := make(chan result, 1)
	go func() {
		response, err := client.Do(request)
		if err != nil {
			answered <- result{0, err}
			return
		}
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		answered <- result{response.StatusCode, err}
	}()
	<-reading

	signal()
	for { // until the listener is closed
		connection, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		connection.Close()
	}
	select {
	case err := <-served:
		t.Fatalf("serve returned %v with a request in flight", err)
	default:
	}
	if _, err := io.WriteString(rest, "not JSON"); err != nil {
		t.Fatal(err)
	}
	rest.Close()
	if got := <-answered; got.err != nil || got.status != http.StatusBadRequest {
		t.Errorf("the request in flight: status %d, %v; want 400", got.status, got.err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve = %v, want nil after the drain", err)
	}
}
