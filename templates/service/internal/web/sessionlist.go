package web

import (
	"net/http"
	"slices"
	"time"
)

// listedSession is what users learn about one of their sessions. Note more in
// Session, such as the browser, to have more to show here.
type listedSession struct {
	ID      string    `json:"id"`
	Since   time.Time `json:"since"` // of the login
	Seen    time.Time `json:"seen"`  // when it was last changed or renewed
	Current bool      `json:"current"`
}

// getSessions says where the user is logged in, the latest login first (ASVS
// 7.5.2). It is there with the option maxSessions, as is deleteSession.
func (a *app) getSessions(w http.ResponseWriter, r *http.Request) error {
	s := a.sessions.Get(r)
	if s.User() == "" {
		return errAnonymous
	}
	// Before the list is read, which then has the id that a due RotateEvery gives.
	if err := a.sessions.Commit(w, r); err != nil {
		return sessionError(err)
	}
	infos, err := a.sessions.Sessions(r.Context(), s.User())
	if err != nil {
		return sessionError(err)
	}
	list := make([]listedSession, 0, len(infos))
	for _, info := range slices.Backward(infos) {
		list = append(list, listedSession{ID: info.ID, Since: info.AuthTime, Seen: info.Seen, Current: info.ID == s.ID()})
	}
	return succeed(w, "your sessions", list)
}

// deleteSession ends one of the user's sessions, by the id that getSessions
// named. Ending the current one is a logout.
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
		return sessionError(err)
	}
	if !ended {
		return &problem{status: http.StatusNotFound, name: "not_found", message: "you have no such session"}
	}
	if err := a.save(w, r); err != nil {
		return err
	}
	return succeed(w, "ended", nil)
}
