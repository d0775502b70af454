package session

import (
	"errors"
	"net/http"
)

var (
	// ErrLate: a change came after the response's headers were sent, and the browser cannot be told about it any more.
	ErrLate = errors.New("session: changed after the headers were sent: change it before the first write")

	// ErrNoMiddleware: the request did not pass through Manager.Middleware.
	ErrNoMiddleware = errors.New("session: the request did not pass through Middleware: wrap the handler with it")

	// ErrTooLarge: the sealed session and the cookie's name are over 4096 bytes, which browsers drop.
	ErrTooLarge = errors.New("session: over 4096 bytes, the most that a cookie holds: keep less in it, or choose a store on the server")

	// ErrValue: the codec cannot encode the session's value.
	ErrValue = errors.New("session: the value cannot be encoded")

	// ErrNotFresh: the last sign-in of this session is longer ago than RequireFresh allows, or there was none.
	ErrNotFresh = errors.New("session: a recent sign-in is required: sign in again")

	// ErrNoToken: RequireToken found no token of this session in the request.
	ErrNoToken = errors.New("session: the " + TokenHeader + " header is not that of this session: send what CSRFToken returns")

	// ErrNoUser: SignIn or EndAll was given no user, or SignOutOthers was called on a session that nobody signed in to.
	ErrNoUser = errors.New("session: no user is signed in: call SignIn first")

	// ErrNoList: Manager.Sessions or Manager.End was called without a list to look at.
	ErrNoList = errors.New("session: no list of sessions is kept: set MaxSessions")

	// ErrContention: other requests changed this session again and again while this one was being saved.
	ErrContention = errors.New("session: changed by too many requests at once: try again")
)

// Status returns the HTTP status that tells a client about an error of this package: 401 for [ErrNotFresh], 403 for
// [ErrNoToken], 500 for what the program did wrong ([ErrLate], [ErrTooLarge], [ErrValue], [ErrNoMiddleware], [ErrNoUser],
// [ErrNoList]), and 503 for all else, such as a store that does not answer.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrNotFresh):
		return http.StatusUnauthorized
	case errors.Is(err, ErrNoToken):
		return http.StatusForbidden
	case errors.Is(err, ErrLate), errors.Is(err, ErrTooLarge), errors.Is(err, ErrValue),
		errors.Is(err, ErrNoMiddleware), errors.Is(err, ErrNoUser), errors.Is(err, ErrNoList):
		return http.StatusInternalServerError
	default:
		return http.StatusServiceUnavailable
	}
}

// answerError is the default of Config.ErrorHandler. It says no more than the status: the error may name internals.
func answerError(w http.ResponseWriter, _ *http.Request, err error) {
	status := Status(err)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	http.Error(w, http.StatusText(status), status)
}
