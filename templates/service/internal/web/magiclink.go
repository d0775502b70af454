package web

import (
	"context"
	"net/http"
)

func init() {
	accountParts = append(accountParts, func(c *accounts, mux *http.ServeMux) {
		mux.Handle("POST /login/link", c.asking("a link to log in is on its way",
			func(ctx context.Context, in accountForm) error { return c.table.RequestLogin(ctx, in.Email) }))
		mux.Handle("POST /login/link/use", c.showing(c.useLogin))
	})
}

// useLogin logs in whoever shows the token of a mail. It is a POST of the front end's, which asks first: programs that
// look through mails open links as well.
func (c *accounts) useLogin(w http.ResponseWriter, r *http.Request, in accountForm) error {
	user, address, err := c.table.UseLogin(r.Context(), in.Token)
	if err != nil {
		return err
	}
	return c.signIn(w, r, user, address, []byte("{}"))
}
