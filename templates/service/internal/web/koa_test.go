package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// moved is a service that has taken the place of one in Koa, and a browser that was logged in there. It says who is
// logged in, whatever fromKoa and the routes of this project are.
type moved struct {
	*service
	move *koaMove
	jar  http.CookieJar
}

const koaKey = "a key of the koa service"

// takeKoa sets it up. change may alter the settings of both.
func takeKoa(t *testing.T, change func(c *config.Config, k *koaMove)) *moved {
	t.Helper()
	m := &moved{move: &koaMove{}}
	m.move.Cookie, m.move.Keys = http.Cookie{Name: "koa.sess", Path: "/"}, []string{"a new key", koaKey}
	m.move.from = func(fields map[string]json.RawMessage, s *Session) (user string, ok bool) {
		err := json.Unmarshal(fields["user"], &user)
		s.Username = user
		return user, err == nil
	}
	m.move.find = func(context.Context, string) (map[string]json.RawMessage, error) { return nil, nil }
	m.service = prepare(t, func(c *config.Config) {
		if change != nil {
			change(c, m.move)
		}
	})
	m.move.app = m.app
	m.jar, _ = cookiejar.New(nil)
	return m
}

var koaURL = &url.URL{Scheme: "http", Host: "localhost:8080", Path: "/"}

// holds puts the pair that Koa made for a value into the browser.
func (m *moved) holds(value string) {
	name := m.move.Cookie.Name
	mac := hmac.New(sha1.New, []byte(koaKey))
	mac.Write([]byte(name + "=" + value))
	m.jar.SetCookies(koaURL, []*http.Cookie{{Name: name, Value: value, Path: "/"},
		{Name: name + ".sig", Value: base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), Path: "/"}})
}

// koaSession is the value of a session in the cookie that lives so long.
func koaSession(user string, left time.Duration) string {
	return coded(fmt.Sprintf(`{"user":%q,"_expire":%d,"_maxAge":86400000}`, user, time.Now().Add(left).UnixMilli()))
}

func coded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// me sends a request as the browser and returns who is logged in.
func (m *moved) me() (user string, status int) {
	return m.do(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, m.app.sessions.Get(r).User())
	}))
}

func (m *moved) do(h http.Handler) (body string, status int) {
	r := httptest.NewRequest("GET", koaURL.String(), nil)
	for _, c := range m.jar.Cookies(koaURL) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		m.app.sessions.Middleware(m.move.middleware(h)).ServeHTTP(w, r)
	}()
	m.jar.SetCookies(koaURL, w.Result().Cookies())
	return w.Body.String(), w.Code
}

func (m *moved) logout() {
	m.do(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { m.app.sessions.Get(r).Destroy() }))
}

// names are those of the browser's cookies.
func (m *moved) names() string {
	var list []string
	for _, c := range m.jar.Cookies(koaURL) {
		list = append(list, c.Name)
	}
	return strings.Join(list, " ")
}

func (m *moved) wantMe(t *testing.T, when, want string) {
	t.Helper()
	if got, status := m.me(); got != want || status != http.StatusOK {
		t.Errorf("%s: %q is logged in (status %d), want %q", when, got, status, want)
	}
}

// Whoever was logged in with Koa stays logged in, by a cookie of ours; Koa's are gone, whatever name ours has.
func TestKoaTakeOver(t *testing.T) {
	for _, name := range []string{"sid", "koa.sess"} {
		t.Run(name, func(t *testing.T) {
			m := takeKoa(t, func(c *config.Config, _ *koaMove) { c.Session.Key = name })
			m.holds(koaSession("ann", time.Hour))
			m.wantMe(t, "first", "ann")
			if got := m.names(); got != name {
				t.Errorf("the browser has the cookies %q, want %q alone", got, name)
			}
			m.wantMe(t, "second", "ann")
			if n := strings.Count(m.log.String(), `"taken over from koa"`); n != 1 {
				t.Errorf("%d takeovers in the log, want 1:\n%s", n, m.log)
			}
			if log := m.log.String(); strings.Contains(log, `"kind":"invalid"`) {
				t.Errorf("Koa's cookie counts as malformed:\n%s", log)
			}
			m.logout()
			if got := m.names(); got != "" {
				t.Errorf("after the logout the browser has the cookies %q", got)
			}
			m.wantMe(t, "after the logout", "")
		})
	}
}

func TestKoaTakeOverRefuses(t *testing.T) {
	wrongKey := func(_ *config.Config, k *koaMove) { k.Keys = []string{"another key"} }
	for _, tt := range []struct {
		name   string
		change func(*config.Config, *koaMove)
		value  string
		cookie string // added after the pair
	}{
		{name: "wrong key", change: wrongKey, value: koaSession("ann", time.Hour)},
		{name: "no key", change: func(_ *config.Config, k *koaMove) { k.Keys = nil },
			value: koaSession("ann", time.Hour)},
		{name: "unsigned", value: koaSession("ann", time.Hour), cookie: "koa.sess.sig="},
		{name: "tampered", value: koaSession("ann", time.Hour), cookie: "koa.sess=" + koaSession("bob", time.Hour)},
		{name: "expired", value: koaSession("ann", -time.Second)},
		{name: "after KOA_UNTIL", value: koaSession("ann", time.Hour),
			change: func(_ *config.Config, k *koaMove) { k.Until = time.Now().Add(-time.Second) }},
		{name: "_expire of another type", value: coded(`{"user":"ann","_expire":""}`)},
		{name: "no user", value: coded(`{"user":{},"_session":true}`)},
		{name: "an id that no store knows", value: "f9eae0da-e2b6-439a-ae62-7d291c253611"},
		{name: "too long a user", value: koaSession(strings.Repeat("x", 600), time.Hour)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := takeKoa(t, tt.change)
			m.holds(tt.value)
			if name, value, ok := strings.Cut(tt.cookie, "="); ok {
				m.jar.SetCookies(koaURL, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
			}
			m.wantMe(t, "then", "")
			if got := m.names(); got != "koa.sess koa.sess.sig" {
				t.Errorf("cookies %q, want Koa's alone", got)
			}
		})
	}
}

// A cookie signs in once, and for a minute, for requests that were sent together.
func TestKoaCookieIsGoodOnce(t *testing.T) {
	for name, value := range map[string]string{
		"with an end":    koaSession("ann", 100*365*24*time.Hour),
		"without an end": coded(`{"user":"ann","_session":true}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := takeKoa(t, nil)
				m.holds(value)
				m.wantMe(t, "first", "ann")
				m.jar, _ = cookiejar.New(nil)
				m.holds(value)
				time.Sleep(koaAgain - time.Millisecond)
				m.wantMe(t, "a request sent together", "ann")
				m.logout()
				m.holds(value)
				time.Sleep(2 * time.Millisecond)
				m.wantMe(t, "a copy", "")
				if !strings.Contains(m.log.String(), "used before") {
					t.Errorf("the log does not say why:\n%s", m.log)
				}
			})
		})
	}
}

// The record of the store lives under an id in the cookie, and is asked for once.
func TestKoaTakeOverFromStore(t *testing.T) {
	asked := ""
	var fail error
	m := takeKoa(t, func(_ *config.Config, k *koaMove) {
		k.find = func(_ context.Context, id string) (fields map[string]json.RawMessage, err error) {
			asked += id + " "
			if fail == nil && id == "id1" {
				_ = json.Unmarshal([]byte(`{"user":"ann","_expire":4951669512985}`), &fields)
			}
			return fields, fail
		}
	})
	m.holds("id2")
	m.wantMe(t, "an id that is not there", "")
	m.holds("id1")
	fail = errors.New("the store is down")
	if body, status := m.me(); status != http.StatusServiceUnavailable {
		t.Errorf("while the store is down: %d %s, want 503", status, body)
	}
	fail = nil
	m.wantMe(t, "first", "ann")
	m.wantMe(t, "second", "ann")
	if asked != "id2 id1 id1 " {
		t.Errorf("asked for %q", asked)
	}
}

// The handler's answer does not matter, and neither cookie is lost when our store fails.
func TestKoaTakeOverSurvivesFailures(t *testing.T) {
	m := takeKoa(t, nil)
	m.holds(koaSession("ann", time.Hour))
	m.do(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	m.wantMe(t, "after an answer of 502", "ann")

	m = takeKoa(t, func(c *config.Config, _ *koaMove) { c.Session.AutoCommit = false })
	m.holds(koaSession("ann", time.Hour))
	m.wantMe(t, "without AutoCommit", "ann")
	m.wantMe(t, "without AutoCommit, second", "ann")

	m = takeKoa(t, nil)
	m.holds(koaSession("ann", time.Hour))
	m.store.FailWith(func(string, string) error { return errors.New("down") })
	if body, status := m.me(); status != http.StatusServiceUnavailable || m.names() != "koa.sess koa.sess.sig" {
		t.Errorf("while our store is down: %d %s, cookies %q", status, body, m.names())
	}
	m.store.FailWith(nil)
	m.wantMe(t, "when it is back", "ann")
}

// While both services run, Koa keeps its cookies. Whoever is logged in here stays logged in, and a logout ends both
// sessions.
func TestKoaKeep(t *testing.T) {
	m := takeKoa(t, func(_ *config.Config, k *koaMove) { k.Keep = true })
	m.holds(koaSession("ann", time.Hour))
	m.wantMe(t, "first", "ann")
	if got := m.names(); got != "koa.sess koa.sess.sig sid" {
		t.Errorf("cookies %q", got)
	}
	m.holds(koaSession("bob", time.Hour))
	m.wantMe(t, "with a later login at Koa", "ann")
	h := http.Header{}
	m.move.drop(h)
	m.jar.SetCookies(koaURL, (&http.Response{Header: h}).Cookies())
	m.logout()
	if got := m.names(); got != "" {
		t.Errorf("after the logout the browser has the cookies %q", got)
	}
}

// What a visitor who is not logged in left at Koa comes along, too, and a session that is here already keeps its own.
func TestKoaVisitor(t *testing.T) {
	m := takeKoa(t, func(_ *config.Config, k *koaMove) {
		k.from = func(_ map[string]json.RawMessage, s *Session) (string, bool) {
			s.Username = "guest"
			return "", true
		}
	})
	name := func() string {
		body, _ := m.do(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, m.app.sessions.Get(r).V.Username)
		}))
		return body
	}
	m.holds(koaSession("", time.Hour))
	if got := name() + name(); got != "guestguest" {
		t.Errorf("V holds %q", got)
	}
	m.do(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { m.app.sessions.Get(r).V.Username = "own" }))
	m.holds(koaSession("", 2*time.Hour))
	if got := name(); got != "own" {
		t.Errorf("V holds %q", got)
	}
}

// A request without a signed cookie of Koa costs nothing, whatever else it brings.
func TestKoaCostsStrangersNothing(t *testing.T) {
	m := takeKoa(t, nil)
	m.jar.SetCookies(koaURL, []*http.Cookie{{Name: "koa.sess", Value: koaSession("ann", time.Hour)},
		{Name: "koa.sess.sig", Value: strings.Repeat("A", 27)}})
	m.do(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if n := m.store.Calls(); n != 0 {
		t.Errorf("%d calls of the store, want none", n)
	}
}
