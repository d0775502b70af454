package web

import (
	"errors"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// This file lists the chosen parts and changes with the options; some parts add themselves in their own files. Your
// routes, fields and middleware go into routes.go and session.go, where no option moves a line.

// part is what an optional part adds to the service. A nil field adds nothing.
type part struct {
	routes     func(mux *http.ServeMux)                // registers the routes of the part
	middleware func(next http.Handler) http.Handler    // is between the session and the routes
	headers    []string                                // of requests, for which front ends need permission
	sessions   func(c *session.Config)                 // changes how sessions are kept
	manager    func(m *session.Manager[Session]) error // sets up the manager of the sessions
	profile    func(s *visit, p *partProfile)          // adds to what a front end learns about the user
	login      func(s *visit, body []byte) error       // adds to a session that a user was just signed in to
	logout     func(h http.Header)                     // adds to the response of a logout that worked
	explain    func(err error) *problem                // turns an error of the session package into a response

	// person makes sure that it is a person who asks, before a password is checked. The parts are asked in order, with
	// the JSON that the client sent, until one is sure. An error refuses the request.
	person func(r *http.Request, s *visit, body []byte) (sure bool, err error)
}

// makers make the chosen parts. They find a.sessions still nil.
var makers = []func(a *app) (part, error){
	//sessionseed:if pow
	newPow, // before the captcha, whose answer it can replace
	//sessionseed:end
	//sessionseed:if captcha
	newCaptcha,
	//sessionseed:end
	//sessionseed:if csrf
	newCSRF,
	//sessionseed:end
	//sessionseed:if sessions
	newSessionList,
	//sessionseed:end
	//sessionseed:if clearsitedata
	newClearSiteData,
	//sessionseed:end
	//sessionseed:if accounts
	newAccounts,
	//sessionseed:end
}

func newParts(a *app) ([]part, error) {
	var parts []part
	var problems []error
	for _, maker := range makers {
		p, err := maker(a)
		parts, problems = append(parts, p), append(problems, err)
	}
	return parts, errors.Join(problems...)
}

// partFields is what the parts keep in a session.
type partFields struct {
	//sessionseed:if captcha
	Code pendingCode `json:"c,omitzero"`
	//sessionseed:end
}

// partProfile is what the parts add to a profile.
type partProfile struct {
	//sessionseed:if csrf
	CSRFToken string `json:"csrfToken,omitempty"`
	//sessionseed:end
}
