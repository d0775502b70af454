package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
)

// Authenticator decides whose login it is. Give this package one of your own to have your own users.
type Authenticator interface {
	// Authenticate returns the stable id of the user, which is kept in the session. [ErrRefused] stands for an
	// unknown user as well as for a wrong password, and both must take the same time. Any other error is a failure
	// of the user table. It may be called by many requests at once.
	Authenticate(ctx context.Context, username, password string) (userID string, err error)
}

// ErrRefused says that the name or the password is wrong, and not which.
var ErrRefused = account.ErrRefused

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
		Email    string `json:"email"` // the same by another name
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
	name := a.nameOf(cmp.Or(in.Username, in.Email))
	if ok, wait := a.logins.AllowName(name, clientAddr(r)); !ok {
		return tooMany("too many logins with this name; wait a moment", wait)
	}
	var user string
	err = a.inTurn(r.Context(), func() (err error) {
		user, err = a.accounts.Authenticate(r.Context(), name, in.Password)
		return err
	})
	if errors.Is(err, ErrRefused) {
		a.log.InfoContext(r.Context(), "login refused", "client", clientAddr(r).String())
		return &problem{status: http.StatusUnauthorized, name: "refused", message: ErrRefused.Error()}
	}
	if err != nil {
		return err
	}
	return a.signIn(w, r, user, name, body)
}

// signIn ties the session to a user whose credentials were just checked, and answers. The body is what was sent, for
// the optional parts.
func (a *app) signIn(w http.ResponseWriter, r *http.Request, user, name string, body []byte) error {
	s := a.sessions.Get(r)
	if before := s.User(); before != "" && before != user {
		s.V = Session{} // what somebody else left here is not this user's
	}
	if err := s.SignIn(user); err != nil {
		return a.sessionError(err)
	}
	s.V.Username = name
	for _, p := range a.parts {
		if p.login != nil {
			if err := p.login(s, body); err != nil {
				return err
			}
		}
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	a.logins.Trust(name, clientAddr(r))
	a.log.InfoContext(r.Context(), "logged in", "user", user, "client", clientAddr(r).String())
	return succeed(w, "logged in", a.profile(s))
}

// inTurn checks or hashes a password when it is its turn: one of several processors stays free for others.
func (a *app) inTurn(ctx context.Context, hash func() error) error {
	select {
	case a.hashing <- struct{}{}:
		defer func() { <-a.hashing }()
	case <-ctx.Done():
	case <-time.After(hashingWait):
		return &problem{status: http.StatusServiceUnavailable, name: "busy",
			message: "too many logins at the moment; try again", retryAfter: hashingWait}
	}
	if ctx.Err() != nil { // whoever asked has left
		return ctx.Err()
	}
	return hash()
}

// checkPerson asks the optional parts whether a person asks.
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

// postLogout ends the session: a copy of the cookie opens nothing afterwards, with a store on the server (ASVS 7.4.1).
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
