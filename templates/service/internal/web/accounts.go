package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
)

const (
	// Mails to one address, whoever asks for them: a few at once, then one in ten minutes.
	mailsPerMinute = 0.1
	mailsBurst     = 5
	// Requests for one client address besides logins.
	requestsPerMinute = 20
	requestsBurst     = 20
	// freshFor is how long after a login its user need not show the password again (ASVS 7.5.1).
	freshFor = 5 * time.Minute
)

// accounts are the routes of the user table.
type accounts struct {
	*app
	table    *account.Accounts
	requests *ratelimit.Limiter // by address of the client
	mails    *ratelimit.Limiter // by address of the mail
}

// accountForm is the body of these routes; each uses some of its fields.
type accountForm struct {
	Email    string `json:"email"`
	Password string `json:"password"` // a new one
	Current  string `json:"current"`  // the present one
	Token    string `json:"token"`    // what was mailed
}

// accountParts are routes of further parts, whose files add them.
var accountParts []func(c *accounts, mux *http.ServeMux)

// newAccounts needs the user table. With another Authenticator there is nothing to add.
func newAccounts(a *app) (part, error) {
	table, ok := a.accounts.(*account.Accounts)
	if !ok {
		a.log.Warn("the routes of accounts are left out: the users are not those of the user table")
		return part{}, nil
	}
	a.accounts, a.nameOf = byAddress{table}, account.Address
	c := &accounts{app: a, table: table,
		requests: ratelimit.New(ratelimit.Options{Rate: requestsPerMinute, Burst: requestsBurst}),
		mails:    ratelimit.New(ratelimit.Options{Rate: mailsPerMinute, Burst: mailsBurst})}
	return part{routes: c.routes}, nil
}

// byAddress is the user table as an [Authenticator]: its refusals become this package's [ErrRefused].
type byAddress struct{ *account.Accounts }

func (b byAddress) Authenticate(ctx context.Context, email, password string) (string, error) {
	id, err := b.Accounts.Authenticate(ctx, email, password)
	if errors.Is(err, account.ErrRefused) {
		err = ErrRefused
	}
	return id, err
}

func (c *accounts) routes(mux *http.ServeMux) {
	register := func(ctx context.Context, in accountForm) error { return c.table.Register(ctx, in.Email, in.Password) }
	forgot := func(ctx context.Context, in accountForm) error { return c.table.Forgot(ctx, in.Email) }
	mux.Handle("POST /register", c.asking("an email is on its way; it says how to go on", register))
	mux.Handle("POST /password/forgot", c.asking("an email is on its way; it says how to go on", forgot))
	mux.Handle("POST /confirm", c.showing(c.confirm))
	mux.Handle("POST /password/reset", c.showing(c.reset))
	mux.Handle("POST /email/confirm", c.showing(c.confirmEmail))
	mux.Handle("POST /password", c.proving(c.changePassword))
	mux.Handle("POST /email", c.proving(c.changeEmail))
	mux.Handle("DELETE /account", c.proving(c.deleteAccount))
	c.mailboxRoutes(mux, c.table.Outbox())
	for _, add := range accountParts {
		add(c, mux)
	}
}

// asking is a route that mails something to an address. Its answer is the same whether there is an account or not, and
// so is its work, down to the number of mails.
func (c *accounts) asking(answer string, do func(ctx context.Context, in accountForm) error) http.Handler {
	return c.answer(func(w http.ResponseWriter, r *http.Request) error {
		var in accountForm
		body, err := c.read(r, &in)
		if err != nil {
			return err
		}
		if err := account.CheckAddress(in.Email); err != nil {
			return explainAccount(err)
		}
		if r.Pattern == "POST /register" { // before the picture is used up, and the mails are counted
			if err := account.CheckPassword(in.Password, in.Email); err != nil {
				return explainAccount(err)
			}
		}
		if err := c.checkPerson(r, c.sessions.Get(r), body); err != nil {
			return err
		}
		if ok, wait := c.mails.AllowName(c.nameOf(in.Email), clientAddr(r)); !ok {
			return tooMany("too many emails to this address; check your inbox, or wait", wait)
		}
		if err := c.inTurn(r.Context(), func() error { return do(r.Context(), in) }); err != nil {
			return explainAccount(err)
		}
		if err := c.save(w, r); err != nil {
			return err
		}
		return succeed(w, answer, nil)
	})
}

// showing is a route that takes the token of an email. Those here log nobody in (OWASP Forgot Password).
func (c *accounts) showing(do func(w http.ResponseWriter, r *http.Request, in accountForm) error) http.Handler {
	return c.answer(func(w http.ResponseWriter, r *http.Request) error {
		var in accountForm
		if _, err := c.read(r, &in); err != nil {
			return err
		}
		return explainAccount(do(w, r, in))
	})
}

// proving is a route of a user who is logged in and shows the current password, or has just logged in.
func (c *accounts) proving(
	do func(w http.ResponseWriter, r *http.Request, s *visit, in accountForm) error) http.Handler {
	return c.answer(func(w http.ResponseWriter, r *http.Request) error {
		var in accountForm
		if _, err := c.read(r, &in); err != nil {
			return err
		}
		s := c.sessions.Get(r)
		switch {
		case s.User() == "":
			return errAnonymous
		case in.Current == "" && time.Since(s.AuthTime()) > freshFor:
			return &problem{status: http.StatusUnauthorized, name: "login_again",
				message: "send the current password, or log in again to do this"}
		case in.Current != "":
			if ok, wait := c.logins.AllowName(s.User(), clientAddr(r)); !ok {
				return tooMany("too many password attempts; wait a moment", wait)
			}
			err := c.inTurn(r.Context(), func() error { return c.table.Verify(r.Context(), s.User(), in.Current) })
			if errors.Is(err, account.ErrRefused) {
				return &problem{status: http.StatusUnauthorized, name: "refused",
					message: "this is not the current password"}
			}
			if err != nil {
				return explainAccount(err)
			}
		}
		return explainAccount(do(w, r, s, in))
	})
}

// read limits by the client's address and reads the form.
func (c *accounts) read(r *http.Request, in *accountForm) (body []byte, err error) {
	if body, err = readJSON(r, in); err != nil {
		return nil, err
	}
	if ok, wait := c.requests.Allow(clientAddr(r)); !ok {
		return nil, tooMany("too many requests from your network; wait a moment", wait)
	}
	return body, nil
}

func (c *accounts) confirm(w http.ResponseWriter, r *http.Request, in accountForm) error {
	if err := c.table.Confirm(r.Context(), in.Token); err != nil {
		return err
	}
	return succeed(w, "the address is confirmed; log in", nil)
}

// reset sets a new password and ends all sessions of the user.
func (c *accounts) reset(w http.ResponseWriter, r *http.Request, in accountForm) error {
	var user string
	err := c.inTurn(r.Context(), func() (err error) {
		user, err = c.table.Reset(r.Context(), in.Token, in.Password)
		return err
	})
	if err == nil {
		err = c.end(r, user)
	}
	if err != nil {
		return err
	}
	return succeed(w, "the password is changed; log in with it", nil)
}

// end ends all sessions of a user, in the same database in which the account was just changed, even if the client is
// gone.
func (c *accounts) end(r *http.Request, user string) error {
	return c.sessionError(c.sessions.EndAll(context.WithoutCancel(r.Context()), user))
}

// confirmEmail changes the address, and ends the sessions of the user but this one, if it is the user's.
func (c *accounts) confirmEmail(w http.ResponseWriter, r *http.Request, in accountForm) error {
	user, address, err := c.table.ConfirmEmail(r.Context(), in.Token)
	if err != nil {
		return err
	}
	if s := c.sessions.Get(r); s.User() == user {
		s.V.Username = address
		return c.endOthers(w, r, s, "the address is changed")
	}
	if err := c.end(r, user); err != nil {
		return err
	}
	return succeed(w, "the address is changed; log in with it", nil)
}

func (c *accounts) changePassword(w http.ResponseWriter, r *http.Request, s *visit, in accountForm) error {
	err := c.inTurn(r.Context(), func() error { return c.table.SetPassword(r.Context(), s.User(), in.Password) })
	if err != nil {
		return err
	}
	return c.endOthers(w, r, s, "the password is changed, and you are logged out everywhere else")
}

func (c *accounts) endOthers(w http.ResponseWriter, r *http.Request, s *visit, message string) error {
	if err := s.SignOutOthers(context.WithoutCancel(r.Context())); err != nil {
		return c.sessionError(err)
	}
	if err := c.save(w, r); err != nil {
		return err
	}
	return succeed(w, message, nil)
}

func (c *accounts) changeEmail(w http.ResponseWriter, r *http.Request, s *visit, in accountForm) error {
	if ok, wait := c.mails.AllowName(c.nameOf(in.Email), clientAddr(r)); !ok {
		return tooMany("too many emails to this address; check your inbox, or wait", wait)
	}
	if err := c.table.ChangeEmail(r.Context(), s.User(), in.Email); err != nil {
		return err
	}
	if err := c.save(w, r); err != nil {
		return err
	}
	return succeed(w, "an email is on its way to the new address", nil)
}

// deleteAccount removes the user, and ends all sessions.
func (c *accounts) deleteAccount(w http.ResponseWriter, r *http.Request, s *visit, _ accountForm) error {
	if err := c.table.Delete(r.Context(), s.User()); err != nil {
		return err
	}
	if err := c.end(r, s.User()); err != nil {
		return err
	}
	return c.postLogout(w, r)
}

// explainAccount says what an error of the user table means to a client.
func explainAccount(err error) error {
	var unfit account.Unfit
	switch {
	case errors.As(err, &unfit):
		return &problem{status: http.StatusUnprocessableEntity, name: "unfit", message: unfit.Error()}
	case errors.Is(err, account.ErrToken):
		return &problem{status: http.StatusGone, name: "link_expired", message: account.ErrToken.Error()}
	case errors.Is(err, account.ErrGone):
		return &problem{status: http.StatusGone, name: "account_gone", message: account.ErrGone.Error()}
	}
	return err
}
