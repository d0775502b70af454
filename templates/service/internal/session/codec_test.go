package session_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// A record that the codec cannot read is an anonymous visitor (scs answers 500 until the cookie expires).
func TestUnreadableRecord(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	key := a.store.Keys()[0]
	good := a.record(key)
	for name, record := range map[string][]byte{
		"empty": {}, "version": append([]byte{9}, good[1:]...), "cut": good[:10],
		"payload":    append(bytes.Clone(good[:14]), "{"...),
		"other type": append(bytes.Clone(good[:14]), `{"views":"x"}`...), "flags": append([]byte{1, 0xff}, good[2:]...),
	} {
		a.kinds()
		a.put(key, record)
		if v, isNew := a.value(c); !isNew || v.Views != 0 {
			t.Errorf("%s: session = %+v, new %v", name, v, isNew)
		}
		a.wantEvents(session.Invalid)
	}
}

func TestMapSession(t *testing.T) {
	a := newApp[map[string]any](t, nil)
	c := newClient()
	wantCookies(
		t,
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) { s.V = nil }),
		0,
	)
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) {
		s.V["views"] = 1
		s.V["deep"] = map[string]any{"a": []any{"x"}}
		// Names that koa-session keeps for itself are names like others here.
		s.V["isNew"], s.V["maxAge"], s.V["_expire"], s.V["__proto__"] = true, 5, 1, "p"
	})
	rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) {
		if s.IsNew() || s.V["views"] != float64(1) || s.V["__proto__"] != "p" || s.MaxAge() != time.Hour {
			t.Errorf("session = %v, new %v, MaxAge %v", s.V, s.IsNew(), s.MaxAge())
		}
	})
	wantCookies(t, rec, 0)
	rec = a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) {
		s.V["deep"].(map[string]any)["a"].([]any)[0] = "y" // koa sees this, scs does not
	})
	wantCookies(t, rec, 1)
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) { s.V = nil })
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[map[string]any]) {
		if s.IsNew() || s.V == nil || len(s.V) != 0 {
			t.Errorf("after V = nil: %#v, new %v", s.V, s.IsNew())
		}
	})
	wantCookies(t, a.visit(c, func(http.ResponseWriter, *http.Request, *session.Session[map[string]any]) {}), 0)
}
