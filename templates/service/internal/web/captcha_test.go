package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// readCode asks for a picture and reads what it says where only a test can: in the session, on the server.
func (b *browser) readCode() string {
	b.t.Helper()
	if answer := b.do("GET", "/code", nil); answer.status != http.StatusOK {
		b.t.Fatalf("GET /code: %d %s", answer.status, answer.body)
	}
	return b.pending().Answer
}

// pending is the picture that the browser's session waits for.
func (b *browser) pending() pendingCode {
	b.t.Helper()
	cfg := b.cfg.Session
	cfg.Store = b.store
	sessions, err := session.New[Session](cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequest("GET", b.url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if c := b.cookie(); c != nil {
		r.AddCookie(c)
	}
	var code pendingCode
	sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		code = sessions.Get(r).V.Code
	})).ServeHTTP(httptest.NewRecorder(), r)
	return code
}

// answerCode logs in with this answer to the picture.
func (b *browser) answerCode(code string, header ...string) reply {
	b.t.Helper()
	body := map[string]string{"username": username, "password": password, "code": code}
	return b.do("POST", "/login", body, header...)
}

// imageAccept is what a browser sends for an <img>.
const imageAccept = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"

func TestCodeForms(t *testing.T) {
	for _, test := range []struct{ name, accept, contentType string }{
		{"fetch", "*/*", "application/json; charset=utf-8"},
		{"axios", "application/json, text/plain, */*", "application/json; charset=utf-8"},
		{"curl", "", "application/json; charset=utf-8"},
		{"img in Chrome", imageAccept, "image/svg+xml; charset=utf-8"},
		{"img in Firefox", "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
			"image/svg+xml; charset=utf-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := start(t, nil).browser(frontEnd)
			answer := b.do("GET", "/code", nil, "Accept", test.accept)
			if answer.status != http.StatusOK || answer.header.Get("Content-Type") != test.contentType {
				t.Fatalf("GET /code = %d %v, want 200 %s", answer.status, answer.header, test.contentType)
			}
			svg := answer.body
			if answer.State == 1 {
				svg = answer.field("svg")
			}
			if !strings.HasPrefix(svg, "<svg") || strings.Contains(svg, "<text") {
				t.Errorf("GET /code: want a picture that is not made of text: %.80s", svg)
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Resource-Policy": "same-site",
			} {
				if got := answer.header.Get(name); got != want {
					t.Errorf("GET /code: %s = %q, want %q", name, got, want)
				}
			}
			if b.cookie() == nil {
				t.Error("GET /code: no session cookie")
			}
		})
	}
}

func TestCodeAnswers(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.readCode()
	wrong := b.answerCode("!")
	wrong.want(t, "login with a wrong code", http.StatusUnprocessableEntity, "captcha_wrong")
	if want := fmt.Sprintf(`"triesLeft":%d`, captchaTries()-1); !strings.Contains(wrong.body, want) {
		t.Errorf("login with a wrong code = %s, want %s", wrong.body, want)
	}
	b.readCode() // a new picture has all its tries, of which there may be one
	b.answerCode("").want(t, "login without a code", http.StatusUnprocessableEntity, "captcha_wrong")
	text := b.readCode()
	b.answerCode(" "+strings.ToLower(text)).want(t, "login with the right code in small letters", http.StatusOK, "")
	b.me = b.do("GET", "/me", nil)
	b.answerCode(text).want(t, "login with a used code", http.StatusGone, "captcha_expired")

	other := s.browser(frontEnd)
	other.answerCode(b.readCode()).want(t, "login with the code of another session", http.StatusGone, "captcha_expired")
	// A few letters, or digits as of a sum or a time, are in any log.
	if len(text) > 3 && strings.Trim(text, "0123456789") != "" && strings.Contains(s.log.String(), text) {
		t.Error("the log holds the text of the picture")
	}
}

// captchaTries is how many answers a picture takes: one that shows a sum takes one.
func captchaTries() int {
	if config.CaptchaMath {
		return 1
	}
	return config.CaptchaTries
}

func TestCodeRunsOut(t *testing.T) {
	b := start(t, func(cfg *config.Config) { cfg.TrustProxy = 1 }).browser(frontEnd)
	text := b.readCode()
	var answer reply
	for range captchaTries() {
		answer = b.answerCode("!")
	}
	answer.want(t, "the last try", http.StatusUnprocessableEntity, "captcha_wrong")
	if !strings.Contains(answer.body, `"triesLeft":0`) {
		t.Errorf("the last try = %s, want 0 tries left", answer.body)
	}
	// From another network, since the limit of logins may be used up.
	b.answerCode(text, "X-Forwarded-For", "203.0.113.9").want(t, "the right code after the last try", http.StatusGone,
		"captcha_expired")
}

// TestCodeIsNotReplaced: what a page that is not ours, a browser or a proxy asks for must not replace the picture that
// a person is reading.
func TestCodeIsNotReplaced(t *testing.T) {
	for _, test := range []struct {
		name, method, from string
		site, mode, dest   string // Sec-Fetch-Site, -Mode and -Dest
		status             int
		replaced           bool
	}{
		{"own front end", "GET", frontEnd, "same-site", "cors", "empty", http.StatusOK, true},
		{"page of the service itself", "GET", "", "same-origin", "cors", "empty", http.StatusOK, true},
		{"image of the front end", "GET", "", "same-site", "no-cors", "image", http.StatusOK, true},
		{"image with crossorigin", "GET", frontEnd, "same-site", "cors", "image", http.StatusOK, true},
		{"typed address", "GET", "", "none", "navigate", "document", http.StatusOK, true},
		{"program without the headers", "GET", "", "", "", "", http.StatusOK, true},
		{"foreign fetch", "GET", stranger, "cross-site", "cors", "empty", http.StatusForbidden, false},
		{"null origin", "GET", "null", "cross-site", "cors", "empty", http.StatusForbidden, false},
		{"link on another site", "GET", "", "cross-site", "navigate", "document", http.StatusForbidden, false},
		{"frame of a sibling", "GET", "", "same-site", "navigate", "iframe", http.StatusForbidden, false},
		{"fetch of a sibling without CORS", "GET", "", "same-site", "no-cors", "empty", http.StatusForbidden, false},
		{"script of a sibling", "GET", "", "same-site", "no-cors", "script", http.StatusForbidden, false},
		{"stylesheet of a sibling", "GET", "", "same-site", "no-cors", "style", http.StatusForbidden, false},
		{"sound of a sibling", "GET", "", "same-site", "no-cors", "audio", http.StatusForbidden, false},
		{"look", "HEAD", frontEnd, "same-site", "cors", "empty", http.StatusOK, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := start(t, nil).browser(frontEnd)
			b.readCode()
			before := b.pending().ID
			b.origin = test.from
			answer := b.do(test.method, "/code", nil, "Sec-Fetch-Site", test.site, "Sec-Fetch-Mode", test.mode,
				"Sec-Fetch-Dest", test.dest)
			if answer.status != test.status || (b.pending().ID != before) != test.replaced {
				t.Errorf("answer %d, replaced: %v; want %d, %v", answer.status, b.pending().ID != before, test.status,
					test.replaced)
			}
		})
	}
}

// TestCodeImageWithoutFrontEnds: where the service's own pages are all there is, a sibling's <img> is a stranger's.
func TestCodeImageWithoutFrontEnds(t *testing.T) {
	for site, status := range map[string]int{"same-origin": http.StatusOK, "same-site": http.StatusForbidden} {
		b := start(t, func(cfg *config.Config) { cfg.CORSOrigins = nil }).browser("")
		answer := b.do("GET", "/code", nil, "Sec-Fetch-Site", site, "Sec-Fetch-Dest", "image")
		if answer.status != status {
			t.Errorf("an <img> on a %s page = %d, want %d", site, answer.status, status)
		}
	}
}

func TestCodeRateLimit(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	var answer reply
	for range codesBurst + 1 {
		answer = b.do("GET", "/code", nil)
	}
	answer.want(t, "one picture too many", http.StatusTooManyRequests, "too_many")
	if answer.header.Get("Retry-After") == "" {
		t.Error("one picture too many: no Retry-After")
	}
}
