package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// hintClock is a devHints with a clock and a log of its own, around a handler
// that gives a cookie at /give and takes it away at /take.
type hintClock struct {
	now     time.Time
	log     logBuffer
	hints   *devHints
	handler http.Handler
}

func newHintClock() *hintClock {
	c := &hintClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c.hints = &devHints{
		cookie:  "sid",
		allowed: func(origin string) bool { return origin == frontEnd },
		log:     slog.New(slog.NewTextHandler(&c.log, nil)),
		now:     func() time.Time { return c.now },
		given:   map[hintClient]time.Time{},
	}
	c.handler = c.hints.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/give":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "secret-token"})
		case "/take":
			http.SetCookie(w, &http.Cookie{Name: "sid", MaxAge: -1})
		case "/other":
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "x"})
		}
	}))
	return c
}

// step is one request after a pause.
type step struct {
	pause  time.Duration
	method string
	path   string
	origin string
	cookie bool
	agent  string
}

func TestDevHints(t *testing.T) {
	const second = time.Second
	for _, test := range []struct {
		name  string
		steps []step
		want  int // hints
	}{
		{"credentials forgotten", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 1},
		{"said once for each cookie", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 1},
		{"given again and again", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "GET", "/give", frontEnd, false, ""}, {second, "GET", "/give", frontEnd, false, ""}}, 2},
		{"cookie comes back", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, true, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 0},
		{"requests sent at the same time", []step{{0, "GET", "/give", frontEnd, false, ""}, {hintGrace / 2, "GET", "/use", frontEnd, false, ""}}, 0},
		{"after a minute the browser may have been closed", []step{{0, "GET", "/give", frontEnd, false, ""}, {hintMemory, "POST", "/use", frontEnd, false, ""}}, 0},
		{"preflights never have cookies", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "OPTIONS", "/use", frontEnd, false, ""}}, 0},
		{"logout takes the cookie", []step{{0, "GET", "/give", frontEnd, false, ""}, {second, "POST", "/take", frontEnd, true, ""}, {second, "GET", "/use", frontEnd, false, ""}}, 0},
		{"a stranger is not our front end", []step{{0, "GET", "/give", stranger, false, ""}, {second, "POST", "/use", stranger, false, ""}}, 0},
		{"no page", []step{{0, "GET", "/give", "", false, ""}, {second, "POST", "/use", "", false, ""}}, 0},
		{"another browser", []step{{0, "GET", "/give", frontEnd, false, "a"}, {second, "POST", "/use", frontEnd, false, "b"}}, 0},
		{"another cookie", []step{{0, "GET", "/other", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newHintClock()
			for _, s := range test.steps {
				c.now = c.now.Add(s.pause)
				r := httptest.NewRequest(s.method, s.path, nil)
				if s.origin != "" {
					r.Header.Set("Origin", s.origin)
				}
				if s.cookie {
					r.AddCookie(&http.Cookie{Name: "sid", Value: "secret-token"})
				}
				r.Header.Set("User-Agent", s.agent)
				c.handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			log := c.log.String()
			if got := strings.Count(log, "forgot to send credentials"); got != test.want {
				t.Errorf("%d hints, want %d:\n%s", got, test.want, log)
			}
			if test.want > 0 && (!strings.Contains(log, "withCredentials = true") || !strings.Contains(log, `credentials: \"include\"`)) {
				t.Errorf("the hint lacks a fix:\n%s", log)
			}
			if strings.Contains(log, "secret-token") {
				t.Error("the log holds the token")
			}
		})
	}
}

// TestDevHintsMemory: strangers cannot fill it.
func TestDevHintsMemory(t *testing.T) {
	c := newHintClock()
	for i := range 10 * hintClients {
		c.hints.remember(hintClient{agent: fmt.Sprint(i)})
	}
	if n := len(c.hints.given); n > hintClients {
		t.Errorf("%d clients are remembered, want at most %d", n, hintClients)
	}
	c.now = c.now.Add(hintMemory)
	c.hints.remember(hintClient{agent: "new"})
	if n := len(c.hints.given); n != 1 {
		t.Errorf("%d clients are remembered after a minute, want the new one alone", n)
	}
}

func TestDevHintsOnlyInDev(t *testing.T) {
	for _, dev := range []bool{true, false} {
		s := start(t, func(cfg *config.Config) { cfg.Dev = dev })
		now := time.Now()
		s.app.now = func() time.Time { return now }
		handler := s.app.handler()
		send := func(method, path string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(`{"username":"a","password":"b"}`))
			r.Header.Set("Origin", frontEnd)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w
		}
		b := s.browser(frontEnd)
		b.login() // by the server of start, whose hints have the true clock
		r := httptest.NewRequest("POST", "/logout/others", nil)
		r.Header.Set("Origin", frontEnd)
		r.AddCookie(b.cookie())
		handler.ServeHTTP(httptest.NewRecorder(), r) // gives the cookie of the new id
		now = now.Add(time.Second)
		send("POST", "/login")
		if got := strings.Contains(s.log.String(), "forgot to send credentials"); got != dev {
			t.Errorf("Dev %v: hint %v", dev, got)
		}
	}
}
