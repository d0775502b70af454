package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// newHints is a devHints with a log of its own, around a handler that gives a cookie at /give and takes it away at
// /take.
func newHints(t *testing.T) (hints *devHints, handler http.Handler, log *logBuffer) {
	s := prepare(t, nil)
	hints, log = &devHints{app: s.app, given: map[hintClient]time.Time{}}, s.log
	return hints, hints.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/give":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "secret-token"})
		case "/take":
			http.SetCookie(w, &http.Cookie{Name: "sid", MaxAge: -1})
		case "/other":
			http.SetCookie(w, &http.Cookie{Name: "other", Value: "x"})
		}
	})), log
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
		{"credentials forgotten", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "POST", "/use", frontEnd, false, ""}}, 1},
		{"said once for each cookie", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "POST", "/use", frontEnd, false, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 1},
		{"given again and again", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "GET", "/give", frontEnd, false, ""}, {second, "GET", "/give", frontEnd, false, ""}}, 2},
		{"cookie comes back", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "POST", "/use", frontEnd, true, ""}, {second, "POST", "/use", frontEnd, false, ""}}, 0},
		{"requests sent at the same time", []step{{0, "GET", "/give", frontEnd, false, ""},
			{hintGrace / 2, "GET", "/use", frontEnd, false, ""}}, 0},
		{"after a minute the browser may have been closed", []step{{0, "GET", "/give", frontEnd, false, ""},
			{hintMemory, "POST", "/use", frontEnd, false, ""}}, 0},
		{"preflights never have cookies", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "OPTIONS", "/use", frontEnd, false, ""}}, 0},
		{"logout takes the cookie", []step{{0, "GET", "/give", frontEnd, false, ""},
			{second, "POST", "/take", frontEnd, true, ""}, {second, "GET", "/use", frontEnd, false, ""}}, 0},
		{"a stranger is not our front end", []step{{0, "GET", "/give", stranger, false, ""},
			{second, "POST", "/use", stranger, false, ""}}, 0},
		{"no page", []step{{0, "GET", "/give", "", false, ""}, {second, "POST", "/use", "", false, ""}}, 0},
		{"another browser", []step{{0, "GET", "/give", frontEnd, false, "a"},
			{second, "POST", "/use", frontEnd, false, "b"}}, 0},
		{"another cookie", []step{{0, "GET", "/other", frontEnd, false, ""},
			{second, "POST", "/use", frontEnd, false, ""}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, handler, lines := newHints(t)
				for _, s := range test.steps {
					time.Sleep(s.pause)
					r := httptest.NewRequest(s.method, s.path, nil)
					if s.origin != "" {
						r.Header.Set("Origin", s.origin)
					}
					if s.cookie {
						r.AddCookie(&http.Cookie{Name: "sid", Value: "secret-token"})
					}
					r.Header.Set("User-Agent", s.agent)
					handler.ServeHTTP(httptest.NewRecorder(), r)
				}
				log := lines.String()
				if got := strings.Count(log, "forgot to send credentials"); got != test.want {
					t.Errorf("%d hints, want %d:\n%s", got, test.want, log)
				}
				if test.want > 0 && (!strings.Contains(log, "withCredentials = true") ||
					!strings.Contains(log, `credentials: \"include\"`)) {
					t.Errorf("the hint lacks a fix:\n%s", log)
				}
				if strings.Contains(log, "secret-token") {
					t.Error("the log holds the token")
				}
			})
		})
	}
}

// TestDevHintsMemory: strangers cannot fill it.
func TestDevHintsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hints, _, _ := newHints(t)
		for i := range 10 * hintClients {
			hints.remember(hintClient{agent: fmt.Sprint(i)})
		}
		if n := len(hints.given); n > hintClients {
			t.Errorf("%d clients are remembered, want at most %d", n, hintClients)
		}
	})
}

// TestDevHintsOnlyInDev: a browser that logs in and forgets its cookies finds a hint in the log.
func TestDevHintsOnlyInDev(t *testing.T) {
	for _, dev := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := unplugged(t, func(cfg *config.Config) { cfg.Dev = dev })
			s.browser(frontEnd).login()
			time.Sleep(time.Second)
			s.browser(frontEnd).do("POST", "/login", nil)
			if got := strings.Contains(s.log.String(), "forgot to send credentials"); got != dev {
				t.Errorf("Dev %v: hint %v", dev, got)
			}
		})
	}
}
