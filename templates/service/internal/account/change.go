package account

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"time"
)

// Register mails a token to an address that has no account, or else a note that somebody tried. The account comes with
// [Accounts.Confirm]. An [Unfit] says what is wrong with the address or the password.
func (a *Accounts) Register(ctx context.Context, email, password string) error {
	email, address, err := checkAddress(email)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, email); err != nil {
		return err
	}
	hash := a.costs.hash(password)
	return a.change(ctx, "register", func(ctx context.Context, tx *sql.Tx) error {
		u, err := find(ctx, tx, "address", address)
		switch {
		case err != nil:
			return err
		case u.id != "":
			t := token{purpose: purposeNothing, email: u.email, address: address, lasts: confirmFor}
			return a.send(ctx, tx, u.email, "known", t)
		}
		t := token{purpose: "confirm", email: email, address: address, password: hash, lasts: confirmFor}
		return a.send(ctx, tx, email, "confirm", t)
	})
}

// Confirm makes the account that a registration asked for, with the password of that registration.
func (a *Accounts) Confirm(ctx context.Context, shown string) error {
	_, err := a.use(ctx, "confirm", shown, func(ctx context.Context, tx *sql.Tx, t *token) (bool, error) {
		_, made, err := insert(ctx, tx, t)
		return made, err
	})
	return err
}

// Create makes an account for an address without asking there.
func (a *Accounts) Create(ctx context.Context, email, password string) error {
	email, address, err := checkAddress(email)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, email); err != nil {
		return err
	}
	t := token{email: email, address: address, password: a.costs.hash(password)}
	return a.change(ctx, "create user", func(ctx context.Context, tx *sql.Tx) error {
		_, made, err := insert(ctx, tx, &t)
		if err == nil && !made {
			err = ErrTaken
		}
		if err != nil {
			return err
		}
		return void(ctx, tx, "", address)
	})
}

// insert makes a user with what a token holds, unless there is one with the address.
func insert(ctx context.Context, tx *sql.Tx, t *token) (id string, made bool, err error) {
	id = rand.Text()
	made, err = affects(tx.ExecContext(ctx, `INSERT INTO users (id, email, address, password, created)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address) DO NOTHING`, id, t.email, t.address, t.password,
		time.Now().UnixMilli()))
	return id, made, err
}

// Forgot mails a token for a new password to the user of an address, or else a note that there is none.
func (a *Accounts) Forgot(ctx context.Context, email string) error {
	email, address, err := checkAddress(email)
	if err != nil {
		return err
	}
	return a.change(ctx, "forgot password", func(ctx context.Context, tx *sql.Tx) error {
		u, err := find(ctx, tx, "address", address)
		switch {
		case err != nil:
			return err
		case u.id == "":
			t := token{purpose: purposeNothing, email: email, address: address, lasts: resetFor}
			return a.send(ctx, tx, email, "unknown", t)
		}
		t := token{purpose: "reset", userID: u.id, email: u.email, address: address, lasts: resetFor}
		return a.send(ctx, tx, u.email, "reset", t)
	})
}

// Reset sets a new password and returns whose, so that all sessions of that user can be ended.
func (a *Accounts) Reset(ctx context.Context, shown, password string) (id string, err error) {
	if err := CheckPassword(password, ""); err != nil {
		return "", err
	}
	hash := a.costs.hash(password)
	t, err := a.use(ctx, "reset", shown, func(ctx context.Context, tx *sql.Tx, t *token) (bool, error) {
		return a.setPassword(ctx, tx, t.userID, hash)
	})
	return t.userID, err
}

// SetPassword sets a new password of a user who has proved who they are. All tokens of the user are void.
func (a *Accounts) SetPassword(ctx context.Context, id, password string) error {
	u, err := find(ctx, a.db, "id", id)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, u.email); err != nil {
		return err
	}
	hash := a.costs.hash(password)
	return a.change(ctx, "set password", func(ctx context.Context, tx *sql.Tx) error {
		if done, err := a.setPassword(ctx, tx, id, hash); err != nil || !done {
			return cmp.Or(err, ErrGone)
		}
		return void(ctx, tx, id, u.address)
	})
}

// setPassword changes the row of a user, and writes to the user.
func (a *Accounts) setPassword(ctx context.Context, tx *sql.Tx, id, hash string) (done bool, err error) {
	done, err = affects(tx.ExecContext(ctx, `UPDATE users SET password = $1 WHERE id = $2`, hash, id))
	if err != nil || !done {
		return false, err
	}
	u, err := find(ctx, tx, "id", id)
	if err != nil {
		return false, err
	}
	return true, a.queue(ctx, tx, u.email, "password-changed", letter{Address: u.email})
}

// ChangeEmail mails a token to the new address of a user who has proved who they are, and writes to the old one at
// once, while there is time to stop it: a new password voids the token (OWASP Authentication).
func (a *Accounts) ChangeEmail(ctx context.Context, id, email string) error {
	email, address, err := checkAddress(email)
	if err != nil {
		return err
	}
	return a.change(ctx, "change address", func(ctx context.Context, tx *sql.Tx) error {
		u, err := find(ctx, tx, "id", id)
		if err != nil || u.id == "" {
			return cmp.Or(err, ErrGone)
		}
		other, err := find(ctx, tx, "address", address)
		if err != nil {
			return err
		}
		text, t := "email-change", token{purpose: "email", userID: id, email: email, address: address, lasts: emailFor}
		if other.id != "" && other.id != id {
			text, t.purpose, email = "known", purposeNothing, other.email
		}
		if err := a.send(ctx, tx, email, text, t); err != nil {
			return err
		}
		return a.queue(ctx, tx, u.email, "email-changed", letter{Address: t.email})
	})
}

// ConfirmEmail gives the user the address to which the token was sent, and returns both.
func (a *Accounts) ConfirmEmail(ctx context.Context, shown string) (id, address string, err error) {
	t, err := a.use(ctx, "email", shown, func(ctx context.Context, tx *sql.Tx, t *token) (bool, error) {
		return affects(tx.ExecContext(ctx, `UPDATE users SET email = $1, address = $2 WHERE id = $3
			AND NOT EXISTS (SELECT 1 FROM users AS others WHERE others.address = $2 AND others.id <> $3)`, t.email,
			t.address, t.userID))
	})
	return t.userID, t.address, err
}

// Delete removes a user and their tokens; mails that are queued are still sent. For an id that nobody has it does
// nothing. The sessions are the caller's to end.
func (a *Accounts) Delete(ctx context.Context, id string) error {
	return a.change(ctx, "delete account", func(ctx context.Context, tx *sql.Tx) error {
		u, err := find(ctx, tx, "id", id)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE id = $1`, id); err != nil {
			return err
		}
		return void(ctx, tx, id, u.address)
	})
}
