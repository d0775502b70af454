package cookie_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

type data struct{ Name string }

// instance is one process of a service.
func instance(t *testing.T, store session.Store) *session.Manager[data] {
	t.Helper()
	cfg := session.Defaults()
	cfg.Key, cfg.Store, cfg.Keys = "id", store, [][]byte{bytes.Repeat([]byte{7}, 32)}
	m, err := session.New[data](cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// send returns the cookie afterwards, and who the session's user was before h.
func send(t *testing.T, m *session.Manager[data], token string, h func(s *session.Session[data])) (next, user string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "id", Value: token})
	rec := httptest.NewRecorder()
	m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s := m.Get(r)
		user = s.User()
		h(s)
	})).ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		token = c.Value
	}
	return token, user
}

func look(*session.Session[data])        {}
func signIn(s *session.Session[data])    { s.SignIn("ann") }
func logOut(s *session.Session[data])    { s.Destroy() }
func endOthers(s *session.Session[data]) { s.SignOutOthers(context.Background()) }

// A session needs no record: another instance with the same key reads it, and so does the same one after a restart.
func TestNoRecordNeeded(t *testing.T) {
	const name = "ann, whose name is too long to come about by chance"
	token, _ := send(t, instance(t, open(t, "")), "", func(s *session.Session[data]) { s.SignIn(name) })
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte(name)) {
		t.Error("the cookie is not encrypted")
	}
	if _, user := send(t, instance(t, open(t, "")), token, look); user != name {
		t.Errorf("another instance sees %q, want %q", user, name)
	}
}

// What a logout ends: every copy of the cookie on the instance that saw it, and none on others.
func TestLogoutEndsCopies(t *testing.T) {
	here, there := instance(t, open(t, "")), instance(t, open(t, ""))
	for name, end := range map[string]func(*session.Session[data]){"logout": logOut, "sign out others": endOthers} {
		token, _ := send(t, here, "", signIn)
		after, _ := send(t, here, token, end)
		if _, user := send(t, here, token, look); user != "" {
			t.Errorf("%s: the copy works on the same instance as %q", name, user)
		}
		if _, user := send(t, there, token, look); user != "ann" {
			t.Errorf("%s: the copy works on another instance as %q, want ann", name, user)
		}
		if _, user := send(t, there, after, look); name != "logout" && user != "ann" {
			t.Errorf("%s: the session that stayed is %q on another instance", name, user)
		}
	}
}

// A planned restart keeps the logouts if the store is given a file.
func TestLogoutsOutliveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ended")
	first := open(t, path)
	token, _ := send(t, instance(t, first), "", signIn)
	send(t, instance(t, first), token, logOut)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, user := send(t, instance(t, open(t, path)), token, look); user != "" {
		t.Errorf("after the restart the copy works as %q", user)
	}
}
