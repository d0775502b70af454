package web

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Logins for one client address, right or wrong: enough for an office behind one address, too few to guess passwords.
// The same holds for one name, from wherever its user has not logged in before.
const (
	loginsPerMinute = 10
	loginsBurst     = 10
)

// hashingWait is how long a login waits for its turn to check the password, which keeps a processor busy.
const hashingWait = 3 * time.Second

// profile is what a front end learns about who is logged in.
type profile struct {
	Username string    `json:"username"`
	Since    time.Time `json:"since"`
	partProfile
}

// errAnonymous is the answer to a visitor who would have to log in first.
var errAnonymous = &problem{status: http.StatusUnauthorized, name: "not_logged_in", message: "log in first"}

// postLogin logs a visitor in. The session gets a new id, so an id that somebody planted before is worth nothing
// (session fixation; ASVS 7.2.4).
func (a *app) postLogin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Username string `json:"username"`
		Password string `json:"password"`
	}
	body, err := readJSON(r, &in)
	if err != nil {
		return err
	}
	if ok, wait := a.logins.Allow(clientAddr(r)); !ok {
		return tooMany("too many logins from your network; wait a moment", wait)
	}
	s := a.sessions.Get(r)
	if err := a.checkPerson(r, s, body); err != nil {
		return err
	}
	if ok, wait := a.logins.AllowName(in.Username, clientAddr(r)); !ok {
		return tooMany("too many logins with this name; wait a moment", wait)
	}
	user, err := a.authenticate(r.Context(), in.Username, in.Password)
	if errors.Is(err, ErrRefused) {
		a.log.InfoContext(r.Context(), "login refused", "client", clientAddr(r).String())
		return &problem{status: http.StatusUnauthorized, name: "refused", message: ErrRefused.Error()}
	}
	if err != nil {
		return err
	}
	if before := s.User(); before != "" && before != user {
		s.V = Session{} // what somebody else left here is not this user's
	}
	if err := s.SignIn(user); err != nil {
		return a.sessionError(err)
	}
	s.V.Username = user
	if err := a.save(w, r); err != nil {
		return err
	}
	a.logins.Trust(in.Username, clientAddr(r))
	a.log.InfoContext(r.Context(), "logged in", "user", user, "client", clientAddr(r).String())
	return succeed(w, "logged in", a.profile(s))
}

// authenticate checks a password when it is its turn: one processor stays free for all who are not logging in.
func (a *app) authenticate(ctx context.Context, username, password string) (user string, err error) {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
	case <-time.After(hashingWait):
		return "", &problem{status: http.StatusServiceUnavailable, name: "busy",
			message: "too many logins at the moment; try again", retryAfter: hashingWait}
	}
	if ctx.Err() != nil { // whoever asked has left
		return "", ctx.Err()
	}
	return a.accounts.Authenticate(ctx, username, password)
}

// checkPerson asks the optional parts whether a person logs in.
func (a *app) checkPerson(r *http.Request, s *visit, body []byte) error {
	for _, p := range a.parts {
		if p.person == nil {
			continue
		}
		if sure, err := p.person(r, s, body); sure || err != nil {
			return err
		}
	}
	return nil
}

// postLogout ends the session on the server, so a copy of the cookie is worth nothing (ASVS 7.4.1).
func (a *app) postLogout(w http.ResponseWriter, r *http.Request) error {
	a.sessions.Get(r).Destroy()
	if err := a.save(w, r); err != nil {
		return err
	}
	for _, p := range a.parts {
		if p.logout != nil {
			p.logout(w.Header())
		}
	}
	return succeed(w, "logged out", nil)
}

// postLogoutOthers ends all sessions of the user but this one (ASVS 7.4.3).
func (a *app) postLogoutOthers(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	if err := s.SignOutOthers(r.Context()); err != nil {
		return a.sessionError(err)
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
	return succeed(w, "logged in", a.profile(s))
}

func (a *app) profile(s *visit) profile {
	about := profile{Username: s.V.Username, Since: s.AuthTime()}
	for _, p := range a.parts {
		if p.profile != nil {
			p.profile(s, &about.partProfile)
		}
	}
	return about
}
