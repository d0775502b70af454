package web

import (
	"net/http"
	"testing"
)

// TestRemember: each login says how long the session lives, in a browser that was remembered before, too.
func TestRemember(t *testing.T) {
	u := startUsers(t, nil)
	u.user(ann)
	b := u.browser(frontEnd)
	for _, remember := range []bool{false, true, false} {
		want := map[bool]int{false: 3600, true: 24 * 3600}[remember] // as in testConfig
		body := map[string]any{"email": ann, "password": phrase, "remember": remember}
		for name, value := range b.credentials("", "") {
			if name == "code" {
				body[name] = value
			}
		}
		b.me = b.do("POST", "/login", body)
		answer := http.Response{Header: b.me.header}
		if cookies := answer.Cookies(); len(cookies) != 1 || max(cookies[0].MaxAge-want, want-cookies[0].MaxAge) > 2 {
			t.Errorf("login with remember %t: %v, want a cookie for %d s", remember, cookies, want)
		}
	}
}
