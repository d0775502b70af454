package mail

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const token = "kR4nD0mT0k3nThatNobodyMayRead"

// settings name the server, with the right password.
func (s *mailServer) settings() Config {
	u := url.URL{Scheme: "smtp", Host: s.addr, User: url.UserPassword(mailUser, mailPassword)}
	if s.implicit {
		u.Scheme = "smtps"
	}
	return Config{URL: u.String(), From: "Shop <noreply@shop.example>"}
}

// trust makes the outbox accept the certificate of s.
func (b box) trust(s *mailServer) {
	config := s.config.Clone()
	config.Certificates, config.RootCAs, config.ServerName = nil, s.certified, b.server.host
	b.server.options = append(b.server.options, gomail.WithTLSConfig(config))
	if b.server.implicit != nil {
		b.server.implicit = config
	}
}

// text is what the reader sees.
func (l letter) text(t *testing.T) string {
	t.Helper()
	m := l.read(t)
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// The mail arrives as it was written, over TLS where the server has it.
func TestSend(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		set  func(*mailServer)
		tls  bool
	}{
		{"STARTTLS", func(*mailServer) {}, true},
		{"TLS from the first byte", func(s *mailServer) { s.implicit = true }, true},
		{"none, on this machine", func(s *mailServer) { s.insecure = true }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			c.set(s)
			s.start()
			b := open(t, sqliteDB(t), s.settings())
			b.trust(s)
			m := Message{"анна@example.com",
				"Bestätige deine Adresse, 张三, in the next fifteen minutes, please, or ask again",
				"Hello!\n\nOpen http://localhost:5173/#confirm=" + strings.Repeat("x", 90) + "\n.\n..\nFrom 张三\n"}
			b.put(m)
			b.put(Message{"ann@example.com", "Second", "over the same connection"})
			if err := b.sendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := s.letters()
			if len(got) != 2 || s.logins != 1 || b.waiting() != 0 {
				t.Fatalf("%d mails arrived over %d connections, %d wait", len(got), s.logins, b.waiting())
			}
			if got[0].to != m.To {
				got[0] = got[1] // put in the same millisecond
			}
			l := got[0]
			h := l.read(t).Header
			subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
			if err != nil || subject != m.Subject || l.text(t) != m.Text || l.to != m.To ||
				l.from != "noreply@shop.example" {
				t.Errorf("arrived from %q to %q with %q, %v:\n%s", l.from, l.to, subject, err, l.raw)
			}
			if l.secure != c.tls {
				t.Errorf("over TLS: %v, want %v", l.secure, c.tls)
			}
			from, err := netmail.ParseAddress(h.Get("From"))
			if err != nil || from.Name != "Shop" || h.Get("Auto-Submitted") != "auto-generated" ||
				!strings.HasSuffix(h.Get("Message-Id"), "@shop.example>") ||
				h.Get("User-Agent")+h.Get("X-Mailer") != "" {
				t.Errorf("headers:\n%s", l.raw)
			}
			if date, err := h.Date(); err != nil || time.Since(date) > time.Minute {
				t.Errorf("Date = %v, %v", date, err)
			}
		})
	}
}

// What the server says decides whether a mail waits or is given up. No log shows its text.
func TestServerRefuses(t *testing.T) {
	t.Parallel()
	quote := func(code int) func(string) error {
		return func(text string) error { return refusal(code, "spam: "+strings.ReplaceAll(text, "\r\n", " ")) }
	}
	recipient := func(code int) func(string) error {
		return func(to string) error { return refusal(code, "no such person") }
	}
	cases := []struct {
		name       string
		rcpt, data func(string) error
		anonymous  bool // without a login the server refuses the sender
		stays      bool
		log        string
	}{
		{name: "recipient, for good", rcpt: recipient(550), log: "no such person"},
		{name: "recipient, for now", rcpt: recipient(450), stays: true, log: "no such person"},
		{name: "text, for good", data: quote(554), log: "554"},
		{name: "text, for now", data: quote(451), stays: true, log: "451"},
		{name: "sender, which is a setting", anonymous: true, stays: true, log: "authenticate"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			s.start()
			settings := s.settings()
			if c.anonymous {
				settings.URL = "smtp://" + s.addr
			}
			b := open(t, sqliteDB(t), settings)
			b.trust(s)
			s.answer(c.rcpt, c.data)
			b.put(Message{"ann@example.com", "Reset", "/#reset=" + token})
			if err := b.sendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			log := b.log.String()
			named := strings.Contains(log, c.log) && strings.Contains(log, "ann@example.com")
			if strings.Contains(log, token) || !named {
				t.Errorf("the log lacks %q or the address, or shows the token:\n%s", c.log, log)
			}
			if stays := b.waiting() == 1; stays != c.stays {
				t.Fatalf("the mail stays: %v, want %v", stays, c.stays)
			}
			if !c.stays {
				return
			}
			due, tries := b.row()
			if wait := time.Until(due); tries != 1 || wait < 5*time.Second || wait > 11*time.Second {
				t.Errorf("again in %v after %d tries", wait, tries)
			}
			s.answer(nil, nil)
			if c.anonymous {
				return
			}
			// The next tries are further and further apart, up to a limit.
			if _, err := b.db.Exec(`UPDATE mails SET due = 1, tries = 40`); err != nil {
				t.Fatal(err)
			}
			s.answer(c.rcpt, c.data)
			if err := b.sendDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if due, _ := b.row(); time.Until(due) > maxDelay || time.Until(due) < maxDelay-time.Minute {
				t.Errorf("again in %v, want %v", time.Until(due), maxDelay)
			}
			s.answer(nil, nil)
			if _, err := b.db.Exec(`UPDATE mails SET due = 1`); err != nil {
				t.Fatal(err)
			}
			if err := b.sendDue(t.Context()); err != nil || len(s.letters()) != 1 || b.waiting() != 0 {
				t.Errorf("once the server takes it: %v, %d arrived, %d wait", err, len(s.letters()), b.waiting())
			}
		})
	}
}

// One mail at which the server hangs up does not hold up the others.
func TestServerHangsUp(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.hangUp = token
	s.start()
	b := open(t, sqliteDB(t), s.settings())
	b.trust(s)
	b.put(Message{"bad@example.com", "Reset", token})
	time.Sleep(2 * time.Millisecond)
	b.put(Message{"good@example.com", "Reset", "text"})
	if err := b.sendDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	var good bool
	for _, l := range s.letters() {
		good = good || l.to == "good@example.com"
	}
	if _, tries := b.row(); !good || tries != 1 || s.logins != 2 {
		t.Errorf("the next mail arrived: %v; %d tries at the bad one, %d connections", good, tries, s.logins)
	}
}

// A server that is down, that lets nobody in or that cannot be trusted loses nothing, and does not get the password
// without TLS.
func TestServerUnreachable(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		set  func(t *testing.T, s *mailServer, c *Config)
		want string
	}{
		{"down", func(t *testing.T, s *mailServer, c *Config) { s.stop() }, "refused"},
		{"wrong password", func(t *testing.T, s *mailServer, c *Config) {
			c.URL = strings.Replace(c.URL, "geheim", "falsch", 1)
		}, "535"},
		{"certificate of nobody", func(t *testing.T, s *mailServer, c *Config) { s.certify() }, "certificate"},
		{"no STARTTLS elsewhere", func(t *testing.T, s *mailServer, c *Config) {
			if runtime.GOOS == "windows" {
				t.Skip("0.0.0.0, which stands for another machine, is no address there")
			}
			s.stop()
			s.insecure = true
			s.start()
			c.URL = strings.Replace(c.URL, "127.0.0.1", "0.0.0.0", 1)
		}, "STARTTLS"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newMailServer(t)
			s.start()
			settings := s.settings()
			c.set(t, s, &settings)
			b := open(t, sqliteDB(t), settings)
			b.trust(s)
			b.put(Message{"ann@example.com", "Reset", token})
			err := b.sendDue(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("sendDue = %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "falsch") || s.logins > 0 {
				t.Errorf("%d logins, want none; or the error shows the password: %v", s.logins, err)
			}
			// The mail is not to blame.
			if due, tries := b.row(); tries != 0 || time.Until(due) > 0 {
				t.Errorf("the mail waits until %v after %d tries", due, tries)
			}
		})
	}
}

// Run goes on by itself when the server is back, and says once that mails wait.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.start()
	s.stop()
	b := open(t, sqliteDB(t), s.settings())
	b.trust(s)
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { b.Run(ctx) })
	for range 3 {
		b.put(Message{"ann@example.com", "Reset", token})
	}
	waitFor(t, "the log", func() bool { return strings.Contains(b.log.String(), "mail cannot be sent now") })
	time.Sleep(poll + 2*poll) // until the next try has failed as well
	s.start()
	waitFor(t, "the mails", func() bool { return len(s.letters()) == 3 })
	waitFor(t, "the log", func() bool { return strings.Contains(b.log.String(), "mail can be sent again") })
	end()
	wg.Wait()
	if log := b.log.String(); strings.Count(log, "cannot be sent now") != 1 || strings.Contains(log, token) {
		t.Errorf("log:\n%s", log)
	}
}

// A server that says nothing, or nothing more, is given up after a time, and holds up no shutdown.
func TestServerIsSlow(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	b := open(t, sqliteDB(t), Config{URL: "smtp://" + silent.Addr().String(), From: "noreply@shop.example"})
	b.put(Message{"ann@example.com", "Reset", token})

	ctx, end := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, end)
	start := time.Now()
	if err := b.sendDue(ctx); err == nil {
		t.Error("sendDue = nil with a silent server")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the end of the service waited %v", took)
	}
	b.server.options = append(b.server.options, gomail.WithTimeout(200*time.Millisecond))
	if err := b.sendDue(t.Context()); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("sendDue = %v, want a timeout", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("a silent server was waited for %v", took)
	}

	// One that takes its time for a text.
	s := newMailServer(t)
	s.start()
	slow := open(t, sqliteDB(t), s.settings())
	slow.trust(s)
	slow.server.options = append(slow.server.options, gomail.WithTimeout(300*time.Millisecond))
	release := make(chan struct{})
	s.answer(nil, func(string) error { <-release; return nil })
	slow.put(Message{"ann@example.com", "Reset", token})
	if err := slow.sendDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(release)
	if due, tries := slow.row(); tries != 1 || time.Until(due) < 5*time.Second {
		t.Errorf("again at %v after %d tries", due, tries)
	}
}

// The mail that is on its way when the service ends is finished, and its row goes.
func TestEndInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newMailServer(t)
	s.start()
	b := open(t, sqliteDB(t), s.settings())
	b.trust(s)
	ctx, end := context.WithCancel(t.Context())
	s.answer(nil, func(string) error { end(); time.Sleep(100 * time.Millisecond); return nil })
	b.put(Message{"ann@example.com", "One", "text"})
	time.Sleep(2 * time.Millisecond)
	b.put(Message{"ann@example.com", "Two", "text"})
	b.Run(ctx)
	if len(s.letters()) != 1 || b.waiting() != 1 {
		t.Errorf("%d mails arrived and %d wait, want 1 and 1", len(s.letters()), b.waiting())
	}
}

// A mail that nobody waits for any more is given up, also while the server is down.
func TestOldMail(t *testing.T) {
	t.Parallel()
	b := open(t, sqliteDB(t), Config{URL: "smtp://127.0.0.1:1", From: "noreply@shop.example"})
	b.put(Message{"ann@example.com", "Reset", token})
	old := time.Now().Add(-keepFor - time.Minute).UnixMilli()
	if _, err := b.db.Exec(`UPDATE mails SET created = $1`, old); err != nil {
		t.Fatal(err)
	}
	if err := b.sendDue(t.Context()); err != nil || b.waiting() != 0 {
		t.Errorf("sendDue = %v, %d mails left", err, b.waiting())
	}
	if log := b.log.String(); !strings.Contains(log, "given up") || strings.Contains(log, token) {
		t.Errorf("log: %s", log)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	const from = "Shop <noreply@shop.example>"
	cases := []struct {
		name string
		c    Config
		want []string // parts of the error; none: it is fine
	}{
		{"TLS", Config{URL: "smtps://u:geheim@mail.example.com", From: from}, nil},
		{"STARTTLS", Config{URL: "smtp://u:geheim@mail.example.com:587", From: from}, nil},
		{"no login", Config{URL: "smtp://localhost:1025", From: "noreply@shop.example"}, nil},
		{"no TLS, said so", Config{URL: "smtp://relay:25?tls=off", From: from}, nil},
		{"development", Config{Dev: true}, nil},
		{"development with a sender", Config{Dev: true, From: from}, nil},
		{"nothing", Config{}, []string{"SMTP_URL is not set"}},
		{"both wrong", Config{From: "nobody"}, []string{"MAIL_FROM", "SMTP_URL"}},
		{"no sender", Config{URL: "smtp://localhost"}, []string{"MAIL_FROM"}},
		{"sender with a line break", Config{URL: "smtp://localhost", From: "a@b.example\r\nBcc: c@d.example"},
			[]string{"MAIL_FROM"}},
		{"other scheme", Config{URL: "https://u:geheim@mail.example.com", From: from}, []string{"smtps://"}},
		{"no scheme", Config{URL: "mail.example.com:587", From: from}, []string{"the form is"}},
		{"no host", Config{URL: "smtp://u:geheim@:587", From: from}, []string{"the form is"}},
		{"password not encoded", Config{URL: "smtp://u:geheim/x@mail.example.com:587", From: from}, []string{"%2F"}},
		{"password with a percent", Config{URL: "smtp://u:geheim%x@mail.example.com", From: from}, []string{"%25"}},
		{"port", Config{URL: "smtp://mail.example.com:99999", From: from}, []string{"port"}},
		{"password in the clear", Config{URL: "smtp://u:geheim@relay?tls=off", From: from}, []string{"in the clear"}},
		{"parameter", Config{URL: "smtp://u:geheim@relay?tls=maybe", From: from}, []string{"tls=off"}},
		{"parameter of smtps", Config{URL: "smtps://u:geheim@relay?tls=off", From: from}, []string{"tls=off"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(nil, c.c)
			if (err == nil) != (c.want == nil) {
				t.Fatalf("Open = %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Open = %q, want it to contain %q", err, want)
				}
			}
			if strings.Contains(fmt.Sprint(err), "geheim") {
				t.Errorf("Open = %q, which shows the password", err)
			}
		})
	}
}
