package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

// localConfig is a service on this machine.
func localConfig() config.Config {
	return config.Config{
		PublicURL:   "http://localhost:8080",
		CORSOrigins: []string{"http://localhost:5173"},
		Cookie:      config.Cookie{Name: "sid", SameSite: "lax", HTTPOnly: true, Path: "/"},
		Session:     config.Session{MaxAge: time.Hour, AbsoluteMaxAge: time.Hour, Signed: true, AutoCommit: true},
		SessionKeys: [][]byte{bytes.Repeat([]byte{1}, 32)},
	}
}

// TestDrain: a request in flight when the signal comes gets its answer, and no
// new one is taken.
func TestDrain(t *testing.T) {
	store := sessiontest.NewStore()
	accounts, err := web.NewAccount("", "")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	handler, err := web.New(localConfig(), store, accounts, log)
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

// TestAnnounce: the first line says where, which cookie and which front ends,
// and never a secret.
func TestAnnounce(t *testing.T) {
	cfg := localConfig()
	cfg.RandomKey = true
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
	for _, want := range []string{"every login is refused", "SESSION_KEYS is not set"} {
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
		{"in batches until nothing is left", fullStore{expired: 2*sweepBatch + 1}, 0, 3, ""},
		{"an error ends this sweep", fullStore{expired: 1, err: errors.New("no connection")}, 1, 1, "no connection"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				stop := sweepEvery(t.Context(), time.Minute, &test.store, slog.New(slog.NewTextHandler(&log, nil)))
				time.Sleep(time.Minute)
				synctest.Wait()
				stop()
				time.Sleep(time.Hour)
				if test.store.expired != test.wantLeft || test.store.calls != test.wantCalls || !strings.Contains(log.String(), test.wantLog) {
					t.Errorf("%d records left after %d calls, log %q; want %d after %d, log with %q",
						test.store.expired, test.store.calls, log.String(), test.wantLeft, test.wantCalls, test.wantLog)
				}
			})
		})
	}
}
