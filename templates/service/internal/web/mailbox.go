package web

import (
	"net/http"
	"net/url"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/mail"
)

// mailboxRoutes lets a developer read the mails that the service would send: without a mail server, with DEV, and only
// where browsers reach the service on this machine, since whoever reads a mail can use the token in it.
func (a *app) mailboxRoutes(mux *http.ServeMux, outbox *mail.Outbox) {
	public, err := url.Parse(a.cfg.PublicURL)
	if err != nil || !a.cfg.Dev || !outbox.Keeps() || !config.IsLoopback(public.Hostname()) {
		return
	}
	mux.Handle("GET /mailbox", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		mails, err := outbox.Recent(r.Context(), 50)
		if err != nil {
			return err
		}
		return succeed(w, "the mails of this service, the newest first", mails)
	}))
}
