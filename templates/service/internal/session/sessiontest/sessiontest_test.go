package sessiontest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

type data struct{ Theme string }

func manager(t *testing.T, autoCommit bool) *session.Manager[data] {
	t.Helper()
	cfg := session.Defaults()
	cfg.AutoCommit = autoCommit
	cfg.Store, cfg.Keys = sessiontest.NewStore(), [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[data](cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadySession(t *testing.T) {
	for name, autoCommit := range map[string]bool{"AutoCommit": true, "manual commit": false} {
		t.Run(name, func(t *testing.T) { testReadySession(t, manager(t, autoCommit)) })
	}
}

func testReadySession(t *testing.T, m *session.Manager[data]) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := m.Get(r)
		io.WriteString(w, s.User()+" "+s.V.Theme)
	})
	r := httptest.NewRequest("POST", "/me?x=1", nil)
	r.Header.Set("X-Test", "1")
	for _, tt := range []struct {
		name, want string
		r          *http.Request
	}{
		{"With", " dark", sessiontest.With(t, r, m, "", data{"dark"})},
		{"With an empty value", " ", sessiontest.With(t, r, m, "", data{})},
		{"With a user", "ann dark", sessiontest.With(t, r, m, "ann", data{"dark"})},
	} {
		for name, h := range map[string]http.Handler{"bare": handler, "behind Middleware": m.Middleware(handler)} {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, tt.r)
			if rec.Body.String() != tt.want {
				t.Errorf("%s, %s: %q, want %q", tt.name, name, rec.Body, tt.want)
			}
		}
		if tt.r.Method != "POST" || tt.r.URL.RawQuery != "x=1" || tt.r.Header.Get("X-Test") != "1" ||
			m.Get(tt.r).IsNew() {
			t.Errorf("%s changed the request, or gave it no session: %+v", tt.name, tt.r)
		}
	}
	if len(r.Cookies()) != 0 {
		t.Error("the request that was passed in was changed")
	}
}
