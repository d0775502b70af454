package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// listedSession is what users learn about one of their sessions. To show more, such as the browser, keep it in Session
// at the login: Info.V has it.
type listedSession struct {
	ID      string    `json:"id"`
	Since   time.Time `json:"since"` // of the login
	Seen    time.Time `json:"seen"`  // when it was last changed or renewed
	Current bool      `json:"current"`
}

// newSessionList limits the sessions of one user, and shows them.
func newSessionList(a *app) (part, error) {
	return part{
		manager: func(m *session.Manager[Session]) error { return m.LimitSessions(config.MaxSessions) },
		routes: func(mux *http.ServeMux) {
			mux.Handle("GET /sessions", a.answer(a.getSessions))
			mux.Handle("DELETE /sessions/{id}", a.answer(a.deleteSession))
		},
	}, nil
}

// getSessions says where the user is logged in, the latest login first (ASVS 7.5.2).
func (a *app) getSessions(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	infos, err := a.sessions.Sessions(r.Context(), s.User())
	if err != nil {
		return a.sessionError(err)
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	list := make([]listedSession, 0, len(infos))
	for _, info := range slices.Backward(infos) {
		current := info.ID == s.ID()
		list = append(list, listedSession{ID: info.ID, Since: info.AuthTime, Seen: info.Seen, Current: current})
	}
	return succeed(w, "your sessions", list)
}

// deleteSession ends one of the user's sessions, by the id that getSessions named. Ending the current one is a
// logout.
func (a *app) deleteSession(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	if r.PathValue("id") == s.ID() {
		return a.postLogout(w, r)
	}
	ended, err := a.sessions.End(r.Context(), s.User(), r.PathValue("id"))
	if err != nil {
		return a.sessionError(err)
	}
	if !ended {
		return &problem{status: http.StatusNotFound, name: "not_found", message: "you have no such session"}
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	return succeed(w, "ended", nil)
}
