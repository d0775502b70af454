package web

import (
	"net/http"
	"testing"
)

func TestRemember(t *testing.T) {
	u := startUsers(t, nil)
	u.user(ann)
	for remember, want := range map[bool]int{false: 3600, true: 24 * 3600} { // as in testConfig
		b := u.browser(frontEnd)
		body := map[string]any{"email": ann, "password": phrase, "remember": remember}
		for name, value := range b.credentials("", "") {
			if name == "code" {
				body[name] = value
			}
		}
		answer := http.Response{Header: b.do("POST", "/login", body).header}
		if cookies := answer.Cookies(); len(cookies) != 1 || max(cookies[0].MaxAge-want, want-cookies[0].MaxAge) > 2 {
			t.Errorf("login with remember %t: %v, want a cookie for %d s", remember, cookies, want)
		}
	}
}
