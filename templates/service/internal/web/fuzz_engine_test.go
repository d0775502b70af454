package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzHandler sends any request that the server would let through. It is answered, in the envelope where it is JSON,
// and never by a failure; nobody is logged in by it, and only a listed front end may read it.
func FuzzHandler(f *testing.F) {
	for _, seed := range []string{
		"GET /me HTTP/1.1\r\nHost: localhost:8080\r\nCookie: sid=x; sid=AAAA\r\n\r\n",
		"GET /code HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: null\r\nAccept: image/svg+xml;q=x,,\r\n\r\n",
		"HEAD /code HTTP/1.1\r\nHost: localhost:8080\r\nSec-Purpose: prefetch\r\n\r\n",
		"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n" +
			`{"username":"\ud8`,
		"POST /logout HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n",
		"OPTIONS /login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:5173\r\n" +
			"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x,,y\r\n\r\n",
		"GET /me HTTP/1.1\r\nHost: [::1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nOrigin: a b\r\n\r\n",
		"GET http://evil.example/readyz HTTP/1.0\r\n\r\n",
		"DELETE /sessions/%2e%2e/x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-CSRF-Token: x\r\n\r\n",
		"POST //login/../me?a=%zz HTTP/1.1\r\nHost: localhost.\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"5\r\nhallo\r\n0\r\n\r\n",
		"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		r.RemoteAddr = "192.0.2.1:1234"
		answer := httptest.NewRecorder()
		prepare(t, nil).app.handler().ServeHTTP(answer, r)
		h := answer.Header()
		prefetch := strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch")
		if answer.Code < 200 || answer.Code >= 500 && !(answer.Code == http.StatusServiceUnavailable && prefetch) {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		if origin := h.Get("Access-Control-Allow-Origin"); origin != "" && origin != frontEnd {
			t.Errorf("Access-Control-Allow-Origin: %q", origin)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Error("no nosniff")
		}
		if !strings.HasPrefix(h.Get("Content-Type"), "application/json") || answer.Body.Len() == 0 {
			return
		}
		var e envelope
		if err := json.Unmarshal(answer.Body.Bytes(), &e); err != nil || e.Message == "" ||
			e.State != 0 && e.State != 1 {
			t.Errorf("not the envelope: %v: %s", err, answer.Body)
		}
		if e.Message == "logged in" {
			t.Error("somebody is logged in")
		}
	})
}
