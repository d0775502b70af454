package web

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// readCode asks for a picture and reads what it says where only a test can: in
// the session, inside the process.
func (b *browser) readCode() string {
	b.t.Helper()
	answer := b.do("GET", "/code", nil)
	if answer.status != http.StatusOK {
		b.t.Fatalf("GET /code: %d %s", answer.status, answer.body)
	}
	return b.pending().Answer
}

// pending is the picture that the browser's session waits for.
func (b *browser) pending() pendingCode {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.url, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if c := b.cookie(); c != nil {
		r.AddCookie(c)
	}
	s, err := b.app.sessions.Load(b.t.Context(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	return s.V.Code
}

// imageAccept is what a browser sends for an <img>.
const imageAccept = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"

func TestCodeIsNotDrawnForStrangePages(t *testing.T) {
	for _, test := range []struct {
		name           string
		from           string
		headers        []string
		status         int
		wantOtherImage bool
	}{
		{"own front end", frontEnd, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "empty"}, http.StatusOK, true},
		{"image of the front end", "", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "image"}, http.StatusOK, true},
		{"typed address", "", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Dest", "document"}, http.StatusOK, true},
		{"foreign fetch", "https://evil.example", nil, http.StatusForbidden, false},
		{"null origin", "null", nil, http.StatusForbidden, false},
		{"link on another site", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "document"}, http.StatusForbidden, false},
		{"frame of a sibling", "", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Dest", "iframe"}, http.StatusForbidden, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := start(t, nil).browser(frontEnd)
			b.readCode()
			before := b.pending().ID
			b.origin = test.from
			answer := b.do("GET", "/code", nil, test.headers...)
			if answer.status != test.status || (b.pending().ID != before) != test.wantOtherImage {
				t.Errorf("answer %d, another picture pending: %v; want %d, %v", answer.status, b.pending().ID != before, test.status, test.wantOtherImage)
			}
		})
	}
}

func TestCodeForms(t *testing.T) {
	for _, test := range []struct{ name, accept, contentType string }{
		{"fetch", "*/*", "application/json; charset=utf-8"},
		{"axios", "application/json, text/plain, */*", "application/json; charset=utf-8"},
		{"curl", "", "application/json; charset=utf-8"},
		{"img in Chrome", imageAccept, "image/svg+xml; charset=utf-8"},
		{"img in Firefox", "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "image/svg+xml; charset=utf-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := start(t, nil).browser(frontEnd)
			answer := b.do("GET", "/code", nil, "Accept", test.accept)
			if answer.status != http.StatusOK || answer.header.Get("Content-Type") != test.contentType {
				t.Fatalf("GET /code = %d %s, want 200 %s", answer.status, answer.header.Get("Content-Type"), test.contentType)
			}
			svg := answer.body
			if test.contentType != "image/svg+xml; charset=utf-8" {
				answer.want(t, "GET /code", http.StatusOK, "")
				svg = answer.field("svg")
			}
			if err := wellFormed(svg); err != nil || !strings.HasPrefix(svg, "<svg") {
				t.Errorf("GET /code: no picture: %v: %.80s", err, svg)
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-site",
			} {
				if got := answer.header.Get(name); got != want {
					t.Errorf("GET /code: %s = %q, want %q", name, got, want)
				}
			}
			if vary := strings.Join(answer.header.Values("Vary"), ","); !strings.Contains(vary, "Accept") || !strings.Contains(vary, "Origin") {
				t.Errorf("GET /code: Vary = %q, want Accept and Origin", vary)
			}
			if b.cookie() == nil {
				t.Error("GET /code: no session cookie")
			}
		})
	}
}

func wellFormed(document string) error {
	d := xml.NewDecoder(strings.NewReader(document))
	for {
		if _, err := d.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// TestCodeStaysOnTheServer: the answer says nothing but the picture, and the log
// says nothing of what is in it.
func TestCodeStaysOnTheServer(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	answer := b.do("GET", "/code", nil)
	text := b.pending().Answer
	if text == "" {
		t.Fatal("no text in the session")
	}
	var fields map[string]any
	if err := json.Unmarshal(answer.Result, &fields); err != nil || len(fields) != 1 || fields["svg"] == nil {
		t.Errorf("GET /code: result %v, want svg alone", fields)
	}
	if strings.Contains(answer.field("svg"), "<text") {
		t.Error("GET /code: the picture is made of text")
	}
	b.do("POST", "/login", map[string]string{"username": username, "password": "wrong", "code": text})
	cookie := b.cookie().Value
	for _, secret := range []string{`"` + text + `"`, cookie, strings.Split(cookie, ".")[0], "wrong", password} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestCodeAnswers(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	b.readCode()
	login := func(code string) reply {
		return b.do("POST", "/login", map[string]string{"username": username, "password": password, "code": code})
	}

	wrong := login("!")
	wrong.want(t, "login with a wrong code", http.StatusUnprocessableEntity, "captcha_wrong")
	if want := fmt.Sprintf(`"triesLeft":%d`, config.CaptchaTries-1); !strings.Contains(wrong.body, want) {
		t.Errorf("login with a wrong code = %s, want %s", wrong.body, want)
	}
	b.readCode() // a new picture has all its tries, of which there may be one
	login("").want(t, "login without a code", http.StatusUnprocessableEntity, "captcha_wrong")
	text := b.readCode()
	login(" "+strings.ToLower(text)).want(t, "login with the right code in small letters", http.StatusOK, "")
	login(text).want(t, "login with a used code", http.StatusGone, "captcha_expired")
}

func TestCodeRunsOut(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	text := b.readCode()
	var answer reply
	for range config.CaptchaTries {
		answer = b.do("POST", "/login", map[string]string{"username": username, "password": password, "code": "!"})
	}
	answer.want(t, "the last try", http.StatusUnprocessableEntity, "captcha_wrong")
	if !strings.Contains(answer.body, `"triesLeft":0`) {
		t.Errorf("the last try = %s, want 0 tries left", answer.body)
	}
	b.do("POST", "/login", map[string]string{"username": username, "password": password, "code": text}).
		want(t, "the right code after the last try", http.StatusGone, "captcha_expired")
}

// TestCodeIsNeeded: no picture was asked for, or by somebody else.
func TestCodeIsNeeded(t *testing.T) {
	s := start(t, nil)
	text := s.browser(frontEnd).readCode()
	s.browser(frontEnd).do("POST", "/login", map[string]string{"username": username, "password": password, "code": text}).
		want(t, "login with the code of another session", http.StatusGone, "captcha_expired")
}

func TestCodeExpires(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	text := b.readCode()
	late := func() time.Time { return time.Now().Add(config.CaptchaTTL) }
	generator, err := captcha.New(config.CaptchaOptions())
	if err != nil {
		t.Fatal(err)
	}
	s.app.codes.desk = captcha.NewDesk(generator, s.store.(captcha.Ledger), captcha.DeskOptions{TTL: config.CaptchaTTL, Now: late})
	b.do("POST", "/login", map[string]string{"username": username, "password": password, "code": text}).
		want(t, "login with an expired code", http.StatusGone, "captcha_expired")
}

// TestCodeOpensOnce: of many right answers at the same time one gets through.
func TestCodeOpensOnce(t *testing.T) {
	s := start(t, nil)
	for range 50 {
		pending, _, err := s.app.codes.desk.Issue(purposeLogin)
		if err != nil {
			t.Fatal(err)
		}
		var opened atomic.Int32
		var all sync.WaitGroup
		together := make(chan struct{})
		for range 16 {
			all.Go(func() {
				mine := pending
				<-together
				if s.app.codes.check(t.Context(), &mine, pending.Answer) == nil {
					opened.Add(1)
				}
			})
		}
		close(together)
		all.Wait()
		if n := opened.Load(); n != 1 {
			t.Fatalf("16 right answers at the same time: %d got through, want 1", n)
		}
	}
}

// TestCodeLooksDoNotReplace: what a browser or a proxy asks on its own must not
// replace the picture that a person is reading.
func TestCodeLooksDoNotReplace(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	b.readCode()
	before := b.pending()
	head := b.do("HEAD", "/code", nil, "Accept", imageAccept)
	if head.status != http.StatusOK || head.header.Get("Content-Type") != "image/svg+xml; charset=utf-8" {
		t.Errorf("HEAD /code = %d %s", head.status, head.header.Get("Content-Type"))
	}
	prefetch := b.do("GET", "/code", nil, "Sec-Purpose", "prefetch;prerender")
	prefetch.want(t, "prefetch of /code", http.StatusServiceUnavailable, "prefetch")
	if after := b.pending(); after.ID != before.ID {
		t.Error("HEAD or prefetch replaced the picture")
	}
	b.readCode()
	if after := b.pending(); after.ID == before.ID {
		t.Error("GET /code did not replace the picture")
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

func TestPrefersSVG(t *testing.T) {
	for _, test := range []struct {
		accept string
		want   bool
	}{
		{"", false},
		{"*/*", false},
		{"application/json", false},
		{"image/svg+xml", true},
		{"IMAGE/SVG+XML", true},
		{"image/*", true},
		{"image/*;q=0", false},
		{"image/svg+xml;q=0.5, application/json", false},
		{"image/svg+xml;q=0.5, */*;q=0.4", true},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", false},
		{imageAccept, true},
		{"image/svg+xml;q=nonsense", false},
		{"image/svg+xml;q=2", false},
		{",;q=,", false},
	} {
		if got := prefersSVG(test.accept); got != test.want {
			t.Errorf("prefersSVG(%q) = %v, want %v", test.accept, got, test.want)
		}
	}
}

func FuzzQuality(f *testing.F) {
	for _, s := range []string{"", "*/*", imageAccept, "a/b;q=1;q=0", ";;,,=", "image/svg+xml; q=0.5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if q := quality(accept, "image/svg+xml"); !(q >= 0 && q <= 1) {
			t.Errorf("quality(%q) = %v, want 0 to 1", accept, q)
		}
	})
}
