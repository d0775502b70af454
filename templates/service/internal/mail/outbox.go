// Package mail sends the mails of the service. A mail is a row of a table until the mail server has taken it:
//
//	err = outbox.Put(ctx, tx, mail.Message{To: address, Subject: "Confirm your address", Text: text})
//
// So it is queued if, and only if, the change that it is about is committed, a request never waits for a mail server,
// and a server that is down for less than three days loses nothing: [Outbox.Run] sends when it is back.
//
// A mail of an account may hold a token. Its row is deleted as soon as the server has taken it, and the log shows its
// text only where there is no server. While it waits, whoever can read the database can read it.
//
// # Several instances
//
// Each may run its outbox on the same database. An instance claims a mail for [claim] before it sends it, by its own
// clock (keep the clocks near each other, by NTP), so two do not send it twice. One that dies between the server's yes
// and the deletion leaves a mail that is sent a second time, under the same Message-ID.
//
// # In development
//
// Without a mail server nothing is sent: the mails are logged and kept, the last [kept] of them, for a page that shows
// them.
package mail

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
)

const (
	poll     = time.Second      // how often the table is asked for mails that are due
	claim    = 2 * time.Minute  // how long a mail is an instance's: longer than one takes to send
	keepFor  = 72 * time.Hour   // how long to try: a weekend
	maxDelay = 15 * time.Minute // between two tries of a mail that was refused for now
	maxPause = time.Minute      // between two tries to reach a server that is down
	farewell = 5 * time.Second  // what the mail on its way gets when Run is to end
	kept     = 50               // mails in the mailbox of development

	shown = math.MaxInt64 // the due time of a mail that is for the mailbox only
)

// Schema makes the table, in SQL that SQLite and PostgreSQL share. Times are milliseconds since 1970, UTC.
const Schema = `
CREATE TABLE mails (
	id        TEXT    NOT NULL PRIMARY KEY,
	recipient TEXT    NOT NULL,
	subject   TEXT    NOT NULL,
	body      TEXT    NOT NULL, -- may hold a token: the row goes when it is sent
	created   BIGINT  NOT NULL,
	due       BIGINT  NOT NULL, -- when to try it next, or when the claim on it ends
	tries     INTEGER NOT NULL
);
CREATE INDEX mails_due ON mails (due);
`

// Message is a mail to one address, in plain text.
type Message struct{ To, Subject, Text string }

// Sent is a mail that the mailbox of development shows.
type Sent struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Execer is a *sql.DB, or the *sql.Tx of the change that a mail is about.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Outbox is the queue. Make it with Open. It is safe for concurrent use.
type Outbox struct {
	db     *sql.DB
	log    *slog.Logger
	server *server // nil: nothing is sent
	page   string
}

// Open makes the outbox of a database that has the table. The error joins everything that is wrong with the settings,
// and shows no password. The mail server is not asked yet: the service starts without it.
func Open(db *sql.DB, c Config) (*Outbox, error) {
	server, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return &Outbox{db: db, log: cmp.Or(c.Log, slog.Default()), server: server, page: c.Mailbox}, nil
}

// Keeps reports whether the mails stay here, for the mailbox of development.
func (o *Outbox) Keeps() bool { return o.server == nil }

// Put queues a mail, by tx if that is a transaction. It takes one address, as people write it in a form, and refuses
// what would become a second one or a header.
func (o *Outbox) Put(ctx context.Context, tx Execer, m Message) error {
	if a, err := netmail.ParseAddress(m.To); err != nil || a.Name != "" || a.Address != m.To {
		return fmt.Errorf("put mail: %q is not the address of one person", m.To)
	}
	if strings.ContainsFunc(m.To+m.Subject, unicode.IsControl) {
		return errors.New("put mail: the address or the subject has a control character, such as a line break")
	}
	now := time.Now().UnixMilli()
	_, err := tx.ExecContext(ctx, `INSERT INTO mails (id, recipient, subject, body, created, due, tries)
		VALUES ($1, $2, $3, $4, $5, $6, 0)`, rand.Text(), m.To, m.Subject, m.Text, now, now)
	if err != nil {
		return fmt.Errorf("put mail: %w", err)
	}
	return nil
}

// Recent returns the last n mails that are kept, the newest first. In production those are the ones that wait.
func (o *Outbox) Recent(ctx context.Context, n int) ([]Sent, error) {
	rows, err := o.db.QueryContext(ctx, `SELECT recipient, subject, body, created FROM mails
		ORDER BY created DESC, id DESC LIMIT $1`, n)
	if err != nil {
		return nil, fmt.Errorf("read mails: %w", err)
	}
	defer rows.Close()
	recent := []Sent{}
	for rows.Next() {
		var s Sent
		var created int64
		if err := rows.Scan(&s.To, &s.Subject, &s.Text, &created); err != nil {
			return nil, fmt.Errorf("read mails: %w", err)
		}
		s.At = time.UnixMilli(created).UTC()
		recent = append(recent, s)
	}
	return recent, rows.Err()
}

// Run sends what is queued until ctx ends; a mail that is on its way then gets a few seconds more. One call for each
// Outbox.
func (o *Outbox) Run(ctx context.Context) {
	if !o.Keeps() { // what an outbox without a server has left
		if _, err := o.db.ExecContext(ctx, `DELETE FROM mails WHERE due = $1`, int64(shown)); err != nil {
			o.log.Error("emails left in the development mailbox could not be removed", "error", err)
		}
	}
	var pause time.Duration // 0: all is well
	for ctx.Err() == nil {
		wait := poll
		switch err := o.sendDue(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			if pause == 0 {
				o.log.Error("mail cannot be sent now; it stays queued and is tried again", "error", err)
			}
			pause = min(max(2*pause, 2*poll), maxPause)
			wait = pause
		case pause > 0:
			o.log.Info("mail can be sent again")
			pause = 0
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// queued is a mail of the table.
type queued struct {
	Message
	id           string
	created, due int64
	tries        int
}

// tooOld reports whether nobody waits for the mail any more.
func (m *queued) tooOld() bool { return time.Since(time.UnixMilli(m.created)) > keepFor }

// sendDue sends the mails that are due, over one connection. The error says that none can be sent now, be it the
// database or the mail server; what is wrong with one mail delays that one alone.
func (o *Outbox) sendDue(ctx context.Context) error {
	var line *connection
	defer func() { line.close() }()
	for ctx.Err() == nil {
		m, err := o.next(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if line == nil && o.server != nil && !m.tooOld() {
			if line, err = o.server.dial(ctx); err != nil {
				return err
			}
		}
		mine, err := o.claim(ctx, &m)
		if err != nil {
			return err
		}
		if !mine {
			continue // it is another instance's
		}
		if err := o.deliver(ctx, line, m); err != nil {
			return err
		}
		if line.broken() {
			line.close()
			line = nil
		}
	}
	return nil
}

func (o *Outbox) next(ctx context.Context) (m queued, err error) {
	err = o.db.QueryRowContext(ctx, `SELECT id, recipient, subject, body, created, due, tries FROM mails
		WHERE due <= $1 ORDER BY due, id LIMIT 1`, time.Now().UnixMilli()).
		Scan(&m.id, &m.To, &m.Subject, &m.Text, &m.created, &m.due, &m.tries)
	return m, err
}

// claim makes a mail this instance's, if no other one was quicker.
func (o *Outbox) claim(ctx context.Context, m *queued) (mine bool, err error) {
	result, err := o.db.ExecContext(ctx, `UPDATE mails SET due = $1, tries = tries + 1 WHERE id = $2 AND due = $3`,
		time.Now().Add(claim).UnixMilli(), m.id, m.due)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	m.tries++
	return n == 1, err
}

// deliver sends a mail that is claimed, and writes down what came of it.
func (o *Outbox) deliver(ctx context.Context, line *connection, m queued) error {
	log := o.log.With("to", m.To, "subject", m.Subject, "tries", m.tries)
	var err error
	if line != nil && !m.tooOld() {
		err = line.send(ctx, m)
	}
	// The answer of the server must not get lost, even if the service is about to end.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	switch {
	case o.server == nil:
		log.Info("email not sent, because SMTP_URL is not set", "mailbox", o.page, "text", m.Text)
		return o.keep(ctx, m)
	case m.tooOld():
		log.Error("mail given up: it could not be delivered in time", "after", keepFor.String())
	case err == nil:
		log.Debug("mail sent")
	case isFinal(err):
		log.Error("mail given up: the mail server refuses it for good", "error", safe(err))
	default:
		delay := min(5*time.Second<<min(m.tries, 20), maxDelay)
		log.Warn("mail delayed", "error", safe(err), "again_in", delay.String())
		return o.settle(ctx, `UPDATE mails SET due = $1 WHERE id = $2`, time.Now().Add(delay).UnixMilli(), m.id)
	}
	return o.settle(ctx, `DELETE FROM mails WHERE id = $1`, m.id)
}

// settle runs a statement until it succeeds or ctx ends: a mail whose row cannot be deleted would be sent once more.
func (o *Outbox) settle(ctx context.Context, query string, args ...any) error {
	for {
		_, err := o.db.ExecContext(ctx, query, args...)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// keep leaves a mail to the mailbox, and drops the oldest ones.
func (o *Outbox) keep(ctx context.Context, m queued) error {
	_, err := o.db.ExecContext(ctx, `UPDATE mails SET due = $1 WHERE id = $2`, int64(shown), m.id)
	if err != nil {
		return err
	}
	_, err = o.db.ExecContext(ctx, `DELETE FROM mails WHERE due = $1 AND id NOT IN
		(SELECT id FROM mails ORDER BY created DESC, id DESC LIMIT $2)`, int64(shown), kept)
	return err
}
