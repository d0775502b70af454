package web

import (
	"net/http"
	"testing"
)

// TestLoginLink: a link logs in once, also somebody who has no account yet.
func TestLoginLink(t *testing.T) {
	u := startUsers(t, nil)
	u.user(ann)
	for _, email := range []string{ann, bob} {
		b, other := u.browser(frontEnd), u.browser(frontEnd)
		b.form("/login/link", "email", email).want(t, "a link for "+email, http.StatusOK, "")
		token := u.mailed(email, "login")
		b.me = b.form("/login/link/use", "token", token)
		b.me.want(t, "the link of "+email, http.StatusOK, "")
		b.in(email, "after the link")
		other.form("/login/link/use", "token", token).want(t, "the link again", http.StatusGone, "link_expired")
		other.enter(email, "").want(t, "login without a password", http.StatusUnauthorized, "refused")
	}
}
