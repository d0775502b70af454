// Package account keeps users and their passwords in the database of the sessions, and writes the mails that go with
// them. It is yours: add columns by another file in migrations/, and write the mails in mails/.
//
// # What holds
//
//   - A visitor gets an account for an address only with the token that was mailed there. Its password is that of the
//     registration with that token: registering somebody else's address gives nothing unless its owner opens the link.
//   - Whether an address has an account shows neither in an answer nor in the work: each function that sends a mail for
//     somebody who is not logged in runs the same statements and queues one mail; a refused login hashes once.
//   - A token has 256 bits, is in the database as its SHA-256 (and in the mail until that is sent), works once, and not
//     after another token of its account was used or the password was changed.
//   - Addresses are compared in NFC and without regard to the case of the domain. Mails go to what is stored, and never
//     to what was typed by somebody who asks for an account that exists.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/mail"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
)

// How long a token may be shown after it was mailed.
const (
	confirmFor = 24 * time.Hour
	emailFor   = time.Hour
	resetFor   = 15 * time.Minute // OWASP Forgot Password: short
)

const (
	callTimeout   = 5 * time.Second // of one call, waiting for the database included
	sweepInterval = time.Hour       // between two removals of expired tokens
	maxAddress    = 254             // bytes: the longest that mail can reach (RFC 5321, 4.5.3.1.3)
)

var (
	// ErrRefused says that the address or the password is wrong, and not which.
	ErrRefused = errors.New("wrong email address or password")
	// ErrToken says that a token is unknown, was used, or is too old.
	ErrToken = errors.New("the link was used already, or it is too old")
	// ErrTaken says that there is an account with this address. No visitor learns it.
	ErrTaken = errors.New("there is an account with this address already")
	// ErrGone says that no user has this id: the account was deleted, or the session has an id from elsewhere.
	ErrGone = errors.New("this account does not exist any more")
)

// Unfit is what is wrong with a new address or password, in words for whoever typed it.
type Unfit string

func (u Unfit) Error() string { return string(u) }

//go:embed mails/*.txt
var mails embed.FS

// Accounts are the users in the database. It is safe for concurrent use.
type Accounts struct {
	storeURL, frontEnd string
	mail               mail.Config
	texts              *template.Template
	costs              costs
	unknown            string // a hash that no password has

	db     *sql.DB
	outbox *mail.Outbox
	stop   context.CancelFunc
	done   chan struct{}
}

// New reads the settings: SMTP_URL and MAIL_FROM (see mail.Config), and FRONT_END_URL, where the links in mails lead;
// by default that is the first of CORS_ORIGINS, else PUBLIC_URL. The error joins all that is wrong with them.
func New(cfg config.Config, getenv func(string) string) (*Accounts, error) {
	a := &Accounts{storeURL: cfg.StoreURL, costs: argon2id, unknown: argon2id.format(make([]byte, 16), rand32())}
	a.frontEnd = strings.TrimRight(strings.TrimSpace(getenv("FRONT_END_URL")), "/")
	var problems []error
	u, err := url.Parse(a.frontEnd)
	switch {
	case a.frontEnd == "":
		a.frontEnd = append(cfg.CORSOrigins, cfg.PublicURL)[0]
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		problems = append(problems, errors.New("FRONT_END_URL is not the address of a page: write it as "+
			"https://app.example.com, without ? and #"))
	}
	a.mail = mail.Config{URL: strings.TrimSpace(getenv("SMTP_URL")), From: strings.TrimSpace(getenv("MAIL_FROM")),
		Dev: cfg.Dev}
	if u, err := url.Parse(cfg.PublicURL); err == nil && config.IsLoopback(u.Hostname()) { // where web has the route
		a.mail.Mailbox = strings.TrimRight(cfg.PublicURL, "/") + "/mailbox"
	}
	_, err = mail.Open(nil, a.mail)
	problems = append(problems, err)
	a.texts, err = template.New("").Option("missingkey=error").ParseFS(mails, "mails/*.txt")
	return a, errors.Join(append(problems, err)...)
}

// Open opens the database, migrates it, and sends what is queued until Close.
func (a *Accounts) Open(ctx context.Context, log *slog.Logger) (err error) {
	if err := a.OpenDatabase(ctx); err != nil {
		return err
	}
	if _, err := Migrate(ctx, a.db); err != nil {
		return errors.Join(err, a.Close())
	}
	a.mail.Log = log
	if a.outbox, err = mail.Open(a.db, a.mail); err != nil {
		return errors.Join(err, a.Close())
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop, a.done = stop, make(chan struct{})
	go a.sweep(running, log)
	go func() {
		defer close(a.done)
		a.outbox.Run(running)
	}()
	return nil
}

// OpenDatabase opens the database and nothing else, for the commands.
func (a *Accounts) OpenDatabase(ctx context.Context) (err error) {
	a.db, err = store.Database(ctx, a.storeURL)
	return err
}

// Migrate is [Migrate] of the database.
func (a *Accounts) Migrate(ctx context.Context) ([]string, error) { return Migrate(ctx, a.db) }

// Outbox is the queue of the mails.
func (a *Accounts) Outbox() *mail.Outbox { return a.outbox }

// Close ends what Open began.
func (a *Accounts) Close() error {
	if a.stop != nil {
		a.stop()
		<-a.done
	}
	return a.db.Close()
}

// sweep removes expired tokens.
func (a *Accounts) sweep(ctx context.Context, log *slog.Logger) {
	for ctx.Err() == nil {
		_, err := a.db.ExecContext(ctx, `DELETE FROM tokens WHERE expires < $1`, time.Now().UnixMilli())
		if err != nil && ctx.Err() == nil {
			log.Warn("expired tokens were not removed; the next sweep tries again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(sweepInterval):
		}
	}
}

// Address is the form in which addresses are compared: in NFC, without space around it, with the domain in lower case.
// What is before the @ is the mail server's to compare (RFC 5321, 2.4).
func Address(email string) string {
	email = norm.NFC.String(strings.TrimSpace(email))
	at := strings.LastIndexByte(email, '@') + 1
	return email[:at] + strings.ToLower(email[at:])
}

// CheckAddress says as an [Unfit] what is wrong with an address.
func CheckAddress(email string) error {
	_, _, err := checkAddress(email)
	return err
}

// checkAddress takes what a mail can be sent to.
func checkAddress(email string) (stored, address string, err error) {
	stored = norm.NFC.String(strings.TrimSpace(email))
	parsed, err := netmail.ParseAddress(stored)
	if err != nil || parsed.Name != "" || parsed.Address != stored || len(stored) > maxAddress ||
		strings.ContainsFunc(stored, unicode.IsControl) || strings.ContainsAny(stored, "[]\"") {
		return "", "", Unfit("this is not an email address: write it as name@example.com")
	}
	return stored, Address(stored), nil
}

// user is a row of the table.
type user struct{ id, email, address, password string }

// find reads a user by a column; the zero user is nobody.
func find(ctx context.Context, db querier, column, value string) (u user, err error) {
	if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
		value = "" // PostgreSQL fails at these, and nobody has them
	}
	err = db.QueryRowContext(ctx, `SELECT id, email, address, password FROM users WHERE `+column+` = $1`, value).
		Scan(&u.id, &u.email, &u.address, &u.password)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return u, err
}

// Authenticate returns the id of a user by address and password, else [ErrRefused]. A hash of an older kind or with
// lower costs is replaced.
func (a *Accounts) Authenticate(ctx context.Context, email, password string) (id string, err error) {
	return a.authenticate(ctx, "address", Address(email), password)
}

// Verify is Authenticate for a user who is logged in.
func (a *Accounts) Verify(ctx context.Context, id, password string) error {
	_, err := a.authenticate(ctx, "id", id, password)
	return err
}

func (a *Accounts) authenticate(ctx context.Context, column, value, password string) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	u, err := find(ctx, a.db, column, value)
	if err != nil {
		return "", fmt.Errorf("find user: %w", err)
	}
	hash := u.password
	if hash == "" {
		hash = a.unknown // hashed all the same: the time must not show it
	}
	right, old := a.costs.verify(hash, password)
	if !right || u.id == "" {
		return "", ErrRefused
	}
	if old {
		_, err = a.db.ExecContext(ctx, `UPDATE users SET password = $1 WHERE id = $2 AND password = $3`,
			a.costs.hash(password), u.id, hash)
	}
	return u.id, err
}

// change runs f in a transaction.
func (a *Accounts) change(ctx context.Context, what string, f func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	tx, err := a.db.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback()
		if err = f(ctx, tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// token is a row of the table.
type token struct {
	purpose, userID, email, address, password string
	lasts                                     time.Duration
}

// purposeNothing is that of a token that opens nothing and goes nowhere: it is stored in place of another one, so that
// the work is the same.
const purposeNothing = "nothing"

// send stores a token and queues the mail that brings it, by the text of that name.
func (a *Accounts) send(ctx context.Context, tx *sql.Tx, to, text string, t token) error {
	shown := base64.RawURLEncoding.EncodeToString(rand32())
	_, err := tx.ExecContext(ctx, `INSERT INTO tokens (hash, purpose, user_id, email, address, password, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, tokenHash(shown), t.purpose, t.userID, t.email, t.address, t.password,
		time.Now().Add(t.lasts).UnixMilli())
	if err != nil {
		return err
	}
	return a.queue(ctx, tx, to, text, letter{Link: a.frontEnd + "/#" + t.purpose + "=" + shown, Address: t.email,
		Lasts: lasting(t.lasts)})
}

// letter is what the texts in mails/ may name.
type letter struct {
	FrontEnd string // the address of the front end
	Link     string // what the mail is for
	Lasts    string // how long the link works: 15 minutes
	Address  string // the address that it is about
}

// queue puts a mail into the outbox with the change that it is about. The first line of its text is the subject.
func (a *Accounts) queue(ctx context.Context, tx *sql.Tx, to, text string, l letter) error {
	l.FrontEnd = a.frontEnd
	var b strings.Builder
	if err := a.texts.ExecuteTemplate(&b, text+".txt", l); err != nil {
		return err
	}
	subject, body, _ := strings.Cut(b.String(), "\n")
	return a.outbox.Put(ctx, tx, mail.Message{To: to,
		Subject: strings.TrimSpace(strings.TrimPrefix(subject, "Subject:")), Text: strings.TrimLeft(body, "\n")})
}

// use takes a token. apply writes the user's row, which others that use a token of this user wait for; only then does
// the token go, and with it all others of the user and of the address. Of two who show it at once, one succeeds.
func (a *Accounts) use(ctx context.Context, purpose, shown string,
	apply func(ctx context.Context, tx *sql.Tx, t *token) (done bool, err error)) (t token, err error) {
	hash := tokenHash(shown)
	err = a.change(ctx, "use a token", func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT user_id, email, address, password FROM tokens
			WHERE hash = $1 AND purpose = $2 AND expires > $3`, hash, purpose, time.Now().UnixMilli()).
			Scan(&t.userID, &t.email, &t.address, &t.password)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrToken
		}
		if err != nil {
			return err
		}
		valid, err := apply(ctx, tx, &t)
		if err == nil && valid {
			valid, err = affects(tx.ExecContext(ctx, `DELETE FROM tokens WHERE hash = $1`, hash))
		}
		switch {
		case err != nil:
			return err
		case !valid:
			return ErrToken
		}
		return void(ctx, tx, t.userID, t.address)
	})
	return t, err
}

// void removes the tokens of a user and those that were sent to an address.
func void(ctx context.Context, tx *sql.Tx, userID, address string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM tokens WHERE user_id = $1 AND user_id <> '' OR address = $2`, userID,
		address)
	return err
}

// affects reports whether a statement changed a row.
func affects(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func tokenHash(shown string) string {
	sum := sha256.Sum256([]byte(shown))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func rand32() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails (Go 1.24)
	return b
}

// lasting is a duration in words.
func lasting(d time.Duration) string {
	if d > time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}
