package mail

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/sessionseed/sessionseed/golden/postgrestest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	postgrestest.Stop()
	os.Exit(code)
}

func sqliteDB(t *testing.T) *sql.DB {
	t.Helper()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "mails.db"))
	return database(t, "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
}

func database(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.ExecContext(t.Context(), Schema); err != nil {
		t.Fatal(err)
	}
	return db
}

// onBoth runs a test on either database.
func onBoth(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, sqliteDB(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, database(t, "pgx", postgrestest.DSN(t))) })
}

// box is an outbox and its log.
type box struct {
	*Outbox
	t   *testing.T
	log *logBuffer
}

func open(t *testing.T, db *sql.DB, c Config) box {
	t.Helper()
	log := &logBuffer{}
	c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o, err := Open(db, c)
	if err != nil {
		t.Fatal(err)
	}
	return box{o, t, log}
}

func (b box) put(m Message) {
	b.t.Helper()
	if err := b.Put(b.t.Context(), b.db, m); err != nil {
		b.t.Fatal(err)
	}
}

// row is what the table says about the one mail in it.
func (b box) row() (due time.Time, tries int) {
	b.t.Helper()
	var ms int64
	if err := b.db.QueryRow(`SELECT due, tries FROM mails`).Scan(&ms, &tries); err != nil {
		b.t.Fatal(err)
	}
	return time.UnixMilli(ms), tries
}

func (b box) waiting() (n int) {
	b.t.Helper()
	if err := b.db.QueryRow(`SELECT count(*) FROM mails`).Scan(&n); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A mail is queued if its change is committed, and its row goes when it is sent.
func TestPutWithTheChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *sql.DB) {
		s := newMailServer(t)
		s.start()
		b := open(t, db, s.settings())
		for _, commit := range []bool{false, true} {
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Put(t.Context(), tx, Message{"ann@example.com", fmt.Sprint(commit), "text"}); err != nil {
				t.Fatal(err)
			}
			if commit {
				err = tx.Commit()
			} else {
				err = tx.Rollback()
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		b.trust(s)
		if err := b.sendDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := s.letters()
		if len(got) != 1 || got[0].read(t).Header.Get("Subject") != "true" {
			t.Errorf("sent %d mails, want the one that was committed", len(got))
		}
		if n := b.waiting(); n != 0 {
			t.Errorf("%d mails are left", n)
		}
	})
}

// Several instances send each mail once.
func TestInstancesShareTheQueue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *sql.DB) {
		s := newMailServer(t)
		s.start()
		const mails = 60
		var boxes []box
		for range 4 {
			boxes = append(boxes, open(t, db, s.settings()))
			boxes[len(boxes)-1].trust(s)
		}
		for i := range mails {
			boxes[0].put(Message{fmt.Sprintf("person%d@example.com", i), "Hello", "text"})
		}
		var wg sync.WaitGroup
		for _, b := range boxes {
			wg.Go(func() {
				if err := b.sendDue(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var to []string
		for _, l := range s.letters() {
			to = append(to, l.to)
		}
		slices.Sort(to)
		if n, different := len(to), len(slices.Compact(to)); n != mails || different != mails {
			t.Errorf("%d mails arrived, %d of them different, want %d", n, different, mails)
		}
	})
}

// An instance that died with a claim holds a mail up, but loses it not.
func TestClaimEnds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *sql.DB) {
		s := newMailServer(t)
		s.start()
		b := open(t, db, s.settings())
		b.trust(s)
		b.put(Message{"ann@example.com", "Hello", "text"})
		m, err := b.next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		second := m
		if mine, err := b.claim(t.Context(), &m); !mine || err != nil {
			t.Fatal(mine, err)
		}
		if mine, err := b.claim(t.Context(), &second); mine || err != nil {
			t.Errorf("a second claim = %v, %v", mine, err)
		}
		due, tries := b.row()
		if left := time.Until(due); tries != 1 || left > claim || left < claim-10*time.Second || claim < 2*sendTimeout {
			t.Errorf("claimed for %v at try %d, want %v, at least %v, at try 1", left, tries, claim, 2*sendTimeout)
		}
		if err := b.sendDue(t.Context()); err != nil || len(s.letters()) != 0 {
			t.Errorf("with a claimed mail: %v, %d sent; want none", err, len(s.letters()))
		}
		if _, err := db.Exec(`UPDATE mails SET due = 1`); err != nil {
			t.Fatal(err)
		}
		if err := b.sendDue(t.Context()); err != nil || len(s.letters()) != 1 {
			t.Errorf("%d mails after the claim, %v; want 1", len(s.letters()), err)
		}
	})
}

// A mail that was sent while the database was busy is not sent again.
func TestBusyDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "mails.db"))
	db := database(t, "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10)&_pragma=journal_mode(WAL)")
	s := newMailServer(t)
	s.start()
	b := open(t, db, s.settings())
	b.trust(s)
	b.put(Message{"ann@example.com", "Hello", "text"})
	s.answer(nil, func(string) error {
		tx, err := db.Begin()
		if err == nil {
			time.AfterFunc(500*time.Millisecond, func() { _ = tx.Rollback() })
		}
		return err
	})
	if err := b.sendDue(t.Context()); err != nil || b.waiting() != 0 || len(s.letters()) != 1 {
		t.Errorf("sendDue = %v, %d mails are left, %d arrived", err, b.waiting(), len(s.letters()))
	}
}

// What people type into a form does not become a second recipient, a header or SQL.
func TestHostileMails(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *sql.DB) {
		s := newMailServer(t)
		s.start()
		b := open(t, db, s.settings())
		b.trust(s)
		for _, m := range []Message{
			{To: "ann@example.com\r\nBcc: eve@evil.example"},
			{To: "ann@example.com\nBcc: eve@evil.example"},
			{To: "ann@example.com, eve@evil.example"},
			{To: "Eve <ann@example.com>"},
			{To: "<ann@example.com>"},
			{To: "ann@example.com>\r\nDATA\r\nhello"},
			{To: `"ann@example.com> ORCPT=rfc822;eve@evil.example"@example.com`},
			{To: "ann"}, {To: ""}, {To: "ann@example.com\x00"}, {To: "ann@example.com (Bcc: eve@evil.example)"},
			{To: "ann@example.com", Subject: "Hello\r\nBcc: eve@evil.example"},
			{To: "ann@example.com", Subject: "Hello\nBcc: eve@evil.example"},
			{To: "ann@example.com", Subject: "Hello\x00"},
		} {
			if err := b.Put(t.Context(), db, m); err == nil {
				t.Errorf("Put(%q, %q) = nil error", m.To, m.Subject)
			}
		}
		hostile := Message{"o'brien--drop@example.com", `'); DROP TABLE mails; -- $1 ?`,
			"'); DROP TABLE mails; --\n.\nQUIT\n\nBcc: eve@evil.example\n"}
		b.put(hostile)
		if err := b.sendDue(t.Context()); err == nil && len(s.letters()) == 1 {
			l := s.letters()[0]
			if h := l.read(t).Header; l.to != hostile.To || h.Get("Subject") != hostile.Subject || h.Get("Bcc") != "" ||
				l.text(t) != hostile.Text {
				t.Errorf("arrived as %q:\n%s", l.to, l.raw)
			}
		} else {
			t.Errorf("hostile mail: %v, %d arrived", err, len(s.letters()))
		}
	})
}

// Without a mail server, in development, mails are in the log and in the mailbox: the newest, and not for ever.
func TestMailbox(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *sql.DB) {
		b := open(t, db, Config{Dev: true, Mailbox: "http://localhost:5173/mailbox.html"})
		if !b.Keeps() {
			t.Error("Keeps = false without a server")
		}
		for i := range kept + 3 {
			b.put(Message{"ann@example.com", fmt.Sprintf("Mail %d", i), "open /#reset=TOKEN"})
			time.Sleep(time.Millisecond) // each has a time of its own
		}
		for range 2 { // what was shown is not shown again
			if err := b.sendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		recent, err := b.Recent(t.Context(), 2)
		if err != nil || len(recent) != 2 || recent[0].Subject != fmt.Sprintf("Mail %d", kept+2) ||
			recent[0].To != "ann@example.com" || recent[0].Text != "open /#reset=TOKEN" ||
			time.Since(recent[0].At) > time.Minute || recent[0].At.Before(recent[1].At) {
			t.Errorf("Recent = %+v, %v", recent, err)
		}
		if n := b.waiting(); n != kept {
			t.Errorf("%d mails are kept, want %d", n, kept)
		}
		log := b.log.String()
		if strings.Count(log, "#reset=TOKEN") != kept+3 || !strings.Contains(log, "/mailbox.html") {
			t.Errorf("the log does not show each mail once, or not where the mailbox is:\n%s", log)
		}

		// Once there is a server, no old mail is sent, and their tokens go.
		s := newMailServer(t)
		s.start()
		production := open(t, db, s.settings())
		production.trust(s)
		ctx, end := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { production.Run(ctx) })
		waitFor(t, "an empty table", func() bool { return b.waiting() == 0 })
		end()
		wg.Wait()
		if n := len(s.letters()); n != 0 {
			t.Errorf("%d mails of development were sent", n)
		}
	})
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
