package web

import (
	"errors"
	"net/http"
	"time"
)

// Session is what the service remembers about a visitor between requests. Add
// fields of any type that JSON can carry; a field that is missing in an older
// session is its zero value. Short JSON names keep the record small.
type Session struct {
	Username string `json:"u,omitempty"`
	//sessionseed:if captcha
	Code pendingCode `json:"c,omitzero"`
	//sessionseed:end
}

// profile is what a front end learns about who is logged in.
type profile struct {
	Username  string    `json:"username"`
	Since     time.Time `json:"since"`
	CSRFToken string    `json:"csrfToken,omitempty"` // with the option of that name
}

// errAnonymous is the answer to a visitor who would have to log in first.
var errAnonymous = &problem{status: http.StatusUnauthorized, name: "not_logged_in", message: "log in first"}

// postLogin logs a visitor in. The session gets a new id, so an id that somebody
// planted before is worth nothing (session fixation; ASVS 7.2.4).
func (a *app) postLogin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Username string `json:"username"`
		Password string `json:"password"`
		//sessionseed:if captcha
		Code string `json:"code"`
		//sessionseed:end
		//sessionseed:if pow
		Altcha string `json:"altcha"` // instead of Code
		//sessionseed:end
	}
	if err := readJSON(r, &in); err != nil {
		return err
	}
	if ok, wait := a.logins.Allow(clientAddr(r)); !ok {
		return &problem{status: http.StatusTooManyRequests, name: "too_many", message: "too many logins from your network; wait a moment", retryAfter: wait}
	}
	s := a.sessions.Get(r)
	//sessionseed:if pow
	if in.Altcha != "" {
		code, err := a.solveCode(r.Context(), &s.V.Code, in.Altcha)
		if err != nil {
			return err
		}
		in.Code = code
	}
	//sessionseed:end
	//sessionseed:if captcha
	if err := a.codes.check(r.Context(), &s.V.Code, in.Code); err != nil {
		return err
	}
	//sessionseed:end
	user, err := a.accounts.Authenticate(r.Context(), in.Username, in.Password)
	if errors.Is(err, ErrRefused) {
		a.log.InfoContext(r.Context(), "login refused", "client", clientAddr(r).String())
		return &problem{status: http.StatusUnauthorized, name: "refused", message: ErrRefused.Error()}
	}
	if err != nil {
		return err
	}
	if before := s.User(); before != "" && before != user {
		s.Replace(Session{}) // what somebody else left here is not this user's
	}
	if err := s.SignIn(user); err != nil {
		return sessionError(err)
	}
	s.V.Username = user
	if err := a.save(w, r); err != nil {
		return err
	}
	a.log.InfoContext(r.Context(), "logged in", "user", user, "client", clientAddr(r).String())
	return succeed(w, "logged in", profile{Username: user, Since: s.AuthTime(), CSRFToken: a.csrfToken(s)})
}

// clearedAtLogout leaves "cookies" out: it would also take those that other
// services of the domain have set, and the session's own is deleted anyway.
const clearedAtLogout = `"cache", "storage"`

// postLogout ends the session on the server, so a copy of the cookie is worth
// nothing (ASVS 7.4.1).
func (a *app) postLogout(w http.ResponseWriter, r *http.Request) error {
	a.sessions.Get(r).Destroy()
	if err := a.save(w, r); err != nil {
		return err
	}
	if a.cfg.Session.ClearSiteData {
		w.Header().Set("Clear-Site-Data", clearedAtLogout)
	}
	return succeed(w, "logged out", nil)
}

// postLogoutOthers ends all sessions of the user but this one (ASVS 7.4.3).
func (a *app) postLogoutOthers(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	if err := s.SignOutOthers(); err != nil {
		return sessionError(err)
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	return succeed(w, "logged out everywhere else", nil)
}

// getMe says who is logged in.
func (a *app) getMe(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	return succeed(w, "logged in", profile{Username: s.V.Username, Since: s.AuthTime(), CSRFToken: a.csrfToken(s)})
}
