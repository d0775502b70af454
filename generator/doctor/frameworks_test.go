package doctor

import (
	"net/http"
	"testing"
)

// Sessions and anti-forgery tokens as frameworks name them.
func TestLikeness(t *testing.T) {
	for name, want := range map[string]int{
		"connect.sid": 3, "session": 3, "session.sig": 3, "koa.sess": 3, "koa:sess": 3, "koa.sess.sig": 3,
		"laravel_session": 3, "shop-session": 3, "_shop_session": 3, "ci_session": 3, "sessionid": 3, "JSESSIONID": 3,
		"SESSION": 3, "_shop_key": 3, "ASP.NET_SessionId": 3, ".AspNetCore.Session": 3, ".AspNetCore.Cookies": 3,
		".AspNetCore.Identity.Application": 3, ".ASPXAUTH": 3, "PHPSESSID": 3, "session-name": 3, "mysession": 3,
		"rack.session": 3, "next-auth.session-token": 3, "__Secure-authjs.session-token": 3,
		"better-auth.session_token": 3, "__Host-sid": 3, "jwt": 3,

		"XSRF-TOKEN": 0, "csrftoken": 0, "csrf_token": 0, "_csrf": 0, "_csrf_token": 0, "_gorilla_csrf": 0,
		"__Host-csrf": 0, ".AspNetCore.Antiforgery.w5W7x28NAIs": 0, "__RequestVerificationToken_L3Nob3A": 0,
		"CSRF-TOKEN": 0, "_xsrf": 0, "next-auth.csrf-token": 0, "__Host-authjs.csrf-token": 0,
		"AWSALB": 0, "AWSALBCORS": 0, "ARRAffinity": 0, "__cf_bm": 0, "cf_clearance": 0, "_ga": 0, "_ga_X1": 0,
		"lang": 0,

		"visitor": 1,
	} {
		if got := likeness(cookie{Cookie: http.Cookie{Name: name}}); got != want {
			t.Errorf("likeness of %s = %d, want %d", name, got, want)
		}
	}
	if got := likeness(cookie{Cookie: http.Cookie{Name: "visitor", HttpOnly: true}}); got != 2 {
		t.Errorf("likeness of an HttpOnly cookie = %d", got)
	}
}

func TestTokenIn(t *testing.T) {
	for body, want := range map[string]string{
		`{"token":"abcdefgh"}`: "abcdefgh", `{"access_token":"abcdefgh","token_type":"bearer"}`: "abcdefgh",
		`{"data":{"accessToken":"abcdefgh"}}`: "abcdefgh", `{"user":"ann"}`: "",
		`{"token":17}`: "", `{"token":"x"}`: "",
		`[]`: "", ``: "", `"token"`: "", `{"csrf":"abcdefgh"}`: "",
	} {
		if got := tokenIn([]byte(body)); got != want {
			t.Errorf("tokenIn(%s) = %q, want %q", body, got, want)
		}
	}
}

func TestFolded(t *testing.T) {
	for line, want := range map[string]string{
		"a=1; Path=/, b=2; Path=/": "b",
		"a=1, b=2":                 "b",
		"a=1; Path=/,b=2":          "b",
		"a=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT":                   "",
		"a=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT, b=2; Path=/":      "b",
		`a={"x":1,"y":2}; Path=/`:                                      "",
		"a=x=1,y=2; Path=/":                                            "",
		"a=1; Path=/, b=2; Path=/, c=3":                                "b c",
		"a=1; Path=/; Expires=Thu, 01-Jan-37 00:00:00 GMT; SameSite=x": "",
	} {
		got := ""
		for _, name := range (cookie{Cookie: http.Cookie{Raw: line}}).folded() {
			if got != "" {
				got += " "
			}
			got += name
		}
		if got != want {
			t.Errorf("folded in %q: %q, want %q", line, got, want)
		}
	}
}
