package doctor_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// A cookie that changes what a visitor reads is not the one by which the service knows him.
func TestLanguageIsNoSession(t *testing.T) {
	r := probe(t, allowing(func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Cookie("sid")
		_, german := r.Cookie("hl")
		switch {
		case r.URL.Path == "/code":
			w.Header().Add("Set-Cookie", "hl=de; Path=/")
			w.Header().Add("Set-Cookie", "sid=abcdefghijklmnop; Path=/; HttpOnly; SameSite=Lax")
		case err != nil:
			w.WriteHeader(http.StatusUnauthorized)
		case german == nil:
			fmt.Fprint(w, "Guten Tag")
		default:
			fmt.Fprint(w, "Good day")
		}
	}), func(o *doctor.Options) { o.Get, o.Check = "/code", "/me" })
	if want := "GET /me returns 200 with sid and 401 without"; !strings.HasPrefix(r.Proof, want) {
		t.Errorf("verdict %s, proof %q, want %q", r.Verdict, r.Proof, want)
	}
}

// What a load balancer adds to each response is on preflights too, and harms nothing there.
func TestLoadBalancerOnPreflights(t *testing.T) {
	for _, everywhere := range []bool{true, false} {
		r := probe(t, allowing(func(w http.ResponseWriter, r *http.Request) {
			if everywhere || r.Method == http.MethodOptions {
				w.Header().Add("Set-Cookie", "SERVERID=a1; Path=/")
			}
		}), func(o *doctor.Options) { o.Post, o.Body = "/login", "{}" })
		if got := slices.Contains(r.Codes(), "cookie-on-preflight"); got == everywhere {
			t.Errorf("set everywhere: %t, findings %q", everywhere, r.Codes())
		}
	}
}
