package web

import (
	"io"
	"net/http"
	"testing"
)

// A route of the owner's can ask for the picture, once for each request, and reads its body afterwards.
func TestCaptchaAlone(t *testing.T) {
	b := mount(t, func(s *Sessions, w http.ResponseWriter, r *http.Request) {
		s.Captcha(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusTeapot)
			w.Write(body)
		})).ServeHTTP(w, r)
	}).browser(frontEnd)
	right := b.credentials("somebody", "")
	wrong := map[string]string{"code": "?"}
	if got := b.do("POST", "/signup", wrong); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong answer = %d %s, want 422", got.status, got.body)
	}
	if got := b.do("POST", "/signup", right); got.status != http.StatusTeapot || got.field("") != "" || got.body == "" {
		t.Errorf("the right answer = %d %s, want 418 and the body", got.status, got.body)
	}
	if got := b.do("POST", "/signup", right); got.status != http.StatusGone {
		t.Errorf("the same answer again = %d %s, want 410", got.status, got.body)
	}
}
