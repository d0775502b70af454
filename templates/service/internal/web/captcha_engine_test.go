package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

func TestCodeExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := unplugged(t, func(c *config.Config) {
			c.Session.MaxAge, c.Session.AbsoluteMaxAge = 10*config.CaptchaTTL, 10*config.CaptchaTTL
		}).browser(frontEnd)
		text := b.readCode()
		time.Sleep(config.CaptchaTTL)
		b.answerCode(text).want(t, "login with an expired code", http.StatusGone, "captcha_expired")
	})
}

// TestCodeOpensOnce: of many right answers at the same time one gets through.
func TestCodeOpensOnce(t *testing.T) {
	s := start(t, nil)
	c, err := newCaptcha(s.app)
	if err != nil {
		t.Fatal(err)
	}
	for range codesBurst / 2 {
		b := s.browser(frontEnd)
		b.readCode()
		pending := b.pending()
		body, err := json.Marshal(map[string]string{"code": pending.Answer})
		if err != nil {
			t.Fatal(err)
		}
		var opened atomic.Int32
		var all sync.WaitGroup
		together := make(chan struct{})
		for range 16 {
			all.Go(func() {
				r, _ := http.NewRequestWithContext(t.Context(), "POST", "/login", nil)
				mine := &visit{V: Session{partFields: partFields{Code: pending}}}
				<-together
				if sure, _ := c.person(r, mine, body); sure {
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

// TestCodePrefetch: a browser that guesses what may be needed must not replace the picture that a person is reading.
func TestCodePrefetch(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	b.readCode()
	before := b.pending().ID
	b.do("GET", "/code", nil, "Sec-Purpose", "prefetch;prerender").
		want(t, "prefetch of /code", http.StatusServiceUnavailable, "prefetch")
	if b.pending().ID != before {
		t.Error("a prefetch replaced the picture")
	}
}

// TestCodeVaries: a cache must not give one page the picture of another.
func TestCodeVaries(t *testing.T) {
	answer := start(t, nil).browser(frontEnd).do("GET", "/code", nil)
	if vary := strings.Join(answer.header.Values("Vary"), ","); !strings.Contains(vary, "Accept") ||
		!strings.Contains(vary, "Origin") {
		t.Errorf("GET /code: Vary = %q, want Accept and Origin", vary)
	}
	var fields map[string]any
	if err := json.Unmarshal(answer.Result, &fields); err != nil || len(fields) != 1 || fields["svg"] == nil {
		t.Errorf("GET /code: result %v, %v, want svg alone", fields, err)
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
		{"application/json, image/*;q=0.5", false},
		{"image/svg+xml, application/json", true},
		{"image/svg+xml;q=0.5, */*;q=0.4", true},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", false},
		{imageAccept, true},
		{",;q=,", false},
	} {
		if got := prefersSVG(test.accept); got != test.want {
			t.Errorf("prefersSVG(%q) = %v, want %v", test.accept, got, test.want)
		}
	}
}
