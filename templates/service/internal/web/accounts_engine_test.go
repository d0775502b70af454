package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestASVS_6_3_8: whether an address has an account shows in no answer. Times: TestSameWork.
func TestASVS_6_3_8(t *testing.T) {
	u := startUsers(t, nil)
	u.user(ann)
	for _, path := range []string{"/login", "/register", "/password/forgot", "/login/link"} {
		known := u.browser(frontEnd).form(path, "email", ann, "password", "a wrong password")
		unknown := u.browser(frontEnd).form(path, "email", bob, "password", "a wrong password")
		if known.status != unknown.status || known.body != unknown.body {
			t.Errorf("%s: %d %s for an account, %d %s for none", path, known.status, known.body, unknown.status,
				unknown.body)
		}
	}
}

// TestASVS_6_3_1: guesses at the password of one account are limited, from wherever they come, and do not lock its user
// out where the user has logged in before.
func TestASVS_6_3_1(t *testing.T) {
	u := startUsers(t, nil)
	home := u.user(ann)
	network := home.client.Transport
	var answer reply
	for i := range loginsBurst + 1 {
		typed := []string{ann, "ann@EXAMPLE.com", "Ann@example.com"}[i%3] // as the limit sees it, one name
		answer = u.browser(frontEnd).enter(typed, "a guess")
	}
	answer.want(t, "one guess too many", http.StatusTooManyRequests, "too_many")
	home.client.Transport = network
	body := home.credentials("", "")
	body["username"], body["password"] = ann, phrase
	home.me = home.do("POST", "/login", body)
	home.me.want(t, "the user at home", http.StatusOK, "")
	// The current password cannot be guessed either, in a session that somebody left open.
	for range loginsBurst + 1 {
		answer = home.form("/password", "current", "a guess", "password", "a new password")
	}
	answer.want(t, "one guess at the current password too many", http.StatusTooManyRequests, "too_many")
}

// TestNoTokenLeaks: no token and no password is in the log of the service, and a link has its token where no server,
// proxy or Referer sees it (OWASP Forgot Password).
func TestNoTokenLeaks(t *testing.T) {
	u := startUsers(t, nil)
	b := u.browser(frontEnd)
	b.form("/register", "email", ann, "password", phrase)
	secrets := []string{phrase, u.mailed(ann, "confirm")}
	b.form("/confirm", "token", secrets[1])
	b.enter(ann, phrase)
	b.form("/password/forgot", "email", ann)
	secrets = append(secrets, u.mailed(ann, "reset"), "a second password")
	b.form("/password/reset", "token", "x"+secrets[2], "password", secrets[3])
	b.form("/password/reset", "token", secrets[2], "password", secrets[3])
	for _, secret := range secrets {
		if strings.Contains(u.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(u.log.String(), `"path":"/password/reset"`) {
		t.Error("the log lacks the requests, so it proves nothing")
	}
	mails, err := u.table.Outbox().Recent(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`https?://\S+`)
	for _, m := range mails {
		for _, found := range link.FindAllString(m.Text, -1) {
			if sent, _, _ := strings.Cut(found, "#"); sent != frontEnd+"/" {
				t.Errorf("the mail %q links to %s, want %s/ and the token behind a #", m.Subject, found, frontEnd)
			}
		}
	}
}

// TestASVS_6_3_7: the user gets a mail about a new password, and one at the old address about a new address.
func TestASVS_6_3_7(t *testing.T) {
	u := startUsers(t, nil)
	b := u.user(ann)
	b.form("/password", "current", phrase, "password", "a second password").want(t, "change", http.StatusOK, "")
	b.in(ann, "after the change") // for the token of the session
	b.form("/email", "email", bob, "current", "a second password").want(t, "email", http.StatusOK, "")
	mails, err := u.table.Outbox().Recent(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]map[string]bool{ann: {}, bob: {}}
	for _, m := range mails {
		subjects[m.To][m.Subject] = true
	}
	if len(subjects[ann]) != 2 || len(subjects[bob]) != 1 { // which has the link
		t.Errorf("mails by address: %v, want two to %s and one to %s", subjects, ann, bob)
	}
}

// TestForgottenSessions: a reset ends every session at once, also one in use (ASVS 7.4.3), and so does the end of the
// account (7.4.2).
func TestForgottenSessions(t *testing.T) {
	u := startUsers(t, nil)
	phone, desk := u.user(ann), u.browser(frontEnd)
	for _, end := range []func(){
		func() {
			desk.form("/password/forgot", "email", ann)
			desk.form("/password/reset", "token", u.mailed(ann, "reset"), "password", phrase).want(t, "reset",
				http.StatusOK, "")
		},
		func() {
			desk.do("DELETE", "/account", map[string]string{"current": phrase}).want(t, "DELETE /account",
				http.StatusOK, "")
		},
	} {
		phone.enter(ann, phrase)
		desk.enter(ann, phrase)
		desk.in(ann, "before")
		end()
		phone.in("", "after all sessions were ended")
		desk.in("", "after all sessions were ended")
	}
}
