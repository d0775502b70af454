package account

import (
	"context"
	"database/sql"
	"time"
)

// loginFor is how long a link to log in works (ASVS 6.5.5: at most 10 minutes).
const loginFor = 10 * time.Minute

// RequestLogin mails a token that logs in. If the address has no account, one is made when the token is used.
func (a *Accounts) RequestLogin(ctx context.Context, email string) error {
	email, address, err := checkAddress(email)
	if err != nil {
		return err
	}
	return a.change(ctx, "mail a login", func(ctx context.Context, tx *sql.Tx) error {
		u, err := find(ctx, tx, "address", address)
		if err != nil {
			return err
		}
		if u.id != "" {
			email = u.email
		}
		return a.send(ctx, tx, email, "login", token{purpose: "login", userID: u.id, email: email, address: address,
			lasts: loginFor})
	})
}

// UseLogin returns who may log in with a token, and by which address.
func (a *Accounts) UseLogin(ctx context.Context, shown string) (id, address string, err error) {
	t, err := a.use(ctx, "login", shown, func(ctx context.Context, tx *sql.Tx, t *token) (done bool, err error) {
		if t.userID == "" {
			t.userID, done, err = insert(ctx, tx, t)
			return done, err
		}
		return affects(tx.ExecContext(ctx, `UPDATE users SET address = address WHERE id = $1`, t.userID))
	})
	return t.userID, t.address, err
}
