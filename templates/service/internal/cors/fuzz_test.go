package cors

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// What New accepts, net/url reads as an origin and nothing more.
func FuzzNew(f *testing.F) {
	for _, s := range []string{app, "http://[::1]:5173", "https://a.b:65535", "http://1.2.3.4", "https://x:0443",
		"null", "*", "http://0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		m, err := New(Config{Origins: []string{origin}})
		if err != nil {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme+"://"+u.Host != origin || u.Hostname() == "" || strings.ToLower(origin) != origin {
			t.Errorf("New(%q) accepts %+v, %v", origin, u, err)
		}
		if !m.Allowed(origin) {
			t.Errorf("Allowed(%q) = false", origin)
		}
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(origin); err != nil {
			t.Errorf("AddTrustedOrigin(%q) = %v", origin, err)
		}
	})
}

func FuzzWrap(f *testing.F) {
	f.Add("OPTIONS", app, "POST", "content-type")
	f.Add("OPTIONS", "null", "", "*")
	f.Add("POST", app+"\x00", "PATCH", ",,,")
	f.Fuzz(func(t *testing.T, method, origin, wanted, headers string) {
		reached := false
		h := middleware(t).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
		r := &http.Request{Method: method, URL: &url.URL{Path: "/"}, Header: http.Header{
			"Origin": {origin}, "Access-Control-Request-Method": {wanted}, "Access-Control-Request-Headers": {headers},
		}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		listed := origin == app || origin == "http://localhost:5173" || origin == "http://[::1]:5173"
		want := ""
		if listed {
			want = origin
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != want ||
			(w.Header().Get("Access-Control-Allow-Credentials") == "true") != listed {
			t.Errorf("origin %q, listed %t, is answered %v", origin, listed, w.Header())
		}
		if w.Header().Get("Vary") != "Origin" || reached != (method != "OPTIONS") {
			t.Errorf("%s of %q: Vary %q, reached %t", method, origin, w.Header().Get("Vary"), reached)
		}
	})
}
