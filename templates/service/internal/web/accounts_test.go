package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/account/accounttest"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// The people of the tests.
const (
	ann    = "ann@example.com"
	bob    = "bob@example.com"
	phrase = "a horse and a battery"
)

// userService is the service with a user table.
type userService struct {
	*service
	table *account.Accounts
}

func startUsers(t *testing.T, change func(*config.Config)) userService {
	t.Helper()
	s := &service{t: t, cfg: testConfig(), store: sessiontest.NewStore(), log: &logBuffer{}}
	s.cfg.StoreURL, s.cfg.TrustProxy = accounttest.URL(t), 1
	if change != nil {
		change(&s.cfg)
	}
	table := accounttest.Open(t, s.cfg)
	var err error
	if s.app, err = newApp(s.cfg, s.store, table, slog.New(slog.NewJSONHandler(s.log, nil))); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.app.handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return userService{s, table}
}

// user is a browser of somebody with an account.
func (u userService) user(email string) *browser {
	u.t.Helper()
	if err := u.table.Create(u.t.Context(), email, phrase); err != nil {
		u.t.Fatal(err)
	}
	b := u.browser(frontEnd)
	b.enter(email, phrase).want(u.t, "login of "+email, http.StatusOK, "")
	return b
}

// form sends fields from an address of its own, with the answer to a captcha where one is asked for.
func (b *browser) form(path string, fields ...string) reply {
	b.t.Helper()
	b.client.Transport = from(fmt.Sprintf("2001:db8:%x::1", addresses.Add(1)))
	body := b.credentials("", "")
	delete(body, "username")
	delete(body, "password")
	for i := 0; i+1 < len(fields); i += 2 {
		body[fields[i]] = fields[i+1]
	}
	return b.do("POST", path, body)
}

var addresses atomic.Int64 // that were given out

// enter logs in.
func (b *browser) enter(email, password string) reply {
	b.t.Helper()
	b.me = b.form("/login", "email", email, "password", password)
	return b.me
}

// in fails the test unless the browser is logged in under the address; "" is nobody.
func (b *browser) in(email, when string) {
	b.t.Helper()
	if b.me = b.do("GET", "/me", nil); b.me.field("username") != email {
		b.t.Errorf("GET /me %s: %s, want %q", when, b.me.body, email)
	}
}

// mailed is the token of the newest mail.
func (u userService) mailed(to, purpose string) string {
	u.t.Helper()
	token := accounttest.Mailed(u.t, u.table, to, purpose)
	if token == "" {
		u.t.Fatalf("no mail to %s has a link for %s", to, purpose)
	}
	return token
}

// TestAccount is the whole life of an account, with and without sessions that are saved by themselves.
func TestAccount(t *testing.T) {
	for _, auto := range []bool{true, false} {
		u := startUsers(t, func(c *config.Config) { c.Session.AutoCommit = auto })
		b, other := u.browser(frontEnd), u.browser(frontEnd)
		b.form("/register", "email", ann, "password", phrase).want(t, "register", http.StatusOK, "")
		b.enter(ann, phrase).want(t, "login before the address is confirmed", http.StatusUnauthorized, "refused")
		token := u.mailed(ann, "confirm")
		b.form("/confirm", "token", token).want(t, "confirm", http.StatusOK, "")
		b.in("", "after the confirmation, which logs nobody in")
		b.form("/confirm", "token", token).want(t, "confirm again", http.StatusGone, "link_expired")
		other.enter(ann, phrase).want(t, "login elsewhere", http.StatusOK, "") // before b: MaxSessions may be 1
		b.enter("ann@EXAMPLE.com", phrase).want(t, "login", http.StatusOK, "")
		b.in(ann, "after the login")

		b.form("/password", "current", "wrong", "password", "another one").want(t, "wrong current password",
			http.StatusUnauthorized, "refused")
		old := b.cookie().Value
		b.form("/password", "current", phrase, "password", "another one").want(t, "change", http.StatusOK, "")
		b.in(ann, "after the change of the password")
		other.in("", "elsewhere after the change of the password")
		if b.cookie().Value == old {
			t.Error("the session has the same id after the change of the password")
		}
		other.enter(ann, phrase).want(t, "login with the old password", http.StatusUnauthorized, "refused")

		other.form("/password/forgot", "email", ann).want(t, "forgot", http.StatusOK, "")
		b.in(ann, "after somebody forgot the password")
		token = u.mailed(ann, "reset")
		other.form("/password/reset", "token", token, "password", phrase).want(t, "reset", http.StatusOK, "")
		b.in("", "after the reset")
		other.in("", "after the reset, which logs nobody in")
		other.form("/password/reset", "token", token, "password", "a third one").want(t, "reset again", http.StatusGone,
			"link_expired")

		other.enter(ann, phrase).want(t, "login elsewhere", http.StatusOK, "")
		b.enter(ann, phrase).want(t, "login with the new password", http.StatusOK, "")
		b.form("/email", "email", bob, "current", phrase).want(t, "change the address", http.StatusOK, "")
		b.in(ann, "before the new address is confirmed")
		b.form("/email/confirm", "token", u.mailed(bob, "email")).want(t, "confirm the address", http.StatusOK, "")
		b.in(bob, "after the change of the address")
		other.in("", "elsewhere after the change of the address")
		other.enter(ann, phrase).want(t, "login with the old address", http.StatusUnauthorized, "refused")

		if answer := b.do("DELETE", "/account", map[string]string{"current": phrase}); answer.State != 1 {
			t.Errorf("DELETE /account: %s", answer.body)
		}
		b.in("", "after the account was closed")
		b.enter(bob, phrase).want(t, "login to a closed account", http.StatusUnauthorized, "refused")
	}
}

// TestAccountRefuses: what is missing or wrong, and what it is called.
func TestAccountRefuses(t *testing.T) {
	u := startUsers(t, nil)
	b, stranger := u.user(ann), u.browser(frontEnd)
	for _, test := range []struct {
		who    *browser
		path   string
		fields string
		status int
		name   string
	}{
		{stranger, "/register", "email=nobody password=" + strings.ReplaceAll(phrase, " ", ""), 422, "unfit"},
		{stranger, "/register", "email=carl@example.com password=short", 422, "unfit"},
		{stranger, "/register", "email=carl@example.com password=carl@example.com", 422, "unfit"},
		{stranger, "/password/forgot", "email=", 422, "unfit"},
		{stranger, "/confirm", "token=", 410, "link_expired"},
		{stranger, "/password/reset", "token=x password=quite-a-long-one", 410, "link_expired"},
		{stranger, "/email/confirm", "token=x", 410, "link_expired"},
		{stranger, "/password", "password=quite-a-long-one", 401, "not_logged_in"},
		{stranger, "/email", "email=carl@example.com", 401, "not_logged_in"},
		{b, "/password", "password=short", 422, "unfit"},
		{b, "/email", "email=nobody", 422, "unfit"},
		{b, "/email", "email=carl@example.com current=wrong", 401, "refused"},
	} {
		fields := strings.FieldsFunc(test.fields, func(r rune) bool { return r == '=' || r == ' ' })
		test.who.form(test.path, fields...).want(t, test.path+" with "+test.fields, test.status, test.name)
	}
	stranger.do("DELETE", "/account", map[string]string{}).want(t, "DELETE /account", 401, "not_logged_in")
	b.in(ann, "after all that")

	id, err := u.table.Authenticate(t.Context(), ann, phrase)
	if err = errors.Join(err, u.table.Delete(t.Context(), id)); err != nil {
		t.Fatal(err)
	}
	b.form("/password", "password", "quite-a-long-one").want(t, "without an account", http.StatusGone, "account_gone")
}

// TestCurrentPassword: some minutes after the login its user has to show the password again (ASVS 7.5.1).
func TestCurrentPassword(t *testing.T) {
	late := func(c *config.Config) {
		c.Session.Now = func() time.Time { return time.Now().Add(-freshFor - time.Second) }
	}
	b := startUsers(t, late).user(ann)
	for _, path := range []string{"/password", "/email"} {
		b.form(path, "password", "quite a long one", "email", bob).want(t, path, http.StatusUnauthorized, "login_again")
	}
	b.do("DELETE", "/account", map[string]string{}).want(t, "DELETE /account", http.StatusUnauthorized, "login_again")
	b.form("/password", "password", "quite a long one", "current", phrase).want(t, "/password", http.StatusOK, "")
}

// TestAccountLimits: the mails to one address are limited, however it is typed, and so are the requests of one client.
func TestAccountLimits(t *testing.T) {
	b := startUsers(t, nil).browser(frontEnd)
	for range mailsBurst {
		b.form("/password/forgot", "email", ann).want(t, "a mail", http.StatusOK, "")
	}
	b.form("/password/forgot", "email", " ann@EXAMPLE.com\t").want(t, "one mail too many", http.StatusTooManyRequests,
		"too_many")
	b.form("/password/forgot", "email", bob).want(t, "a mail to somebody else", http.StatusOK, "")

	b.client.Transport = from("203.0.113.1")
	answers := map[int]int{}
	for range requestsBurst + 1 {
		answers[b.do("POST", "/confirm", map[string]string{"token": "guess"}).status]++
	}
	if answers[http.StatusGone] != requestsBurst || answers[http.StatusTooManyRequests] != 1 {
		t.Errorf("answers to guesses by status: %v, want %d times 410 and one 429", answers, requestsBurst)
	}
}

// from is a client behind a proxy.
type from string

func (f from) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", string(f))
	return http.DefaultTransport.RoundTrip(r)
}
