package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestOtherHosts: a page whose name was made to point here (DNS rebinding) counts as one of the service's own for the
// browser and for http.CrossOriginProtection, but not here. Health checks may ask by any name.
func TestOtherHosts(t *testing.T) {
	b := unplugged(t, func(c *config.Config) { c.AllowedHosts = append(c.AllowedHosts, "api.internal") }).browser("")
	for _, test := range []struct {
		host   string
		status int
		name   string
	}{
		{"http://localhost:8080", http.StatusUnauthorized, "not_logged_in"},
		{"http://127.0.0.1:8080", http.StatusUnauthorized, "not_logged_in"},
		{"http://[::1]:8080", http.StatusUnauthorized, "not_logged_in"},
		{"http://api.internal", http.StatusUnauthorized, "not_logged_in"},
		{"http://evil.example:8080", http.StatusMisdirectedRequest, "wrong_host"},
		{"http://192.0.2.1:8080", http.StatusMisdirectedRequest, "wrong_host"},
	} {
		b.url = test.host
		b.do("GET", "/me", nil).want(t, "GET /me at "+test.host, test.status, test.name)
		if test.name == "wrong_host" {
			b.origin = test.host // as the browser sees it, the page's own
			b.do("POST", "/login", b.credentialsOnly(), "Sec-Fetch-Site", "same-origin").want(t,
				"POST /login at "+test.host, test.status, test.name)
			b.origin = ""
		}
		b.do("GET", "/healthz", nil).want(t, "GET /healthz at "+test.host, http.StatusOK, "")
		b.do("GET", "/readyz", nil).want(t, "GET /readyz at "+test.host, http.StatusOK, "")
	}
}

// credentialsOnly is a right login but for the captcha.
func (b *browser) credentialsOnly() map[string]string {
	return map[string]string{"username": username, "password": password}
}

// TestStrictTransportSecurity: ASVS 3.4.1, on every answer, refusals and preflights too.
func TestStrictTransportSecurity(t *testing.T) {
	const value = "max-age=31536000"
	b := start(t, func(c *config.Config) { c.HSTS = value }).browser(frontEnd)
	answers := map[string]reply{
		"GET /me": b.do("GET", "/me", nil), "GET /nothing": b.do("GET", "/nothing", nil),
		"preflight": b.do("OPTIONS", "/login", nil, "Access-Control-Request-Method", "POST"),
		"stranger":  b.do("POST", "/login", nil, "Origin", stranger),
	}
	for name, answer := range answers {
		if got := answer.header.Get("Strict-Transport-Security"); got != value {
			t.Errorf("%s: Strict-Transport-Security = %q, want %q", name, got, value)
		}
	}
	if got := start(t, nil).browser(frontEnd).do("GET", "/me", nil).header["Strict-Transport-Security"]; got != nil {
		t.Errorf("without HSTS: %q", got)
	}
}

// TestUpgradeFromAnotherSite: a WebSocket begins with a GET, which CrossOriginProtection lets pass, and CORS does not
// apply to it.
func TestUpgradeFromAnotherSite(t *testing.T) {
	s := start(t, nil)
	for _, test := range []struct {
		origin, fetchSite string
		refused           bool
	}{
		{frontEnd, "same-site", false},
		{frontEnd, "", false},
		{"http://localhost:8080", "same-origin", false},
		{"", "", false}, // not a browser
		{stranger, "cross-site", true},
		{stranger, "", true},
		{"http://evil.localhost:5173", "same-site", true},
		{"null", "cross-site", true},
	} {
		for _, header := range [][]string{{"Connection", "Upgrade", "Upgrade", "websocket"}, nil} {
			header = append(header, "Sec-Fetch-Site", test.fetchSite)
			answer := s.browser(test.origin).do("GET", "/me", nil, header...)
			want, name := http.StatusUnauthorized, "not_logged_in"
			if test.refused && header[0] == "Connection" {
				want, name = http.StatusForbidden, "cross_origin"
			}
			answer.want(t, fmt.Sprintf("GET with %q from %q", header, test.origin), want, name)
		}
	}
}

// TestAllowBody: one route takes 100 MB, slowly, and all others what they took before.
func TestAllowBody(t *testing.T) {
	s := start(t, nil)
	const large = 100 << 20
	handler := func(allow bool) http.Handler {
		return limitBody(s.app.answer(func(w http.ResponseWriter, r *http.Request) error {
			if allow {
				if err := allowBody(w, r, large, time.Minute); err != nil {
					return err
				}
			}
			n, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				return err
			}
			return succeed(w, fmt.Sprint(n), nil)
		}))
	}
	for _, test := range []struct {
		allow  bool
		size   int
		status int
		name   string
	}{
		{false, maxBody, http.StatusOK, ""},
		{false, maxBody + 1, http.StatusRequestEntityTooLarge, "too_large"},
		{true, large, http.StatusOK, ""},
		{true, large + 1, http.StatusRequestEntityTooLarge, "too_large"},
	} {
		server := httptest.NewUnstartedServer(handler(test.allow))
		server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second
		server.Start()
		b := s.browser(frontEnd)
		b.url, b.client.Timeout = server.URL, time.Minute
		pause := time.Duration(0)
		if test.allow {
			pause = 1200 * time.Millisecond // longer than the server's time-outs
		}
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL,
			io.MultiReader(strings.NewReader("x"), slow{pause}, bytes.NewReader(make([]byte, test.size-1))))
		if err != nil {
			t.Fatal(err)
		}
		response, err := b.client.Do(r)
		if err != nil {
			t.Fatalf("%d bytes, allowed %v: %v", test.size, test.allow, err)
		}
		response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%d bytes, allowed %v: %d, want %d", test.size, test.allow, response.StatusCode, test.status)
		}
		server.Close()
	}
}

// slow is nothing that takes its time.
type slow struct{ pause time.Duration }

func (s slow) Read([]byte) (int, error) { time.Sleep(s.pause); return 0, io.EOF }

// forwarded is a network behind a proxy, which says where a request came from.
type forwarded struct {
	from string
	next http.RoundTripper
}

func (f forwarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", f.from)
	return f.next.RoundTrip(r)
}

// TestLimitByName: guesses from many networks are too many for one name, and lock the user out nowhere where they have
// logged in before (ASVS 6.3.1).
func TestLimitByName(t *testing.T) {
	s := unplugged(t, func(c *config.Config) { c.TrustProxy = 1 })
	try := func(name, password, from string) reply {
		b := s.browser(frontEnd)
		b.client.Transport = forwarded{from, s.network}
		return b.do("POST", "/login", b.credentials(name, password))
	}
	const home = "2001:db8:ffff:1::1"
	try(username, password, home).want(t, "login at home", http.StatusOK, "")
	passed := 0
	for i := range 100 {
		if try(username, "guess", fmt.Sprintf("2001:db8:%x::1", i)).status == http.StatusUnauthorized {
			passed++
		}
	}
	if passed > loginsBurst {
		t.Errorf("%d guesses from 100 networks were checked, want at most %d", passed, loginsBurst)
	}
	refused := try(strings.ToUpper(username), "guess", "203.0.113.1")
	refused.want(t, "one more guess", http.StatusTooManyRequests, "too_many")
	if refused.header.Get("Retry-After") == "" {
		t.Error("one guess too many: no Retry-After")
	}
	try("李四", "guess", "203.0.113.1").want(t, "another name", http.StatusUnauthorized, "refused")
	try(username, password, home).want(t, "login at home under attack", http.StatusOK, "")
}

// TestLimitByWiderNetworks: whoever has a /56 or a /48 of IPv6 does not get the limit of each /64 in it.
func TestLimitByWiderNetworks(t *testing.T) {
	s := unplugged(t, func(c *config.Config) { c.TrustProxy = 1 })
	for pattern, most := range map[string]int{
		"2001:db8:1:100::%x": loginsBurst, "2001:db8:2:1%02x::1": 2 * loginsBurst,
		"2001:db8:3:%x00::1": 4 * loginsBurst,
		"2001:db8:4%02x::1":  100,
	} {
		passed := 0
		for i := range 100 {
			b := s.browser(frontEnd)
			answer := b.do("POST", "/login", map[string]string{"username": fmt.Sprint(i), "password": "guess"},
				"X-Forwarded-For", fmt.Sprintf(pattern, i))
			if answer.status != http.StatusTooManyRequests {
				passed++
			}
		}
		if most = min(most, 100); passed != most {
			t.Errorf("%s: %d of 100 logins passed, want %d", pattern, passed, most)
		}
	}
}

// TestHashingWaits: of many logins at once a few are checked at a time, some wait, and the others learn when to come
// again; whoever has left is not checked.
func TestHashingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{hashing: make(chan struct{}, 2)}
		check := func() error { time.Sleep(time.Second); return ErrRefused }
		results := make(chan error, 20)
		for range 20 {
			go func() {
				results <- a.inTurn(t.Context(), check)
			}()
		}
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		go func() {
			results <- a.inTurn(gone, check)
		}()
		time.Sleep(time.Millisecond)
		leave()
		checked, busy, left := 0, 0, 0
		for range 21 {
			err := <-results
			var p *problem
			switch {
			case errors.Is(err, ErrRefused):
				checked++
			case errors.As(err, &p) && p.status == http.StatusServiceUnavailable && p.retryAfter > 0:
				busy++
			case errors.Is(err, context.Canceled):
				left++
			default:
				t.Error(err)
			}
		}
		n := 2 * int(hashingWait/time.Second)
		if checked < min(n, 20) || checked > n+2 || busy != 20-checked || left != 1 {
			t.Errorf("%d checked, %d busy, %d left; want 2 a second for %v, the others busy, and 1 left",
				checked, busy, left, hashingWait)
		}
	})
}

// TestHeaderInVain: the log names what a preflight asked for and the policy does not have.
func TestHeaderInVain(t *testing.T) {
	s := start(t, func(c *config.Config) { c.CORSHeaders = []string{"Sentry-Trace"} })
	ask := func(origin string) reply {
		return s.browser(origin).do("OPTIONS", "/login", nil, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "baggage,content-type, sentry-trace")
	}
	if got := ask(frontEnd).header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "sentry-trace") {
		t.Errorf("Access-Control-Allow-Headers = %q, want sentry-trace in it", got)
	}
	log := s.log.String()
	if !strings.Contains(log, `"header":"baggage"`) || !strings.Contains(log, "CORS_HEADERS") ||
		strings.Contains(log, `"header":"sentry-trace"`) || strings.Contains(log, `"header":"content-type"`) {
		t.Errorf("the log does not name baggage alone, or not CORS_HEADERS:\n%s", log)
	}
	ask(stranger)
	if again := s.log.String(); strings.Count(again, "baggage") != strings.Count(log, "baggage") {
		t.Error("the log names a header of a stranger")
	}
}
