package e2e

import (
	"fmt"
	"net/http"
	"testing"
)

// The tests of this package say something about third-party cookies only if
// the browser really treats them in two ways.
func TestBrowserKnowsThirdPartyCookies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cookies thirdParty
		want    string
	}{
		{blocked, "partitioned"},
		{allowed, "partitioned plain"},
	} {
		t.Run(map[thirdParty]string{blocked: "blocked", allowed: "allowed"}[tt.cookies], func(t *testing.T) {
			t.Parallel()
			h := newHosts(t)
			h.serve("https://app.front.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				fmt.Fprint(w, "<!doctype html><title>front</title><p>front")
			}))
			h.serve("https://api.shop.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "https://app.front.test")
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Add("Set-Cookie", "plain=1; Secure; SameSite=None")
				w.Header().Add("Set-Cookie", "partitioned=1; Secure; SameSite=None; Partitioned")
				for _, name := range []string{"partitioned", "plain"} {
					if _, err := r.Cookie(name); err == nil {
						fmt.Fprint(w, name, " ")
					}
				}
			}))
			p := open(t, h, tt.cookies).visit("https://app.front.test/")
			got := eval[string](p, `(async () => {
				const get = () => fetch("https://api.shop.test/", { credentials: "include" }).then((r) => r.text());
				await get();
				return (await get()).trim();
			})()`)
			if got != tt.want {
				t.Errorf("cookies that came back = %q, want %q", got, tt.want)
			}
		})
	}
}
